//! One sentence of what a command does, for the lists of what waits and what needs attention.

use crate::{command::Command, document::Says, texts::small, view::View};

/// In the past tense, because it is said when it is done; `Changed the price of Oak chair: 9 · order T1-7`.
pub fn of(command: &Command, after: &View) -> String {
    format!("{}{}", command.words(after), thing(after))
}

/// Of several on one thing, which is named once: `Created the product, set the price to € 9.00 · P-1 Oak chair`.
pub fn of_all<'a>(done: impl IntoIterator<Item = (&'a Command, &'a View)>) -> String {
    let mut said: Vec<(Vec<String>, String)> = Vec::new();
    for (command, after) in done {
        let (what, thing) = (command.words(after), thing(after));
        match said.last_mut() {
            // What stands beside a thing, as its cost, has no name of its own.
            Some((all, last)) if *last == thing || thing.is_empty() => all.push(small(&what)),
            _ => said.push((vec![what], thing)),
        }
    }
    let sentences = said.into_iter().map(|(all, thing)| format!("{}{thing}", all.join(", ")));
    sentences.collect::<Vec<_>>().join("; ")
}

/// What was done with the thing, as its lists call it.
fn thing(after: &View) -> String {
    match after.says().map(Says::title).filter(|title| !title.is_empty()) {
        Some(title) => format!(" · {title}"),
        None => String::new(),
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
