//! `simulate -- --seeds A..B`: plays each seed and says which failed; `--seed N --story` tells one.

use std::{
    collections::BTreeMap,
    ops::Range,
    process::ExitCode,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
};

use anyhow::{Context, ensure};
use clap::Parser;
use waybill_tests::simulation::{self, Ran};

/// Plays random companies under random faults and checks that nothing is lost.
#[derive(Parser)]
struct Arguments {
    /// Seeds to play, as 0..500; the last is not played.
    #[arg(long, default_value = "0..30", value_parser = range)]
    seeds: Range<u64>,
    /// Plays this seed only.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells what happened, line by line.
    #[arg(long)]
    story: bool,
}

fn range(text: &str) -> anyhow::Result<Range<u64>> {
    let (from, to) = text.split_once("..").context("give two numbers, as 0..500")?;
    let range = from.trim().parse()?..to.trim().parse()?;
    ensure!(!range.is_empty(), "there is no seed in {text}");
    Ok(range)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A panic is told as the outcome of its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let seeds = arguments.seed.map_or(arguments.seeds, |seed| seed..seed.saturating_add(1));
    let (mut passed, mut failed) = (0, 0);
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    play(seeds, arguments.story, |seed, ran| {
        for (what, times) in ran.tally {
            *tally.entry(what).or_default() += times;
        }
        ran.story.iter().for_each(|line| println!("{line}"));
        if ran.wrong.is_empty() {
            passed += 1;
            if arguments.story {
                println!("seed {seed} passed: {}", ran.print);
            }
            return;
        }
        failed += 1;
        if !arguments.story {
            simulation::run(seed, true).story.iter().for_each(|line| println!("{line}"));
        }
        println!("seed {seed} failed ({}):", ran.print);
        ran.wrong.iter().for_each(|words| println!("  {words}"));
        println!("  again: simulate -- --seed {seed} --story");
    });
    let tally: Vec<_> = tally.iter().map(|(what, times)| format!("{times} {what}")).collect();
    println!("{}", tally.join(", "));
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Each seed is a world of its own, so the machine's cores share them out. Told in the order of the seeds.
fn play(seeds: Range<u64>, story: bool, mut tell: impl FnMut(u64, Ran)) {
    let next = AtomicU64::new(seeds.start);
    let (done, arriving) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (done, next, end) = (done.clone(), &next, seeds.end);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || done.send((seed, simulation::run(seed, story))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let (mut waiting, mut due) = (BTreeMap::new(), seeds.start);
        for (seed, ran) in arriving {
            waiting.insert(seed, ran);
            while let Some(ran) = waiting.remove(&due) {
                tell(due, ran);
                due += 1;
            }
        }
    });
}
