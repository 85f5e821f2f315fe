//! Where several people work on one device, each is shown their own: in lists, sums, searches and by number.

mod common;

use std::collections::BTreeMap;

use common::{ANA, BOB, enrol};
use uuid::Uuid;
use waybill_client::{
    engine::now,
    store::{ListQuery, Local, OrderQuery, Reader, Store},
};
use waybill_shared::{
    command::Command,
    customer::{self, Customer},
    id::{
        CustomerId, CustomerTermsId, Entropy, LineId, LocationId, NoteId, NotesId, OrderId, PersonId,
        ProductId,
    },
    kind::DocAddr,
    money::Currency,
    notes,
    order::{Line, Order, Tax, commands},
    product,
    quantity::{Quantity, Unit},
    scope::{Scope, Scopes},
    session::{Action, Device, store::Write},
    time::Timestamp,
};

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// Ana is an admin, Bob drives; both work on this device.
struct Shared {
    store: Store,
    device: Device,
    dice: Counting,
    now: i64,
}

impl Shared {
    fn enter(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>) -> Vec<Write> {
        self.now += 60_000;
        let commands = vec![(addr.into(), command.into())];
        let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
        let now = Timestamp::from_unix_ms(self.now);
        self.device.enter(now, action, &self.store, &mut self.dice).expect("an admin may").writes
    }

    /// It comes from the server, with these scopes.
    fn gets(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>, scopes: &[Scope]) {
        let mut writes = self.enter(addr, command);
        writes.retain(|write| matches!(write, Write::Document(_)));
        for write in &mut writes {
            if let Write::Document(doc) = write {
                doc.scopes = Scopes::from(scopes.to_vec());
                doc.confirmed = doc.shown.take().expect("it was entered");
            }
        }
        self.store.commit(&writes).expect("commits");
    }

    fn waits(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>) {
        let writes = self.enter(addr, command);
        self.store.commit(&writes).expect("commits");
    }

    fn turn_of(&mut self, person: Option<PersonId>) {
        self.store.set_local(&Local { person, ..Local::default() }).expect("commits");
        // Drafts are in no sum.
        let conn = rusqlite::Connection::open(waybill_client::store::file(self.store.dir())).expect("opens");
        conn.execute("UPDATE order_row SET state = 2", []).expect("are placed");
    }
}

