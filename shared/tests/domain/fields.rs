//! An address set to another one is written, whatever the two look like; set to the same one, it is not.

use waybill_shared::{
    command::Command,
    location::{self, LocationKind},
    order::Address,
    view::View,
};

use crate::common::*;

fn place(address: Address) -> Desk {
    let create: Command =
        location::Create { code: "S1".into(), name: "Shop".into(), kind: LocationKind::Shop, address }.into();
    let mut desk = Desk::new(create.of());
    desk.must(create);
    desk
}

fn named(name: &str) -> Address {
    Address { name: Some(name.into()), ..Address::default() }
}

#[test]
fn an_address_that_reads_as_before_and_stands_elsewhere_is_another_one() {
    let on_the_street = Address { street: Some("Harbour 1".into()), ..Address::default() };
    assert_eq!(named("Harbour 1").to_string(), on_the_street.to_string(), "they read the same");
    for (now, writes) in [(named("Harbour 1"), false), (on_the_street, true)] {
        let mut desk = place(named("Harbour 1"));
        let moved = location::SetField { field: location::Field::Address(now.clone()) };
        assert_eq!(desk.must(moved).is_some(), writes);
        let View::Location(location) = &desk.view else { panic!("no location") };
        assert_eq!((&location.address, location.history.len()), (&now, usize::from(writes)));
    }
}
