//! One sentence of what a command does, for the lists of what waits and what needs attention.

use crate::{command::Command, id::LineId, money, view::View};

pub fn of(command: &Command, after: &View) -> String {
    let thing = match after {
        View::Order(order) => format!(" · order {}", order.number()),
        View::Product(product) => named(&product.fields.number, &product.fields.name),
        View::Customer(customer) => named(&customer.fields.number, &customer.fields.name),
        View::Location(location) => format!(" · {}", location.fields.name),
        View::ProductTerms(_)
        | View::CustomerTerms(_)
        | View::Notes(_)
        | View::Settings(_)
        | View::Newer(_) => String::new(),
    };
    format!("{}{thing}", what(command, after))
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
        Command::OrderCreate(_) => "New order".to_owned(),
        Command::OrderSetContact(_) => "Contact".to_owned(),
        Command::OrderSetAddress(c) => format!("Address: {}", c.now),
        Command::OrderSetWanted(c) => format!("Wanted: {}", c.now),
        Command::OrderSetPriority(c) => format!("Priority: {}", c.priority.words()),
        Command::OrderSetReference(c) => format!("Reference {}: {}", c.name, c.value),
        Command::OrderTag(c) => format!("Tag {}", c.tag),
        Command::OrderUntag(c) => format!("Take off tag {}", c.tag),
        Command::OrderAddLine(c) => format!("Add {}", c.line.counted(c.line.quantity)),
        Command::OrderSetQuantity(c) => {
            let figure =
                there(&c.line).map_or_else(|| c.now.count().to_string(), |line| line.unit.show(c.now));
            format!("Quantity of {}: {figure}", line(&c.line))
        }
        Command::OrderSetPrice(c) => format!("Price of {}: {}", line(&c.line), c.now),
        Command::OrderSetDiscount(c) => format!("Discount on {}: {}", line(&c.line), c.now),
        Command::OrderRemoveLine(c) => format!("Remove {}", line(&c.line)),
        Command::OrderPlace(_) => "Place".to_owned(),
        Command::OrderConfirm(_) => "Confirm".to_owned(),
        Command::OrderCancel(c) => format!("Cancel: {}", c.reason),
        Command::OrderAssignDriver(c) => {
            if c.driver.is_some() { "Assign driver" } else { "Take off the driver" }.to_owned()
        }
        Command::OrderNote(c) => format!("Note: {}", c.text),
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
        Command::OrderTakePayment(c) => {
            let amount = money::words(c.payment.amount, c.payment.currency);
            format!("Took {amount} by {}", c.payment.method.words())
        }
        Command::OrderRecordSale(c) => {
            let goods: Vec<String> = c.sale.lines.values().map(|line| line.counted(line.quantity)).collect();
            format!("Sold {}", goods.join(", "))
        }
        Command::OrderReverse(c) => format!("Take back: {}", c.reason),
        Command::ProductCreate(_) => "New product".to_owned(),
        Command::ProductSetField(_) => "Change product".to_owned(),
        Command::ProductSetPrice(c) => {
            format!("Price {} from {}", money::price_words(c.price, c.currency), c.from)
        }
        Command::ProductRetire(c) => if c.retired { "Retire" } else { "Bring back" }.to_owned(),
        Command::ProductTermsSetCost(c) => format!("Cost {}", money::price_words(c.cost, c.currency)),
        Command::CustomerCreate(_) => "New customer".to_owned(),
        Command::CustomerSetField(_) => "Change customer".to_owned(),
        Command::CustomerNote(c) => format!("Note: {}", c.text),
        Command::CustomerTermsSetCredit(c) => match c.limit {
            Some(limit) => format!("Credit limit {}", money::words(limit, c.currency)),
            None => "No credit limit".to_owned(),
        },
        Command::LocationCreate(_) => "New location".to_owned(),
        Command::LocationSetField(_) => "Change location".to_owned(),
        Command::NotesWrite(c) => format!("Internal note: {}", c.text),
        Command::NotesTakeOut(_) => "Take an internal note out".to_owned(),
        Command::NotesShow(c) => match (c.shown, c.location) {
            (true, None) => "The shops may read the notes",
            (true, Some(_)) => "Who works at the order's place may read the notes",
            (false, _) => "Only the office reads the notes",
        }
        .to_owned(),
        Command::SettingsCreate(_) => "Set the business up".to_owned(),
        Command::SettingsSetField(_) | Command::SettingsSetLimit(_) => "Change a setting".to_owned(),
    }
}
