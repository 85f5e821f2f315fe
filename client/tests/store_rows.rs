//! List rows and search are what a rebuild from the documents gives, whatever happened before.

mod common;

use std::{collections::BTreeMap, path::Path};

use common::{ANA, enrol};
use rusqlite::{Connection, types::Value};
use waybill_client::{
    engine::now,
    store::{ListQuery, OrderFilter, OrderQuery, OrderSort, Reader, Store, file},
};
use waybill_shared::{
    command::Command,
    customer,
    id::*,
    kind::{DocAddr, DocKind},
    location::{self, LocationKind},
    money::Currency,
    order::{self, Line, Payment, PaymentMethod, PaymentState, Tax, commands, status::OrderState},
    product,
    protocol::limits,
    quantity::{Quantity, Unit},
    session::{Action, Device, EnterError},
    time::Timestamp,
};

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("small")
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.roll(of.len())) }
    }
}

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.roll(256) as u8);
    }
}

/// A device without an engine: session and file alone.
struct Desk {
    store: Store,
    device: Device,
    dice: Dice,
    now: i64,
}

impl Desk {
    fn open(dir: &Path, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut store = Store::open(dir, now()).expect("opens");
        enrol(&mut store);
        Self { store, device: Device::new(&mut dice), dice, now: 1_763_600_000_000 }
    }

    fn fresh(&mut self, kind: DocKind) -> DocAddr {
        let id: OrderId = OrderId::fresh(Timestamp::from_unix_ms(self.now), &mut self.dice);
        DocAddr::new(kind, id.into())
    }

    /// `false` when the rules refused it.
    fn enter(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>) -> bool {
        self.now += 60_000;
        let commands = vec![(addr.into(), command.into())];
        let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
        let now = Timestamp::from_unix_ms(self.now);
        match self.device.enter(now, action, &self.store, &mut self.dice) {
            Ok(entered) => {
                self.store.commit(&entered.writes).expect("commits");
                true
            }
            Err(EnterError::Refused(_)) => false,
            Err(EnterError::Store(error)) => panic!("{error}"),
        }
    }

    fn line(&mut self, name: &str) -> Line {
        Line {
            pos: 1,
            product: None,
            name: name.to_owned(),
            quantity: Quantity::new(1 + self.dice.roll(9) as i64),
            unit: Unit::Piece,
            pack: None,
            pack_size: None,
            price: "19.90".parse().expect("a price"),
            currency: Currency::EUR,
            discount: Default::default(),
            tax: Tax { class: "standard".into(), rate: "19".parse().expect("a rate"), included: true },
            lot: None,
            serial: None,
            note: None,
            removed: false,
        }
    }
}

const WORDS: [&str; 8] = ["Müller", "oak", "Straße", "T1-7", "rot", "a+b", "Łódź", "chair"];

/// Everything in the lists and in the search index.
fn lists(dir: &Path) -> BTreeMap<&'static str, Vec<Vec<Value>>> {
    let conn = Connection::open(file(dir)).expect("opens");
    for index in ["order", "customer", "product"] {
        conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE temp.{index}_words USING fts5vocab(main, '{index}_search', 'instance')"
        ))
        .expect("a view of the index");
    }
    [
        "SELECT * FROM order_row ORDER BY row",
        "SELECT * FROM customer_row ORDER BY row",
        "SELECT * FROM product_row ORDER BY row",
        "SELECT * FROM product_barcode ORDER BY barcode, row",
        "SELECT * FROM location_row ORDER BY row",
        "SELECT * FROM order_names ORDER BY row, id",
        "SELECT * FROM often ORDER BY id",
        "SELECT * FROM order_words ORDER BY doc, offset",
        "SELECT * FROM customer_words ORDER BY doc, offset",
        "SELECT * FROM product_words ORDER BY doc, offset",
    ]
    .into_iter()
    .map(|sql| {
        let mut found = conn.prepare(sql).expect(sql);
        let columns = found.column_count();
        let rows = found
            .query_map([], |row| (0..columns).map(|column| row.get(column)).collect())
            .expect(sql)
            .collect::<Result<_, _>>()
            .expect(sql);
        (sql, rows)
    })
    .collect()
}

