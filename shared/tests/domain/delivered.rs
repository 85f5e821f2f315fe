//! The delivered revenue in time: a hand-over is worth what was shown when it happened, whatever comes later.

use std::collections::BTreeMap;

use proptest::prelude::*;
use waybill_shared::{
    command::Command,
    edit::EditKind,
    make::make,
    money::Currency,
    order::{
        Discount, Line, Order, Shown,
        commands::*,
        revenue::{Entry, Measure, Worth, entries},
    },
    redo::Base,
    review::Does,
    rules::plausible,
    settings::Settings,
    time::Month,
    view::View,
};

use crate::common::*;

const DAY: u128 = 86_400;

fn delivered(order: &Order) -> Vec<Entry> {
    let all = entries(order, &Worth::of(order));
    all.into_iter().filter(|entry| entry.measure == Measure::Delivered).collect()
}

fn month(order: &Order, number: i32) -> (String, String) {
    let of_month = delivered(order).into_iter().filter(|entry| entry.month == Month::numbered(number));
    let (pieces, gross) = of_month.fold(Default::default(), |(pieces, gross), entry| {
        (entry.quantity + pieces, entry.worth.gross + gross)
    });
    (pieces.to_string(), gross.fixed(2))
}

fn price(was: &str, now: &str) -> SetPrice {
    SetPrice { line: line_id(1), was: amount(was), now: amount(now) }
}

#[test]
fn a_month_that_is_over_keeps_what_was_delivered_in_it_at_the_price_of_then() {
    // Three chairs at 19.99, handed over in November.
    let mut desk = Desk::placed();
    desk.must(hand_over(1, &[(1, 3)]));
    let november = ("3".to_owned(), "59.97".to_owned());
    assert_eq!(month(desk.order(), 202_611), november);
    // In December they come back and go out again for less.
    desk.edits = DAY * 20;
    desk.must(reverse(2, 1));
    assert_eq!(month(desk.order(), 202_612), ("-3".to_owned(), "-59.97".to_owned()));
    desk.must(price("19.99", "8"));
    desk.must(SetDiscount { line: line_id(1), was: Discount::None, now: Discount::Percent(amount("50")) });
    desk.must(hand_over(3, &[(1, 3)]));
    assert_eq!(month(desk.order(), 202_611), november);
    assert_eq!(month(desk.order(), 202_612), ("0".to_owned(), "-47.97".to_owned()));
    // Taken back is what was booked.
    desk.edits = DAY * 50;
    desk.must(reverse(4, 3));
    assert_eq!(month(desk.order(), 202_701), ("-3".to_owned(), "-12.00".to_owned()));
}

#[test]
fn a_price_that_was_changed_before_a_hand_over_arrives_does_not_reach_it() {
    let van = Desk::placed();
    let mut command: Command = hand_over(1, &[(1, 2)]).into();
    command.see(&van.view);
    let ctx = context(50, BEN);
    let (_, made) = make(&van.doc, &van.view, &command, &ctx, actor(2)).expect("runs");
    let mut office = van;
    office.must(price("19.99", "8"));
    // Where the van made it, and where that is not known.
    for base in [Base::Deps(&made.deps), Base::Head] {
        let redone = redo(&office.doc, &office.view, &command, &ctx, Some(&made), base, actor(9));
        let order: Order = redone.expect("accepted").doc.read().expect("reads");
        assert_eq!(month(&order, 202_611), ("2".to_owned(), "39.98".to_owned()));
    }
}

#[test]
fn what_a_client_without_documents_hands_over_is_worth_what_is_there() {
    let mut desk = Desk::placed();
    desk.must(price("19.99", "8"));
    desk.must(hand_over(1, &[(1, 1), (9, 4)]));
    assert_eq!(
        month(desk.order(), 202_611),
        ("1".to_owned(), "8.00".to_owned()),
        "of line 9 nothing is known"
    );
}

