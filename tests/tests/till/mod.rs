//! A till for tests of the server: it makes edits as a device does, from its own documents.
#![allow(dead_code, reason = "every test file uses its own part of this")]

pub mod desk;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, Weak},
};

use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;
use waybill_server::{
    intake::{Handed, Submission},
    postgres::EmbeddedPostgres,
};
use waybill_shared::{
    command::Command,
    customer,
    doc::{Actor, Doc},
    edit::{Edit, EditKind, Part},
    id::{
        CustomerId, CustomerTermsId, DeviceId, EditId, Entropy, FactId, LineId, LocationId, OrderId, PersonId,
    },
    kind::DocAddr,
    make::make,
    money::{Amount, Currency},
    order::{Discount, Line, Payment, PaymentMethod, PaymentState, Sale, Tax, commands},
    protocol::frame::DocChange,
    quantity::{Quantity, Unit},
    rules::roles::Role,
    time::{Booked, Timestamp},
    view::View,
};
use waybill_tests::serving::start_postgres;

pub const NOON: Timestamp = Timestamp::from_unix_ms(1_763_640_000_000);

/// The same bytes in every run.
pub struct Seeded(pub u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

/// Where its orders are made.
pub const PLACE: LocationId = LocationId::new(Uuid::from_u128(3));

pub struct Till {
    pub device: DeviceId,
    pub person: PersonId,
    pub roles: Vec<Role>,
    pub counter: u64,
    entropy: Seeded,
    actor: Actor,
    docs: HashMap<DocAddr, Doc>,
    began: Timestamp,
}

impl Till {
    pub fn new(number: u64, roles: &[Role]) -> Self {
        let mut entropy = Seeded(number);
        Self {
            device: DeviceId::new(Uuid::from_u128(u128::from(number) << 8)),
            person: PersonId::new(Uuid::from_u128(u128::from(number) << 16)),
            roles: roles.to_vec(),
            counter: 0,
            actor: Actor::fresh(&mut entropy),
            entropy,
            docs: HashMap::new(),
            began: NOON,
        }
    }

    /// For a server with the clock of this machine.
    pub fn today(number: u64, roles: &[Role]) -> Self {
        let now = Timestamp::from_unix_ms(chrono::Utc::now().timestamp_millis());
        Self { began: now.plus_ms(-60_000), ..Self::new(number, roles) }
    }

    pub fn fresh<I: From<Uuid>>(&mut self) -> I {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        I::from(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    pub fn doc(&self, addr: DocAddr) -> Doc {
        self.docs.get(&addr).cloned().unwrap_or_else(|| Doc::new(addr.kind))
    }

    pub fn view(&self, addr: DocAddr) -> View {
        View::read(&self.doc(addr)).unwrap()
    }

    /// The till goes back to what the server has, and writes as somebody new.
    pub fn rebase(&mut self, addr: DocAddr, doc: Doc) {
        self.docs.insert(addr, doc);
        self.actor = Actor::fresh(&mut self.entropy);
    }

    /// What came down is taken in.
    pub fn take(&mut self, change: &DocChange) {
        let mut doc = self.doc(change.doc);
        doc.apply(&change.bytes).unwrap();
        self.docs.insert(change.doc, doc);
    }

    pub fn edit(&mut self, addr: DocAddr, command: impl Into<Command>) -> Edit {
        self.edit_of(vec![(addr, command.into())])
    }

    /// Runs the commands here, as a device does before it sends them.
    pub fn edit_of(&mut self, commands: Vec<(DocAddr, Command)>) -> Edit {
        let mut edit = self.bare(commands);
        for nth in 0..edit.parts.len() {
            let part = &edit.parts[nth];
            let doc = self.doc(part.doc);
            let view = View::read(&doc).unwrap();
            let ctx = edit.context(nth as u16, part.at);
            let (written, made) = make(&doc, &view, &part.command, &ctx, self.actor).unwrap();
            self.docs.insert(part.doc, written.doc);
            edit.parts[nth].made = Some(made);
        }
        edit
    }

    /// As a client that keeps no documents sends it.
    pub fn bare(&mut self, commands: Vec<(DocAddr, Command)>) -> Edit {
        self.counter += 1;
        let at = self.began.plus_ms(self.counter as i64);
        let kind = commands.first().map_or(EditKind::Requests, |(_, command)| command.kind());
        Edit {
            id: self.fresh::<EditId>(),
            kind,
            person: self.person,
            device: self.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(at.day(chrono_tz::UTC)),
            parts: commands.into_iter().map(|(doc, command)| Part { doc, command, at, made: None }).collect(),
            after: Vec::new(),
            overriding: None,
        }
    }

    pub fn hands_in(&self, edit: &Edit) -> Submission {
        Submission::Edit(Handed {
            edit: Arc::new(edit.clone()),
            roles: Some(self.roles.as_slice().into()),
            approver: Arc::default(),
            looked_up: Default::default(),
        })
    }

    pub fn new_order(&mut self) -> OrderId {
        self.fresh()
    }

    /// An order of one line, three oak chairs at 20.00.
    pub fn create(&mut self, customer: Option<CustomerId>) -> commands::Create {
        let line = self.fresh::<LineId>();
        commands::Create {
            number: "T1-1".into(),
            channel: "phone".into(),
            location: PLACE,
            customer,
            customer_name: customer.map(|_| "Acme".to_owned()),
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Default::default(),
            delivery: Default::default(),
            wanted: Default::default(),
            lines: BTreeMap::from([(line, chairs(3))]),
        }
    }

    pub fn payment(&mut self, amount: &str) -> commands::TakePayment {
        commands::TakePayment {
            id: self.fresh::<FactId>(),
            payment: Payment {
                method: PaymentMethod::Cash,
                amount: amount.parse().unwrap(),
                currency: Currency::EUR,
                state: PaymentState::Taken,
                drawer: None,
                reference: None,
            },
        }
    }

    /// So much of the order's first line.
    pub fn hand_over(&mut self, addr: DocAddr, pieces: i64) -> commands::HandOver {
        let View::Order(order) = self.view(addr) else { panic!("{addr} is no order") };
        let line = *order.lines.keys().next().unwrap();
        commands::HandOver {
            id: self.fresh::<FactId>(),
            lines: BTreeMap::from([(line, Quantity::new(pieces))]),
            shown: BTreeMap::new(),
            received_by: None,
            signature: None,
        }
    }

    /// Three oak chairs over the counter.
    pub fn sale(&mut self, line: LineId, price: &str, paid: &str) -> commands::RecordSale {
        let sale = Sale {
            receipt: "T1-R1".into(),
            link: None,
            channel: "shop".into(),
            location: LocationId::new(Uuid::from_u128(3)),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines: BTreeMap::from([(line, Line { price: price.parse().unwrap(), ..chairs(3) })]),
            payments: BTreeMap::from([(self.fresh(), self.payment(paid).payment)]),
            change: Amount::ZERO,
        };
        commands::RecordSale { id: self.fresh(), sale }
    }

    pub fn note(&mut self, text: &str) -> commands::Note {
        commands::Note { id: self.fresh::<FactId>(), text: text.into() }
    }
}

pub fn chairs(count: i64) -> Line {
    Line {
        pos: 1,
        product: None,
        name: "Oak chair".into(),
        quantity: Quantity::new(count),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "20".parse().unwrap(),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: "19".parse().unwrap(), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

pub fn credit_limit(customer: CustomerId, limit: &str) -> (DocAddr, Command) {
    let limit: Amount = limit.parse().unwrap();
    let command = customer::SetCreditLimit { limit: Some(limit), currency: Currency::EUR };
    (CustomerTermsId::of(customer).into(), command.into())
}

/// An empty database with all tables.
pub struct TestDatabase {
    pub pool: PgPool,
    pub url: String,
    _cluster: Arc<Cluster>,
}

struct Cluster {
    postgres: EmbeddedPostgres,
    // After the cluster, which must have stopped when its files go.
    _dir: TempDir,
}

impl TestDatabase {
    pub async fn new() -> Self {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let cluster = tokio::task::spawn_blocking(|| {
            let mut shared = SHARED.lock().unwrap();
            shared.upgrade().unwrap_or_else(|| {
                let dir = tempfile::tempdir().unwrap();
                let postgres = start_postgres(dir.path());
                let cluster = Arc::new(Cluster { postgres, _dir: dir });
                *shared = Arc::downgrade(&cluster);
                cluster
            })
        })
        .await
        .unwrap();
        let name = format!("test_{}", Uuid::new_v4().simple());
        let options = cluster.postgres.create_database(&name).await.unwrap();
        let pool = PgPool::connect_with(options).await.unwrap();
        waybill_server::database::migrate(&pool).await.unwrap();
        Self { pool, url: cluster.postgres.url(&name), _cluster: cluster }
    }
}
