//! The simulation: a random company under random faults, then healed, waited for, and checked.

mod actions;
mod company;
mod faults;
mod resolve;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use waybill_shared::{generation::Leaves, session::Notice};

use crate::{
    checkers,
    world::{World, dice::Dice, liar::Lie, story::Story},
};

/// What came of a seed.
pub struct Ran {
    /// Everything that was not as it must be; empty when the seed passed.
    pub wrong: Vec<String>,
    pub story: Vec<String>,
    /// The log's last chain hash and how many edits were entered: equal whenever the seed is.
    pub print: String,
    /// How often what was said and noticed.
    pub tally: BTreeMap<String, u64>,
}

/// Plays one seed. With `told` its story is kept.
pub fn run(seed: u64, told: bool) -> Ran {
    let story = if told { Story::told() } else { Story::default() };
    let world = World::with_story(seed, story);
    let played = catch_unwind(AssertUnwindSafe(|| play(&world, seed)));
    let wrong = match played {
        Ok(wrong) => wrong,
        Err(panic) => vec![format!("panicked: {}", words(panic.as_ref()))],
    };
    let sim = world.sim();
    let mut tally = BTreeMap::new();
    for written in &sim.ledger.journal {
        for entry in &written.batch.entries {
            *tally.entry(entry.verdict.name().to_owned()).or_default() += 1;
            for finding in entry.verdict.findings() {
                *tally.entry(format!("{:?}", finding.rule)).or_default() += 1;
            }
        }
    }
    for notice in sim.devices.iter().flat_map(|device| &device.notices) {
        let name = match notice {
            Notice::Reset => "devices reset",
            Notice::Restored => "old files noticed",
            Notice::Mended { .. } => "documents mended",
            Notice::RetryLater { .. } => "times told to come later",
            Notice::Wipe { .. } => "devices wiped",
            Notice::OnlyPush => "times let in to hand over",
            _ => continue,
        };
        *tally.entry(name.to_owned()).or_default() += 1;
    }
    let anew = sim.ledger.journal.iter().flat_map(|written| &written.batch.entries);
    let anew = anew.filter(|entry| entry.opens.is_some()).count() as u64;
    tally.insert("documents made anew".to_owned(), anew);
    let erased = sim.ledger.journal.iter().flat_map(|written| &written.batch.entries);
    let erased = erased.filter(|entry| entry.opens == Some(Leaves::Nothing)).count() as u64;
    tally.insert("documents erased".to_owned(), erased);
    for review in sim.server.log.reviews() {
        *tally.entry(format!("held: {}", review.decision.name())).or_default() += 1;
    }
    for (name, count) in [
        ("documents revealed", sim.devices.iter().map(|device| device.revealed).sum::<u64>()),
        ("documents forgotten", sim.devices.iter().map(|device| device.forgotten).sum()),
    ] {
        tally.insert(name.to_owned(), count);
    }
    tally.insert("full disks".to_owned(), sim.ledger.full_disks);
    tally.insert("batches redone".to_owned(), sim.ledger.redone);
    tally.insert("entries of a later version".to_owned(), sim.ledger.by_newer.len() as u64);
    tally.insert("times turned away for a version".to_owned(), sim.ledger.turned_away);
    tally.insert("batches that landed late".to_owned(), sim.ledger.landed_late);
    tally.insert("numbers printed".to_owned(), sim.script.printed.len() as u64);
    let epoch =
        crate::world::sim::now(waybill_server::log::Log::head(&*sim.server.log)).map_or(0, |head| head.epoch);
    tally.insert("logs that became another one".to_owned(), epoch);
    let head = crate::world::sim::now(waybill_server::log::Log::head(&*sim.server.log));
    let print = format!(
        "{} entries up to {:?}",
        sim.ledger.entries.len(),
        head.map(|head| head.cursor.chain).unwrap_or(waybill_shared::chain::Cursor::START.chain)
    );
    Ran { wrong, story: sim.story.lines().to_vec(), print, tally }
}

fn play(world: &World, seed: u64) -> Vec<String> {
    // Its own dice: what happens outside does not depend on how often the company throws its own.
    let mut dice = Dice::seeded(seed ^ 0x5eed_0000_0000);
    let mut company = company::found(world, &mut dice);
    let plan = faults::Plan::thrown(&mut dice);
    world.sim().note("world", || format!("{plan:?}"));
    plan.begin(world, &company, &mut dice);
    let mut liar = Dice::seeded(seed ^ 0x11a2_0000_0000);
    let lies = liar.chance(30.0);
    for _ in 0..plan.steps {
        if lies
            && liar.chance(8.0)
            && let Some(hand) = liar.pick(&company.hands).cloned()
        {
            world.somebody_lies(&hand, &Lie::thrown(&mut liar));
        }
        world.wait(dice.between(0, plan.pause_ms));
        if plan.scripts && dice.chance(8.0) {
            world.script_makes_an_order();
        }
        if plan.newer_writes && dice.chance(6.0) {
            world.a_newer_server_writes();
        }
        if dice.chance(plan.trouble) {
            plan.trouble(world, &mut company, &mut dice);
        } else if let Some(hand) = dice.pick(&company.hands).cloned() {
            actions::act(&hand, &mut company, &mut dice);
        }
    }
    faults::heal(world, &company, &plan);
    let mut wrong = wait_and_check(world);
    if wrong.is_empty() {
        // People now deal with what needs their attention.
        resolve::all(&company, &mut dice);
        // And the manager with half of what is held.
        for _ in 0..world.held().len() / 2 {
            faults::review(world, &company, &mut dice);
            world.wait(dice.between(0, 200));
        }
        wrong = wait_and_check(world);
    }
    wrong
}

fn wait_and_check(world: &World) -> Vec<String> {
    // A device that comes back may tell that the log is another one: then there is one more word to say.
    for _ in 0..2 {
        if let Err(words) = world.quiet() {
            return vec![words];
        }
        world.admin_confirms_the_last_number();
    }
    match world.quiet() {
        Ok(()) => checkers::check(&world.sim()),
        Err(words) => vec![words],
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => (*words).to_owned(),
        (_, Some(words)) => words.clone(),
        _ => "without words".to_owned(),
    }
}
