//! Placing an order: lines, a customer, credit, and a manager's word.

use waybill_shared::{
    edit::Override,
    finding::Rule,
    kind::DocKind,
    order::{Line, commands::*},
    rules::{overridden, roles::Role},
};

use crate::{business::*, common::*};

#[test]
fn placing_needs_lines_and_a_customer_where_the_channel_needs_one() {
    let business = Business::default();
    let order = |channel: &str, customer: bool, lines: bool| {
        let mut desk = Desk::new(DocKind::Order);
        let made = create();
        desk.must(Create {
            channel: channel.into(),
            customer: made.customer.filter(|_| customer),
            lines: if lines { made.lines.clone() } else { Default::default() },
            ..made
        });
        desk
    };
    let table: [(&str, bool, bool, &[Rule]); 5] = [
        ("telephone", true, true, &[]),
        ("telephone", false, true, &[Rule::NoCustomer]),
        ("telephone", false, false, &[Rule::NoLines, Rule::NoCustomer]),
        ("shop", false, true, &[]),
        ("shop", true, false, &[Rule::NoLines]),
    ];
    for (channel, customer, lines, expected) in table {
        let findings = told(&order(channel, customer, lines), Place {}, &business);
        let found: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(found, expected, "{channel}, customer {customer}, lines {lines}");
    }
}

#[test]
fn the_last_line_of_a_placed_order_stays() {
    let findings = told(&Desk::placed(), RemoveLine { line: line_id(1) }, &Business::default());
    assert_eq!(findings.iter().map(|f| f.rule).collect::<Vec<_>>(), [Rule::NoLines]);
    assert_eq!(findings[0].remedy, "Leave a line in it, or cancel the order.");
    assert_eq!(told(&Desk::with_order(), RemoveLine { line: line_id(1) }, &Business::default()), []);
}

#[test]
fn placing_keeps_within_the_customers_credit() {
    // The order is worth 59.97.
    for (limit, exposure, fits) in [
        (None, "100000", true),
        (Some("100"), "40.03", true),
        (Some("100"), "40.04", false),
        (Some("0"), "0", false),
        (Some("60"), "-10", true),
    ] {
        let findings = told(&Desk::with_order(), Place {}, &credit(limit, exposure));
        assert_eq!(findings.is_empty(), fits, "{limit:?} with {exposure} open: {findings:?}");
    }
    let findings = told(&Desk::with_order(), Place {}, &credit(Some("100"), "50"));
    assert_eq!(findings[0].what, "The customer would owe 109.97 EUR; the credit limit is 100.00.");
}

#[test]
fn what_is_paid_already_needs_no_credit() {
    let mut desk = Desk::with_order();
    desk.must(take_payment(1, "59.97"));
    assert_eq!(told(&desk, Place {}, &credit(Some("0"), "0")), []);
}

#[test]
fn a_placed_order_is_not_raised_above_the_credit_but_may_be_lowered() {
    let tight = credit(Some("50"), "0");
    let raised = told(&Desk::placed(), set_quantity(1, 3, 4), &tight);
    assert_eq!(raised.iter().map(|f| f.rule).collect::<Vec<_>>(), [Rule::OverCredit]);
    assert_eq!(told(&Desk::placed(), set_quantity(1, 3, 2), &credit(Some("10"), "0")), []);
    assert_eq!(told(&Desk::with_order(), set_quantity(1, 3, 4), &tight), [], "a draft owes nothing");
}

#[test]
fn only_a_manager_with_a_reason_lets_credit_pass_and_nothing_else() {
    let findings = || {
        let mut desk = Desk::new(DocKind::Order);
        desk.must(Create {
            lines: [(line_id(1), Line { quantity: pieces(101), ..line("Chair") })].into(),
            ..create()
        });
        told(&desk, Place {}, &credit(Some("100"), "0"))
    };
    assert_eq!(rules(&findings()).len(), 2);
    let word = |reason: &str| Override { approver: person(ANNA), reason: reason.into() };
    let left = |word: Option<&Override>, roles: &[Role]| -> Vec<Rule> {
        overridden(findings(), word, roles).iter().map(|finding| finding.rule).collect()
    };
    let good = word("paid by tomorrow, phoned");
    let both = [Rule::OutsideLimits, Rule::OverCredit];
    assert_eq!(left(Some(&good), &[Role::Manager]), [Rule::OutsideLimits]);
    assert_eq!(left(Some(&good), &[Role::Shop, Role::Admin]), [Rule::OutsideLimits]);
    assert_eq!(left(Some(&good), &[Role::Sales]), both);
    assert_eq!(left(Some(&word("  ")), &[Role::Manager]), both);
    assert_eq!(left(None, &[Role::Manager]), both);
}
