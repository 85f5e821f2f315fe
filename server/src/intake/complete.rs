//! What the server gives to an edit of a client that keeps no documents: ids and human numbers.

use waybill_shared::{
    command::Command,
    customer,
    customer::commands::CustomerCommand,
    edit::{Edit, Verdict},
    finding::{Finding, Rule},
    id::{EditId, Entropy, Id},
    order::commands::OrderCommand,
    product,
    product::commands::ProductCommand,
    protocol::frame::Given,
    time::Timestamp,
};

use crate::log::Known;

/// The server's own series of orders and receipts; devices begin theirs with their code.
pub fn number(nth: u64) -> String {
    number_of("", nth)
}

/// P for products, C for customers: all count on together.
fn number_of(of: &str, nth: u64) -> String {
    format!("S-{of}{nth:0DIGITS$}")
}

/// At least so many digits.
const DIGITS: usize = 6;

/// Fills in what the client left out. `numbers` is the last one given.
pub fn complete(edit: &mut Edit, now: Timestamp, entropy: &mut dyn Entropy, numbers: &mut u64) {
    for part in edit.parts.iter_mut().filter(|part| part.made.is_none()) {
        part.command.complete(&mut || EditId::fresh(now, entropy).uuid());
        let missing = match &mut part.command {
            Command::Order(OrderCommand::Create(create)) => Some(("", &mut create.number)),
            Command::Order(OrderCommand::RecordSale(record)) => Some(("", &mut record.sale.receipt)),
            Command::Product(ProductCommand::Create(create)) => Some(("P", &mut create.number)),
            Command::Customer(CustomerCommand::Create(create)) => Some(("C", &mut create.number)),
            _ => None,
        };
        if let Some((of, missing)) = missing.filter(|(_, number)| number.trim().is_empty()) {
            *numbers += 1;
            *missing = number_of(of, *numbers);
        }
    }
}

/// A number that a client gives though it is the server's to give: of an order or receipt any of the series, of a product
/// or customer one above `given`, the last one given. (Of those up to it nobody has one twice anyhow.)
pub fn not_its_own(handed_in: &Edit, given: u64) -> Option<Finding> {
    let (field, text) = handed_in.parts.iter().find_map(|part| {
        let (field, of, above) = match &part.command {
            Command::Order(OrderCommand::Create(_)) => ("number", "", 0),
            Command::Order(OrderCommand::RecordSale(_)) => ("receipt", "", 0),
            Command::Product(ProductCommand::Create(_)) | Command::Product(ProductCommand::SetField(_)) => {
                ("number", "p", given)
            }
            Command::Customer(CustomerCommand::Create(_))
            | Command::Customer(CustomerCommand::SetField(_)) => ("number", "c", given),
            _ => return None,
        };
        let text = number_in(&part.command)?;
        (nth_of(of, text)? > above).then_some((field, text))
    })?;
    let what = format!("{} is of the series of the server, and not given by it.", text.trim());
    let remedy = "Leave it out, and the server gives one; or give one of another series.";
    Some(Finding::new(Rule::NumberTaken, what, remedy).field(field))
}

/// Which one of the series it is.
fn nth_of(of: &str, text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.strip_prefix("s-")?.strip_prefix(of)?;
    let is_one = digits.len() >= DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_one.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The numbers that a client left open when it handed the edit in.
pub fn given(handed_in: &Edit, completed: &Edit) -> Vec<Given> {
    let parts = (0..).zip(handed_in.parts.iter().zip(&completed.parts));
    let given = parts.filter(|(_, (open, _))| open.made.is_none() && lacks_number(&open.command));
    given
        .filter_map(|(part, (_, done))| Some(Given { part, number: number_in(&done.command)?.to_owned() }))
        .collect()
}

fn number_in(command: &Command) -> Option<&str> {
    match command {
        Command::Order(OrderCommand::Create(create)) => Some(&create.number),
        Command::Order(OrderCommand::RecordSale(record)) => Some(&record.sale.receipt),
        Command::Product(ProductCommand::Create(create)) => Some(&create.number),
        Command::Customer(CustomerCommand::Create(create)) => Some(&create.number),
        Command::Product(ProductCommand::SetField(set)) => match &set.field {
            product::Field::Number(text) => Some(text),
            _ => None,
        },
        Command::Customer(CustomerCommand::SetField(set)) => match &set.field {
            customer::Field::Number(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn lacks_number(command: &Command) -> bool {
    let makes = !matches!(
        command,
        Command::Product(ProductCommand::SetField(_)) | Command::Customer(CustomerCommand::SetField(_))
    );
    makes && number_in(command).is_some_and(|number| number.trim().is_empty())
}

/// Whether the server has to give it a number.
pub fn takes_number(edit: &Edit) -> bool {
    edit.parts.iter().any(|part| part.made.is_none() && lacks_number(&part.command))
}

/// Whether anything in it is the server's to give.
pub fn is_open(edit: &Edit) -> bool {
    edit.parts.iter().any(|part| part.made.is_none())
}

/// What was said of it gave it nothing that stands: it is completed once more.
pub fn is_judged_anew(edit: &Edit, known: &Known) -> bool {
    match known.verdict {
        Verdict::Blocked { .. } => true,
        Verdict::Refused { .. } => edit.attempt > known.attempt,
        _ => false,
    }
}
