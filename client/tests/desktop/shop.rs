//! A small shop on one device: a real file, a real engine without network, and the real window on both.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tempfile::TempDir;
use waybill_client::desktop::app::Window;
use waybill_client::desktop::books::Books;
use waybill_client::desktop::remembered::{LockAfter, Remembered};
use waybill_client::desktop::theme;
use waybill_client::engine::{self, Answer, Config, EngineHandle, Submit};
use waybill_client::pin::{Book, Pin};
use waybill_client::store::{Local, Reader, Store};
use waybill_shared::chain::Cursor;
use waybill_shared::command::Command;
use waybill_shared::edit::Verdict;
use waybill_shared::id::{EditId, LocationId, PersonId, PriceId, SettingsId};
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::location::LocationKind;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::protocol::frame::{Grant, Names, PersonName};
use waybill_shared::quantity::Unit;
use waybill_shared::rules::roles::Role;
use waybill_shared::session::store::{EditState, Meta, Write};
use waybill_shared::settings::TaxClass;
use waybill_shared::{customer, location, product, settings};

pub const ANNA: PersonId = PersonId::new(uuid::Uuid::from_u128(7));
pub const BO: PersonId = PersonId::new(uuid::Uuid::from_u128(8));

pub fn pin_of_anna() -> Pin {
    Pin("lighthouse".into())
}

pub struct Shop {
    pub engine: EngineHandle,
    pub dir: TempDir,
}

#[allow(dead_code, reason = "each test binary uses its part of it")]
impl Shop {
    /// Anna works here as admin; the shop sells an oak chair and a wool rug, and knows Bakery Lund.
    pub fn new() -> Self {
        let shop = Self::set_up();
        shop.stock();
        shop
    }

    /// A company in which nothing is there yet. Anna is its admin; somebody with this role works here.
    pub fn bare(role: Role) -> Self {
        let dir = TempDir::new().unwrap();
        let me = if role == Role::Admin { ANNA } else { BO };
        let person = |id, name: &str, role| PersonName { id, name: name.into(), roles: vec![role] };
        let grant = |person, role| Grant { person, roles: vec![role], locations: Vec::new(), unlocked: None };
        let mut people = vec![person(ANNA, "Anna Berg", Role::Admin)];
        let mut here = vec![grant(ANNA, Role::Admin)];
        if me != ANNA {
            people.push(person(me, "Bo Lind", role));
            here.push(grant(me, role));
        }
        let mut store = Store::open(dir.path(), engine::now()).unwrap();
        let names = Names { version: 1, since: 0, people, devices: Vec::new(), here, encrypt: false };
        let meta = Meta {
            device_code: "T2".into(),
            device_name: "Till 2".into(),
            cursor: Some(Cursor::START),
            ..store_meta(dir.path())
        };
        store.commit(&[Write::Names(names), Write::Meta(meta.into())]).unwrap();
        store.set_local(&Local { person: Some(me), ..Local::default() }).unwrap();
        store.close().unwrap();
        if me != ANNA {
            Book::open(dir.path()).set(ANNA, "Anna Berg", &pin_of_anna(), None).unwrap();
        }
        let engine =
            engine::start(Config { dir: dir.path().to_owned(), online: false, listen: false }).unwrap();
        Self { engine, dir }
    }

    /// The company is set up, and nothing else is there.
    pub fn set_up() -> Self {
        let shop = Self::bare(Role::Admin);
        shop.settle();
        shop
    }

    fn settle(&self) {
        let standard = TaxClass { name: "Standard".into(), rate: "19".parse().unwrap() };
        self.enter(
            SettingsId::ONLY.into(),
            settings::Create {
                company: "Lund Möbel".into(),
                zone: chrono_tz::Europe::Berlin,
                currency: Currency::EUR,
                tax_classes: [("standard".to_owned(), standard)].into(),
                no_customer: [("shop".to_owned(), true)].into(),
            },
        );
    }

