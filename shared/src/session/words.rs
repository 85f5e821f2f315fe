//! One sentence of what a command does, for the lists of what waits and what needs attention.

use crate::{command::Command, id::LineId, money, texts::small, view::View};

/// In the past tense, because it is said when it is done; `Changed the price of Oak chair: 9 · order T1-7`.
pub fn of(command: &Command, after: &View) -> String {
    format!("{}{}", what(command, after), thing(after))
}

/// Of several on one thing, which is named once: `Created the product, set the price to € 9.00 · P-1 Oak chair`.
pub fn of_all<'a>(done: impl IntoIterator<Item = (&'a Command, &'a View)>) -> String {
    let mut said: Vec<(Vec<String>, String)> = Vec::new();
    for (command, after) in done {
        let (what, thing) = (what(command, after), thing(after));
        match said.last_mut() {
            // What stands beside a thing, as its cost, has no name of its own.
            Some((all, last)) if *last == thing || thing.is_empty() => all.push(small(&what)),
            _ => said.push((vec![what], thing)),
        }
    }
    let sentences = said.into_iter().map(|(all, thing)| format!("{}{thing}", all.join(", ")));
    sentences.collect::<Vec<_>>().join("; ")
}

fn thing(after: &View) -> String {
    match after {
        View::Order(order) => format!(" · order {}", order.number()),
        View::Product(product) => named(&product.fields.number, &product.fields.name),
        View::Customer(customer) => named(&customer.fields.number, &customer.fields.name),
        View::Location(location) => format!(" · {}", location.fields.name),
        View::ProductTerms(_)
        | View::CustomerTerms(_)
        | View::Notes(_)
        | View::Settings(_)
        | View::Newer(_) => String::new(),
    }
}

fn named(number: &str, name: &str) -> String {
    if number.is_empty() { format!(" · {name}") } else { format!(" · {number} {name}") }
}

