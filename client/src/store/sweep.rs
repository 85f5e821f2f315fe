//! Goes over all lists: each is in the file as it is declared, written, found, shown to those alone whom it is for, made
//! anew the same, looked through for what waits, and leaves nothing. A kind that comes to be listed needs an example.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use rusqlite::{Connection, types::Value};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    command::Command,
    customer,
    id::{CustomerId, DeviceId, Entropy, LineId, LocationId, PersonId, ProductId},
    kind::{DocAddr, DocKind},
    location::{self, LocationKind},
    money::Currency,
    numbers::Number,
    order::{Line, Tax, commands},
    product,
    protocol::frame::{Grant, Names},
    quantity::{Quantity, Unit},
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::{
        Action, Device,
        store::{Meta, Store as _, Write},
    },
    time::Timestamp,
    view::View,
};

use super::{
    CustomerRow, Local, LocationRow, OrderRow, ProductRow, Reader, Store, file,
    rows::{self, Listed},
    unsent,
};

/// Stands in every example and nowhere else.
const WORD: &str = "Quagga";

/// What is entered on a document of this kind, so that nothing that its list holds is empty.
fn example(kind: DocKind, nth: u128) -> Vec<Command> {
    let name = format!("{WORD} {nth}");
    match kind {
        DocKind::Order => {
            let create = commands::Create {
                number: format!("{WORD}-{nth}"),
                channel: "telephone".to_owned(),
                location: LocationId::new(Uuid::from_u128(0x10)),
                customer: Some(CustomerId::new(Uuid::from_u128(0xc))),
                customer_name: Some(name),
                currency: Currency::EUR,
                salesperson: None,
                quotation: false,
                contact: Default::default(),
                delivery: Default::default(),
                wanted: Default::default(),
                lines: BTreeMap::from([(LineId::new(Uuid::from_u128(0x11)), line())]),
            };
            vec![create.into(), commands::Place {}.into()]
        }
        DocKind::Customer => vec![
            customer::Create {
                number: format!("C-{nth}"),
                name,
                group: String::new(),
                tax_number: String::new(),
                contact: Default::default(),
                addresses: BTreeMap::new(),
            }
            .into(),
        ],
        DocKind::Product => vec![
            product::Create {
                number: format!("P-{nth}"),
                name,
                description: String::new(),
                category: String::new(),
                unit: Unit::Piece,
                tax_class: String::new(),
                barcodes: BTreeMap::from([(format!("{WORD}{nth}"), true)]),
            }
            .into(),
        ],
        DocKind::Location => vec![
            location::Create {
                code: format!("S{nth}"),
                name,
                kind: LocationKind::Shop,
                address: Default::default(),
            }
            .into(),
        ],
        other => panic!("give an example of what a list shows of one: {other}"),
    }
}

/// What is read of a list is what was to be written.
fn reads_back(reader: &Reader, addr: DocAddr) {
    fn same<R: Listed + PartialEq + fmt::Debug>(reader: &Reader, addr: DocAddr) {
        let document: R::Of = reader.document(addr).expect("reads").expect("is there");
        assert_eq!(
            reader.row::<R>(addr.id).expect("reads"),
            Some(R::of(addr.id, &document, false)),
            "{addr}"
        );
    }
    match addr.kind {
        DocKind::Order => same::<OrderRow>(reader, addr),
        DocKind::Customer => same::<CustomerRow>(reader, addr),
        DocKind::Product => same::<ProductRow>(reader, addr),
        DocKind::Location => same::<LocationRow>(reader, addr),
        other => panic!("say by which row a list shows one: {other}"),
    }
}

