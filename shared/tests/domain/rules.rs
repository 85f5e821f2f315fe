//! What speaks against an edit: limits, locks, right, form. Rules return all they find.

use waybill_shared::{
    command::Command,
    customer,
    finding::Rule,
    id::{CustomerId, OrderId},
    kind::DocKind,
    location,
    money::Amount,
    order::{Address, Contact, Line, commands::*},
    product,
    quantity::Unit,
    rules::{Credit, Surroundings, judge, roles::Role},
    settings::{self, Settings},
    view::View,
};

use crate::{business::*, common::*};

fn with_line(line: Line) -> Desk {
    let mut desk = Desk::new(DocKind::Order);
    desk.must(Create { lines: [(line_id(1), line)].into(), ..create() });
    desk
}

#[test]
fn quantities_prices_and_discounts_stay_within_the_limits() {
    let desk = Desk::with_order();
    let quantity = |now| set_quantity(1, 3, now).into();
    let price = |now: &str| SetPrice { line: line_id(1), was: amount("19.99"), now: amount(now) }.into();
    let off = |now: &str| {
        let now = now.parse().expect("a discount");
        SetDiscount { line: line_id(1), was: Default::default(), now }.into()
    };
    let table: [(Command, Option<&str>); 9] = [
        (quantity(100), None),
        (quantity(101), Some("quantity")),
        (price("1000"), None),
        (price("1000.01"), Some("price")),
        (off("30%"), None),
        (off("30.01%"), Some("discount")),
        (off("17.99"), None),
        (off("18.00"), Some("discount")),
        (
            AddLine { id: line_id(2), line: Line { quantity: pieces(500), ..line("Stool") } }.into(),
            Some("quantity"),
        ),
    ];
    for (command, field) in table {
        let findings = told(&desk, command.clone(), &Business::default());
        let fields: Vec<_> =
            findings.iter().map(|f| f.field.as_deref().unwrap_or("").rsplit('/').next()).collect();
        assert_eq!(fields, field.into_iter().map(Some).collect::<Vec<_>>(), "{command:?}");
        assert!(findings.iter().all(|finding| finding.rule == Rule::OutsideLimits));
    }
}

#[test]
fn an_order_may_be_made_outside_the_limits_but_not_placed_and_all_findings_are_given() {
    let mut desk = Desk::new(DocKind::Order);
    let dear = Line {
        quantity: pieces(101),
        price: amount("2000"),
        discount: "31%".parse().expect("a discount"),
        ..line("Table")
    };
    let made = Create { lines: [(line_id(1), dear)].into(), ..create() };
    assert_eq!(told(&desk, made.clone(), &Business::default()), []);
    desk.must(made);
    let findings = told(&desk, Place {}, &Business::default());
    assert_eq!(findings.len(), 3);
    assert_eq!(findings[0].what, "101 pc of “Table” are more than the most allowed, 100 pc.");
    assert_eq!(findings[1].what, "The price 2000 of “Table” is above the highest allowed, 1000.");
    assert_eq!(findings[2].what, "A discount of 31 % on “Table” is above the largest allowed, 30 %.");
}

#[test]
fn what_stood_above_a_limit_before_may_be_lowered() {
    let desk = with_line(Line { quantity: pieces(500), ..line("Nails") });
    assert_eq!(told(&desk, set_quantity(1, 500, 400), &Business::default()), []);
    let raised = told(&desk, set_quantity(1, 500, 501), &Business::default());
    assert_eq!(raised.len(), 1);
}

#[test]
fn two_legal_edits_do_not_add_up_to_an_illegal_one() {
    // 15.00 off three chairs is a quarter; the quantity then falls to one, where it is three quarters.
    let mut desk = Desk::with_order();
    desk.must(SetDiscount {
        line: line_id(1),
        was: Default::default(),
        now: "15".parse().expect("a discount"),
    });
    let findings = told(&desk, set_quantity(1, 3, 1), &Business::default());
    assert_eq!(rules(&findings).len(), 1);
    assert_eq!(findings[0].what, "A discount of 75.04 % on “Oak chair” is above the largest allowed, 30 %.");
}

#[test]
fn without_settings_the_limits_that_come_with_the_program_hold() {
    struct Nothing;
    impl Surroundings for Nothing {
        fn settings(&self) -> Option<&Settings> {
            None
        }
        fn credit(&self, _: CustomerId, _: OrderId) -> Option<Credit> {
            None
        }
    }
    let before = Desk::with_order();
    let mut after = before.clone();
    let command: Command = set_quantity(1, 3, 1_000_001).into();
    after.must(command.clone());
    let ctx = context(9, ANNA);
    let findings = judge(&command, &ctx, &[Role::Sales], &before.view, &after.view, order_addr(), &Nothing);
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::OutsideLimits]);
}