fn what(command: &Command, after: &View) -> String {
    let there = |id: &LineId| match after {
        View::Order(order) => order.lines.get(id),
        _ => None,
    };
    let line = |id: &LineId| there(id).map_or("a line", |line| line.name.as_str());
    match command {
        Command::OrderCreate(_) => "Created".to_owned(),
        Command::OrderSetContact(_) => "Changed the contact".to_owned(),
        Command::OrderSetAddress(c) => format!("Changed the address: {}", c.now),
        Command::OrderSetWanted(c) => format!("Changed when it is wanted: {}", c.now),
        Command::OrderSetPriority(c) => format!("Changed the priority: {}", c.priority.words()),
        Command::OrderSetReference(c) => format!("Set the reference {}: {}", c.name, c.value),
        Command::OrderTag(c) => format!("Tagged {}", c.tag),
        Command::OrderUntag(c) => format!("Took off the tag {}", c.tag),
        Command::OrderAddLine(c) => format!("Added {}", c.line.counted(c.line.quantity)),
        Command::OrderSetQuantity(c) => {
            let figure =
                there(&c.line).map_or_else(|| c.now.count().to_string(), |line| line.unit.show(c.now));
            format!("Changed the quantity of {}: {figure}", line(&c.line))
        }
        Command::OrderSetPrice(c) => format!("Changed the price of {}: {}", line(&c.line), c.now),
        Command::OrderSetDiscount(c) => format!("Changed the discount on {}: {}", line(&c.line), c.now),
        Command::OrderRemoveLine(c) => format!("Took off {}", line(&c.line)),
        Command::OrderPlace(_) => "Placed".to_owned(),
        Command::OrderConfirm(_) => "Confirmed".to_owned(),
        Command::OrderCancel(c) => format!("Cancelled: {}", c.reason),
        Command::OrderAssignDriver(c) => {
            if c.driver.is_some() { "Gave it to a driver" } else { "Took it from its driver" }.to_owned()
        }
        Command::OrderNote(c) => format!("Noted: {}", c.text),
        Command::OrderAttach(c) => format!("Attached {}", c.name),
        Command::OrderHandOver(c) => {
            let goods: Vec<String> = c
                .lines
                .iter()
                .map(|(id, quantity)| match there(id) {
                    Some(line) => line.counted(*quantity),
                    None => format!("{} of a line that is not there", quantity.count()),
                })
                .collect();
            format!("Handed over {}", goods.join(", "))
        }
        Command::OrderNotDelivered(c) => format!("Not delivered: {}", c.reason.words()),
        Command::OrderTakePayment(c) => c.payment.done(),
        Command::OrderRecordSale(c) => {
            let goods: Vec<String> = c.sale.lines.values().map(|line| line.counted(line.quantity)).collect();
            format!("Sold {}", goods.join(", "))
        }
        Command::OrderReverse(c) => format!("Took back: {}", c.reason),
        Command::ProductCreate(_) => "Created the product".to_owned(),
        Command::ProductSetField(c) => c.field.changed(),
        Command::ProductSetPrice(c) => {
            format!("Set the price to {} from {}", money::price_words(c.price, c.currency), c.from)
        }
        Command::ProductRetire(c) => if c.retired { "Retired" } else { "Brought back" }.to_owned(),
        Command::ProductTermsSetCost(c) => {
            format!("Set the cost to {}", money::price_words(c.cost, c.currency))
        }
        Command::CustomerCreate(_) => "Created the customer".to_owned(),
        Command::CustomerSetField(c) => c.field.changed(),
        Command::CustomerNote(c) => format!("Noted: {}", c.text),
        Command::CustomerTermsSetCredit(c) => match c.limit {
            Some(limit) => format!("Set the credit limit to {}", money::words(limit, c.currency)),
            None => "Took off the credit limit".to_owned(),
        },
        Command::LocationCreate(_) => "Created the location".to_owned(),
        Command::LocationSetField(c) => c.field.changed(),
        Command::NotesWrite(c) => format!("Noted for the office: {}", c.text),
        Command::NotesTakeOut(_) => "Took an internal note out".to_owned(),
        Command::NotesShow(c) => match (c.shown, c.location) {
            (true, None) => "Let the shops read the notes",
            (true, Some(_)) => "Let who works at the order's place read the notes",
            (false, _) => "Kept the notes for the office",
        }
        .to_owned(),
        Command::SettingsCreate(_) => "Set up the business".to_owned(),
        Command::SettingsSetField(c) => c.field.changed(),
        Command::SettingsSetLimit(c) => c.limit.changed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::FactId,
        location::{self, Location},
        money::{Amount, Currency},
        order::{Address, Payment, PaymentMethod, PaymentState, commands::TakePayment},
        product::{self, Product},
    };

    #[test]
    fn what_was_done_is_said_in_the_past_tense_and_its_thing_once() {
        let (amount, currency) = (Amount::from_minor(500, 2), Currency::EUR);
        let (method, state) = (PaymentMethod::Cash, PaymentState::Taken);
        let payment = Payment { method, amount, currency, state, drawer: None, reference: None };
        let order = View::Order(Box::default());
        let said = |amount| {
            of(
                &TakePayment { id: FactId::NIL, payment: Payment { amount, ..payment.clone() } }.into(),
                &order,
            )
        };
        assert_eq!(said(amount), "Took € 5.00 by cash · order ");
        assert_eq!(said(-amount), "Gave back € 5.00 by cash · order ");

        let shop = View::Location(Box::new(Location {
            fields: location::Fields { name: "Harbour shop".into(), ..Default::default() },
            ..Default::default()
        }));
        let moved = location::SetField { field: location::Field::Address(Address::default()) };
        assert_eq!(of(&moved.into(), &shop), "Changed the location's address · Harbour shop");
    }

    #[test]
    fn several_things_done_to_one_are_one_sentence() {
        let chair = View::Product(Box::new(Product {
            fields: product::Fields { number: "P-1".into(), name: "Oak chair".into(), ..Default::default() },
            ..Default::default()
        }));
        let terms = View::ProductTerms(Box::default());
        let retire: Command = product::Retire { retired: true }.into();
        let number: Command = product::SetField { field: product::Field::Number("P-1".into()) }.into();
        let cost: Command =
            product::SetCost { cost: Amount::from_minor(700, 2), currency: Currency::EUR }.into();
        let said = of_all([(&number, &chair), (&retire, &chair), (&cost, &terms)]);
        assert_eq!(said, "Changed the product's number, retired, set the cost to € 7.00 · P-1 Oak chair");
    }
}
