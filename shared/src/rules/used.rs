//! Nothing is written a second time under an id: what says something else under one that is used would be called accepted
//! and be nowhere. The same edit once more never comes here, it has its verdict.

use crate::{
    command::Command,
    customer,
    finding::Finding,
    id::{FactId, PersonId},
    order::What,
    texts,
    view::View,
};

/// `before`: without what is judged. What it says already, by the same person, is no other thing.
pub fn judge(command: &Command, person: PersonId, before: &View) -> Option<Finding> {
    let (thing, says_it) = stands(command, person, before)?;
    (!says_it).then(|| {
        let what = format!("This id is in use. Another {thing} stands under it here, and stays as it is.");
        Finding::malformed("id", what, "Enter it again, under a fresh id.")
    })
}

/// What stands under the id that the command gives, and whether that is what it says.
fn stands(command: &Command, person: PersonId, before: &View) -> Option<(&'static str, bool)> {
    match (command, before) {
        (Command::OrderAddLine(add), View::Order(order)) => {
            order.lines.get(&add.id).map(|line| ("line", *line == add.line))
        }
        (Command::OrderAttach(put), View::Order(order)) => order.attachments.get(&put.id).map(|there| {
            let same = (texts::file_name(&put.name), &put.media_type, put.size, put.content)
                == (there.name.clone(), &there.media_type, there.size, there.content);
            ("photo or paper", same && there.person == person)
        }),
        (_, View::Order(order)) => {
            let id = fact(command)?;
            let there = order.facts.get(&id)?;
            Some(("entry", there.person == person && says(command, &there.what)))
        }
        (Command::ProductSetPrice(set), View::Product(product)) => product.prices.get(&set.id).map(|there| {
            let same = (set.price, set.currency, set.tax_included, set.from)
                == (there.price, there.currency, there.tax_included, there.from);
            ("price", same && there.person == person)
        }),
        (Command::CustomerNote(note), View::Customer(customer)) => {
            customer.facts.get(&note.id).map(|there| {
                let same = matches!(&there.what, customer::What::Contact { text } if *text == note.text);
                ("note", same && there.person == person)
            })
        }
        (Command::NotesWrite(write), View::Notes(notes)) => notes
            .notes
            .get(&write.id)
            .map(|there| ("note", there.text == write.text && there.person == person)),
        _ => None,
    }
}

fn fact(command: &Command) -> Option<FactId> {
    match command {
        Command::OrderNote(note) => Some(note.id),
        Command::OrderHandOver(over) => Some(over.id),
        Command::OrderNotDelivered(not) => Some(not.id),
        Command::OrderTakePayment(taken) => Some(taken.id),
        Command::OrderRecordSale(record) => Some(record.id),
        Command::OrderReverse(reverse) => Some(reverse.id),
        _ => None,
    }
}

fn says(command: &Command, there: &What) -> bool {
    match (command, there) {
        (Command::OrderNote(note), What::Note { text }) => note.text == *text,
        (Command::OrderHandOver(over), What::HandedOver { lines, shown, received_by, signature }) => {
            // What its author left out was taken from the order.
            let seen = over.shown.iter().all(|(id, seen)| shown.get(id) == Some(seen));
            seen && (&over.lines, &over.received_by, &over.signature) == (lines, received_by, signature)
        }
        (Command::OrderNotDelivered(not), What::NotDelivered { reason, note }) => {
            (&not.reason, &not.note) == (reason, note)
        }
        (Command::OrderTakePayment(taken), What::Payment(payment)) => taken.payment == *payment,
        (Command::OrderRecordSale(record), What::Sale(sale)) => record.sale == **sale,
        (Command::OrderReverse(reverse), What::Reversal { fact, reason }) => {
            (&reverse.fact, &reverse.reason) == (fact, reason)
        }
        _ => false,
    }
}
