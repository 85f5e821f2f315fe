//! What is made has an id, and numbers stay where everything that is computed of them is exact.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use waybill_shared::{
    command::Command,
    customer,
    finding::Rule,
    id::*,
    kind::DocKind,
    money::{Amount, Currency},
    order::{
        Discount, Line, Sale,
        amounts::{self, Totals},
        commands::*,
        fact::NotDeliveredReason,
        revenue::{Measure, Worth, entries},
    },
    product,
    protocol::limits,
    settings,
};

use crate::common::*;

fn sale(lines: BTreeMap<LineId, Line>, payments: BTreeMap<FactId, &str>) -> RecordSale {
    RecordSale {
        id: fact_id(1),
        sale: Sale {
            receipt: "T1-R7".into(),
            link: None,
            channel: "shop".into(),
            location: LocationId::new(uuid(3)),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines,
            payments: payments.into_iter().map(|(id, paid)| (id, payment(paid))).collect(),
            change: Amount::ZERO,
        },
    }
}

fn costs(id: PriceId, price: &str) -> Command {
    let from = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
    let price = amount(price);
    product::SetPrice { id, price, currency: Currency::EUR, tax_included: true, from }.into()
}

#[test]
fn what_is_made_needs_an_id_and_a_client_without_documents_is_given_it() {
    let lines = || BTreeMap::from([(LineId::NIL, line("Oak chair"))]);
    let nil = FactId::NIL;
    let table: Vec<(Command, &[&str])> = vec![
        (Create { lines: lines(), ..create() }.into(), &["lines/"]),
        (AddLine { id: LineId::NIL, line: line("Oak chair") }.into(), &["id"]),
        (Note { id: nil, text: "ring twice".into() }.into(), &["id"]),
        (HandOver { id: nil, ..hand_over(1, &[(1, 1)]) }.into(), &["id"]),
        (NotDelivered { id: nil, reason: NotDeliveredReason::NobodyThere, note: None }.into(), &["id"]),
        (TakePayment { id: nil, payment: payment("5") }.into(), &["id"]),
        (
            RecordSale { id: nil, ..sale(lines(), BTreeMap::from([(nil, "5")])) }.into(),
            &["id", "lines/", "payments/"],
        ),
        (Reverse { id: nil, ..reverse(1, 2) }.into(), &["id"]),
        (costs(PriceId::NIL, "5"), &["id"]),
        (customer::ContactNote { id: nil, text: "rang".into() }.into(), &["id"]),
    ];
    for (mut command, fields) in table {
        let named = |field: &&str| match field.strip_suffix('/') {
            Some(map) => format!("{map}/{}", LineId::NIL),
            None => (*field).to_owned(),
        };
        let told: Vec<_> = command.check().into_iter().map(|told| (told.rule, told.field)).collect();
        let expected: Vec<_> = fields.iter().map(|field| (Rule::Malformed, Some(named(field)))).collect();
        assert_eq!(told, expected, "{}", command.name());
        let mut n = 0x900;
        command.complete(&mut || {
            n += 1;
            uuid(n)
        });
        assert_eq!(command.check(), [], "{}", command.name());
    }
    let of_no_line = HandOver { lines: BTreeMap::from([(LineId::NIL, pieces(1))]), ..hand_over(1, &[]) };
    assert_eq!(rules_of(&of_no_line.into()), [Rule::Malformed]);
}

