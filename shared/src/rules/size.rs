//! A document takes in only so much. Its past goes when it has grown (`generation.rs`), but not what is computed from, as
//! facts and changes of what was placed.

use crate::{
    command::Command,
    finding::{Finding, Rule},
    notes::{Show, TakeOut},
    order::commands::{Cancel, Confirm, Place, Reverse},
    product::Retire,
    protocol::limits,
};

/// `bytes`: of the document, as it is saved. What brings it to its end, or takes something back, is small and always
/// possible.
pub fn judge(command: &Command, bytes: usize) -> Option<Finding> {
    let ends_it = command.is::<Place>()
        || command.is::<Confirm>()
        || command.is::<Cancel>()
        || command.is::<Reverse>()
        || command.is::<Retire>()
        || command.is::<TakeOut>()
        || command.is::<Show>();
    (bytes >= limits::DOCUMENT && !ends_it).then(|| {
        let most = limits::DOCUMENT / 1024 / 1024;
        let what = format!("There is too much in this already: {most} MiB, as much as it may hold.");
        let remedy = "Enter what is new in another one.";
        Finding::new(Rule::OutsideLimits, what, remedy).field("document")
    })
}
