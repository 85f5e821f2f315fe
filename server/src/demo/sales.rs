//! Sales over the counter and from the vans.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waybill_shared::{
    doc::Hash,
    id::{FactId, Id, LineId, OrderId},
    money::{Amount, Currency},
    order::{
        Line, Payment, PaymentMethod, PaymentState, Sale, amounts,
        commands::{RecordSale, Reverse},
        receipt::Link,
    },
    rules::roles::Role,
};

use super::{
    dice::Dice,
    goods::{Company, line},
    script::Script,
};

/// The series of every till: how many receipts, and the hash of the last.
#[derive(Default)]
pub struct Receipts(BTreeMap<&'static str, (u32, Option<Hash>)>);

impl Receipts {
    fn print(&mut self, till: &'static str, sale: &mut Sale) {
        let (count, last) = self.0.entry(till).or_default();
        *count += 1;
        sale.receipt = format!("{till}-R{count:05}");
        let link = Link::new(till.to_owned(), *count, *last, sale);
        *last = Some(link.hash);
        sale.link = Some(link);
    }
}

pub fn tell(
    script: &mut Script,
    dice: &mut Dice,
    company: &Company,
    receipts: &mut Receipts,
    day: NaiveDate,
    minute: i64,
) {
    let van = dice.chance(90);
    let which = usize::from(dice.chance(450));
    let role = if van { Role::Driver } else { Role::Shop };
    let (till, location) = match (van, which) {
        (true, 0) => ("V1", company.places.vans[0]),
        (true, _) => ("V2", company.places.vans[1]),
        (false, 0) => ("S1", company.places.shops[0]),
        (false, _) => ("S2", company.places.shops[1]),
    };
    let Some(by) = company.people.who(role).get(which).copied() else { return };
    let at = script.clock(day, minute).plus_ms(dice.between(0, 59_000));
    if at > script.now {
        return;
    }
    let count = dice.between(1, 5);
    let lines: BTreeMap<LineId, Line> =
        (0..count).map(|position| line(dice, company, false, at, position)).collect();
    let gross: Amount = lines.values().map(|line| amounts::line(line).gross).sum();
    let known = dice.chance(130).then(|| dice.favour(&company.buyers));
    let method = *dice.pick(&[PaymentMethod::Cash, PaymentMethod::Card, PaymentMethod::Card]);
    let change = if method == PaymentMethod::Cash { up_to_a_note(gross) - gross } else { Amount::ZERO };
    let payment = Payment {
        method,
        amount: gross,
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    };
    let (order, sold) = (OrderId::fresh(at, dice), FactId::fresh(at, dice));
    let mut sale = Sale {
        receipt: String::new(),
        link: None,
        channel: if van { "van" } else { "shop" }.to_owned(),
        location,
        customer: known.map(|buyer| buyer.id),
        customer_name: known.map(|buyer| buyer.name.clone()),
        currency: Currency::EUR,
        lines,
        payments: BTreeMap::from([(FactId::fresh(at, dice), payment)]),
        change,
    };
    receipts.print(till, &mut sale);
    script.happens(at, by, order, RecordSale { id: sold, sale });
    if dice.chance(8) {
        let id = FactId::fresh(at, dice);
        let reason = "Customer brought it back at once".to_owned();
        script.happens(
            at.plus_ms(dice.between(2, 20) * 60_000),
            by,
            order,
            Reverse { id, fact: sold, reason },
        );
    }
}

/// What is put on the counter.
fn up_to_a_note(gross: Amount) -> Amount {
    let five = Amount::from_minor(5, 0);
    let notes = gross.checked_div(five).unwrap_or_default().decimal().ceil();
    Amount::new(notes).checked_mul(five).unwrap_or(gross)
}