#[test]
fn what_is_shown_belongs_to_what_was_handed_over() {
    let desk = Desk::placed();
    let mut command = hand_over(1, &[(1, 3)]);
    waybill_shared::act::Act::see(&mut command, desk.order());
    let check = |command: &HandOver| Command::from(command.clone()).check();
    assert!(check(&command).is_empty());
    let shown = command.shown[&line_id(1)].clone();
    command.shown.insert(line_id(2), shown.clone());
    assert_eq!(check(&command)[0].field, Some(format!("shown/{}", line_id(2))));
    command.shown.remove(&line_id(2));
    command.shown.insert(line_id(1), waybill_shared::order::Shown { before: pieces(-1), ..shown });
    assert_eq!(check(&command)[0].field, Some(format!("shown/{}/before", line_id(1))));
}

/// Something that a device asks for or does where it stands.
fn deed(kind: u8, fact: u128, number: i64, order: &Order) -> Option<Command> {
    let line = order.lines.get(&line_id(1))?;
    Some(match kind {
        0..=2 => hand_over(fact, &[(1, number % 3 + 1)]).into(),
        3 => SetPrice { line: line_id(1), was: line.price, now: amount(&format!("{number}.3333")) }.into(),
        4 => set_quantity(1, line.quantity.count(), number % 7 + 1).into(),
        5 => {
            let now = Discount::Percent(amount(&(number % 40).to_string()));
            SetDiscount { line: line_id(1), was: line.discount, now }.into()
        }
        6 => RemoveLine { line: line_id(1) }.into(),
        _ => Command::from(Reverse {
            id: fact_id(fact),
            fact: *order.facts.keys().next()?,
            reason: "back".into(),
        }),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_delivered_never_changes(
        deeds in prop::collection::vec((0..8_u8, 1..90_i64, 0..3_usize, 0..40_u128), 1..30)
    ) {
        let mut office = Desk::placed();
        let mut seen = [office.clone(), office.clone()];
        let mut booked = delivered(office.order());
        for (n, (kind, number, device, day)) in (100..).zip(deeds) {
            if device == 2 {
                // The devices hear of everything.
                seen = [office.clone(), office.clone()];
                continue;
            }
            let base = &seen[device];
            let Some(mut command) = deed(kind, n, number, base.order()) else { continue };
            command.see(&base.view);
            let ctx = context(n + day * DAY, BEN);
            let Ok((_, made)) = make(&base.doc, &base.view, &command, &ctx, actor(n as u64)) else { continue };
            let deps = if number % 2 == 0 { Base::Deps(&made.deps) } else { Base::Head };
            let redone = redo(&office.doc, &office.view, &command, &ctx, Some(&made), deps, actor(9));
            let Ok(redone) = redone else { continue };
            office = Desk { doc: redone.doc, view: redone.view, ..office };
            let now = delivered(office.order());
            // A second reversal of one fact counts as one, the first by their times.
            for entry in booked.iter().filter(|entry| !entry.takes_back) {
                prop_assert!(now.contains(entry), "{:?} changed by {:?}", entry, command);
            }
            booked = now;
        }
    }
}

/// Whoever decides on a hand-over reads what the order says beside what its author says.
#[test]
fn what_a_hand_over_says_of_a_line_is_told_beside_what_its_order_says() {
    let mut order = Order::default();
    order.lines.insert(line_id(1), line("Oak chair"));
    let view = View::Order(Box::new(order));
    let said = |line: Line| {
        let shown = Shown { line, before: pieces(0) };
        HandOver { shown: BTreeMap::from([(line_id(1), shown)]), ..hand_over(7, &[(1, 2)]) }
    };
    let cheap = Line { price: amount("0.01"), name: "Oak stool".into(), ..line("Oak chair") };
    for (over, words, worth) in [
        (hand_over(7, &[(1, 2)]), "", "39.98"),
        (said(line("Oak chair")), "", "39.98"),
        (said(cheap), ". It says Oak stool at € 0.01, and the order has Oak chair at € 19.99", "0.02"),
    ] {
        let does = Does::of(order_addr(), &over.into(), &view);
        assert_eq!(does.words, format!("Handed over 2 × Oak chair · order {words}"));
        assert_eq!(does.worth, Some((amount(worth), Currency::EUR)));
    }
    // What is unlikely of it has the name that it has here.
    let much = Line { price: amount("999999999"), name: "Oak stool".into(), ..line("Oak chair") };
    let found = plausible::judge(&said(much).into(), EditKind::Facts, &view, &Settings::default());
    assert!(found.iter().any(|finding| finding.what.starts_with("2 × Oak chair is worth")), "{found:?}");
}
