//! `bench NAME --json`: one line a figure.

use clap::{Parser, ValueEnum};
use waybill_tests::bench::{self, Report};

#[derive(Parser)]
#[command(about = "Measures Waybill, and the machine it runs on in the same run")]
struct Arguments {
    #[arg(value_enum)]
    name: Name,
    /// One JSON object a line: bench, figure, value, unit.
    #[arg(long)]
    json: bool,
    /// Everything a hundred times smaller, to see that it runs; the figures say nothing.
    #[arg(long)]
    small: bool,
    /// For the processes that a bench starts.
    #[arg(long, hide = true, default_value = "")]
    orders: String,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "lower")]
enum Name {
    /// Edits accepted durably per second, and how long one takes at half load.
    Intake,
    /// What passes when a device comes back and there is nothing new.
    Reconnect,
    /// 10,000 orders onto a new device.
    FirstSync,
    /// One local edit to the disk, at 100,000 local orders.
    Edit,
    /// An order changed 5,000 times, settings of ten years, a customer with 20,000 notes.
    Grown,
    /// Edits accepted per second by one, two and three server processes on one database.
    Nodes,
    /// 100 edits a second to 10,000 connected devices.
    Fanout,
    /// 1,000 devices come back at once, each a week behind.
    Storm,
    #[value(hide = true)]
    Crowd,
    #[value(hide = true)]
    Node,
}

fn main() -> anyhow::Result<()> {
    let Arguments { name, json, small, orders } = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: the figures say nothing. Use `cargo bench-waybill`.");
    }
    let report = |bench| Report::new(bench, json, small);
    match name {
        Name::Intake => bench::intake::run(&report("intake")),
        Name::Reconnect => bench::reconnect::run(&report("reconnect")),
        Name::FirstSync => bench::first_sync::run(&report("firstsync")),
        Name::Edit => bench::edit::run(&report("edit")),
        Name::Grown => bench::grown::run(&report("grown")),
        Name::Nodes => bench::nodes::run(&report("nodes")),
        Name::Fanout => bench::fanout::run(&report("fanout")),
        Name::Storm => bench::storm::run(&report("storm")),
        Name::Crowd => bench::crowd::run(&orders),
        Name::Node => bench::nodes::node(&orders),
    }
}
