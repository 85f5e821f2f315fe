//! The rules: what speaks against an edit, one file per thing. Rules return all they find; a panel shows
//! them before anything is sent, the server rules on them.

pub mod address;
pub mod booking;
mod credit;
mod numbers;
pub mod plausible;
pub mod questions;
pub mod roles;
pub mod size;
pub mod there;
pub mod used;

use crate::{
    command::Command,
    edit::{Context, EditKind, Override},
    finding::{Finding, Rule},
    id::{CustomerId, OrderId, PersonId},
    kind::DocAddr,
    money::Currency,
    numbers::Number,
    product::SetPrice,
    settings::Settings,
    view::View,
};
pub use credit::{Credit, Owed};
use roles::Role;

/// What rules may look at beside the document: current state, which never changes what a command writes.
pub trait Surroundings {
    /// `None` before the business has any: then the limits that come with the program hold.
    fn settings(&self) -> Option<&Settings>;

    /// What is known of the customer's credit, leaving out the order that is judged. `None` where it may
    /// not be known, as on a device that does not see terms: the server judges it then.
    fn credit(&self, customer: CustomerId, besides: OrderId) -> Option<Credit>;

    /// The name of another product or customer that has this number. `None`: none is known, and the server judges it
    /// with what it knows.
    fn numbered(&self, _number: &Number, _besides: DocAddr) -> Option<String> {
        None
    }

    /// Whether this person is a driver. `None`: nothing is known of them here.
    fn drives(&self, _person: PersonId) -> Option<bool> {
        None
    }

    /// The name of another product that is sold under this barcode, where the products are at hand.
    fn barcoded(&self, _barcode: &str, _besides: DocAddr) -> Option<String> {
        None
    }

    /// How many products that are sold have prices, and none in this currency; as far as the products are at hand.
    fn without_price(&self, _currency: Currency) -> usize {
        0
    }
}

/// What the rules of a kind look at beside the document.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    pub ctx: &'a Context,
    pub roles: &'a [Role],
    pub addr: DocAddr,
    pub settings: &'a Settings,
    pub world: &'a dyn Surroundings,
}

/// Everything that speaks against a command, beside its form, which `Command::check` judges.
///
/// `before` is what the person's right is judged on: the head before the edit, for a fact the document at
/// the base it was made on. `after` is the merged result. A fact is never refused for a state, and neither
/// is the making of something: of these only the right is judged, and that nothing is made twice.
pub fn judge(
    command: &Command,
    ctx: &Context,
    roles: &[Role],
    before: &View,
    after: &View,
    addr: DocAddr,
    world: &dyn Surroundings,
) -> Vec<Finding> {
    let defaults = Settings::default();
    let settings = world.settings().unwrap_or(&defaults);
    let mut findings: Vec<Finding> = roles::permits(roles, command, ctx.person, before).into_iter().collect();
    findings.extend(numbers::judge(command, after, addr, world));
    if command.makes() {
        findings.extend(there::judge_making(before));
    } else if command.kind() == EditKind::Requests
        && let Some(finding) = there::judge(after)
    {
        findings.push(finding);
        return findings;
    }
    findings.extend(command.judge(before, after, &Judged { ctx, roles, addr, settings, world }));
    findings
}

/// The kind of an edit of these commands: all of them facts, or all requests. `None`: it mixes them. The first price of a
/// product is asked for with the product, though a price is a fact otherwise: it comes in with it, or not at all.
pub fn kind_of<'a>(parts: impl IntoIterator<Item = (DocAddr, &'a Command)>) -> Option<EditKind> {
    let mut made = Vec::new();
    let mut kind = None;
    for (doc, command) in parts {
        let own = match command {
            command if command.is::<SetPrice>() && made.contains(&doc) => EditKind::Requests,
            command => command.kind(),
        };
        if command.makes() {
            made.push(doc);
        }
        if *kind.get_or_insert(own) != own {
            return None;
        }
    }
    kind
}

/// What is left of the findings when a manager lets the edit pass with a reason.
pub fn overridden(
    findings: Vec<Finding>,
    overriding: Option<&Override>,
    approver_roles: &[Role],
) -> Vec<Finding> {
    let passes = overriding.is_some_and(|word| !word.reason.trim().is_empty())
        && approver_roles.iter().any(|role| role.leads());
    findings.into_iter().filter(|finding| !(passes && finding.rule.may_be_overridden())).collect()
}

pub(crate) fn not_permitted(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding::new(Rule::NotPermitted, what, remedy)
}