fn a_random_day(desk: &mut Desk, edits: usize) {
    let place = desk.fresh(DocKind::Location);
    desk.enter(
        place,
        location::Create {
            code: "S1".into(),
            name: "Shop".into(),
            kind: LocationKind::Shop,
            address: Default::default(),
        },
    );
    let (mut orders, mut customers, mut products) = (Vec::new(), Vec::new(), Vec::new());
    let mut made = BTreeMap::<DocAddr, Vec<LineId>>::new();
    for step in 0..edits {
        let word = (*desk.dice.pick(&WORDS).expect("words")).to_owned();
        let order = desk.dice.pick(&orders).copied();
        match (desk.dice.roll(14), order) {
            (0, _) => {
                let addr = desk.fresh(DocKind::Customer);
                let create = customer::Create {
                    number: format!("C-{step}"),
                    name: word,
                    group: String::new(),
                    tax_number: String::new(),
                    contact: Default::default(),
                    addresses: Default::default(),
                };
                desk.enter(addr, create);
                customers.push(addr);
            }
            (1, _) => {
                let addr = desk.fresh(DocKind::Product);
                let create = product::Create {
                    number: format!("P-{step}"),
                    name: word,
                    description: String::new(),
                    category: String::new(),
                    unit: Unit::Piece,
                    tax_class: String::new(),
                    barcodes: BTreeMap::from([(format!("{}", desk.dice.roll(5)), true)]),
                };
                desk.enter(addr, create);
                products.push(addr);
            }
            (2, _) => {
                if let Some(addr) = desk.dice.pick(&customers).copied() {
                    desk.enter(addr, customer::SetField { field: customer::Field::Name(word) });
                }
            }
            (3, _) => {
                if let Some(addr) = desk.dice.pick(&products).copied() {
                    let barcode = format!("{}", desk.dice.roll(5));
                    let field = match desk.dice.roll(3) {
                        0 => product::Field::AddBarcode(barcode),
                        1 => product::Field::RemoveBarcode(barcode),
                        _ => product::Field::Name(word),
                    };
                    desk.enter(addr, product::SetField { field });
                }
            }
            (4 | 5, _) | (_, None) => {
                let addr = desk.fresh(DocKind::Order);
                let line = desk.line(&word);
                let create = commands::Create {
                    number: String::new(),
                    channel: "web".into(),
                    location: place.id.into(),
                    customer: desk.dice.pick(&customers).map(|addr| addr.id.into()),
                    customer_name: Some(word),
                    currency: Currency::EUR,
                    salesperson: None,
                    quotation: desk.dice.roll(3) == 0,
                    contact: Default::default(),
                    delivery: Default::default(),
                    wanted: order::Wanted {
                        date: chrono::NaiveDate::from_ymd_opt(2025, 11, 1 + desk.dice.roll(28) as u32),
                        ..Default::default()
                    },
                    lines: BTreeMap::from([(LineId::new(uuid::Uuid::from_u128(step as u128 + 1)), line)]),
                };
                made.insert(addr, vec![LineId::new(uuid::Uuid::from_u128(step as u128 + 1))]);
                desk.enter(addr, create);
                orders.push(addr);
            }
            (6, Some(addr)) => {
                desk.enter(addr, commands::Tag { tag: word });
            }
            (7, Some(addr)) => {
                desk.enter(addr, commands::Untag { tag: word });
            }
            (8, Some(addr)) => {
                let line = desk.line(&word);
                desk.enter(addr, commands::AddLine { id: LineId::NIL, line });
            }
            (9, Some(addr)) => {
                let line = made[&addr][0];
                desk.enter(addr, commands::RemoveLine { line });
            }
            (10, Some(addr)) => {
                desk.enter(addr, commands::Place {});
            }
            (11, Some(addr)) => {
                desk.enter(addr, commands::Cancel { reason: word });
            }
            (12, Some(addr)) => {
                let lines = BTreeMap::from([(made[&addr][0], Quantity::new(1))]);
                let id = FactId::NIL;
                desk.enter(
                    addr,
                    commands::HandOver {
                        id,
                        lines,
                        shown: BTreeMap::new(),
                        received_by: None,
                        signature: None,
                    },
                );
            }
            (_, Some(addr)) => {
                let payment = Payment {
                    method: PaymentMethod::Cash,
                    amount: "5".parse().expect("an amount"),
                    currency: Currency::EUR,
                    state: PaymentState::Taken,
                    drawer: None,
                    reference: None,
                };
                desk.enter(addr, commands::TakePayment { id: FactId::NIL, payment });
            }
        }
    }
}

#[test]
fn lists_and_search_equal_a_rebuild_after_random_days() {
    for seed in 1..=3 {
        let temp = tempfile::tempdir().expect("a directory");
        let mut desk = Desk::open(temp.path(), seed);
        a_random_day(&mut desk, 250);
        let kept = lists(temp.path());
        assert!(kept.values().all(|rows| !rows.is_empty()), "seed {seed}: every list has rows");
        desk.store.rebuild_rows().expect("rebuilds");
        let rebuilt = lists(temp.path());
        for (sql, rows) in kept {
            assert_eq!(rows, rebuilt[sql], "seed {seed}: {sql}");
        }
    }
}

