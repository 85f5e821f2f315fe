//! The role table, cell by cell: every role and every command.

use std::collections::BTreeMap;

use waybill_shared::{
    command::Command,
    finding::Rule,
    kind::DocKind,
    order::commands::*,
    rules::roles::{Role, When, permits, table},
    view::View,
};

use crate::{common::*, golden};

#[test]
fn no_two_commands_have_one_name() {
    let mut names = Command::NAMES.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), table().count());
}

#[test]
fn each_role_may_what_the_table_says_and_is_told_who_may_otherwise() {
    let commands: BTreeMap<&str, Command> =
        golden::commands().into_iter().map(|command| (command.name(), command)).collect();
    for row in table() {
        let command = &commands[row.command];
        let strangers = match command.of() {
            DocKind::Order => Desk::placed().view,
            kind => Desk::new(kind).view,
        };
        let own = driven_by(BEN);
        for role in Role::ALL {
            let may = |view: &View| permits(&[role], command, person(BEN), view).is_none();
            let got = match command.of() {
                DocKind::Order => (may(&strangers), may(&own)),
                _ => (may(&strangers), may(&strangers)),
            };
            let expected = match row.when(role) {
                When::Always => (true, true),
                When::OwnOrders => (false, true),
                When::Never => (false, false),
            };
            assert_eq!(got, expected, "{} as {}", row.command, role.words());
            if !got.1 {
                let finding = permits(&[role], command, person(BEN), &strangers).expect("a finding");
                assert_eq!(finding.rule, Rule::NotPermitted);
                let who = format!("As {} you may not {}.", role.words(), row.does);
                assert_eq!(finding.what, who);
                assert!(finding.remedy.contains("admin"), "{}", finding.remedy);
            }
        }
        assert_eq!(row.when(Role::Admin), When::Always, "an admin may everything: {}", row.command);
        assert_eq!(row.when(Role::Analyst), When::Never, "an analyst only looks: {}", row.command);
    }
}

/// An order of three chairs on somebody's round.
fn driven_by(by: u128) -> View {
    let mut desk = Desk::placed();
    desk.must(AssignDriver { driver: Some(person(by)), round: None });
    desk.view
}

/// What a role may, in words; on own orders only is marked so.
fn may(role: Role) -> Vec<String> {
    let rows = table().filter_map(|row| match row.when(role) {
        When::Always => Some(row.does.to_owned()),
        When::OwnOrders => Some(format!("{} (own)", row.does)),
        When::Never => None,
    });
    rows.collect()
}

#[test]
fn the_narrow_roles_are_as_narrow_as_meant() {
    assert_eq!(
        may(Role::Driver),
        [
            "change an order's contact (own)",
            "tag an order (own)",
            "take a tag off an order (own)",
            "write a note on an order (own)",
            "put a photo or paper to an order (own)",
            "hand goods over (own)",
            "record that nothing was delivered (own)",
            "take a payment (own)",
            "sell over the counter (own)",
            "take an entry back (own)",
        ]
    );
    assert_eq!(
        may(Role::Warehouse),
        [
            "change an order's priority",
            "tag an order",
            "take a tag off an order",
            "give an order to a driver",
            "write a note on an order",
            "put a photo or paper to an order",
            "hand goods over",
            "record that nothing was delivered",
            "take an entry back",
        ]
    );
    assert_eq!(
        may(Role::Service),
        [
            "change an order's contact",
            "change an order's address",
            "change when an order is wanted",
            "change an order's references",
            "tag an order",
            "take a tag off an order",
            "cancel an order",
            "write a note on an order",
            "put a photo or paper to an order",
            "take an entry back",
            "make a customer",
            "change a customer",
            "note a contact with a customer",
        ]
    );
    assert_eq!(may(Role::Analyst), Vec::<String>::new());
    let lacks = |role: Role| -> Vec<&str> {
        table().filter(|row| row.when(role) != When::Always).map(|row| row.does).collect()
    };
    assert_eq!(lacks(Role::Manager), ["set the business up"]);
    assert_eq!(
        lacks(Role::Sales),
        [
            "record that nothing was delivered",
            "sell over the counter",
            "make a product",
            "set a product's price",
            "retire a product",
            "set a product's cost",
            "set a customer's credit limit",
            "make a shop, warehouse or van",
            "change a shop, warehouse or van",
            "set the business up",
            "change the settings",
            "change what is taken for likely",
        ]
    );
}

#[test]
fn several_roles_add_up_and_none_is_nothing() {
    let view = Desk::placed().view;
    let place = Place {}.into();
    let may = |roles: &[Role]| permits(roles, &place, person(BEN), &view).is_none();
    assert!(may(&[Role::Driver, Role::Sales]));
    assert!(!may(&[Role::Driver, Role::Analyst]));
    let finding = permits(&[], &place, person(BEN), &view).expect("a finding");
    assert_eq!(finding.what, "You have no role, so you may not place an order.");
}

#[test]
fn a_driver_sells_from_the_van_and_works_on_own_orders_only() {
    let driver = [Role::Driver];
    let commands = golden::commands();
    let sale = commands.iter().find(|command| command.name() == "order.record_sale/1").expect("there");
    let empty = Desk::new(DocKind::Order);
    assert_eq!(permits(&driver, sale, person(BEN), &empty.view), None, "a new van sale");

    // The payment on one's own van sale is one's own; on another's it is not.
    let mut sold = empty.clone();
    sold.by = BEN;
    sold.must(sale.clone());
    let pay = take_payment(60, "5").into();
    assert_eq!(permits(&driver, &pay, person(BEN), &sold.view), None);
    assert!(permits(&driver, &pay, person(ANNA), &sold.view).is_some());

    let finding = permits(&driver, &pay, person(BEN), &driven_by(ANNA)).expect("another's round");
    assert_eq!(finding.what, "A driver may take a payment only for orders of the own round.");
    assert_eq!(finding.remedy, "Ask the office to give you the order.");
}

#[test]
fn roles_are_read_as_they_are_written() {
    for role in Role::ALL {
        assert_eq!(role.words().parse(), Ok(role));
        let json = serde_json::to_string(&role).expect("writes");
        assert_eq!(json, format!("\"{}\"", role.words()));
    }
    let error = "boss".parse::<Role>().expect_err("no role");
    assert!(error.starts_with("“boss” is not a role: choose one of admin, manager"), "{error}");
}
