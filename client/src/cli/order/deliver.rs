//! What happened with an order: handed over, not delivered, paid, taken back.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Subcommand;
use waybill_shared::{
    id::{FactId, Id},
    order::{Payment, PaymentMethod, PaymentState, amounts, commands, fact::NotDeliveredReason},
};

use super::{enter, enter_all, lines::outstanding};
use crate::{
    cli::{
        attachment, find,
        outcome::Failure,
        session::Session,
        values::{choose, name, parse},
    },
    engine,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Records what the customer now has: everything that is still open, or the lines given.
    HandOver {
        /// Its number.
        order: String,
        /// A line and how much of it, as 1=3 or chair=3; may be given several times.
        #[arg(long = "line", value_name = "LINE=QUANTITY")]
        lines: Vec<String>,
        /// Who took it.
        #[arg(long)]
        received_by: Option<String>,
        /// A picture of the signature.
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
    },
    /// Records that nothing was delivered: nobody_there, refused, wrong_address, damaged, no_time or other.
    NotDelivered {
        /// Its number.
        order: String,
        /// Why.
        reason: String,
        /// What else is to be known.
        #[arg(long)]
        note: Option<String>,
    },
    /// Records a payment: of all that is still open, or of the amount given.
    TakePayment {
        /// Its number.
        order: String,
        /// Negative when money is given back.
        #[arg(allow_hyphen_values = true)]
        amount: Option<String>,
        /// cash, card, transfer, voucher or other.
        #[arg(long, default_value = "cash")]
        method: String,
        /// The terminal's or bank's own reference.
        #[arg(long)]
        reference: Option<String>,
    },
    /// Takes something back that was recorded.
    Reverse {
        /// Its number.
        order: String,
        /// What `order show` has in brackets behind it.
        entry: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::HandOver { order, lines, received_by, signature } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let mut handed = BTreeMap::new();
            for text in &lines {
                let (line, quantity) = text.split_once('=').ok_or_else(|| {
                    Failure::Usage(format!("“{text}” does not say how much: give it as LINE=QUANTITY."))
                })?;
                let (line, of) = find::line(&order, line)?;
                let quantity = of.unit.parse(quantity).map_err(|error| Failure::Usage(error.to_string()))?;
                handed.insert(line, quantity);
            }
            if lines.is_empty() {
                handed.extend(outstanding(&order));
            }
            let fact = engine::fresh_id();
            let signed = match &signature {
                Some(file) => Some(attachment::attach(session, file)?),
                None => None,
            };
            let command = commands::HandOver {
                id: fact,
                lines: handed,
                shown: BTreeMap::new(),
                received_by,
                signature: signed.as_ref().map(|signed| signed.id),
            };
            let signed = signed.map(|signed| (id.into(), signed.into()));
            let all = signed.into_iter().chain([(id.into(), command.into())]).collect();
            enter_all(session, id, all, None, signature.into_iter().collect())
        }
        Command::NotDelivered { order, reason, note } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            let reason = choose(&reason, "reason", &NotDeliveredReason::ALL, name)?;
            enter(session, id, commands::NotDelivered { id: engine::fresh_id(), reason, note }, None)
        }
        Command::TakePayment { order, amount, method, reference } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let payment = Payment {
                method: choose(&method, "method", &PaymentMethod::ALL, name)?,
                amount: amount.as_deref().map(parse).transpose()?.unwrap_or_else(|| amounts::open(&order)),
                currency: order.currency(),
                state: PaymentState::Taken,
                drawer: None,
                reference,
            };
            enter(session, id, commands::TakePayment { id: engine::fresh_id(), payment }, None)
        }
        Command::Reverse { order, entry: fact, reason } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let recorded = order.facts.keys().copied();
            let fact: FactId = find::by_short("entry", &fact, recorded, |fact| fact.uuid())?;
            enter(session, id, commands::Reverse { id: engine::fresh_id(), fact, reason }, None)
        }
    }
}
