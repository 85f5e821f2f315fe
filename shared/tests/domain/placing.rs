//! Placing an order: lines, a customer, credit, and a manager's word.

use waybill_shared::{
    customer::TermsFields,
    edit::Override,
    finding::Rule,
    id::OrderId,
    kind::DocKind,
    money::Currency,
    order::{Line, commands::*},
    rules::{Credit, Owed, overridden, roles::Role},
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
    assert_eq!(findings[0].what, "The customer would owe € 109.97; the credit limit is € 100.00.");
}

#[test]
fn an_order_in_another_currency_than_the_credit_says_so_and_is_never_added_to_it() {
    let terms = |currency: Option<&str>, limit: Option<&str>| TermsFields {
        credit_limit: limit.map(amount),
        currency: currency.map(|code| code.parse().unwrap()),
    };
    let owed = |n: u128, open: &str, currency: &str| {
        (
            OrderId::new(uuid::Uuid::from_u128(n)),
            Owed { amount: amount(open), currency: currency.parse().unwrap() },
        )
    };
    // 40 EUR and 90 USD are open; the order that is judged is worth 59.97 EUR.
    let others = [owed(501, "40", "EUR"), owed(502, "90", "USD")];
    let [over, other]: [&[Rule]; 2] = [&[Rule::OverCredit], &[Rule::CreditCurrency]];
    for (currency, limit, exposure, expected) in [
        (Some("EUR"), Some("100"), "40", &[][..]),
        (Some("EUR"), Some("99"), "40", over),
        (None, Some("100"), "40", &[]),
        (Some("USD"), Some("1000"), "90", other),
        (Some("USD"), None, "90", &[]),
        (Some("JPY"), Some("1"), "0", other),
    ] {
        let credit = Credit::new(&terms(currency, limit), Currency::EUR, others, order_id());
        assert_eq!(credit.exposure, amount(exposure), "{currency:?}");
        let business = Business { credit: Some(credit), ..Business::default() };
        let told = told(&Desk::with_order(), Place {}, &business);
        let found: Vec<_> = told.iter().map(|finding| finding.rule).collect();
        assert_eq!(found, expected, "{currency:?} {limit:?}: {told:?}");
    }
    let dollars = Credit::new(&terms(Some("USD"), Some("1000")), Currency::EUR, others, order_id());
    let dollars = Business { credit: Some(dollars), ..Business::default() };
    let findings = told(&Desk::with_order(), Place {}, &dollars);
    assert_eq!(findings[0].what, "The order is in EUR; the customer's credit is in USD.");
    let word = Override { approver: person(ANNA), reason: "pays in euros on Friday".into() };
    assert_eq!(overridden(findings.clone(), Some(&word), &[Role::Manager]), []);
    assert_eq!(overridden(findings.clone(), Some(&word), &[Role::Sales]), findings);

    let mut paid = Desk::with_order();
    paid.must(take_payment(1, "59.97"));
    assert_eq!(told(&paid, Place {}, &dollars), [], "what is paid needs no credit");
}

#[test]
fn what_counts_against_credit_is_what_stands_and_what_was_delivered_of_what_was_cancelled() {
    let owed = |desk: &Desk| Owed::of(desk.order()).map(|owed| owed.amount.to_string());
    let mut desk = Desk::with_order();
    assert_eq!(owed(&desk), None, "a draft");
    desk.must(Place {});
    assert_eq!(owed(&desk).as_deref(), Some("59.97"));
    desk.must(Cancel { reason: String::new() });
    assert_eq!(owed(&desk), None);
    desk.must(hand_over(1, &[(1, 2)]));
    assert_eq!(owed(&desk).as_deref(), Some("39.98"));
    desk.must(take_payment(2, "39.98"));
    assert_eq!(owed(&desk), None);
    desk.must(reverse(3, 1));
    assert_eq!(owed(&desk), None, "money for nothing is a dispute, and no credit");
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
