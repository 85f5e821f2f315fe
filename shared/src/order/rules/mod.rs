//! What speaks against a command on an order, one file per thing.

mod drivers;
pub mod limits;
mod locks;
mod paid;
mod place;
mod reverse;
mod steps;

use super::{Order, commands::OrderCommand};
use crate::{command::Commands, edit::EditKind, finding::Finding, rules::Judged};

pub(super) fn judge(
    command: &OrderCommand,
    before: &Order,
    after: &Order,
    judged: &Judged<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if command.row().kind == EditKind::Facts {
        findings.extend(reverse::judge(command, before, after, judged));
        findings.extend(paid::judge(command, after));
        return findings;
    }
    findings.extend(steps::judge(command, after));
    findings.extend(locks::judge(command, after));
    findings.extend(drivers::judge(command, judged.world));
    findings.extend(limits::judge(command, before, after, judged.settings));
    findings.extend(place::judge(command, before, after, judged));
    findings
}
