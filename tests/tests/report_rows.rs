//! The report rows of one order, as tables: what was placed, delivered and paid, on which day, to the cent.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;
use waybill_server::reports::{OrderRow, RevenueRow, Rows, rows};
use waybill_shared::{
    id::{CustomerId, DeviceId, EntryId, Id, LineId, LocationId, OrderId, PersonId, ProductId},
    kind::DocAddr,
    money::{Amount, Currency},
    order::{
        Discount, Fact, Head, Line, Order, Payment, PaymentMethod, PaymentState, Sale, Shown, Step, StepKind,
        Tax, What, amounts, status,
    },
    quantity::{Quantity, Unit},
    time::{Month, Timestamp},
    view::View,
};

fn id<I: Id>(number: u128) -> I {
    I::from(Uuid::from_u128(number))
}

fn day(of_month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, of_month).unwrap()
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn piece(number: u128, quantity: i64, price: &str) -> (LineId, Line) {
    let line = Line {
        pos: number as i64,
        product: Some(ProductId::from(Uuid::from_u128(1000 + number))),
        name: format!("Product {number}"),
        quantity: Quantity::new(quantity),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: amount(price),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: amount("19"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    (id(number), line)
}

/// An order as it grows, one thing a day.
struct Story {
    order: Order,
    today: u32,
}

impl Story {
    fn order(lines: impl IntoIterator<Item = (LineId, Line)>) -> Self {
        let head = Head {
            number: "T1-1".into(),
            channel: "phone".into(),
            location: LocationId::from(Uuid::from_u128(7)),
            customer: Some(CustomerId::from(Uuid::from_u128(8))),
            customer_name: Some("Bakker".into()),
            currency: Currency::EUR,
            salesperson: id(9),
            quotation: false,
            at: Timestamp::from_unix_ms(1),
            day: day(1),
            month: Month::of(day(1)),
            person: id(9),
            device: DeviceId::NIL,
        };
        let order = Order { head: Some(head), lines: lines.into_iter().collect(), ..Order::default() };
        Self { order, today: 1 }
    }

    fn nothing() -> Self {
        Self { order: Order::default(), today: 1 }
    }

    fn step(mut self, kind: StepKind) -> Self {
        self.today += 1;
        let step = Step {
            step: kind,
            nth: i64::from(self.today),
            at: self.now(),
            day: day(self.today),
            month: Month::of(day(self.today)),
            person: PersonId::NIL,
            device: DeviceId::NIL,
            reason: None,
        };
        self.order.steps.insert(EntryId::from(Uuid::from_u128(u128::from(500 + self.today))), step);
        self
    }

    /// The fact's id is the day's number.
    fn fact(mut self, what: What) -> Self {
        self.today += 1;
        let fact = Fact {
            at: self.now(),
            day: day(self.today),
            month: Month::of(day(self.today)),
            person: id(9),
            device: DeviceId::NIL,
            what,
        };
        self.order.facts.insert(id(u128::from(self.today)), fact);
        self
    }

    fn hand_over(self, lines: &[(u128, i64)]) -> Self {
        let lines: BTreeMap<LineId, Quantity> =
            lines.iter().map(|(line, pieces)| (id(*line), Quantity::new(*pieces))).collect();
        let shown = Shown::in_order(&self.order, lines.keys().copied());
        self.fact(What::HandedOver { lines, shown, received_by: None, signature: None })
    }

    fn pay(self, paid: &str) -> Self {
        self.fact(What::Payment(payment(paid)))
    }

    fn take_back(self, of_day: u32) -> Self {
        self.fact(What::Reversal { fact: id(u128::from(of_day)), reason: "a mistake".into() })
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(i64::from(self.today) * 1000)
    }

    fn rows(&self) -> Rows {
        rows_of(&self.order)
    }

    fn row(&self) -> OrderRow {
        self.rows().orders.remove(0)
    }

    /// `(day, line, gross)` of every ledger entry of a measure, by day.
    fn booked(&self, measure: &str) -> Vec<(u32, u128, String)> {
        use chrono::Datelike;
        let mut booked: Vec<_> = self
            .rows()
            .revenue
            .iter()
            .filter(|row| row.measure == measure)
            .map(|row| (row.business_day.day(), row.line_key.as_u128(), euros(row.gross)))
            .collect();
        booked.sort();
        booked
    }
}

fn payment(paid: &str) -> Payment {
    Payment {
        method: PaymentMethod::Card,
        amount: amount(paid),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    }
}

fn rows_of(order: &Order) -> Rows {
    let addr = DocAddr::from(OrderId::from(Uuid::from_u128(77)));
    rows(addr, &View::Order(Box::new(order.clone())))
}

fn euros(amount: Decimal) -> String {
    Amount::new(amount).fixed(2)
}

fn expect(booked: &[(u32, u128, &str)]) -> Vec<(u32, u128, String)> {
    booked.iter().map(|(day, line, gross)| (*day, *line, (*gross).to_owned())).collect()
}

#[test]
fn a_placed_order_counts_on_its_day_and_a_cancelled_one_less_on_the_day_of_that() {
    let placed = Story::order([piece(1, 2, "10.00"), piece(2, 1, "5.50")]).step(StepKind::Placed);
    assert_eq!(placed.booked("placed"), expect(&[(2, 1, "20.00"), (2, 2, "5.50")]));

    let cancelled = placed.step(StepKind::Confirmed).step(StepKind::Cancelled);
    let expected = [(2, 1, "20.00"), (2, 2, "5.50"), (4, 1, "-20.00"), (4, 2, "-5.50")];
    assert_eq!(cancelled.booked("placed"), expect(&expected));
    assert_eq!(euros(cancelled.row().due), "0.00");

    let again = cancelled.step(StepKind::Placed);
    assert_eq!(again.booked("placed").iter().filter(|(day, ..)| *day == 5).count(), 2);
    assert_eq!(again.row().placed_day, Some(day(5)));
    assert_eq!(again.row().cancelled_day, None);
}

#[test]
fn a_draft_and_a_cancelled_draft_are_not_placed() {
    let draft = Story::order([piece(1, 2, "10.00")]);
    assert!(draft.rows().revenue.is_empty());
    assert!(draft.step(StepKind::Cancelled).rows().revenue.is_empty());
}

#[test]
fn parts_of_a_line_add_up_to_the_line_to_the_cent() {
    // Three for 1.00: each piece alone would be 0.33.
    let (line_id, mut line) = piece(1, 3, "1.00");
    line.discount = Discount::Percent(amount("66.6667"));
    let parts = Story::order([(line_id, line)])
        .step(StepKind::Placed)
        .hand_over(&[(1, 1)])
        .hand_over(&[(1, 1)])
        .hand_over(&[(1, 1)]);
    assert_eq!(parts.booked("delivered"), expect(&[(3, 1, "0.33"), (4, 1, "0.34"), (5, 1, "0.33")]));
    let rows = parts.rows();
    assert_eq!(euros(rows.orders[0].gross), "1.00");
    assert_eq!(euros(sum(&rows, "delivered", |row| row.net)), euros(rows.orders[0].net));
    assert_eq!(rows.orders[0].fulfilment, "delivered");
}

#[test]
fn a_hand_over_taken_back_counts_less_on_the_day_of_that() {
    let story = Story::order([piece(1, 4, "2.50")])
        .step(StepKind::Placed)
        .hand_over(&[(1, 1)])
        .hand_over(&[(1, 2)])
        .take_back(3);
    assert_eq!(story.booked("delivered"), expect(&[(3, 1, "2.50"), (4, 1, "5.00"), (5, 1, "-2.50")]));
    let line = story.rows().lines.remove(0);
    assert_eq!((line.delivered, line.fulfilment.as_ref()), (Decimal::from(2), "part_delivered"));

    // Said twice, it counts once; and what is not there cannot be taken back.
    let twice = story.take_back(3).take_back(25);
    assert_eq!(twice.booked("delivered").len(), 3);
}

#[test]
fn a_counter_sale_is_sold_and_paid_on_its_day_and_not_placed() {
    let sale = Sale {
        receipt: "T1-R7".into(),
        link: None,
        channel: "shop".into(),
        location: LocationId::from(Uuid::from_u128(7)),
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        lines: BTreeMap::from([piece(1, 1, "3.00"), piece(2, 2, "4.00")]),
        payments: BTreeMap::from([(id(31), payment("6.00")), (id(32), payment("5.00"))]),
        change: Amount::ZERO,
    };
    let story = Story::nothing().fact(What::Sale(Box::new(sale)));
    assert_eq!(story.booked("placed"), []);
    assert_eq!(story.booked("delivered"), expect(&[(2, 1, "3.00"), (2, 2, "8.00")]));
    let rows = story.rows();
    assert_eq!(euros(sum(&rows, "paid", |row| row.gross)), "11.00");
    assert_eq!((rows.orders[0].number.as_str(), rows.orders[0].status.as_ref()), ("T1-R7", "closed"));
    assert_eq!(rows.payments.len(), 2);

    let back = story.take_back(2);
    let rows = back.rows();
    for measure in ["delivered", "paid"] {
        assert_eq!(euros(sum(&rows, measure, |row| row.gross)), "0.00", "{measure}");
        assert!(rows.revenue.iter().any(|row| row.measure == measure && row.takes_back), "{measure}");
    }
    assert!(rows.lines.is_empty(), "a sale that was taken back has no lines that count");
    assert!(rows.payments.iter().all(|payment| payment.reversed_day == Some(day(3))));
}

#[test]
fn payments_are_shared_over_the_lines_to_the_cent() {
    let lines = || [piece(1, 1, "10.00"), piece(2, 1, "10.00"), piece(3, 1, "10.00")];
    let one = |story: Story| story.booked("paid").into_iter().map(|(.., gross)| gross).collect::<Vec<_>>();
    assert_eq!(one(Story::order(lines()).pay("10.00")), ["3.34", "3.33", "3.33"]);
    // The next goes on what is open, so that a line paid in full is paid to the cent.
    let whole = Story::order(lines()).pay("10.00").pay("20.00");
    let expected =
        [(2, 1, "3.34"), (2, 2, "3.33"), (2, 3, "3.33"), (3, 1, "6.66"), (3, 2, "6.67"), (3, 3, "6.67")];
    assert_eq!(whole.booked("paid"), expect(&expected));
    let rows = whole.rows();
    assert_eq!(sum(&rows, "paid", |row| row.tax), rows.orders[0].tax, "paid in full, all its tax is paid");

    // Too much goes on all lines alike; what is given back comes off what was paid.
    let over = Story::order([piece(1, 1, "10.00"), piece(2, 1, "30.00")]).pay("44.00").pay("-4.00");
    assert_eq!(
        over.booked("paid"),
        expect(&[(2, 1, "11.00"), (2, 2, "33.00"), (3, 1, "-1.00"), (3, 2, "-3.00")])
    );

    // Taken back is what was booked, line for line.
    let back = Story::order(lines()).pay("10.00").take_back(2);
    assert_eq!(back.booked("paid")[3..], expect(&[(3, 1, "-3.34"), (3, 2, "-3.33"), (3, 3, "-3.33")]));
}

#[test]
fn a_payment_that_no_line_can_bear_stands_without_one() {
    assert_eq!(Story::nothing().pay("12.00").booked("paid"), expect(&[(2, 0, "12.00")]));
    assert_eq!(Story::order([piece(1, 1, "0.00")]).pay("1.00").booked("paid"), expect(&[(2, 0, "1.00")]));
}

#[test]
fn what_no_column_could_hold_is_brought_to_the_nearest_that_can() {
    let mut story = Story::order([piece(1, i64::MAX, "79228162514264337593543950335")]).pay("12.00");
    if let Some(head) = &mut story.order.head {
        head.number = "T1\0-1".into();
        head.day = NaiveDate::MIN;
        head.month = serde_json::from_str("2147483647").unwrap();
        head.at = Timestamp::from_unix_ms(i64::MAX);
    }
    let rows = story.rows();
    assert_eq!(rows.orders[0].number, "T1-1");
    assert_eq!(rows.orders[0].created_day, NaiveDate::from_ymd_opt(1, 1, 1));
    assert!(rows.orders[0].created_month.is_some());
}

fn sum(rows: &Rows, measure: &str, of: impl Fn(&RevenueRow) -> Decimal) -> Decimal {
    rows.revenue.iter().filter(|row| row.measure == measure).map(of).sum()
}

/// What a hand-over says of its worth.
fn worth_of(fact: &Fact) -> amounts::Totals {
    match &fact.what {
        What::HandedOver { lines, shown, .. } => lines.iter().map(|(id, n)| shown[id].worth(*n)).sum(),
        _ => amounts::Totals::default(),
    }
}

/// What may happen to an order of three lines.
fn happening() -> impl Strategy<Value = (u8, u128, i64)> {
    (0..5_u8, 1..4_u128, 1..2000_i64)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_ledger_adds_up_to_the_order(
        prices in prop::array::uniform3(0..3000_i64),
        quantities in prop::array::uniform3(1..9_i64),
        discounts in prop::array::uniform3(0..40_i64),
        happenings in prop::collection::vec(happening(), 0..12),
    ) {
        let lines = (0..3).map(|n| {
            let (line_id, mut line) = piece(n as u128 + 1, quantities[n], "0");
            line.price = Amount::from_minor(prices[n], 2);
            line.discount = Discount::Percent(Amount::from_minor(discounts[n], 0));
            line.tax.included = n != 1;
            (line_id, line)
        });
        let mut story = Story::order(lines).step(StepKind::Placed);
        for (kind, which, number) in happenings {
            story = match kind {
                0 | 1 => story.hand_over(&[(which, number % 4 + 1), (which % 3 + 1, 1)]),
                2 => story.pay(&Amount::from_minor(number, 2).to_string()),
                3 => story.pay(&Amount::from_minor(-number, 2).to_string()),
                _ => { let back = u32::try_from(number).unwrap() % story.today + 1; story.take_back(back) }
            };
        }
        let rows = story.rows();
        let order = &story.order;
        prop_assert_eq!(sum(&rows, "placed", |row| row.gross), amounts::total(order).gross.decimal());
        prop_assert_eq!(sum(&rows, "paid", |row| row.gross), amounts::paid(order).decimal());
        let standing: amounts::Totals = order.standing_facts().map(|(_, fact)| worth_of(fact)).sum();
        prop_assert_eq!(sum(&rows, "delivered", |row| row.net), standing.net.decimal());
        prop_assert_eq!(sum(&rows, "delivered", |row| row.gross), standing.gross.decimal());
        if order.facts.values().all(|fact| !matches!(fact.what, What::Reversal { .. })) {
            let whole: amounts::Totals = status::delivered(order)
                .into_iter()
                .map(|(line, pieces)| amounts::part(&order.lines[&line], pieces))
                .sum();
            prop_assert_eq!(standing, whole, "parts add up to the line");
        }
        for row in &rows.revenue {
            prop_assert_eq!(row.net + row.tax, row.gross);
        }
        let keys: Vec<_> = rows.revenue.iter().map(|r| (&r.measure, r.cause_id, r.line_key)).collect();
        prop_assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