#[test]
fn a_line_is_fixed_once_some_of_it_was_handed_over_and_the_address_once_anything_was() {
    let mut desk = Desk::placed();
    desk.must(AddLine { id: line_id(2), line: line("Beech stool") });
    let price = |line| SetPrice { line: line_id(line), was: amount("19.99"), now: amount("18") }.into();
    let off = |line| {
        SetDiscount { line: line_id(line), was: Default::default(), now: "5%".parse().expect("a discount") }
            .into()
    };
    let street = waybill_shared::order::Address { street: Some("Elm Row 2".into()), ..Default::default() };
    let address: Command = SetAddress { was: Default::default(), now: street }.into();
    let commands: Vec<(Command, Rule)> = vec![
        (set_quantity(1, 3, 4).into(), Rule::LineLocked),
        (price(1), Rule::LineLocked),
        (off(1), Rule::LineLocked),
        (RemoveLine { line: line_id(1) }.into(), Rule::LineLocked),
        (address, Rule::AddressLocked),
    ];
    for (command, _) in &commands {
        assert_eq!(told(&desk, command.clone(), &Business::default()), [], "before: {}", command.name());
    }
    desk.must(hand_over(1, &[(1, 1)]));
    for (command, rule) in &commands {
        let findings = told(&desk, command.clone(), &Business::default());
        assert_eq!(findings.iter().map(|f| f.rule).collect::<Vec<_>>(), [*rule], "{}", command.name());
    }
    let others: [Command; 5] = [
        set_quantity(2, 3, 4).into(),
        price(2),
        off(2),
        RemoveLine { line: line_id(2) }.into(),
        AddLine { id: line_id(3), line: line("Shelf") }.into(),
    ];
    for command in others {
        assert_eq!(told(&desk, command.clone(), &Business::default()), [], "still open: {}", command.name());
    }
    desk.must(reverse(2, 1));
    for (command, _) in commands {
        assert_eq!(told(&desk, command.clone(), &Business::default()), [], "taken back: {}", command.name());
    }
}

#[test]
fn the_lines_of_a_cancelled_order_stay_as_they_are() {
    let mut desk = Desk::placed();
    desk.must(AddLine { id: line_id(2), line: line("Beech stool") });
    let discount = "5%".parse().expect("a discount");
    let commands: [Command; 5] = [
        AddLine { id: line_id(3), line: line("Shelf") }.into(),
        set_quantity(1, 3, 4).into(),
        SetPrice { line: line_id(1), was: amount("19.99"), now: amount("18") }.into(),
        SetDiscount { line: line_id(1), was: Default::default(), now: discount }.into(),
        RemoveLine { line: line_id(1) }.into(),
    ];
    for command in &commands {
        assert_eq!(told(&desk, command.clone(), &Business::default()), [], "before: {}", command.name());
    }
    desk.must(Cancel { reason: "no longer wanted".into() });
    for command in commands {
        let findings = told(&desk, command.clone(), &Business::default());
        assert_eq!(rules(&findings), [(Rule::WrongStep, "")], "{}", command.name());
        assert!(findings[0].what.contains("cancelled"), "{}", findings[0].what);
    }
}

#[test]
fn an_order_is_given_to_who_drives_as_far_as_that_is_known() {
    let desk = Desk::placed();
    let assign = |driver| AssignDriver { driver, round: None };
    for (drives, refused) in [(None, false), (Some(true), false), (Some(false), true)] {
        let business = Business { drives, ..Business::default() };
        let findings = told(&desk, assign(Some(person(BEN))), &business);
        assert_eq!(!findings.is_empty(), refused, "{drives:?}");
        assert_eq!(told(&desk, assign(None), &business), [], "off a driver it may always be taken");
    }
}

