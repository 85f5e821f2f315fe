//! What people do to the order, made into commands from what their screen shows.

use proptest::prelude::*;
use waybill_shared::{
    command::Command,
    order::{Address, Contact, Order, Priority, commands::*},
};

use super::common::*;

#[derive(Clone, Debug)]
pub enum Work {
    Quantity(usize, i64),
    Price(usize, i64),
    Discount(usize, i64),
    AddLine,
    RemoveLine(usize),
    Street(u8),
    Day(u8),
    Phone(u8),
    Urgency(usize),
    Tag(u8),
    Untag(u8),
    Reference(u8, u8),
    Place,
    Confirm,
    Cancel,
    Note,
    HandOver(usize, i64),
    Pay(i64),
    Reverse(usize),
}

pub fn work() -> impl Strategy<Value = Work> {
    let line = 0..3_usize;
    prop_oneof![
        4 => (line.clone(), 1..4_i64).prop_map(|(line, n)| Work::Quantity(line, n)),
        2 => (line.clone(), 1..4_i64).prop_map(|(line, n)| Work::Price(line, n)),
        1 => (line.clone(), 0..3_i64).prop_map(|(line, n)| Work::Discount(line, n)),
        1 => Just(Work::AddLine),
        1 => line.clone().prop_map(Work::RemoveLine),
        2 => (0..3_u8).prop_map(Work::Street),
        1 => (1..4_u8).prop_map(Work::Day),
        1 => (0..3_u8).prop_map(Work::Phone),
        2 => (0..4_usize).prop_map(Work::Urgency),
        2 => (0..2_u8).prop_map(Work::Tag),
        2 => (0..2_u8).prop_map(Work::Untag),
        1 => (0..2_u8, 0..3_u8).prop_map(|(name, value)| Work::Reference(name, value)),
        1 => Just(Work::Place),
        1 => Just(Work::Confirm),
        1 => Just(Work::Cancel),
        2 => Just(Work::Note),
        1 => (line, 1..3_i64).prop_map(|(line, n)| Work::HandOver(line, n)),
        2 => (1..5_i64).prop_map(Work::Pay),
        1 => (0..4_usize).prop_map(Work::Reverse),
    ]
}

/// The command for it on what is shown; `None` where there is nothing to do it to.
pub fn command(work: &Work, order: &Order, fresh: u128) -> Option<Command> {
    let lines = order.live_lines();
    let line = |n: &usize| lines.get(n % lines.len().max(1)).copied();
    Some(match work {
        Work::Quantity(n, now) => {
            let (line, was) = line(n).map(|(id, line)| (id, line.quantity))?;
            SetQuantity { line, was, now: pieces(*now) }.into()
        }
        Work::Price(n, now) => {
            let (line, was) = line(n).map(|(id, line)| (id, line.price))?;
            SetPrice { line, was, now: amount(&now.to_string()) }.into()
        }
        Work::Discount(n, now) => {
            let (line, was) = line(n).map(|(id, line)| (id, line.discount))?;
            SetDiscount { line, was, now: format!("{now}%").parse().expect("a discount") }.into()
        }
        Work::AddLine => AddLine { id: line_id(fresh), line: super::common::line("Beech stool") }.into(),
        Work::RemoveLine(n) => RemoveLine { line: line(n)?.0 }.into(),
        Work::Street(n) => {
            let street = (*n > 0).then(|| format!("Street {n}"));
            let now = Address { street, city: Some("Ulm".into()), ..Address::default() };
            SetAddress { was: order.delivery.clone(), now }.into()
        }
        Work::Day(n) => {
            let date = chrono::NaiveDate::from_ymd_opt(2026, 12, u32::from(*n));
            SetWanted {
                was: order.wanted.clone(),
                now: waybill_shared::order::Wanted { date, ..Default::default() },
            }
            .into()
        }
        Work::Phone(n) => {
            let phone = (*n > 0).then(|| format!("0731 {n}"));
            SetContact { contact: Contact { phone, email: Some(format!("{fresh}@x")), ..Contact::default() } }
                .into()
        }
        Work::Urgency(n) => SetPriority { priority: Priority::ALL[*n] }.into(),
        Work::Tag(n) => Tag { tag: format!("tag{n}") }.into(),
        Work::Untag(n) => Untag { tag: format!("tag{n}") }.into(),
        Work::Reference(name, value) => {
            SetReference { name: format!("ref{name}"), value: "x".repeat(usize::from(*value)) }.into()
        }
        Work::Place => Place {}.into(),
        Work::Confirm => Confirm {}.into(),
        Work::Cancel => Cancel { reason: "no longer wanted".into() }.into(),
        Work::Note => Note { id: fact_id(fresh), text: format!("note {fresh}") }.into(),
        Work::HandOver(n, count) => {
            let (line, _) = line(n)?;
            HandOver {
                id: fact_id(fresh),
                lines: [(line, pieces(*count))].into(),
                shown: Default::default(),
                received_by: None,
                signature: None,
            }
            .into()
        }
        Work::Pay(n) => take_payment(fresh, &n.to_string()).into(),
        Work::Reverse(n) => {
            let facts: Vec<_> = order.standing_facts().map(|(id, _)| id).collect();
            let fact = *facts.get(n % facts.len().max(1))?;
            Reverse { id: fact_id(fresh), fact, reason: "a mistake".into() }.into()
        }
    })
}