fn order(number: &str, for_whom: CustomerId, price: &str) -> commands::Create {
    let line = Line {
        pos: 1,
        product: None,
        name: "Chair".to_owned(),
        quantity: Quantity::new(1),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: price.parse().expect("a price"),
        currency: Currency::EUR,
        discount: Default::default(),
        tax: Tax { class: "standard".into(), rate: "19".parse().expect("a rate"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    commands::Create {
        number: number.to_owned(),
        channel: "telephone".to_owned(),
        location: LocationId::new(Uuid::from_u128(0x10)),
        customer: Some(for_whom),
        customer_name: Some("Weber".to_owned()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: BTreeMap::from([(LineId::new(Uuid::from_u128(0x11)), line)]),
    }
}

const WEBER: CustomerId = CustomerId::new(Uuid::from_u128(0xc));
const CHAIR: ProductId = ProductId::new(Uuid::from_u128(0xb0));
const OFFICES: OrderId = OrderId::new(Uuid::from_u128(0x01));
const BOBS: OrderId = OrderId::new(Uuid::from_u128(0x02));
const NEW: OrderId = OrderId::new(Uuid::from_u128(0x03));

fn filled(dir: &std::path::Path) -> Shared {
    let mut store = Store::open(dir, now()).expect("opens");
    enrol(&mut store);
    let mut dice = Counting(0);
    let mut shared = Shared { store, device: Device::new(&mut dice), dice, now: 1_763_600_000_000 };
    let customer = customer::Create {
        number: "C-1".to_owned(),
        name: "Weber".to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: BTreeMap::new(),
    };
    let product = product::Create {
        number: "P-1".to_owned(),
        name: "Chair".to_owned(),
        description: String::new(),
        category: String::new(),
        unit: Unit::Piece,
        tax_class: String::new(),
        barcodes: BTreeMap::new(),
    };
    let limit = customer::SetCreditLimit { limit: "500".parse().ok(), currency: Currency::EUR };
    shared.gets(WEBER, customer, &[Scope::Office, Scope::Shops]);
    shared.gets(CustomerTermsId::of(WEBER), limit, &[Scope::Office]);
    shared.gets(CHAIR, product, &[Scope::Everyone]);
    shared.gets(OFFICES, order("A-1", WEBER, "100"), &[Scope::Office]);
    shared.gets(BOBS, order("A-2", WEBER, "20"), &[Scope::Office, Scope::Driver(BOB)]);
    shared.waits(NEW, order("A-3", WEBER, "3"));
    shared.gets(NotesId::of(WEBER), note(WEBER), &[Scope::Office]);
    shared.waits(NotesId::of(NEW), note(NEW));
    shared
}

fn note(about: impl Into<DocAddr>) -> notes::Write {
    let (id, text) = (NoteId::new(Uuid::from_u128(0x17)), "Pays late".to_owned());
    notes::Write { id, about: about.into(), text, saw_shown: false }
}

/// Every question whose answer is of documents, in words that compare.
fn answers(reader: &Reader) -> BTreeMap<&'static str, String> {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    let all = OrderQuery { descending: false, ..OrderQuery::all(today) };
    let numbers = |query: &OrderQuery| {
        let list = reader.orders(query).expect("reads");
        let rows = reader.order_rows(&list, 0..list.len()).expect("reads");
        rows.into_iter().map(|row| row.number).collect::<Vec<_>>().join(" ")
    };
    let sums = reader.orders(&all).expect("reads").sums;
    let ids = [OFFICES, BOBS, NEW];
    let there =
        |found: Vec<bool>| found.iter().map(|found| if *found { '+' } else { '-' }).collect::<String>();
    let mut every = Vec::new();
    reader.every::<Order>(|id, _| every.push(id.as_u128().to_string())).expect("reads");
    BTreeMap::from([
        ("the list", numbers(&all)),
        ("a search", numbers(&OrderQuery { typed: "weber".to_owned(), ..all.clone() })),
        ("those of a customer", numbers(&OrderQuery { customer: Some(WEBER), ..all.clone() })),
        ("their sum", sums.iter().map(|sum| sum.amount.to_string()).collect()),
        ("how many orders", reader.count_orders().expect("reads").to_string()),
        ("rows", there(ids.map(|id| reader.order_row(id).expect("reads").is_some()).to_vec())),
        ("orders", there(ids.map(|id| reader.order(id).expect("reads").is_some()).to_vec())),
        (
            "by number",
            there(
                ["a-1", "A-2", "A-3"]
                    .map(|no| !reader.orders_numbered(no).expect("reads").is_empty())
                    .to_vec(),
            ),
        ),
        ("every order", every.join(" ")),
        ("as the server has it", there(vec![reader.confirmed::<Order>(OFFICES).expect("reads").is_some()])),
        ("customers", reader.customers(&ListQuery::typed("", 9)).expect("reads").len().to_string()),
        ("customers found", reader.customers(&ListQuery::typed("web", 9)).expect("reads").len().to_string()),
        ("how many customers", reader.count_customers("", true).expect("reads").to_string()),
        ("a customer's number", reader.customers_numbered("C-1").expect("reads").len().to_string()),
        ("a customer", there(vec![reader.document::<Customer>(WEBER).expect("reads").is_some()])),
        ("a customer's row", there(vec![reader.customer_row(WEBER).expect("reads").is_some()])),
        (
            "internal notes",
            there(
                [DocAddr::from(WEBER), NEW.into()]
                    .map(|about| reader.notes(about).expect("reads").is_some_and(|here| here.shown.exists()))
                    .to_vec(),
            ),
        ),
        ("their terms", there(vec![reader.customer_terms(WEBER).expect("reads").is_some()])),
        ("products", reader.products(&ListQuery::typed("chair", 9)).expect("reads").len().to_string()),
    ])
}

#[test]
fn each_person_on_a_shared_device_is_shown_their_own() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut shared = filled(temp.path());
    let reader = Reader::open(temp.path()).expect("opens");
    let table = [
        // The question, what Ana is shown, what Bob is shown.
        ("the list", "A-1 A-2 A-3", "A-2 A-3"),
        ("a search", "A-1 A-2 A-3", "A-2 A-3"),
        ("those of a customer", "A-1 A-2 A-3", "A-2 A-3"),
        ("their sum", "123", "23"),
        ("how many orders", "3", "2"),
        ("rows", "+++", "-++"),
        ("orders", "+++", "-++"),
        ("by number", "+++", "-++"),
        ("every order", "1 2 3", "2 3"),
        ("as the server has it", "+", "-"),
        ("customers", "1", "0"),
        ("customers found", "1", "0"),
        ("how many customers", "1", "0"),
        ("a customer's number", "1", "0"),
        ("a customer", "+", "-"),
        ("a customer's row", "+", "-"),
        ("their terms", "+", "-"),
        // Also those that the server has not heard of yet, which are nobody's but who could have written them.
        ("internal notes", "++", "--"),
        ("products", "1", "1"),
    ];
    // One after the other, as they take turns: what the one before was shown is not left over.
    for turn in 0..2 {
        for (person, column) in [(ANA, 1), (BOB, 2)] {
            shared.turn_of(Some(person));
            let found = answers(&reader);
            assert_eq!(found.len(), table.len());
            for (question, ana, bob) in table {
                let expected = if column == 1 { ana } else { bob };
                assert_eq!(found[question], expected, "{question}, turn {turn}, {person}");
            }
        }
    }
    // Whoever is signed in nowhere here sees what everybody may.
    shared.turn_of(Some(PersonId::new(Uuid::from_u128(0xe))));
    let found = answers(&reader);
    assert_eq!((found["orders"].as_str(), found["a customer"].as_str()), ("--+", "-"));
    assert_eq!(found["products"], "1");
}