#[test]
fn a_barcode_is_one_products_and_another_currency_needs_prices_in_it() {
    let mut desk = Desk::new(DocKind::Product);
    let create = product::Create {
        number: "401".into(),
        name: "Oak chair".into(),
        description: String::new(),
        category: String::new(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: [("4006381333931".to_owned(), true)].into(),
    };
    let taken = Business { barcoded: Some("Wool rug".into()), ..Business::default() };
    let told_of = |findings: Vec<waybill_shared::finding::Finding>| {
        assert_eq!(rules(&findings), [(Rule::NumberTaken, "barcode")]);
        assert!(findings[0].what.contains("“Wool rug”"), "{}", findings[0].what);
    };
    told_of(told(&desk, create.clone(), &taken));
    assert_eq!(told(&desk, create.clone(), &Business::default()), []);
    desk.must(create);
    let code = |field| product::SetField { field };
    told_of(told(&desk, code(product::Field::AddBarcode("1".into())), &taken));
    assert_eq!(told(&desk, code(product::Field::RemoveBarcode("4006381333931".into())), &taken), []);

    let desk = Desk::new(DocKind::Settings);
    let change = settings::SetField { field: settings::Field::Currency("CHF".parse().expect("one")) };
    let unpriced = Business { without_price: 3, ..Business::default() };
    let findings = told_as(&[Role::Admin], &desk, change.clone(), &unpriced);
    assert_eq!(rules(&findings), [(Rule::WrongStep, "currency")]);
    assert!(findings[0].what.starts_with("3 products have a price, but none in CHF"), "{}", findings[0].what);
    assert_eq!(told_as(&[Role::Admin], &desk, change, &Business::default()), []);
}

#[test]
fn a_cancellation_that_meets_a_hand_over_is_refused() {
    // Made apart: neither saw the other. The merged order shows both.
    let before = Desk::placed();
    let mut handed = before.clone();
    handed.must(hand_over(1, &[(1, 1)]));
    let command: Command = Cancel { reason: "no longer wanted".into() }.into();
    let (written, made) =
        waybill_shared::make::make(&before.doc, &before.view, &command, &context(50, BEN), actor(2))
            .expect("runs where nothing was handed over");
    drop(written);
    let base = waybill_shared::redo::Base::Deps(&made.deps);
    let redone = redo(&handed.doc, &handed.view, &command, &context(50, BEN), Some(&made), base, actor(9))
        .expect("merges");
    let findings = judge(
        &command,
        &context(50, BEN),
        &[Role::Manager],
        &handed.view,
        &redone.view,
        order_addr(),
        &Business::default(),
    );
    assert_eq!(findings.iter().map(|f| f.rule).collect::<Vec<_>>(), [Rule::WrongStep]);
}

#[test]
fn facts_are_judged_by_form_and_right_alone() {
    let mut desk = Desk::with_order();
    desk.must(Cancel { reason: "no longer wanted".into() });
    let facts: [Command; 3] =
        [hand_over(1, &[(1, 50)]).into(), take_payment(2, "100000").into(), reverse(3, 77).into()];
    for fact in facts {
        assert_eq!(told(&desk, fact.clone(), &credit(Some("0"), "0")), [], "{}", fact.name());
    }
    let findings = told_as(&[Role::Analyst], &desk, take_payment(4, "1"), &Business::default());
    assert_eq!(rules(&findings), [(Rule::NotPermitted, "")]);
    let findings = told(&desk, take_payment(5, "0"), &Business::default());
    assert_eq!(rules(&findings), [(Rule::Malformed, "payment/amount")]);
}

#[test]
fn form_and_right_are_told_together() {
    let nothing = HandOver { lines: Default::default(), ..hand_over(1, &[]) };
    let findings = told_as(&[Role::Service], &Desk::placed(), nothing, &Business::default());
    assert_eq!(rules(&findings), [(Rule::Malformed, "lines"), (Rule::NotPermitted, "")]);
}

#[test]
fn keys_without_a_name_are_told_in_every_command_that_has_them() {
    use waybill_shared::{customer, product, settings};
    let json = |text: &str| serde_json::from_str::<Command>(text).expect("reads");
    let table = [
        (json(r#"{"order.tag/1": {"tag": " "}}"#), "tag"),
        (json(r#"{"order.set_reference/1": {"name": "", "value": "7"}}"#), "name"),
        (json(r#"{"customer.create/1": {"name": "Weber", "addresses": {"": {}}}}"#), "address name"),
        (json(r#"{"product.create/1": {"name": "Chair", "barcodes": {"": true}}}"#), "barcode"),
        (
            json(
                r#"{"settings.create/1": {"company": "W", "zone": "UTC", "currency": "EUR", "no_customer": {"": true}}}"#,
            ),
            "channel",
        ),
        (
            settings::SetField {
                field: settings::Field::TaxClass {
                    key: "x".repeat(65),
                    class: settings::TaxClass { name: "Standard".into(), rate: amount("19") },
                },
            }
            .into(),
            "tax class",
        ),
        (product::SetField { field: product::Field::AddBarcode(String::new()) }.into(), "barcode"),
        (
            customer::SetField {
                field: customer::Field::Address { name: String::new(), address: Default::default() },
            }
            .into(),
            "address name",
        ),
    ];
    for (command, field) in table {
        assert_eq!(rules(&command.check()), [(Rule::Malformed, field)], "{}", command.name());
    }
}

#[test]
fn a_fact_is_taken_back_by_its_author_the_same_day_else_by_a_manager() {
    let mut desk = Desk::placed();
    desk.by = BEN;
    desk.must(take_payment(1, "20"));
    let fact = &desk.order().facts[&fact_id(1)];
    assert_eq!(fact.person, person(BEN));

    // The day it is booked under says nothing, either way.
    let judged = |roles: &[Role], by: u128, days: i64, of: u128| -> Vec<String> {
        let mut ctx = context(60, by);
        ctx.at = ctx.at.plus_ms(days * 86_400_000);
        if days < 0 {
            ctx.booked = waybill_shared::time::Booked::on(ctx.booked.day - chrono::Days::new(5));
        }
        let command: Command = reverse(2, of).into();
        judge(&command, &ctx, roles, &desk.view, &desk.view, order_addr(), &Business::default())
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(judged(&[Role::Shop], BEN, 0, 1), none);
    assert_eq!(judged(&[Role::Shop], BEN, 1, 1), ["This was entered on another day."]);
    assert_eq!(judged(&[Role::Shop], BEN, -1, 1), ["This was entered on another day."]);
    let early = judge(
        &reverse(2, 1).into(),
        &context(1, BEN),
        &[Role::Shop],
        &desk.view,
        &desk.view,
        order_addr(),
        &Business::default(),
    );
    assert_eq!(early[0].what, "By its clock the device entered something else after this.");
    assert_eq!(judged(&[Role::Shop], ANNA, 0, 1), ["This was not entered by you."]);
    assert_eq!(judged(&[Role::Shop], BEN, 0, 99), ["This was not entered by you."]);
    assert_eq!(judged(&[Role::Manager], ANNA, 3, 1), none);
    assert_eq!(judged(&[Role::Admin], ANNA, 0, 99), none);
}

#[test]
fn a_request_needs_what_it_is_about() {
    let table: [(DocKind, Command, &str); 3] = [
        (DocKind::Order, Tag { tag: "x".into() }.into(), "This order does not exist here."),
        (
            DocKind::Customer,
            waybill_shared::customer::SetField {
                field: waybill_shared::customer::Field::Group("b2b".into()),
            }
            .into(),
            "This customer does not exist here.",
        ),
        (
            DocKind::Product,
            waybill_shared::product::Retire { retired: true }.into(),
            "This product does not exist here.",
        ),
    ];
    for (kind, command, what) in table {
        let findings = told(&Desk::new(kind), command, &Business::default());
        assert_eq!(findings.iter().map(|f| f.what.as_str()).collect::<Vec<_>>(), [what]);
        assert_eq!(findings[0].rule, Rule::NotThere);
    }
    let empty = Desk::new(DocKind::CustomerTerms);
    let limit = waybill_shared::customer::SetCreditLimit {
        limit: Some(Amount::HUNDRED),
        currency: waybill_shared::money::Currency::EUR,
    };
    assert_eq!(told(&empty, limit, &Business::default()), [], "terms need no making");
    assert!(matches!(empty.view, View::CustomerTerms(_)));
}

#[test]
fn nothing_is_made_a_second_time_under_one_id() {
    let product = product::Create {
        number: "400".into(),
        name: "Oak chair".into(),
        description: String::new(),
        category: String::new(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: Default::default(),
    };
    let customer = customer::Create {
        number: "C-1".into(),
        name: "Weber".into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Contact::default(),
        addresses: Default::default(),
    };
    let place = location::Create {
        code: "S1".into(),
        name: "Shop".into(),
        kind: location::LocationKind::Shop,
        address: Address::default(),
    };
    let table: [(&str, Command); 4] = [
        ("order", create().into()),
        ("product", product.into()),
        ("customer", customer.into()),
        ("place", place.into()),
    ];
    for (thing, making) in table {
        let mut desk = Desk::new(making.of());
        assert_eq!(told_as(&[Role::Admin], &desk, making.clone(), &Business::default()), [], "{thing}");
        desk.must(making.clone());
        let findings = told_as(&[Role::Admin], &desk, making.clone(), &Business::default());
        assert_eq!(rules(&findings), [(Rule::Malformed, "document")], "{thing}");
        assert_eq!(
            findings[0].what,
            format!("This number is already used: another {thing} was made under it.")
        );
        // Run again all the same, as when its device builds the document anew, it writes nothing.
        assert_eq!(desk.must(making), None, "{thing}");
    }
}
