//! A series of receipts, and what is seen when somebody has been at it.

use std::collections::BTreeMap;

use waybill_shared::{
    doc::Hash,
    id::{DeviceId, LocationId},
    money::{Amount, Currency},
    order::{
        Sale,
        receipt::{Link, Receipts},
    },
    session::store::Meta,
};

use crate::common::*;

fn till() -> DeviceId {
    DeviceId::new(uuid(0xde00))
}

fn sold(nth: u32, before: Option<Hash>) -> Sale {
    let mut sale = Sale {
        receipt: format!("T1-R{nth}"),
        link: None,
        channel: "shop".into(),
        location: LocationId::new(uuid(3)),
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        lines: BTreeMap::from([(line_id(u128::from(nth)), line("Oak chair"))]),
        payments: BTreeMap::from([(fact_id(u128::from(nth)), payment("59.97"))]),
        change: Amount::ZERO,
    };
    sale.link = Some(Link::new("T1".into(), nth, before, &sale));
    sale
}

fn series(count: u32) -> Vec<Sale> {
    let mut before = None;
    let one = |nth| {
        let sale = sold(nth, before);
        before = sale.link.as_ref().map(|link| link.hash);
        sale
    };
    (1..=count).map(one).collect()
}

fn wrong(sales: &[Sale]) -> Vec<String> {
    let mut receipts = Receipts::default();
    sales.iter().for_each(|sale| receipts.note(till(), sale, false));
    receipts.wrong(&[])
}

#[test]
fn a_whole_series_says_nothing_in_whatever_order_it_is_read() {
    let mut sales = series(5);
    assert_eq!(wrong(&sales), Vec::<String>::new());
    sales.reverse();
    sales.extend(series(2));
    assert_eq!(wrong(&sales), Vec::<String>::new(), "the same receipt twice is one");
}

#[test]
fn whatever_is_changed_left_out_or_put_in_between_is_seen() {
    type Deed = fn(&mut Vec<Sale>);
    let device = "0000000000000000000000000000de00";
    let table: [(&str, Deed, String); 9] = [
        (
            "a price",
            |s| one_line(&mut s[2]).price = amount("9.99"),
            "receipt T1-R3: it is not what was printed".into(),
        ),
        (
            "a quantity",
            |s| one_line(&mut s[2]).quantity = pieces(1),
            "receipt T1-R3: it is not what was printed".into(),
        ),
        (
            "a name",
            |s| one_line(&mut s[2]).name = "Chair".into(),
            "receipt T1-R3: it is not what was printed".into(),
        ),
        ("a payment", |s| s[2].payments.clear(), "receipt T1-R3: it is not what was printed".into()),
        (
            "the number",
            |s| s[2].receipt = "T1-R33".into(),
            "receipt T1-R33: it is not what was printed".into(),
        ),
        ("left out", |s| drop(s.remove(2)), format!("receipts T1 of device {device}: number 3 is missing")),
        (
            "two left out",
            |s| drop(s.drain(1..3)),
            format!("receipts T1 of device {device}: numbers 2 to 3 are missing"),
        ),
        ("printed anew", |s| s[2] = sold(3, None), "receipt T1-R3: it does not follow the one before".into()),
        ("put beside", |s| s.push(sold(3, None)), "receipt T1-R3: T1-R3 has the place 3 too".into()),
    ];
    for (what, deed, expected) in table {
        let mut sales = series(5);
        deed(&mut sales);
        assert_eq!(wrong(&sales).first(), Some(&expected), "{what}");
    }
}

fn one_line(sale: &mut Sale) -> &mut waybill_shared::order::Line {
    sale.lines.values_mut().next().expect("a line")
}

#[test]
fn each_device_has_series_of_its_own_and_a_copy_begins_another() {
    let mut receipts = Receipts::default();
    for device in [till(), DeviceId::new(uuid(0xde01))] {
        series(3).iter().for_each(|sale| receipts.note(device, sale, false));
    }
    assert_eq!(receipts.wrong(&[]), Vec::<String>::new());

    let mut meta = Meta { last_receipt: 7, receipt: Some(Hash([1; 32])), ..Meta::default() };
    struct Sevens;
    impl waybill_shared::id::Entropy for Sevens {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    meta.begin_series(&mut Sevens);
    assert_eq!((meta.last_receipt, meta.receipt), (0, None));
}