#[test]
fn the_list_filters_sorts_sums_and_finds_what_the_rows_say() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut desk = Desk::open(temp.path(), 77);
    a_random_day(&mut desk, 400);
    let reader = Reader::open(temp.path()).expect("opens");
    let today = chrono::NaiveDate::from_ymd_opt(2025, 11, 15).expect("a day");
    let all = OrderQuery::all(today);
    let list = reader.orders(&all).expect("reads");
    let rows = reader.order_rows(&list, 0..usize::MAX).expect("reads");
    assert_eq!(rows.len(), reader.count_orders().expect("counts"));
    assert!(rows.is_sorted_by(|a, b| a.created >= b.created), "newest first");

    let overdue = OrderQuery {
        filters: vec![OrderFilter::Overdue, OrderFilter::NotPaid],
        sort: OrderSort::Wanted,
        descending: false,
        ..all.clone()
    };
    let list = reader.orders(&overdue).expect("reads");
    let found = reader.order_rows(&list, 0..usize::MAX).expect("reads");
    let expected = rows.iter().filter(|row| row.overdue(today) && is_unpaid(row)).count();
    assert_eq!(found.len(), expected);
    assert!(expected > 0 && found.is_sorted_by_key(|row| row.wanted));
    let sum = found.iter().map(|row| row.total).sum();
    assert_eq!(list.sums.first().map(|sum| sum.amount), Some(sum));

    let whole = reader.orders(&all).expect("reads");
    let counts =
        |row: &&_| !matches!(state(row), OrderState::Draft | OrderState::Quoted | OrderState::Cancelled);
    let counted = rows.iter().filter(counts);
    assert!(whole.counted < whole.len(), "there are some of each");
    assert_eq!(whole.counted, counted.clone().count());
    assert_eq!(whole.sums.first().map(|sum| sum.amount), Some(counted.map(|row| row.total).sum()));

    let two = OrderQuery {
        filters: vec![OrderFilter::State(OrderState::Draft), OrderFilter::State(OrderState::Quoted)],
        ..all.clone()
    };
    let found = reader.orders(&two).expect("reads").len();
    let drafts = |row: &&_| matches!(state(row), OrderState::Draft | OrderState::Quoted);
    assert_eq!(found, rows.iter().filter(drafts).count(), "states are alternatives");

    for (typed, word) in [("mull", "Müller"), ("STRASSE", "Strasse"), ("lodz", "Łódź"), ("t1-7", "T1-7")]
    {
        let query = OrderQuery { typed: typed.into(), ..all.clone() };
        let list = reader.orders(&query).expect("reads");
        let found = reader.order_rows(&list, 0..usize::MAX).expect("reads");
        // Ł is a letter of its own and ß is not two: both are found only as they are written.
        let named = rows.iter().filter(|row| row.customer_name == word).count();
        match word {
            "Müller" | "T1-7" => assert!(found.len() >= named && named > 0, "{typed}"),
            _ => assert!(found.is_empty(), "{typed}"),
        }
    }
    let found = reader.customers(&ListQuery::typed("mul", 10)).expect("reads");
    assert!(!found.is_empty() && found.iter().all(|row| row.name == "Müller"));
    let coded = reader.products_coded("3").expect("reads");
    assert!(!coded.is_empty() && coded.iter().all(|row| row.barcodes.contains(&"3".to_owned())));
}

/// The rules let a line be worth more than 64 bits hold in coins. One such order must not take the list from
/// everybody.
#[test]
fn orders_beyond_any_money_are_listed_and_summed() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut desk = Desk::open(temp.path(), 5);
    let place = desk.fresh(DocKind::Location);
    for _ in 0..3 {
        let addr = desk.fresh(DocKind::Order);
        let line = Line {
            quantity: Quantity::new(limits::QUANTITY),
            price: limits::PRICE.to_string().parse().expect("a price"),
            ..desk.line("moon")
        };
        let create = commands::Create {
            number: String::new(),
            channel: "web".into(),
            location: place.id.into(),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Default::default(),
            delivery: Default::default(),
            wanted: Default::default(),
            lines: BTreeMap::from([(LineId::new(uuid::Uuid::from_u128(1)), line)]),
        };
        assert!(desk.enter(addr, create), "the rules allow it");
    }
    // Not drafts any more, so that they are in the sum.
    let conn = rusqlite::Connection::open(waybill_client::store::file(temp.path())).expect("opens");
    conn.execute("UPDATE order_row SET state = 2", []).expect("are placed");
    let reader = Reader::open(temp.path()).expect("opens");
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).expect("reads");
    let rows = reader.order_rows(&list, 0..usize::MAX).expect("reads");
    // Each row holds the most that it can.
    assert_eq!(rows.iter().map(|row| row.total.to_string()).collect::<Vec<_>>(), ["92233720368547758.07"; 3]);
    assert_eq!(list.sums.len(), 1);
    assert_eq!(list.sums[0].amount, rows.iter().map(|row| row.total).sum());
}

fn is_unpaid(row: &waybill_client::store::OrderRow) -> bool {
    use order::status::MoneyState::*;
    matches!(row.money, Unpaid | Pending | PartPaid)
}

fn state(row: &&waybill_client::store::OrderRow) -> OrderState {
    row.state
}