fn rules_of(command: &Command) -> Vec<Rule> {
    command.check().into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn numbers_beyond_any_business_are_malformed_and_those_just_below_are_not() {
    let priced = |price: &str| Line { price: amount(price), ..line("Oak chair") };
    let many = |count: i64| Line { quantity: pieces(count), ..line("Oak chair") };
    let off = |discount: &str| Line { discount: discount.parse().expect("a discount"), ..line("Oak chair") };
    let taxed = |rate: &str| {
        let mut taxed = line("Oak chair");
        taxed.tax.rate = amount(rate);
        taxed
    };
    let adds = |line: Line| Command::from(AddLine { id: line_id(1), line });
    let pays = |paid: &str| Command::from(take_payment(1, paid));
    let gives_back = |change: &str| {
        let mut sold = sale(BTreeMap::from([(line_id(1), line("Oak chair"))]), BTreeMap::new());
        sold.sale.change = amount(change);
        Command::from(sold)
    };
    let yen = |paid: &str| {
        let mut pays = take_payment(1, paid);
        pays.payment.currency = "JPY".parse().expect("a currency");
        Command::from(pays)
    };
    let costs = |price: &str| costs(PriceId::new(uuid(5)), price);
    let table = [
        (adds(priced("10000000000")), adds(priced("10000000000.01"))),
        (adds(many(limits::QUANTITY)), adds(many(limits::QUANTITY + 1))),
        (adds(off("33.333%")), adds(off("33.3333%"))),
        (adds(off("10000000000")), adds(off("10000000001"))),
        (adds(off("0.0001")), adds(off("0.00001"))),
        (adds(taxed("8.8625")), adds(taxed("8.86251"))),
        (set_quantity(1, 3, limits::QUANTITY).into(), set_quantity(1, 3, i64::MAX).into()),
        (hand_over(1, &[(1, limits::QUANTITY)]).into(), hand_over(1, &[(1, limits::QUANTITY + 1)]).into()),
        (pays("1000000000000"), pays("1000000000000.01")),
        (pays("-1000000000000"), pays("-100000000000000000000000000")),
        (yen("100000000000000"), yen("100000000000001")),
        (gives_back("1000000000000"), gives_back("1000000000000.01")),
        (costs("10000000000"), costs("10000000000.0001")),
    ];
    for (fine, beyond) in table {
        assert_eq!(fine.check(), [], "{fine:?}");
        assert_eq!(rules_of(&beyond), [Rule::Malformed], "{beyond:?}");
    }
}

/// The largest line there may be is worth what it is, and the largest payments are shared over such lines to
/// the last coin, with all of the tax.
#[test]
fn within_the_bounds_everything_is_exact() {
    let mut largest = line("Oak chair");
    largest.quantity = pieces(limits::QUANTITY);
    largest.price = amount("9999999999.9999");
    largest.discount = Discount::Percent(amount("33.333"));
    largest.tax.rate = amount("99.9999");
    largest.tax.included = false;
    let exact = |mantissa: i128, scale| Amount::new(Decimal::from_i128_with_scale(mantissa, scale));
    // 99,999,999,999,999 × 10^9 ten-thousandths, less 33.333 %.
    let net = exact(99_999_999_999_999 * 1_000_000_000 * 66_667, 9).rounded(2);
    let tax_mantissa = net.fixed(2).replace('.', "").parse::<i128>().expect("coins") * 999_999;
    let tax = exact(tax_mantissa, 8).rounded(2);
    assert_eq!(amounts::line(&largest), Totals { net, tax, gross: net + tax });

    let mut desk = Desk::new(DocKind::Order);
    let lines = (1..=3).map(|n| (line_id(n), largest.clone())).collect();
    let payments = (10..13).map(|n| (fact_id(n), "1000000000000")).collect();
    let sold = sale(lines, payments);
    assert_eq!(Command::from(sold.clone()).check(), []);
    desk.must(sold);
    let order = desk.order();
    let paid: Vec<_> = entries(order, &Worth::of(order))
        .into_iter()
        .filter(|entry| entry.measure == Measure::Paid)
        .collect();
    assert_eq!(paid.len(), 9, "each payment on each line, and none beside them");
    let (first, sum) = (paid[0].worth, paid.iter().map(|entry| entry.worth).sum::<Totals>());
    assert_eq!(sum.gross, amount("3000000000000"));
    // Of each coin paid the part that is tax is rate ÷ (100 + rate).
    let part = first.gross.checked_mul(amount("99.9999")).and_then(|tax| tax.checked_div(amount("199.9999")));
    assert_eq!(first.tax, part.expect("a part").rounded(2));
}

#[test]
fn a_line_under_the_nil_id_and_money_on_no_line_are_one_entry() {
    // As no command can make it any more, and as an older document may have it.
    let mut desk = Desk::new(DocKind::Order);
    let huge = "100000000000000000000000000";
    let mut chairs = line("Oak chair");
    chairs.price = amount("1000000000");
    desk.must(sale(BTreeMap::from([(LineId::NIL, chairs)]), BTreeMap::from([(fact_id(2), huge)])));
    let order = desk.order();
    let paid: Vec<_> = entries(order, &Worth::of(order))
        .into_iter()
        .filter(|entry| entry.measure == Measure::Paid)
        .collect();
    assert_eq!(paid.len(), 1, "{paid:?}");
    assert_eq!(paid[0].worth.gross, amount(huge));
}

/// Where the form of an argument allows no more, a limit in Settings that is higher would promise what is refused.
#[test]
fn no_limit_in_settings_is_above_what_any_argument_may_be() {
    use settings::Field;
    use waybill_shared::quantity::Quantity;
    let table: Vec<(Field, Option<&str>)> = vec![
        (Field::MaxQuantity(Quantity::new(limits::QUANTITY)), None),
        (Field::MaxQuantity(Quantity::new(limits::QUANTITY + 1)), Some("quantity")),
        (Field::MaxPrice(Amount::from_minor(limits::PRICE, 0)), None),
        (Field::MaxPrice(Amount::from_minor(limits::PRICE + 1, 0)), Some("price")),
        (Field::MaxPrice(amount("0.00001")), Some("price")),
        (Field::MaxDiscount(amount("12.345")), None),
        (Field::MaxDiscount(amount("12.3456")), Some("discount")),
        (Field::Company("\u{3164}".into()), Some("company")),
    ];
    for (field, wrong) in table {
        let command: Command = settings::SetField { field: field.clone() }.into();
        let told: Vec<_> = command.check().into_iter().filter_map(|told| told.field).collect();
        assert_eq!(told.first().map(String::as_str), wrong, "{field:?}: {told:?}");
    }
}
