//! `simulate -- --seeds A..B`: plays each seed and says which failed; `--seed N --story` tells one.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Context, ensure};
use clap::Parser;
use waybill_tests::simulation;

/// Plays random companies under random faults and checks that nothing is lost.
#[derive(Parser)]
struct Arguments {
    /// Seeds to play, as 0..500; the last is not played.
    #[arg(long, default_value = "0..30", value_parser = range)]
    seeds: std::ops::Range<u64>,
    /// Plays this seed only.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells what happened, line by line.
    #[arg(long)]
    story: bool,
}

fn range(text: &str) -> anyhow::Result<std::ops::Range<u64>> {
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
    for seed in seeds {
        let ran = simulation::run(seed, arguments.story);
        for (what, times) in &ran.tally {
            *tally.entry(what.clone()).or_default() += times;
        }
        ran.story.iter().for_each(|line| println!("{line}"));
        if ran.wrong.is_empty() {
            passed += 1;
            if arguments.story {
                println!("seed {seed} passed: {}", ran.print);
            }
            continue;
        }
        failed += 1;
        if !arguments.story {
            simulation::run(seed, true).story.iter().for_each(|line| println!("{line}"));
        }
        println!("seed {seed} failed ({}):", ran.print);
        ran.wrong.iter().for_each(|words| println!("  {words}"));
        println!("  again: simulate -- --seed {seed} --story");
    }
    let tally: Vec<_> = tally.iter().map(|(what, times)| format!("{times} {what}")).collect();
    println!("{}", tally.join(", "));
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
