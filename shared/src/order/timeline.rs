//! What happened to an order, in words, in the order in which it happened.

use super::{Line, Order, PaymentState, What, amounts, changes, commands::DRIVER};
use crate::{
    id::{DeviceId, FactId, PersonId},
    money,
    texts::small,
    time::Timestamp,
};

/// One line of the timeline. Names of people and devices are added by who shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    pub person: PersonId,
    pub device: DeviceId,
    pub words: String,
    /// The fact it tells of, if it can be taken back.
    pub fact: Option<FactId>,
    pub reversed: bool,
}

/// Whom it was given to drive is *somebody*.
pub fn of(order: &Order) -> Vec<Event> {
    named(order, |_| "somebody".to_owned())
}

/// The same with the names of people, as who shows it knows them.
pub fn named(order: &Order, who: impl Fn(PersonId) -> String) -> Vec<Event> {
    let mut events = Vec::new();
    let mut tell = |at, person, device, words: String, fact: Option<FactId>| {
        let reversed = fact.is_some_and(|id| order.is_reversed(id));
        events.push(Event { at, person, device, words, fact, reversed });
    };
    if let Some(head) = &order.head {
        let what = if head.quotation { "made the quotation" } else { "made the order" };
        tell(head.at, head.person, head.device, format!("{what} {}", head.number), None);
    }
    for step in order.steps.values() {
        let reason = step.reason.as_deref().filter(|reason| !reason.is_empty());
        let words = match reason {
            Some(reason) => format!("{}: {reason}", step.step.words()),
            None => step.step.words().to_owned(),
        };
        tell(step.at, step.person, step.device, words, None);
    }
    for entry in order.history.values() {
        let line = entry.line.and_then(|line| order.lines.get(&line));
        // A driver is kept by id, because people change their names.
        let [was, now] = [&entry.was, &entry.now].map(|value| {
            let value = value.as_ref()?;
            let person = (entry.field == DRIVER).then(|| value.parse::<PersonId>().ok()).flatten();
            Some(person.map_or_else(|| value.clone(), &who))
        });
        let words = match (&was, &now) {
            (None, Some(now)) if entry.field == changes::LINE => format!("added {}", goods(line, now)),
            (Some(was), None) if entry.field == changes::LINE => format!("took off {}", goods(line, was)),
            (None, Some(now)) => format!("added {}: {now}", entry.field),
            (Some(was), None) => format!("took off {}: {was}", entry.field),
            (Some(was), Some(now)) => format!("changed {} from {was} to {now}", entry.field),
            (None, None) => format!("changed {}", entry.field),
        };
        let words = match line {
            Some(line) if entry.field != changes::LINE => format!("{words} ({})", line.name),
            _ => words,
        };
        tell(entry.at, entry.person, entry.device, words, None);
    }
    for attachment in order.attachments.values() {
        let words = format!("attached {}", attachment.name);
        // Whose device it was stands in no attachment.
        tell(attachment.at, attachment.person, DeviceId::NIL, words, None);
    }
    for (id, fact) in &order.facts {
        let reversible = !matches!(fact.what, What::Reversal { .. } | What::Note { .. } | What::Unknown);
        tell(fact.at, fact.person, fact.device, words(order, &fact.what), reversible.then_some(*id));
    }
    events.sort_by(|a, b| (a.at, &a.words).cmp(&(b.at, &b.words)));
    events
}

fn words(order: &Order, what: &What) -> String {
    match what {
        What::Note { text } => format!("noted: {text}"),
        What::HandedOver { lines, received_by, .. } => {
            let goods: Vec<String> = lines
                .iter()
                .map(|(id, quantity)| match order.lines.get(id) {
                    Some(line) => line.counted(*quantity),
                    None => goods(None, &quantity.count().to_string()),
                })
                .collect();
            let to = received_by.as_deref().map(|name| format!(" to {name}")).unwrap_or_default();
            format!("handed over {}{to}", goods.join(", "))
        }
        What::NotDelivered { reason, note } => {
            let note = note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
            format!("not delivered: {}{note}", reason.words())
        }
        What::Payment(payment) => match payment.state {
            PaymentState::Taken => small(&payment.done()),
            state => {
                let amount = money::words(payment.amount, payment.currency);
                format!("{amount} by {}: {}", payment.method.words(), state.words())
            }
        },
        What::Sale(sale) => {
            let goods: Vec<String> = sale.lines.values().map(|line| line.counted(line.quantity)).collect();
            let gross =
                sale.lines.values().map(|line| amounts::line(line).gross).sum::<crate::money::Amount>();
            format!("sold {} for {}", goods.join(", "), money::words(gross, sale.currency))
        }
        What::Reversal { fact, reason } => {
            let taken_back = order.facts.get(fact).map_or_else(
                || "something that is not here".to_owned(),
                |fact| match fact.what {
                    What::Reversal { .. } => "an earlier correction".to_owned(),
                    ref what => format!("“{}”", words(order, what)),
                },
            );
            format!("took back {taken_back}: {reason}")
        }
        What::Unknown => "did something that a newer version of Waybill shows".to_owned(),
    }
}

/// So much of a line, if that is there.
fn goods(line: Option<&Line>, figure: &str) -> String {
    line.map_or_else(|| format!("{figure} of a line that is not there"), |line| line.written(figure))
}
