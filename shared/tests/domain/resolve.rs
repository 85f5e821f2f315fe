//! Ways out of a dispute: each that is offered ends it, and the rules let it pass.

use uuid::Uuid;
use waybill_shared::{
    command::Command,
    kind::DocKind,
    order::{
        Payment,
        commands::*,
        resolve::{Way, ways},
        status,
    },
    quantity::Quantity,
};

use crate::{business::*, common::*};

fn cancel() -> Command {
    Cancel { reason: "no longer wanted".into() }.into()
}

fn dollars() -> Command {
    let payment = Payment { currency: "USD".parse().expect("a currency"), ..payment("20") };
    TakePayment { id: fact_id(1), payment }.into()
}

/// Does as the way says; what the rules say of each command.
fn take(desk: &mut Desk, way: Way) {
    let out = ways(desk.order()).into_iter().find(|out| out.way == way).expect("it is offered");
    for (nth, mut command) in out.commands("a mistake").into_iter().enumerate() {
        command.complete(&mut || Uuid::from_u128(900 + nth as u128));
        assert_eq!(command.check(), [], "{way:?}");
        assert_eq!(told(desk, command.clone(), &Business::default()), [], "{way:?}");
        desk.must(command);
    }
}

#[test]
fn every_way_out_that_is_offered_ends_the_dispute() {
    let draft = Desk::with_order;
    let unknown = || Desk::new(DocKind::Order);
    type Begin<'a> = (&'a dyn Fn() -> Desk, Vec<Command>, &'a [Way]);
    let cases: [Begin<'_>; 9] = [
        (&Desk::placed, vec![hand_over(1, &[(1, 4)]).into()], &[Way::Raise, Way::TakeBack]),
        (
            &Desk::placed,
            vec![hand_over(1, &[(1, 3)]).into(), hand_over(2, &[(1, 3)]).into()],
            &[Way::Raise, Way::TakeBack],
        ),
        (&draft, vec![hand_over(1, &[(1, 1)]).into()], &[Way::Place, Way::TakeBack]),
        (&draft, vec![take_payment(1, "5").into()], &[Way::Place, Way::GiveBack]),
        (&Desk::placed, vec![cancel(), hand_over(1, &[(1, 2)]).into()], &[Way::Place, Way::TakeBack]),
        (&Desk::placed, vec![cancel(), take_payment(1, "5").into()], &[Way::Place, Way::GiveBack]),
        (&unknown, vec![take_payment(1, "5").into()], &[Way::GiveBack]),
        (&Desk::placed, vec![hand_over(1, &[(8, 1)]).into()], &[Way::TakeBack]),
        (&Desk::placed, vec![dollars()], &[Way::GiveBack]),
    ];
    for (nth, (begin, commands, offered)) in cases.into_iter().enumerate() {
        let mut desk = begin();
        for command in commands {
            desk.must(command);
        }
        assert!(!status::of(desk.order()).disputes.is_empty(), "case {nth} is disputed");
        let there: Vec<Way> = ways(desk.order()).into_iter().map(|out| out.way).collect();
        assert_eq!(there, offered, "case {nth}");
        for way in offered {
            let mut desk = desk.clone();
            take(&mut desk, *way);
            let status = status::of(desk.order());
            assert_eq!(status.disputes, Vec::<String>::new(), "case {nth} by {way:?}");
            assert!(ways(desk.order()).is_empty(), "case {nth} by {way:?}");
        }
    }
}

#[test]
fn what_is_taken_back_is_the_surplus_and_nothing_else() {
    let mut desk = Desk::placed();
    desk.must(AddLine { id: line_id(2), line: line("Beech stool") });
    desk.must(hand_over(1, &[(1, 2)]));
    desk.must(hand_over(2, &[(1, 2), (2, 1)]));
    take(&mut desk, Way::TakeBack);
    let delivered: Vec<_> = status::delivered(desk.order()).into_iter().collect();
    assert_eq!(delivered, [(line_id(1), Quantity::new(3)), (line_id(2), Quantity::new(1))]);
}

#[test]
fn an_order_without_a_dispute_has_no_ways_out_and_a_line_is_raised_no_higher_than_what_was_handed_over() {
    let mut desk = Desk::placed();
    assert!(ways(desk.order()).is_empty());
    desk.must(hand_over(1, &[(1, 4)]));
    let told = told(&desk, set_quantity(1, 3, 5), &Business::default());
    assert_eq!(told.len(), 1, "{told:?}");
}
