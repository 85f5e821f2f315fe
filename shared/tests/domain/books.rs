//! The placed revenue in time: what was booked on a day stays, and a later change books its difference on a
//! day of its own.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use waybill_shared::{
    command::Command,
    make::make,
    order::{
        Discount, Order, amounts,
        amounts::Totals,
        commands::*,
        revenue::{Entry, Measure, Worth, entries},
        status::{self, OrderState},
    },
    redo::{Base, How},
    time::Month,
};

use crate::common::*;

const DAY: u128 = 86_400;

/// The days after the first; on each the desk does what it says.
fn on_days(commands: &[&[Command]]) -> Desk {
    let mut desk = Desk::with_order();
    for (day, commands) in (1..).zip(commands) {
        desk.edits = DAY * day;
        for command in *commands {
            desk.must(command.clone());
        }
    }
    desk
}

fn first_day() -> NaiveDate {
    context(0, ANNA).booked.day
}

fn placed(order: &Order) -> Vec<Entry> {
    let all = entries(order, &Worth::of(order));
    all.into_iter().filter(|entry| entry.measure == Measure::Placed).collect()
}

/// Gross by number of the day.
fn by_day(order: &Order) -> Vec<(i64, String)> {
    let mut days: BTreeMap<i64, Totals> = BTreeMap::new();
    for entry in placed(order) {
        let day = (entry.day - first_day()).num_days();
        let sum = days.entry(day).or_default();
        *sum = *sum + entry.worth;
    }
    days.into_iter().map(|(day, worth)| (day, worth.gross.fixed(2))).collect()
}

fn add(n: u128) -> AddLine {
    AddLine { id: line_id(n), line: line("Oak table") }
}

fn price(was: &str, now: &str) -> SetPrice {
    SetPrice { line: line_id(1), was: amount(was), now: amount(now) }
}

fn discount(was: Discount, now: Discount) -> SetDiscount {
    SetDiscount { line: line_id(1), was, now }
}

fn cancel() -> Cancel {
    Cancel { reason: "no longer wanted".into() }
}

#[test]
fn each_day_keeps_what_was_booked_on_it() {
    // The order is of three chairs at 19.99.
    let ten = Discount::Percent(amount("10"));
    let place: Command = Place {}.into();
    type Row<'a> = (&'a str, Vec<Vec<Command>>, &'a [(i64, &'a str)]);
    let table: [Row<'_>; 10] = [
        ("placed", vec![vec![place.clone()]], &[(1, "59.97")]),
        (
            "more, then cancelled",
            vec![vec![place.clone()], vec![set_quantity(1, 3, 5).into()], vec![cancel().into()]],
            &[(1, "59.97"), (2, "39.98"), (3, "-99.95")],
        ),
        (
            "fewer",
            vec![vec![place.clone()], vec![set_quantity(1, 3, 1).into()]],
            &[(1, "59.97"), (2, "-39.98")],
        ),
        (
            "another price and a discount",
            vec![
                vec![place.clone()],
                vec![price("19.99", "30").into()],
                vec![discount(Discount::None, ten).into()],
            ],
            &[(1, "59.97"), (2, "30.03"), (3, "-9.00")],
        ),
        (
            "a line added, and taken off",
            vec![vec![place.clone()], vec![add(2).into()], vec![RemoveLine { line: line_id(1) }.into()]],
            &[(1, "59.97"), (2, "59.97"), (3, "-59.97")],
        ),
        (
            "there and back on one day",
            vec![vec![place.clone()], vec![set_quantity(1, 3, 5).into(), set_quantity(1, 5, 3).into()]],
            &[(1, "59.97"), (2, "0.00")],
        ),
        (
            "changed as a draft only",
            vec![vec![set_quantity(1, 3, 5).into(), add(2).into()], vec![place.clone()]],
            &[(2, "159.92")],
        ),
        (
            "confirmed, changed, cancelled",
            vec![
                vec![place.clone()],
                vec![Confirm {}.into()],
                vec![set_quantity(1, 3, 4).into()],
                vec![cancel().into()],
            ],
            &[(1, "59.97"), (3, "19.99"), (4, "-79.96")],
        ),
        (
            "changed while cancelled and placed again",
            vec![
                vec![place.clone()],
                vec![cancel().into()],
                vec![set_quantity(1, 3, 5).into()],
                vec![place.clone()],
                vec![set_quantity(1, 5, 6).into()],
            ],
            &[(1, "59.97"), (2, "-59.97"), (4, "99.95"), (5, "19.99")],
        ),
        ("cancelled as a draft", vec![vec![cancel().into()]], &[]),
    ];
    for (story, days, expected) in table {
        let days: Vec<&[Command]> = days.iter().map(Vec::as_slice).collect();
        let desk = on_days(&days);
        let expected: Vec<_> = expected.iter().map(|(day, gross)| (*day, (*gross).to_owned())).collect();
        assert_eq!(by_day(desk.order()), expected, "{story}");
    }
}

