//! A server of a later version beside ours, on the same log: what it writes this version does not know. It is kept
//! by everybody, shown as far as it can be, and nothing else suffers from it.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use waybill_server::{
    log::{Batch, DocUpdate, Head, Log as _, Looked, NewEntry},
    reports::{self, RowsChange},
};
use waybill_shared::{
    command::run_in,
    digest::Digest,
    doc::{Actor, ChangeBytes, Doc, DocError, skeleton},
    edit::{Context, Verdict},
    erasure,
    id::{DeviceId, EditId, FactId, Id, LocationId, PersonId, ProductId},
    kind::{DocAddr, DocKind},
    product,
    protocol::frame::DocChange,
    quantity::Unit,
    scope::{Scope, Scopes},
    time::{Booked, Timestamp},
    view::View,
};

use super::{ledger::Written, server::now, sim::Sim};

/// A kind of document that no version has yet.
pub const KIND: DocKind = DocKind::Newer(77);

/// What it wrote, to be found again.
#[derive(Clone, Debug)]
pub enum Wrote {
    Fact {
        order: DocAddr,
        id: FactId,
        grams: i64,
    },
    /// Into a document of a kind, or with a beginning, that is not known here.
    Name {
        doc: DocAddr,
        name: String,
    },
    Crane {
        order: DocAddr,
    },
}

/// What a later version finds of it.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Found {
    facts: BTreeMap<FactId, FoundFact>,
    fields: FoundFields,
    plan: FoundPlan,
}

#[derive(Deserialize)]
struct FoundFact {
    what: FoundWhat,
}

#[derive(Deserialize)]
struct FoundWhat {
    kind: String,
    grams: Option<i64>,
}

#[derive(Default, Deserialize)]
struct FoundFields {
    #[serde(default)]
    name: String,
}

#[derive(Default, Deserialize)]
struct FoundPlan {
    #[serde(default)]
    crane: bool,
}

impl Wrote {
    pub fn doc(&self) -> DocAddr {
        match self {
            Self::Fact { order, .. } | Self::Crane { order } => *order,
            Self::Name { doc, .. } => *doc,
        }
    }

    /// It stands there as it was written.
    pub fn stands_in(&self, doc: &Doc) -> bool {
        let Ok(found) = doc.read::<Found>() else { return false };
        match self {
            Self::Fact { id, grams, .. } => found
                .facts
                .get(id)
                .is_some_and(|fact| fact.what.kind == "weighed" && fact.what.grams == Some(*grams)),
            Self::Name { name, .. } => found.fields.name == *name,
            Self::Crane { .. } => found.plan.crane,
        }
    }
}

#[derive(Serialize)]
struct Weighed {
    at: Timestamp,
    day: chrono::NaiveDate,
    month: waybill_shared::time::Month,
    person: PersonId,
    device: DeviceId,
    what: WeighedWhat,
}

#[derive(Serialize)]
struct WeighedWhat {
    kind: &'static str,
    grams: i64,
}

impl Sim {
    /// It writes something at random.
    pub fn newer_writes(&mut self) {
        let orders: Vec<DocAddr> = self.documents_of(DocKind::Order);
        match (self.dice.below(5), self.dice.pick(&orders).copied()) {
            (0 | 1, Some(order)) => self.newer_weighs(order),
            (2, Some(order)) => self.newer_plans(order),
            (3, _) => self.newer_makes_a_product(),
            _ => self.newer_names(),
        }
    }

    fn documents_of(&self, kind: DocKind) -> Vec<DocAddr> {
        let all = self.server.log.all_documents().into_iter().map(|saved| saved.doc);
        all.filter(|addr| addr.kind == kind).collect()
    }

    /// A kind of fact that is not known here.
    pub fn newer_weighs(&mut self, order: DocAddr) {
        let (id, grams) = (FactId::fresh(self.now, &mut self.dice), self.dice.between(1, 9_000));
        let wrote = Wrote::Fact { order, id, grams };
        self.newer_writes_in(order, wrote, |doc, actor, at| {
            let day = at.utc().date_naive();
            let (person, device) = (PersonId::NIL, DeviceId::NIL);
            let what = WeighedWhat { kind: "weighed", grams };
            let month = Booked::on(day).month;
            let fact = Weighed { at, day, month, person, device, what };
            let key = Uuid::from(id).simple().to_string();
            doc.write(actor, at, |draft| draft.set(&["facts", &key], &fact)).map(|(change, _)| change)
        });
    }

    /// Values and choices that are not known here, among some that are.
    pub fn newer_plans(&mut self, order: DocAddr) {
        self.newer_writes_in(order, Wrote::Crane { order }, |doc, actor, at| {
            doc.write(actor, at, |draft| {
                draft.set(&["plan", "crane"], &true)?;
                draft.set(&["plan", "priority"], "critical")
            })
            .map(|(change, _)| change)
        });
    }

    /// A document of a known kind with a beginning that is not known here.
    pub fn newer_makes_a_product(&mut self) {
        let id = ProductId::fresh(self.now, &mut self.dice);
        let name = format!("Lathe {}", self.dice.between(1, 99));
        let create = product::Create {
            number: String::new(),
            name: name.clone(),
            description: String::new(),
            category: "machines".into(),
            unit: Unit::Piece,
            tax_class: "standard".into(),
            barcodes: BTreeMap::new(),
        };
        let wrote = Wrote::Name { doc: id.into(), name };
        let edit = EditId::fresh(self.now, &mut self.dice);
        self.newer_writes_in(id.into(), wrote, |doc, actor, at| {
            let (person, device) = (PersonId::NIL, DeviceId::NIL);
            let booked = Booked::on(at.utc().date_naive());
            let context = Context { edit, part: 0, person, device, at, booked };
            let wrote = run_in(doc, &View::read(doc)?, &create.into(), &context, actor);
            Ok(wrote.expect("a product is made").change)
        });
    }

