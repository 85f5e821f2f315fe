//! The disk of the simulation and the file of a real device answer alike, whatever is written to them: what
//! the simulator finds out about the session holds for SQLite too.

use std::collections::BTreeMap;

use waybill_client::store::Store as FileStore;
use waybill_shared::{
    command::Command,
    customer::{self, SetCreditLimit},
    doc::{Actor, Doc, DocError},
    edit::Verdict,
    finding::{Finding, Rule},
    id::{CustomerId, CustomerTermsId, DeviceId, EditId, FactId, LineId, LocationId, OrderId, PersonId},
    kind::{DocAddr, DocKind},
    money::Currency,
    order::{Line, Payment, PaymentMethod, PaymentState, Tax, commands},
    protocol::frame::{Grant, Names, PersonName},
    quantity::{Quantity, Unit},
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::{
        Action, Device, EnterError,
        store::{EditState, Meta, Store, StoredEdit, Write, WriteDoc},
    },
    time::Timestamp,
    view::View,
};
use waybill_tests::{scribe::Seeded, world::disk::Disk};

const PLACE: Scope = Scope::Location(LocationId::new(uuid::Uuid::from_u128(3)));
const ANA: PersonId = PersonId::new(uuid::Uuid::from_u128(0xa));

/// Both, written to alike.
struct Twins {
    disk: Disk,
    file: FileStore,
    device: Device,
    dice: Seeded,
    now: Timestamp,
    orders: Vec<DocAddr>,
    customers: Vec<CustomerId>,
    edits: Vec<EditId>,
    _dir: tempfile::TempDir,
}

impl Twins {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let now = Timestamp::from_unix_ms(1_763_600_000_000);
        let file = FileStore::open(dir.path(), now).expect("opens");
        let mut dice = Seeded(seed);
        let device = Device::new(&mut dice);
        let mut twins = Self {
            disk: Disk::default(),
            file,
            device,
            dice,
            now,
            orders: Vec::new(),
            customers: Vec::new(),
            edits: Vec::new(),
            _dir: dir,
        };
        let roles = vec![Role::Admin];
        let names = Names {
            version: 1,
            since: 0,
            people: vec![PersonName { id: ANA, name: "Ana".into(), roles: roles.clone() }],
            devices: Vec::new(),
            here: vec![Grant { person: ANA, roles, locations: Vec::new(), unlocked: None }],
            encrypt: false,
        };
        let meta = Meta {
            device: DeviceId::new(uuid::Uuid::from_u128(0xd)),
            device_code: "T1".into(),
            ..Meta::default()
        };
        twins.write(&[Write::Meta(meta.into()), Write::Names(names)]);
        twins
    }

    fn write(&mut self, writes: &[Write]) {
        self.disk.commit(writes);
        self.file.commit(writes).expect("commits");
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let at = self.dice.below(of.len() as u64) as usize;
        of.get(at).copied()
    }

    fn enter(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>) {
        self.now = self.now.plus_ms(1000);
        let commands = vec![(addr.into(), command.into())];
        let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
        match self.device.enter(self.now, action, &self.disk, &mut self.dice) {
            Ok(entered) => {
                self.edits.push(entered.id);
                self.write(&entered.writes);
            }
            Err(EnterError::Refused(_)) => {}
            Err(EnterError::Store(error)) => panic!("{error}"),
        }
    }

    fn step(&mut self) {
        let orders = self.orders.clone();
        let customers = self.customers.clone();
        let edits = self.edits.clone();
        let (order, edit) = (self.pick(&orders), self.pick(&edits));
        match (self.dice.below(12), order, edit) {
            (0, ..) => {
                let id: CustomerId = self.dice.id(self.now);
                let create = customer::Create {
                    number: String::new(),
                    name: "Berger".into(),
                    group: String::new(),
                    tax_number: String::new(),
                    contact: Default::default(),
                    addresses: Default::default(),
                };
                self.enter(id, create);
                let limit = Some("900".parse().expect("an amount"));
                self.enter(CustomerTermsId::of(id), SetCreditLimit { limit, currency: Currency::EUR });
                self.customers.push(id);
            }
            (1 | 2, ..) | (_, None, _) | (_, _, None) => {
                let id: OrderId = self.dice.id(self.now);
                let lines = BTreeMap::from([(self.dice.id::<LineId>(self.now), line())]);
                let customer = self.pick(&customers);
                self.enter(id, order_of(customer, lines));
                self.orders.push(id.into());
            }
            (3, Some(order), _) => self.enter(order, commands::Place {}),
            (4, Some(order), _) => {
                let tag = format!("t{}", self.dice.below(4));
                self.enter(order, commands::Tag { tag });
            }
            (5, Some(order), _) => {
                let id: FactId = self.dice.id(self.now);
                self.enter(order, commands::TakePayment { id, payment: payment() });
            }
            (6 | 7, _, Some(edit)) => self.settle(edit),
            (8, Some(order), _) => self.confirm(order),
            (9, Some(order), _) if self.dice.below(3) == 0 => self.write(&[Write::Forget(order)]),
            (10, ..) if self.dice.below(4) == 0 => self.write(&[Write::MarkStale]),
            _ => {}
        }
    }

    /// The edit moves into some state, as by a verdict.
    fn settle(&mut self, edit: EditId) {
        let Some(stored) = self.disk.edit(edit).expect("reads") else { return };
        let findings = vec![Finding::new(Rule::NoLines, "It has no lines.", "Add one.")];
        let state = match self.dice.below(6) {
            0 => EditState::Pending,
            1 => EditState::Accepted,
            2 => EditState::Rewritten,
            3 => EditState::Attention { verdict: Verdict::Refused { findings } },
            4 => EditState::Discarded { told: false },
            _ => EditState::Discarded { told: true },
        };
        let pos = Some(self.dice.below(1000));
        self.write(&[Write::Edit(Box::new(StoredEdit { state, pos, ..stored }))]);
    }

    /// What is shown of a document is confirmed, as when it comes whole from the server or by entries.
    fn confirm(&mut self, addr: DocAddr) {
        let Some(stored) = self.disk.document(addr).expect("reads") else { return };
        let saved = stored.shown.unwrap_or(stored.confirmed);
        let confirmed = waybill_shared::doc::Doc::load(addr.kind, &saved).expect("loads");
        let view = View::read(&confirmed).expect("reads");
        let office = Scopes::from(Scope::Office);
        let scopes = match self.dice.below(4) {
            0 => Scopes::NONE,
            1 => office,
            _ => office.with(&Scopes::from(PLACE)),
        };
        let replaced = self.dice.below(2) == 0;
        let doc = WriteDoc { addr, scopes, replaced, confirmed, shown: None, view };
        self.write(&[Write::Document(Box::new(doc))]);
    }

    fn agree(&self, when: &str) {
        let (disk, file) = (&self.disk as &dyn Store, &self.file as &dyn Store);
        assert_eq!(disk.meta().expect("reads"), file.meta().expect("reads"), "{when}: meta");
        assert_eq!(disk.names().expect("reads"), file.names().expect("reads"), "{when}: names");
        for addr in &self.orders {
            let (a, b) = (disk.document(*addr), file.document(*addr));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: {addr}");
            let (a, b) = (disk.pending_on(*addr), file.pending_on(*addr));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: pending on {addr}");
        }
        for id in &self.edits {
            assert_eq!(disk.edit(*id).expect("reads"), file.edit(*id).expect("reads"), "{when}: {id}");
        }
        for (after, limit) in [(0, 1000), (3, 2), (10, 5)] {
            let (a, b) = (disk.pending(after, limit), file.pending(after, limit));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: pending after {after}");
        }
        assert_eq!(disk.count_pending().expect("reads"), file.count_pending().expect("reads"), "{when}");
        let (a, b) = (disk.untold_discards(), file.untold_discards());
        assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: discards");
        assert_eq!(disk.kept().expect("reads"), file.kept().expect("reads"), "{when}: kept");
        for scopes in [Scopes::NONE, Scope::Office.into(), PLACE.into(), Scope::Everyone.into()] {
            let (a, b) = (disk.in_scopes(&scopes), file.in_scopes(&scopes));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: documents in {scopes}");
        }
        for addr in &self.orders {
            let (a, b) = (disk.listed_on(*addr), file.listed_on(*addr));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: listed on {addr}");
        }
        for scope in [PLACE, Scope::Office] {
            let (a, b) = (disk.heads(scope), file.heads(scope));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: heads of {scope}");
        }
        assert_eq!(disk.stale().expect("reads"), file.stale().expect("reads"), "{when}: stale");
        let except = self.orders.first().map_or(OrderId::NIL, |addr| OrderId::new(addr.id));
        for customer in &self.customers {
            let (a, b) = (disk.credit(*customer, except), file.credit(*customer, except));
            assert_eq!(a.expect("reads"), b.expect("reads"), "{when}: credit");
        }
    }
}

