//! What the server gives to an edit of a client that keeps no documents: ids and human numbers.

use waybill_shared::{
    command::Command,
    edit::Edit,
    id::{EditId, Entropy, Id},
    protocol::frame::Given,
    time::Timestamp,
};

/// The server's own series of orders and receipts; devices begin theirs with their code.
pub fn number(nth: u64) -> String {
    number_of("", nth)
}

/// P for products, C for customers: all count on together.
fn number_of(of: &str, nth: u64) -> String {
    format!("S-{of}{nth:06}")
}

/// Fills in what the client left out. `numbers` is the last one given.
pub fn complete(edit: &mut Edit, now: Timestamp, entropy: &mut dyn Entropy, numbers: &mut u64) {
    for part in edit.parts.iter_mut().filter(|part| part.made.is_none()) {
        part.command.complete(&mut || EditId::fresh(now, entropy).uuid());
        let missing = match &mut part.command {
            Command::OrderCreate(create) => Some(("", &mut create.number)),
            Command::OrderRecordSale(record) => Some(("", &mut record.sale.receipt)),
            Command::ProductCreate(create) => Some(("P", &mut create.number)),
            Command::CustomerCreate(create) => Some(("C", &mut create.number)),
            _ => None,
        };
        if let Some((of, missing)) = missing.filter(|(_, number)| number.trim().is_empty()) {
            *numbers += 1;
            *missing = number_of(of, *numbers);
        }
    }
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
        Command::OrderCreate(create) => Some(&create.number),
        Command::OrderRecordSale(record) => Some(&record.sale.receipt),
        Command::ProductCreate(create) => Some(&create.number),
        Command::CustomerCreate(create) => Some(&create.number),
        _ => None,
    }
}

fn lacks_number(command: &Command) -> bool {
    number_in(command).is_some_and(|number| number.trim().is_empty())
}

/// Whether the server has to give it a number.
pub fn takes_number(edit: &Edit) -> bool {
    edit.parts.iter().any(|part| part.made.is_none() && lacks_number(&part.command))
}

/// Whether anything in it is the server's to give.
pub fn is_open(edit: &Edit) -> bool {
    edit.parts.iter().any(|part| part.made.is_none())
}