    /// A document of a kind that is not known here, or more in one that there is.
    pub fn newer_names(&mut self) {
        let there = self.documents_of(KIND);
        let doc = match self.dice.pick(&there) {
            Some(doc) if there.len() > 2 => *doc,
            _ => DocAddr::new(KIND, LocationId::fresh(self.now, &mut self.dice).into()),
        };
        let name = format!("crane {}", self.dice.between(1, 999));
        self.newer_writes_in(doc, Wrote::Name { doc, name: name.clone() }, |doc, actor, at| {
            doc.write(actor, at, |draft| draft.set(&["fields", "name"], &name)).map(|(change, _)| change)
        });
    }

    fn newer_writes_in(
        &mut self,
        addr: DocAddr,
        wrote: Wrote,
        write: impl FnOnce(&mut Doc, Actor, Timestamp) -> Result<Option<ChangeBytes>, DocError>,
    ) {
        let stored = now(self.server.log.load(&[addr], &[])).expect("in memory").docs.pop();
        let (mut doc, version) = match &stored {
            Some(stored) => (Doc::load(addr.kind, &stored.saved).expect("it loads"), stored.version),
            None => (begun(addr.kind), 0),
        };
        let before = View::read(&doc).expect("a document reads");
        let was = now(self.server.log.scopes(&[addr])).expect("in memory").remove(&addr).unwrap_or_default();
        if erasure::is_erased(&before) {
            return;
        }
        if stored.is_none() {
            self.ledger.begun.insert(addr, doc.save());
        }
        let heads = doc.heads().to_vec();
        let at = self.now.max(doc.last_at()).plus_ms(1);
        let change = write(&mut doc, Actor::fresh(&mut self.dice), at).expect("it is written");
        let Some(change) = change else { return };
        let after = View::read(&doc).expect("a document reads");
        let scopes = Scopes::of(&after);
        let edit = EditId::fresh(self.now, &mut self.dice);
        let Head { cursor, mut digests, numbers, numbers_wait, epoch, since } =
            now(self.server.log.head()).expect("in memory");
        let mut moved: BTreeMap<Scope, Digest> = BTreeMap::new();
        for digests in [&mut digests, &mut moved] {
            for scope in was.iter() {
                digests.entry(scope).or_default().moved(Digest::of(addr, &heads), Digest::default());
            }
            for scope in scopes.iter() {
                digests.entry(scope).or_default().moved(Digest::default(), Digest::of(addr, doc.heads()));
            }
        }
        let (rows_before, rows) = (reports::rows(addr, &before), reports::rows(addr, &after));
        let changed = (rows_before != rows).then(|| RowsChange {
            addr,
            before: Arc::new(rows_before),
            after: Arc::new(rows),
        });
        let covered = vec![(addr, Some(change.hash))];
        let next = cursor.next(edit, 0, &Verdict::Accepted, &covered);
        let entry = NewEntry {
            cursor: next,
            edit,
            attempt: 0,
            device: DeviceId::NIL,
            verdict: Verdict::Accepted,
            judged: None,
            review: None,
            changes: vec![DocChange {
                part: 0,
                doc: addr,
                generation: doc.generation(),
                scopes: scopes.clone(),
                hash: change.hash,
                bytes: change.bytes,
            }],
            opens: None,
            moved: if was == scopes { Vec::new() } else { vec![(addr, was.clone())] },
            claims: Vec::new(),
            covered,
        };
        let (snap_version, opened) =
            stored.as_ref().map_or((1, 0), |stored| (stored.snap_version, stored.opened));
        let update = DocUpdate {
            addr,
            scopes: scopes.clone(),
            heads: doc.heads().to_vec(),
            generation: doc.generation(),
            version: version + 1,
            snap_version,
            opened,
            snapshot: stored.is_none().then(|| doc.save()),
        };
        let batch = Batch {
            before: cursor,
            after: Head { cursor: next, digests, numbers, numbers_wait, epoch, since },
            looked: Looked::default(),
            moved,
            at: self.now,
            entries: vec![entry],
            docs: vec![update],
            counters: BTreeMap::new(),
            rows: changed.into_iter().collect(),
        };
        let written = Written { batch: Arc::new(batch), roles: BTreeMap::new() };
        if let Some(written) = self.takes(&written) {
            self.note("newer server", || format!("writes {wrote:?}"));
            self.left.insert(addr, self.now);
            self.ledger.by_newer.insert(edit);
            // A name takes the place of the one before.
            self.ledger
                .newer
                .retain(|_, earlier| !matches!(earlier, Wrote::Name { doc, .. } if *doc == addr));
            self.ledger.newer.insert(edit, wrote);
            self.written(usize::MAX, written);
        }
    }
}

/// As a later version begins a document of this kind: with one more map.
fn begun(kind: DocKind) -> Doc {
    let mut doc = Doc::new(kind);
    let empty = BTreeMap::<String, bool>::new();
    let maps: &[&str] = if kind == KIND { &["fields"] } else { &["machines"] };
    let began = doc.write(skeleton::ACTOR, Timestamp::from_unix_ms(0), |draft| {
        maps.iter().try_for_each(|map| draft.set(&[map], &empty))
    });
    began.map(drop).unwrap_or_else(|error: DocError| panic!("a document begins: {error}"));
    doc
}
