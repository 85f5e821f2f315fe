//! What must hold once everything is quiet. The checkers read the log, the disks and what people entered;
//! they share nothing with the code that they check but the domain's own definitions.

mod devices;
mod edits;
mod log;
mod newer;
pub mod past;
mod replay;
mod reports;
pub mod wire;

use crate::world::sim::Sim;

/// Everything that is not as it must be, one sentence each.
pub fn check(sim: &Sim) -> Vec<String> {
    let mut wrong = sim.ledger.defects.clone();
    let replay = replay::Replay::of(sim, &mut wrong);
    log::check(sim, &replay, &mut wrong);
    devices::check(sim, &replay, &mut wrong);
    edits::check(sim, &replay, &mut wrong);
    reports::check(sim, &replay, &mut wrong);
    newer::check(sim, &replay, &mut wrong);
    wrong
}
