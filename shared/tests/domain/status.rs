//! Status: the table of steps, and what happens when the world contradicts it.

use std::collections::BTreeMap;

use waybill_shared::{
    act::Act as _,
    command::Command,
    kind::DocKind,
    money::{Amount, Currency},
    order::{
        Payment, PaymentState, Sale, StepKind, amounts,
        commands::*,
        revenue::{Measure, Worth, entries},
        status::*,
    },
};

use crate::common::*;

fn state(desk: &Desk) -> (OrderState, Fulfilment, MoneyState) {
    let status = waybill_shared::order::status::of(desk.order());
    (status.order, status.fulfilment, status.money)
}

fn step(kind: StepKind) -> Command {
    match kind {
        StepKind::Placed => Place {}.into(),
        StepKind::Confirmed => Confirm {}.into(),
        StepKind::Cancelled => Cancel { reason: String::new() }.into(),
        StepKind::Unknown => panic!("nobody can take it"),
    }
}

/// An order in this state.
fn in_state(state: OrderState) -> Desk {
    let mut desk = Desk::new(DocKind::Order);
    desk.must(Create { quotation: state == OrderState::Quoted, ..create() });
    let steps: &[StepKind] = match state {
        OrderState::Placed => &[StepKind::Placed],
        OrderState::Confirmed => &[StepKind::Placed, StepKind::Confirmed],
        OrderState::Cancelled => &[StepKind::Cancelled],
        _ => &[],
    };
    for kind in steps {
        desk.must(step(*kind));
    }
    desk
}

#[test]
fn every_step_is_possible_from_exactly_the_states_of_the_table() {
    use OrderState::*;
    for from in [Draft, Quoted, Placed, Confirmed, Cancelled] {
        for kind in [StepKind::Placed, StepKind::Confirmed, StepKind::Cancelled] {
            let mut desk = in_state(from);
            assert_eq!(agreed(desk.order()), from);
            let to = STEPS.iter().find(|(f, by, _)| *f == from && *by == kind).map(|(_, _, to)| *to);
            match (desk.try_do(step(kind)), to) {
                (Ok(_), Some(to)) => assert_eq!(agreed(desk.order()), to, "{from:?} by {kind:?}"),
                (Err(error), None) => {
                    let finding = error.finding();
                    assert!(finding.what.contains(from.words()), "{}", finding.what);
                }
                (done, to) => panic!("{from:?} by {kind:?}: {done:?}, table says {to:?}"),
            }
        }
    }
}

#[test]
fn delivery_and_money_move_on_their_own_axes() {
    use {Fulfilment as F, MoneyState as M, OrderState as O};
    let mut desk = Desk::placed();
    let story: [(Command, _); 7] = [
        (hand_over(1, &[(1, 1)]).into(), (O::Placed, F::PartDelivered, M::Unpaid)),
        (take_payment(2, "20").into(), (O::Placed, F::PartDelivered, M::PartPaid)),
        (hand_over(3, &[(1, 2)]).into(), (O::Placed, F::Delivered, M::PartPaid)),
        (take_payment(4, "39.97").into(), (O::Closed, F::Delivered, M::Paid)),
        (take_payment(5, "1").into(), (O::Placed, F::Delivered, M::Overpaid)),
        (reverse(6, 5).into(), (O::Closed, F::Delivered, M::Paid)),
        (reverse(7, 3).into(), (O::Placed, F::PartDelivered, M::Paid)),
    ];
    for (command, expected) in story {
        let name = command.name();
        desk.must(command);
        assert_eq!(state(&desk), expected, "after {name}");
    }
}

#[test]
fn goods_that_are_out_keep_an_order_from_being_cancelled_until_they_are_taken_back() {
    let mut desk = Desk::placed();
    desk.must(hand_over(1, &[(1, 1)]));
    let finding = desk.try_do(step(StepKind::Cancelled)).expect_err("refused").finding();
    assert_eq!(finding.remedy, "Take the hand-over back first, or record a return.");
    desk.must(reverse(2, 1));
    desk.must(step(StepKind::Cancelled));
    assert_eq!(state(&desk).0, OrderState::Cancelled);
}

