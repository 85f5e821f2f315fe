//! Amounts to the cent: the same numbers on screen, receipt and report.

use waybill_shared::{
    money::{Amount, Currency},
    order::{Line, Tax, amounts, commands::*},
    quantity::{Quantity, Unit},
};

use crate::common::*;

/// Three at 19.99, unless said otherwise.
fn of(quantity: i64, unit: Unit, price: &str, discount: &str, rate: &str, included: bool) -> Line {
    Line {
        quantity: Quantity::new(quantity),
        unit,
        price: amount(price),
        discount: discount.parse().expect("a discount"),
        tax: Tax { class: "standard".into(), rate: amount(rate), included },
        ..line("Oak chair")
    }
}

#[test]
fn a_line_is_rounded_once_half_away_from_zero_and_gross_is_net_plus_tax() {
    let piece = Unit::Piece;
    let table = [
        //   line                                                net      tax     gross
        (of(3, piece, "19.99", "0", "19", true), "50.39", "9.58", "59.97"),
        (of(3, piece, "19.99", "0", "19", false), "59.97", "11.39", "71.36"),
        (of(3, piece, "19.99", "10%", "19", true), "45.35", "8.62", "53.97"),
        (of(3, piece, "19.99", "5.00", "19", true), "46.19", "8.78", "54.97"),
        (of(3, piece, "19.99", "100%", "19", true), "0", "0", "0"),
        (of(1, piece, "0.125", "0", "0", false), "0.13", "0", "0.13"),
        (of(1, piece, "0.05", "0", "10", false), "0.05", "0.01", "0.06"),
        (of(1, piece, "10.7", "0", "7", true), "10", "0.7", "10.7"),
        (of(1500, Unit::Kilogram, "2.99", "0", "7", true), "4.2", "0.29", "4.49"),
        (of(333, Unit::Metre, "1", "0", "19", false), "0.33", "0.06", "0.39"),
        (of(7, piece, "0.0149", "0", "19", false), "0.1", "0.02", "0.12"),
        (of(1, piece, "100", "0", "0", true), "100", "0", "100"),
    ];
    for (line, net, tax, gross) in table {
        let sum = amounts::line(&line);
        let got = (sum.net.to_string(), sum.tax.to_string(), sum.gross.to_string());
        assert_eq!(got, (net.into(), tax.into(), gross.into()), "{line:?}");
        assert_eq!(sum.gross, sum.net + sum.tax);
    }
}

#[test]
fn money_without_coins_is_rounded_to_whole_units() {
    let yen = Line {
        currency: "JPY".parse().expect("a currency"),
        ..of(3, Unit::Piece, "333.5", "0", "10", false)
    };
    let sum = amounts::line(&yen);
    assert_eq!((sum.net, sum.tax, sum.gross), (amount("1001"), amount("100"), amount("1101")));
}

#[test]
fn parts_of_a_line_add_up_to_the_line_to_the_cent() {
    for discount in ["0", "10%", "33.3333%", "1.00", "2.95"] {
        for (price, rate, included) in [("19.99", "19", true), ("0.33", "7", false), ("1.0049", "19", true)] {
            let line = of(7, Unit::Piece, price, discount, rate, included);
            let whole = amounts::line(&line);
            let goods = |from: i64, to: i64| {
                amounts::part(&line, Quantity::new(to)) - amounts::part(&line, Quantity::new(from))
            };
            let parts: amounts::Totals =
                [(0, 1), (1, 3), (3, 4), (4, 7)].map(|(from, to)| goods(from, to)).into_iter().sum();
            assert_eq!(parts, whole, "{discount} off {price} at {rate} %");
        }
    }
}

#[test]
fn an_order_is_the_sum_of_its_lines_and_removed_ones_do_not_count() {
    let mut desk = Desk::with_order();
    desk.must(AddLine { id: line_id(2), line: of(2, Unit::Piece, "10", "50%", "19", false) });
    assert_eq!(amounts::total(desk.order()).gross, amount("71.87"));
    desk.must(RemoveLine { line: line_id(1) });
    assert_eq!(amounts::total(desk.order()).gross, amount("11.9"));
}

#[test]
fn what_is_owed_follows_payments_reversals_and_cancellation() {
    let mut desk = Desk::placed();
    let owes = |desk: &Desk| amounts::open(desk.order());
    assert_eq!(owes(&desk), amount("59.97"));
    desk.must(take_payment(1, "20"));
    assert_eq!(owes(&desk), amount("39.97"));
    desk.must(take_payment(2, "39.97"));
    assert_eq!(owes(&desk), Amount::ZERO);
    desk.must(reverse(3, 1));
    assert_eq!(owes(&desk), amount("20"));
    desk.must(take_payment(4, "-39.97"));
    desk.must(Cancel { reason: "no longer wanted".into() });
    assert_eq!(owes(&desk), Amount::ZERO, "nothing is owed for a cancelled order");
}

/// The office cancels; the driver, who has not heard of it, hands over. What the customer has is owed, no more.
#[test]
fn of_a_cancelled_order_what_was_delivered_is_owed() {
    let cancelled = || {
        let mut desk = Desk::placed();
        desk.must(Cancel { reason: "no longer wanted".into() });
        desk
    };
    let due = |desk: &Desk| amounts::due(desk.order()).to_string();
    let mut desk = cancelled();
    assert_eq!(due(&desk), "0");
    desk.must(hand_over(1, &[(1, 1)]));
    assert_eq!(due(&desk), "19.99");
    desk.must(hand_over(2, &[(1, 1)]));
    assert_eq!(due(&desk), "39.98");
    desk.must(take_payment(3, "9.98"));
    assert_eq!(amounts::open(desk.order()), amount("30"));
    desk.must(reverse(4, 1));
    assert_eq!(due(&desk), "19.99");
    desk.must(reverse(5, 2));
    assert_eq!(due(&desk), "0", "everything was taken back");

    // More than was ordered, and what is not in it: each at the worth that its fact tells.
    let mut more = cancelled();
    more.must(hand_over(1, &[(1, 5), (9, 4)]));
    assert_eq!(due(&more), "99.95");
    // Placed again it is an order like any other.
    let mut again = cancelled();
    again.must(hand_over(1, &[(1, 1)]));
    again.must(Place {});
    assert_eq!(due(&again), "59.97");
}

#[test]
fn a_pending_payment_is_not_money_yet() {
    let mut desk = Desk::placed();
    let mut pending = take_payment(1, "59.97");
    pending.payment.state = waybill_shared::order::PaymentState::Pending;
    desk.must(pending);
    assert_eq!(amounts::paid(desk.order()), Amount::ZERO);
    assert_eq!(desk.order().currency(), Currency::EUR);
}

#[test]
fn no_numbers_from_outside_can_make_amounts_panic() {
    let huge = "79228162514264337593543950335";
    for discount in ["0", "99%", huge] {
        for rate in ["0", "100", huge, "-100"] {
            for included in [true, false] {
                amounts::line(&of(i64::MAX, Unit::Piece, huge, discount, rate, included));
                amounts::line(&of(i64::MIN, Unit::Kilogram, huge, discount, rate, included));
            }
        }
    }
}
