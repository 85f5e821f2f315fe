//! Ending a dispute by one of its ways out.

use serde_json::json;
use waybill_shared::order::{
    resolve::{Way, ways},
    status,
};

use super::enter_all;
use crate::cli::{find, outcome::Failure, session::Session, values::choose};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its number.
    order: String,
    /// raise, take_back, place or give_back; lists those that there are for this order if not given.
    way: Option<String>,
    /// Why goods are taken back.
    #[arg(long)]
    reason: Option<String>,
}

pub fn run(session: &mut Session, args: Args) -> Result<(), Failure> {
    let (id, order) = find::order(session.reader()?, &args.order)?;
    let ways = ways(&order);
    let Some(named) = &args.way else {
        let disputes = status::of(&order).disputes;
        session.out.say(
            || {
                let ways = ways.iter().map(|out| json!({ "way": out.way.name(), "does": out.does }));
                json!({ "disputes": disputes, "ways": ways.collect::<Vec<_>>() })
            },
            || {
                let disputes = disputes.iter().map(|words| format!("! {words}\n"));
                let ways = ways.iter().map(|out| format!("{}: {}\n", out.way.name(), out.does));
                let text: String = disputes.chain(ways).collect();
                if text.is_empty() { "This order is not disputed.".to_owned() } else { text }
            },
        );
        return Ok(());
    };
    let way = choose(named, "way out", &Way::ALL, |way| way.name().to_owned())?;
    let Some(out) = ways.iter().find(|out| out.way == way) else {
        let there: Vec<_> = ways.iter().map(|out| out.way.name()).collect();
        let there = if there.is_empty() {
            "It is not disputed, or no way is known.".to_owned()
        } else {
            format!("There is {}.", there.join(", "))
        };
        return Err(Failure::Usage(format!("“{}” is no way out for this order. {there}", way.name())));
    };
    let reason = args.reason.unwrap_or_default();
    if out.asks_why() && reason.trim().is_empty() {
        return Err(Failure::Usage("Say why goods are taken back, with --reason.".to_owned()));
    }
    let commands = out.commands(&reason).into_iter().map(|command| (id.into(), command)).collect();
    enter_all(session, id, commands, None, Vec::new())
}