#[test]
fn a_month_that_is_over_keeps_its_sum_when_the_order_is_changed_in_the_next() {
    let mut desk = on_days(&[&[Place {}.into()]]);
    let month = |order: &Order, number| -> String {
        let of_month = placed(order).into_iter().filter(|entry| entry.month == Month::numbered(number));
        of_month.map(|entry| entry.worth).sum::<Totals>().gross.fixed(2)
    };
    assert_eq!((first_day().month(), month(desk.order(), 202_611)), (11, "59.97".to_owned()));
    desk.edits = DAY * 20;
    desk.must(set_quantity(1, 3, 5));
    desk.edits = DAY * 50;
    desk.must(cancel());
    let months = [202_611, 202_612, 202_701].map(|number| month(desk.order(), number));
    assert_eq!(months, ["59.97", "39.98", "-99.95"]);
}

#[test]
fn entries_say_what_they_are_of() {
    let desk = on_days(&[
        &[Place {}.into()],
        &[set_quantity(1, 3, 1).into()],
        &[price("19.99", "25").into()],
        &[cancel().into()],
    ]);
    let mut booked = placed(desk.order());
    booked.sort_by_key(|entry| entry.day);
    let told: Vec<_> =
        booked.iter().map(|entry| (entry.quantity.to_string(), entry.takes_back, entry.line)).collect();
    let line = Some(line_id(1));
    let expected = [("3", false), ("-2", true), ("0", false), ("-1", true)];
    assert_eq!(told, expected.map(|(pieces, back)| (pieces.to_owned(), back, line)));
    let causes: Vec<_> = booked.iter().map(|entry| entry.cause).collect();
    assert!(desk.order().history.keys().any(|id| uuid::Uuid::from(*id) == causes[1]));
    assert!(booked.iter().all(|entry| entry.product == desk.order().lines[&line_id(1)].product));
}

/// What a device made before it knew of the placing comes in afterwards: it is redone behind what stands.
#[test]
fn a_change_that_comes_late_books_behind_what_stands_and_never_before_the_placing() {
    let draft = Desk::with_order();
    for command in [Command::from(set_quantity(1, 3, 5)), add(2).into()] {
        let ctx = context(10, BEN);
        let (_, made) = make(&draft.doc, &draft.view, &command, &ctx, actor(2)).expect("runs");
        let mut office = draft.clone();
        office.edits = DAY;
        office.must(Place {});
        office.edits = 2 * DAY;
        office.must(add(3));
        let before = placed(office.order());
        let redone =
            redo(&office.doc, &office.view, &command, &ctx, Some(&made), Base::Deps(&made.deps), actor(9))
                .expect("accepted");
        assert_eq!(redone.how, How::Rewritten);
        let order: Order = redone.doc.read().expect("reads");
        let after = placed(&order);
        assert!(before.iter().all(|entry| after.contains(entry)), "{before:?}\n{after:?}");
        let more: Vec<_> = after.iter().filter(|entry| !before.contains(entry)).collect();
        assert_eq!(more.len(), 1);
        assert_eq!((more[0].day - first_day()).num_days(), 1, "the day of the placing");
    }
}