#[test]
fn what_happened_against_what_was_agreed_is_disputed_and_says_why() {
    let draft = || Desk::with_order();
    let unknown = || Desk::new(DocKind::Order);
    let cases: [(Desk, Command, &str); 5] = [
        (
            draft(),
            hand_over(1, &[(1, 1)]).into(),
            "Goods were handed over although the order was never placed.",
        ),
        (draft(), take_payment(1, "5").into(), "Money was taken although the order was never placed."),
        (unknown(), take_payment(1, "5").into(), "Something happened for an order that was never accepted."),
        (
            Desk::placed(),
            hand_over(1, &[(1, 4)]).into(),
            "4 pc of Oak chair were handed over, 3 were ordered.",
        ),
        (
            Desk::placed(),
            hand_over(1, &[(8, 1)]).into(),
            "1 pc of a line that is not there were handed over, 0 were ordered.",
        ),
    ];
    for (mut desk, command, why) in cases {
        desk.must(command);
        let status = waybill_shared::order::status::of(desk.order());
        assert_eq!((status.order, status.disputes), (OrderState::Disputed, vec![why.to_owned()]));
    }
}

#[test]
fn taking_the_contradiction_back_settles_the_dispute() {
    let mut desk = Desk::placed();
    desk.must(hand_over(1, &[(1, 4)]));
    assert_eq!(state(&desk).0, OrderState::Disputed);
    desk.must(reverse(2, 1));
    assert_eq!(state(&desk), (OrderState::Placed, Fulfilment::Open, MoneyState::Unpaid));
}

#[test]
fn a_counter_sale_is_complete_in_itself_and_its_reversal_takes_back_goods_and_money() {
    let mut desk = Desk::new(DocKind::Order);
    desk.must(chair_sale());
    assert_eq!(state(&desk), (OrderState::Closed, Fulfilment::Delivered, MoneyState::Paid));
    assert_eq!(desk.order().number(), "T1-R7");
    desk.must(reverse(3, 1));
    let (order, fulfilment, money) = state(&desk);
    assert_eq!((order, fulfilment), (OrderState::Cancelled, Fulfilment::Open));
    assert_eq!(money, MoneyState::Unpaid);
}

fn dollars(amount_of: &str) -> Payment {
    Payment { currency: "USD".parse().expect("a currency"), ..payment(amount_of) }
}

#[test]
fn a_payment_in_another_currency_pays_nothing_and_is_disputed_until_it_is_taken_back() {
    let mut desk = Desk::placed();
    desk.must(hand_over(1, &[(1, 3)]));
    desk.must(TakePayment { id: fact_id(2), payment: dollars("59.97") });
    let status = waybill_shared::order::status::of(desk.order());
    assert_eq!((status.order, status.money), (OrderState::Disputed, MoneyState::Unpaid));
    assert_eq!(status.disputes, ["$ 59.97 were taken, but the order is in EUR."]);
    assert_eq!(amounts::open(desk.order()), amount("59.97"));
    let booked = entries(desk.order(), &Worth::of(desk.order()));
    assert!(booked.iter().all(|entry| entry.measure != Measure::Paid), "{booked:?}");

    desk.must(reverse(3, 2));
    assert_eq!(state(&desk), (OrderState::Placed, Fulfilment::Delivered, MoneyState::Unpaid));
    desk.must(take_payment(4, "59.97"));
    assert_eq!(state(&desk), (OrderState::Closed, Fulfilment::Delivered, MoneyState::Paid));

    // Pending dollars are no money on its way to an order in euros.
    let mut waits = Desk::placed();
    let pending = Payment { state: PaymentState::Pending, ..dollars("59.97") };
    waits.must(TakePayment { id: fact_id(1), payment: pending });
    assert_eq!(state(&waits), (OrderState::Placed, Fulfilment::Open, MoneyState::Unpaid));
}

#[test]
fn a_sale_with_a_payment_in_another_currency_is_malformed() {
    let mut sold = chair_sale();
    sold.sale.payments.insert(fact_id(2), dollars("59.97"));
    let findings = sold.check();
    assert_eq!(findings.len(), 1, "{findings:?}");
    let field = format!("payments/{}/currency", fact_id(2));
    assert_eq!(findings[0].field.as_deref(), Some(field.as_str()));
    assert_eq!(findings[0].what, "The sale is in EUR, this payment in USD.");
}

/// Three chairs over the counter, paid in cash.
fn chair_sale() -> RecordSale {
    RecordSale {
        id: fact_id(1),
        sale: Sale {
            receipt: "T1-R7".into(),
            link: None,
            channel: "shop".into(),
            location: waybill_shared::id::LocationId::new(uuid(3)),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines: BTreeMap::from([(line_id(1), line("Oak chair"))]),
            payments: BTreeMap::from([(fact_id(2), payment("59.97"))]),
            change: Amount::ZERO,
        },
    }
}