    fn stock(&self) {
        let place = LocationId::new(uuid::Uuid::from_u128(1));
        let shop = location::Create {
            code: "S1".into(),
            name: "Shop Lübeck".into(),
            kind: LocationKind::Shop,
            address: Default::default(),
        };
        self.enter(place.into(), shop);
        for (number, name, cents, barcode) in
            [("400", "Oak chair", 18_900, "4006381333931"), ("401", "Wool rug", 31_500, "4006381333948")]
        {
            let addr = engine::fresh(DocKind::Product);
            let create = product::Create {
                number: number.into(),
                name: name.into(),
                description: String::new(),
                category: "Home".into(),
                unit: Unit::Piece,
                tax_class: "standard".into(),
                barcodes: [(barcode.to_owned(), true)].into(),
            };
            self.enter(addr, create);
            let price = product::SetPrice {
                id: PriceId::NIL,
                price: Amount::from_minor(cents, 2),
                currency: Currency::EUR,
                tax_included: true,
                from: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
            };
            self.enter(addr, price);
        }
        let lund = customer::Create {
            number: "C-100".into(),
            name: "Bakery Lund".into(),
            group: String::new(),
            tax_number: String::new(),
            contact: Default::default(),
            addresses: Default::default(),
        };
        self.enter(engine::fresh(DocKind::Customer), lund);
    }

    pub fn enter(&self, addr: DocAddr, command: impl Into<Command>) -> EditId {
        let submit = Submit::new(vec![(addr, command.into())]);
        match self.engine.submit(submit).wait() {
            Answer::Entered { edit, .. } => edit,
            other => panic!("it is entered: {other:?}"),
        }
    }

    /// As if the server had said this of an entry.
    pub fn told(self, id: EditId, verdict: Verdict) -> Self {
        self.between_runs(|store, reader| {
            let mut stored = reader.edit(id).unwrap().expect("the edit is in the file");
            stored.state = EditState::Attention { verdict };
            store.commit(&[Write::Edit(Box::new(stored))]).unwrap();
        })
    }

    /// The program is ended, its file changed, and the program started again.
    fn between_runs(self, change: impl FnOnce(&mut Store, &Reader)) -> Self {
        let Self { engine, dir } = self;
        engine.stop();
        let reader = Reader::open(dir.path()).unwrap();
        let mut store = Store::open(dir.path(), engine::now()).unwrap();
        change(&mut store, &reader);
        drop(reader);
        store.close().unwrap();
        let engine =
            engine::start(Config { dir: dir.path().to_owned(), online: false, listen: false }).unwrap();
        Self { engine, dir }
    }

    /// The same after something happened to its files.
    pub fn after(self, change: impl FnOnce(&std::path::Path)) -> Self {
        self.between_runs(|store, _| change(store.dir()))
    }

    /// The same shop, with Anna in another role.
    pub fn with_anna_as(role: Role) -> Self {
        Self::new().with_anna_now(role)
    }

    /// The same shop, with Anna an admin and this as well.
    pub fn with_anna_also(role: Role) -> Self {
        Self::new().between_runs(|store, reader| {
            let mut names = reader.names().unwrap();
            names.people[0].roles.push(role);
            names.here[0].roles.push(role);
            store.commit(&[Write::Names(names)]).unwrap();
        })
    }

    /// From now on in another role, with what is there.
    pub fn with_anna_now(self, role: Role) -> Self {
        self.between_runs(|store, reader| {
            let mut names = reader.names().unwrap();
            names.people[0].roles = vec![role];
            names.here[0].roles = vec![role];
            store.commit(&[Write::Names(names)]).unwrap();
        })
    }

    /// The same shop, with Anna in another role and at work in these places.
    pub fn with_anna_at(self, role: Role, places: &[LocationId]) -> Self {
        self.between_runs(|store, reader| {
            let mut names = reader.names().unwrap();
            names.people[0].roles = vec![role];
            names.here[0].roles = vec![role];
            names.here[0].locations = places.to_vec();
            store.commit(&[Write::Names(names)]).unwrap();
        })
    }