fn line() -> Line {
    Line {
        pos: 1,
        product: Some(ProductId::new(Uuid::from_u128(0xb0))),
        name: "Chair".to_owned(),
        quantity: Quantity::new(1),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "100".parse().expect("a price"),
        currency: Currency::EUR,
        discount: Default::default(),
        tax: Tax { class: "standard".into(), rate: "19".parse().expect("a rate"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

const ANA: PersonId = PersonId::new(Uuid::from_u128(0xa));
const BOB: PersonId = PersonId::new(Uuid::from_u128(0xb));

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// A device on which Ana, an admin, and Bob, a driver, work.
struct Shared {
    store: Store,
    device: Device,
    dice: Counting,
    now: i64,
}

impl Shared {
    fn open(dir: &Path) -> Self {
        let now = 1_763_600_000_000;
        let mut store = Store::open(dir, Timestamp::from_unix_ms(now)).expect("opens");
        let grant =
            |(person, role)| Grant { person, roles: vec![role], locations: Vec::new(), unlocked: None };
        let names = Names {
            version: 1,
            since: 0,
            people: Vec::new(),
            devices: Vec::new(),
            here: [(ANA, Role::Admin), (BOB, Role::Driver)].map(grant).to_vec(),
            encrypt: false,
        };
        let meta = Meta {
            device: DeviceId::new(Uuid::from_u128(0xd)),
            device_code: "T1".to_owned(),
            cursor: Some(Cursor::START),
            ..Meta::default()
        };
        store.commit(&[Write::Meta(meta.into()), Write::Names(names)]).expect("commits");
        let mut dice = Counting(0);
        let mut shared = Self { store, device: Device::new(&mut dice), dice, now };
        shared.turn_of(ANA);
        shared
    }

    fn turn_of(&mut self, person: PersonId) {
        self.store.set_local(&Local { person: Some(person), ..Local::default() }).expect("commits");
    }

    fn enter(&mut self, addr: DocAddr, command: Command) -> Vec<Write> {
        self.now += 60_000;
        let commands = vec![(addr, command)];
        let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
        let now = Timestamp::from_unix_ms(self.now);
        self.device.enter(now, action, &self.store, &mut self.dice).expect("an admin may").writes
    }

    /// It comes from the server, with these scopes. What it says is given back.
    fn gets(&mut self, addr: DocAddr, nth: u128, scopes: &[Scope]) -> View {
        let mut said = View::Newer(addr.kind);
        for command in example(addr.kind, nth) {
            let mut writes = self.enter(addr, command);
            writes.retain(|write| matches!(write, Write::Document(_)));
            for write in &mut writes {
                if let Write::Document(doc) = write {
                    doc.scopes = Scopes::from(scopes.to_vec());
                    doc.confirmed = doc.shown.take().expect("it was entered");
                    said = doc.view.clone();
                }
            }
            self.store.commit(&writes).expect("commits");
        }
        said
    }
}

/// One document of each listed kind.
fn of_each(id: u128) -> Vec<DocAddr> {
    rows::ALL.iter().map(|list| DocAddr::new(list.kind, Uuid::from_u128(id))).collect()
}

fn names(conn: &Connection, sql: &str) -> BTreeSet<String> {
    let mut found = conn.prepare(sql).expect(sql);
    found.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect(sql)
}

/// Tables whose rows go with a row of this one.
fn that_go_with(conn: &Connection, table: &str) -> BTreeSet<String> {
    let sql = format!(
        "SELECT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) k \
         WHERE m.type = 'table' AND k.\"table\" = '{table}' AND k.on_delete = 'CASCADE'"
    );
    names(conn, &sql)
}

/// The ids of a list, as whoever works here now is shown it.
fn shown(reader: &Reader, table: &str) -> BTreeSet<u128> {
    let conn = reader.conn().expect("looks who works here");
    let mut found = conn.prepare(&format!("SELECT id FROM {table}")).expect("a list");
    let ids = found.query_map([], |row| row.get::<_, [u8; 16]>(0)).expect("reads");
    ids.map(|id| u128::from_be_bytes(id.expect("an id"))).collect()
}

/// Everything in a table.
fn all_of(conn: &Connection, table: &str) -> Vec<Vec<Value>> {
    let mut found = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).expect("a table");
    let columns = found.column_count();
    let rows = found.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
    rows.and_then(Iterator::collect).expect("reads")
}

/// All that lists and indexes hold.
fn everything(dir: &Path) -> BTreeMap<String, Vec<Vec<Value>>> {
    let conn = Connection::open(file(dir)).expect("opens");
    let mut all = BTreeMap::new();
    for list in rows::ALL {
        all.insert(list.table.to_owned(), all_of(&conn, list.table));
        all.extend(that_go_with(&conn, list.table).into_iter().map(|table| {
            let rows = all_of(&conn, &table);
            (table, rows)
        }));
        if let Some(index) = list.index {
            let sql = format!(
                "CREATE VIRTUAL TABLE temp.in_{0} USING fts5vocab(main, '{0}', 'instance')",
                index.table
            );
            conn.execute_batch(&sql).expect("a view of the index");
            all.insert(index.table.to_owned(), all_of(&conn, &format!("in_{}", index.table)));
        }
    }
    all
}

/// In any file of the device, in any case of letters: an index keeps small ones.
fn is_anywhere(dir: &Path, word: &str) -> bool {
    let word = word.to_lowercase();
    fs::read_dir(dir).expect("a directory").any(|entry| {
        let bytes = fs::read(entry.expect("an entry").path()).unwrap_or_default().to_ascii_lowercase();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}

#[test]
fn every_list_in_the_file_is_declared_and_has_the_columns_that_are_written() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut shared = Shared::open(temp.path());
    let conn = Connection::open(file(temp.path())).expect("opens");
    let declared: BTreeSet<String> = rows::ALL.iter().map(|list| list.table.to_owned()).collect();
    assert_eq!(that_go_with(&conn, "document"), declared, "what goes with documents is a list");
    let indexes = rows::ALL.iter().filter_map(|list| Some(list.index?.table.to_owned())).collect();
    let sql = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'";
    assert_eq!(names(&conn, sql), indexes, "what is searched belongs to a list");
    for addr in of_each(1) {
        let view = shared.gets(addr, 1, &[Scope::Everyone]);
        let entry = rows::entry(addr.id, &view, false).expect("is listed");
        let columns = |table: &str| names(&conn, &format!("SELECT name FROM pragma_table_info('{table}')"));
        let written = entry.columns.iter().map(|(name, _)| (*name).to_owned());
        let table = entry.list.table;
        assert_eq!(columns(table), written.chain(["row".to_owned()]).collect(), "{table}");
        let beside: BTreeSet<String> = entry.beside.iter().map(|(table, ..)| (*table).to_owned()).collect();
        assert_eq!(that_go_with(&conn, table), beside, "beside {table}");
        for (table, column, values) in &entry.beside {
            assert_eq!(columns(table), BTreeSet::from(["row".to_owned(), (*column).to_owned()]), "{table}");
            assert!(!values.is_empty(), "the example leaves {table} empty");
        }
    }
}

#[test]
fn every_list_is_found_shown_to_its_own_made_anew_and_leaves_nothing() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut shared = Shared::open(temp.path());
    let (bobs, offices) = (of_each(1), of_each(2));
    let mut said = BTreeMap::new();
    for (bobs, offices) in bobs.iter().zip(&offices) {
        said.insert(*bobs, shared.gets(*bobs, 1, &[Scope::Office, Scope::Driver(BOB)]));
        said.insert(*offices, shared.gets(*offices, 2, &[Scope::Office]));
    }
    let reader = Reader::open(temp.path()).expect("opens");
    for (addr, view) in &said {
        reads_back(&reader, *addr);
        let other = DocAddr::new(addr.kind, Uuid::from_u128(3));
        if let Some(number) = Number::of(view) {
            let having = |besides| shared.store.numbered(&number, besides).expect("reads");
            assert_eq!(having(other), view.says().and_then(|said| Some(said.called()?.name.to_owned())));
            assert_eq!(having(*addr), None, "{addr} itself");
        }
    }
    for (person, ids) in [(ANA, &[1, 2][..]), (BOB, &[1]), (ANA, &[1, 2])] {
        shared.turn_of(person);
        for list in rows::ALL {
            let ids: BTreeSet<u128> = ids.iter().copied().collect();
            assert_eq!(shown(&reader, list.table), ids, "{}, shown to {person}", list.table);
            let Some(index) = list.index else { continue };
            let found = format!(
                "{} WHERE row IN (SELECT rowid FROM {1} WHERE {1} MATCH 'quag*')",
                list.table, index.table
            );
            assert_eq!(shown(&reader, &found), ids, "{}, found by {person}", list.table);
        }
    }
    drop(reader);
    let before = everything(temp.path());
    for (table, rows) in &before {
        assert!(!rows.is_empty(), "nothing is in {table}");
    }
    shared.store.rebuild_rows().expect("rebuilds");
    assert_eq!(everything(temp.path()), before, "made anew it is the same");

    assert!(is_anywhere(temp.path(), WORD));
    let forgets: Vec<Write> = bobs.iter().chain(&offices).map(|addr| Write::Forget(*addr)).collect();
    shared.store.commit(&forgets).expect("commits");
    for (table, rows) in everything(temp.path()) {
        assert!(rows.is_empty(), "something stays in {table}");
    }
    assert!(!is_anywhere(temp.path(), WORD), "nothing is left in the file");
}

#[test]
fn every_list_is_looked_through_for_what_waits_and_goes_with_the_device() {
    let temp = tempfile::tempdir().expect("a directory");
    let mut shared = Shared::open(temp.path());
    for addr in of_each(1) {
        for command in example(addr.kind, 1) {
            let writes = shared.enter(addr, command);
            shared.store.commit(&writes).expect("commits");
        }
    }
    let wrong = |shared: &Shared| unsent::wrongly_told(&shared.store.conn).expect("reads");
    assert_eq!(wrong(&shared), BTreeSet::new());
    for list in rows::ALL {
        let told = format!("UPDATE {} SET pending = 0", list.table);
        assert_eq!(shared.store.conn.execute(&told, []), Ok(1), "{}", list.table);
    }
    assert_eq!(wrong(&shared), of_each(1).into_iter().collect());
    assert!(is_anywhere(temp.path(), WORD));
    shared.store.wipe("Oak & Ash").expect("is wiped");
    assert!(!is_anywhere(temp.path(), WORD));
}