#[test]
fn the_same_step_asked_for_twice_is_taken_once() {
    let base = Desk::with_order();
    let command: Command = Place {}.into();
    let (_, made) = make(&base.doc, &base.view, &command, &context(2, BEN), actor(2)).expect("runs");
    let mut office = base;
    office.edits = DAY;
    office.must(Place {});
    let ctx = context(2, BEN);
    let redone =
        redo(&office.doc, &office.view, &command, &ctx, Some(&made), Base::Deps(&made.deps), actor(9))
            .expect("accepted");
    assert_eq!((redone.how, redone.change), (How::Rewritten, None));
    assert_eq!(by_day(office.order()), [(1, "59.97".to_owned())]);
}

#[test]
fn changes_of_a_draft_made_apart_have_one_place_and_the_placing_counts_them_all() {
    let draft = Desk::with_order();
    // Whichever of the two is the earlier by the clocks.
    for second in [1, 50] {
        let mut office = draft.clone();
        office.edits = 10;
        office.must(price("19.99", "30"));
        let (command, ctx) = (Command::from(set_quantity(1, 3, 5)), context(second, BEN));
        let (_, made) = make(&draft.doc, &draft.view, &command, &ctx, actor(2)).expect("runs");
        let base = Base::Deps(&made.deps);
        let redone =
            redo(&office.doc, &office.view, &command, &ctx, Some(&made), base, actor(9)).expect("runs");
        assert_eq!(redone.how, How::Same, "a draft is merged");
        let mut office = Desk { doc: redone.doc, view: redone.view, ..office };
        let places: Vec<i64> = office.order().history.values().map(|entry| entry.nth).collect();
        assert_eq!(places, [1, 1]);
        office.edits = DAY;
        office.must(Place {});
        office.edits = 2 * DAY;
        office.must(set_quantity(1, 5, 4));
        office.must(price("30", "20"));
        let expected = [(1, "150.00".to_owned()), (2, "-70.00".to_owned())];
        assert_eq!(by_day(office.order()), expected);
    }
}

/// Something that is asked for where a device stands, which may be long behind.
fn deed(kind: u8, which: u128, number: i64, order: &Order) -> Option<Command> {
    let line = order.lines.get(&line_id(which)).filter(|line| !line.removed);
    Some(match kind {
        0 | 1 => set_quantity(which, line?.quantity.count(), number % 7 + 1).into(),
        2 => SetPrice { line: line_id(which), was: line?.price, now: amount(&format!("{number}.5")) }.into(),
        3 => {
            let now = Discount::Percent(amount(&(number % 40).to_string()));
            SetDiscount { line: line_id(which), was: line?.discount, now }.into()
        }
        4 => AddLine { id: line_id(which), line: crate::common::line("Lamp") }.into(),
        5 => RemoveLine { line: line_id(which) }.into(),
        6 | 7 => Place {}.into(),
        8 => Confirm {}.into(),
        _ => cancel().into(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_booked_never_changes_and_adds_up_to_the_order(
        deeds in prop::collection::vec((0..10_u8, 1..4_u128, 1..90_i64, 0..3_usize, 0..40_u128), 1..40)
    ) {
        let mut office = Desk::with_order();
        let mut seen = [office.clone(), office.clone()];
        let mut booked = placed(office.order());
        for (n, (kind, which, number, device, day)) in (100..).zip(deeds) {
            if device == 2 {
                // The devices hear of everything.
                seen = [office.clone(), office.clone()];
                continue;
            }
            let base = &seen[device];
            let Some(command) = deed(kind, which, number, base.order()) else { continue };
            let ctx = context(n + day * DAY, BEN);
            let Ok((_, made)) = make(&base.doc, &base.view, &command, &ctx, actor(n as u64)) else { continue };
            let base = Base::Deps(&made.deps);
            let redone = redo(&office.doc, &office.view, &command, &ctx, Some(&made), base, actor(9));
            let Ok(redone) = redone else { continue };
            office = Desk { doc: redone.doc, view: redone.view, ..office };
            let now = placed(office.order());
            for entry in &booked {
                prop_assert!(now.contains(entry), "{:?} changed by {:?}", entry, command);
            }
            let worth: Totals = now.iter().map(|entry| entry.worth).sum();
            let counts = matches!(status::agreed(office.order()), OrderState::Placed | OrderState::Confirmed);
            let expected = if counts { amounts::total(office.order()) } else { Totals::default() };
            prop_assert_eq!(worth, expected);
            booked = now;
        }
    }
}