    /// Another shop, warehouse or van.
    pub fn open_place(&self, code: &str, name: &str, kind: LocationKind) -> LocationId {
        let id = LocationId::new(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, code.as_bytes()));
        let create =
            location::Create { code: code.into(), name: name.into(), kind, address: Default::default() };
        self.enter(id.into(), create);
        id
    }

    /// Anna and Bo share the device, each with a PIN, and nobody works here now.
    pub fn shared() -> Self {
        Self::new().between_runs(|store, reader| {
            let mut names = reader.names().unwrap();
            names.people.push(PersonName { id: BO, name: "Bo Lind".into(), roles: vec![Role::Shop] });
            names.here.push(Grant {
                person: BO,
                roles: vec![Role::Shop],
                locations: Vec::new(),
                unlocked: None,
            });
            store.commit(&[Write::Names(names)]).unwrap();
            store.set_local(&Local::default()).unwrap();
            let mut book = Book::open(store.dir());
            book.set(ANNA, "Anna Berg", &pin_of_anna(), None).unwrap();
            book.set(BO, "Bo Lind", &Pin("482915".into()), None).unwrap();
        })
    }

    pub fn reader(&self) -> Reader {
        Reader::open(self.dir.path()).unwrap()
    }

    /// The window, without a display.
    pub fn window(&self, width: f32, height: f32) -> Screen {
        // Steps that wait for the engine are a quarter of a second each to the window.
        self.window_with(width, height, Remembered { lock_after: LockAfter::Hour, ..Remembered::default() })
    }

    /// As it was left the last time.
    pub fn window_with(&self, width: f32, height: f32, remembered: Remembered) -> Screen {
        let books = Books::open(self.dir.path(), engine::now()).unwrap();
        let window = Window::with(self.engine.clone(), books, remembered);
        Harness::builder()
            .with_context_setup(theme::install)
            .with_size((width, height))
            .with_max_steps(60)
            .build_ui_state(|ui, window: &mut Window| window.show(ui, engine::now()), window)
    }
}

pub type Screen = Harness<'static, Window>;

/// All that can be read.
fn words(screen: &Screen) -> Vec<String> {
    let read = |node: egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        node.label().or(node.value())
    };
    screen.root().children_recursive().filter_map(read).collect()
}

pub fn shows(screen: &Screen, words: &str) -> bool {
    screen.query_all_by_label_contains(words).next().is_some()
}

/// Presses the keys of a place.
pub fn go(screen: &mut Screen, key: Key) {
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, key);
    screen.run_steps(4);
}

pub fn press(screen: &mut Screen, label: &str) {
    screen.get_by_label(label).click();
    screen.run_steps(4);
}

pub fn type_words(screen: &mut Screen, words: &str) {
    screen.run_steps(2);
    screen.event(egui::Event::Text(words.to_owned()));
    screen.run_steps(3);
}

pub fn type_and_enter(screen: &mut Screen, words: &str) {
    type_words(screen, words);
    screen.key_press(Key::Enter);
    screen.run_steps(3);
}

/// Runs the window until `done`, because the engine answers from its own thread.
pub fn until(harness: &mut Screen, what: &str, done: impl Fn(&Screen) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        harness.run_steps(2);
        if done(harness) {
            // A card stands in the middle once its height is known.
            return harness.run_steps(3);
        }
        assert!(Instant::now() < deadline, "never: {what}; there is {:?}", words(harness));
        std::thread::yield_now();
    }
}

fn store_meta(dir: &std::path::Path) -> Meta {
    let reader = Reader::open(dir).unwrap();
    let mut meta = reader.meta().unwrap();
    if meta.device.is_nil() {
        meta.device = waybill_shared::id::DeviceId::new(uuid::Uuid::from_u128(9));
    }
    meta
}

/// The width of a telephone.
pub const PHONE: f32 = 360.0;

/// What can be read or pressed and is not wholly between the left and the right edge.
fn beside(screen: &Screen) -> Vec<String> {
    let reads = |node: &egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        node.bounding_box().is_some() && node.label().or(node.value()).is_some_and(|words| !words.is_empty())
    };
    screen
        .root()
        .children_recursive()
        .filter(reads)
        .filter(|node| node.rect().left() < -0.5 || node.rect().right() > PHONE + 0.5)
        .map(|node| format!("{:?} at {:?}", node.accesskit_node().label(), node.rect()))
        .collect()
}

pub fn fits(screen: &mut Screen, place: &str) {
    screen.run_steps(4);
    let beside = beside(screen);
    assert!(beside.is_empty(), "{place}: {beside:?}");
}