fn order_of(customer: Option<CustomerId>, lines: BTreeMap<LineId, Line>) -> commands::Create {
    commands::Create {
        number: String::new(),
        channel: "phone".into(),
        location: LocationId::new(uuid::Uuid::from_u128(3)),
        customer,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines,
    }
}

fn line() -> Line {
    Line {
        pos: 1,
        product: None,
        name: "Oak chair".into(),
        quantity: Quantity::new(2),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "59.50".parse().expect("a price"),
        currency: Currency::EUR,
        discount: Default::default(),
        tax: Tax { class: "standard".into(), rate: "19".parse().expect("a rate"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

fn payment() -> Payment {
    Payment {
        method: PaymentMethod::Cash,
        amount: "70".parse().expect("an amount"),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    }
}

#[test]
fn the_simulated_disk_and_the_real_file_answer_alike() {
    for seed in 1..=4 {
        let mut twins = Twins::new(seed);
        for step in 0..150 {
            twins.step();
            if step % 10 == 0 {
                twins.agree(&format!("seed {seed}, step {step}"));
            }
        }
        twins.agree(&format!("seed {seed}, at the end"));
        assert!(twins.orders.len() > 10 && twins.customers.len() > 3 && twins.edits.len() > 50);
    }
}

#[test]
fn a_document_of_a_kind_that_is_not_known_here_is_kept_as_it_is() {
    let mut twins = Twins::new(9);
    let addr = DocAddr::new(DocKind::Newer(77), twins.dice.id::<OrderId>(twins.now).into());
    let mut doc = Doc::new(addr.kind);
    let actor = Actor::fresh(&mut twins.dice);
    doc.write(actor, twins.now, |draft| draft.set(&["name"], "crane"))
        .map_err(|error: DocError| error)
        .expect("writes");
    let view = View::read(&doc).expect("never an error");
    let scopes = Scopes::from(Scope::Office);
    let write = WriteDoc { addr, scopes, replaced: true, confirmed: doc.clone(), shown: None, view };
    twins.write(&[Write::Document(Box::new(write))]);
    twins.orders.push(addr);
    twins.agree("with a document of a later version");
    let stored = twins.file.document(addr).expect("reads").expect("is there");
    assert_eq!(stored.confirmed, doc.save());
    assert_eq!(twins.file.heads(Scope::Office).expect("reads"), [(addr, doc.heads().to_vec())]);
}
