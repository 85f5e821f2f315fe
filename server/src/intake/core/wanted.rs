//! What has to be asked of the log before a batch can be prepared.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use waybill_shared::{
    command::Command,
    customer::terms::CustomerTermsCommand,
    doc::Hash,
    edit::Verdict,
    erasure,
    id::{CustomerId, DeviceId, EditId, SettingsId},
    kind::{DocAddr, DocKind},
    notes,
    numbers::{Holders, Number},
    order::commands::OrderCommand,
    view::View,
};

use super::{
    super::{
        Submission,
        world::{self, Exposure},
    },
    Core,
};
use crate::log::{Claim, Loaded};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub docs: Vec<DocAddr>,
    pub edits: Vec<EditId>,
    pub claims: Vec<(DocAddr, Hash)>,
    /// Their exposure.
    pub customers: Vec<CustomerId>,
    /// Who has them, with the same care.
    pub numbers: Vec<Number>,
    /// How much is held of them.
    pub devices: Vec<DeviceId>,
}

impl Wanted {
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
            && self.edits.is_empty()
            && self.claims.is_empty()
            && self.devices.is_empty()
            && !self.needs_all_written()
    }

    /// The log must have all batches that are under way before it is asked.
    pub fn needs_all_written(&self) -> bool {
        !self.customers.is_empty() || !self.numbers.is_empty()
    }
}

impl Core {
    /// What is still to be asked for this batch. Ask again after `take_in`, until it is empty.
    pub fn wants(&self, submissions: &[Submission]) -> Wanted {
        let mut wanted = Wanted::default();
        let settings = SettingsId::ONLY.into();
        let mut docs = BTreeSet::from([settings]);
        let mut edits = BTreeSet::new();
        let mut claims = BTreeSet::new();
        let mut made = HashSet::new();
        let mut devices = BTreeSet::new();
        for submission in submissions {
            edits.insert(submission.edit_id());
            docs.extend(self.docs_of(submission));
            let Some(edit) = submission.edit() else { continue };
            edits.extend(edit.after.iter().copied());
            if let Some(Verdict::Blocked { by, .. }) = self.past.known(edit.id).map(|known| &known.verdict) {
                edits.insert(*by);
            }
            docs.extend(erasure::names(edit).map(DocAddr::from));
            if submission.may_be_held() && self.held.is_open(edit.device) {
                devices.insert(edit.device);
            }
            for part in &edit.parts {
                docs.insert(part.doc);
                let Some(part_made) = &part.made else { continue };
                // An edit that has its verdict is not judged in this batch: the log tells of its claims.
                if self.past.known(edit.id).is_none() {
                    made.extend(part_made.hash);
                }
                if let Some(doc) = self.cache.doc(&part.doc) {
                    let missing = part_made.deps.iter().filter(|dep| !doc.has(**dep));
                    claims.extend(missing.map(|dep| (part.doc, *dep)));
                }
            }
        }
        let debtors = self.debtors(submissions);
        docs.extend(debtors.keys().map(|customer| world::terms(*customer)));
        wanted.docs = docs.into_iter().filter(|addr| !self.cache.has(addr)).collect();
        wanted.edits = edits.into_iter().filter(|id| self.past.is_open(*id)).collect();
        let is_open = |claim: &(DocAddr, Hash)| !made.contains(&claim.1) && self.past.is_open_claim(*claim);
        wanted.claims = claims.into_iter().filter(is_open).collect();
        // The edits behind claims must be known too; the log tells of them with the claims.
        let limited = |(customer, limit_set): &(CustomerId, bool)| {
            let limit = world::limit(self.cache.get(&world::terms(*customer)));
            (*limit_set || limit.is_some()) && !self.exposures.contains_key(customer)
        };
        wanted.customers = debtors.into_iter().filter(limited).map(|(customer, _)| customer).collect();
        wanted.devices = devices.into_iter().collect();
        let numbers: BTreeSet<Number> =
            submissions.iter().flat_map(|submission| self.numbers_of(submission)).collect();
        wanted.numbers = numbers.into_iter().filter(|number| !self.holders.contains_key(number)).collect();
        wanted
    }

    /// Those that it gives to products and customers, and those that these had.
    pub(super) fn numbers_of(&self, submission: &Submission) -> Vec<Number> {
        let Some(edit) = submission.edit() else { return Vec::new() };
        // What is malformed is refused without being looked up: a NUL in it, and no database would answer.
        let fits = edit.parts.iter().filter(|part| part.command.check().is_empty());
        let given = fits.filter_map(|part| Some((part.doc, Number::given_by(&part.command)?)));
        let had = |addr: &DocAddr| self.cache.get(addr).and_then(|slot| Number::of(&slot.view));
        given.flat_map(|(addr, number)| had(&addr).into_iter().chain([number])).collect()
    }

    /// What judging it reads and writes: with the order of somebody who was erased go the notes about it, which may
    /// have been here before.
    pub(super) fn docs_of(&self, submission: &Submission) -> Vec<DocAddr> {
        let mut docs = submission.docs();
        let Some(edit) = submission.edit() else { return docs };
        if erasure::names(edit).any(|customer| self.is_erased(customer)) {
            docs.extend(notes::of_orders(edit));
        }
        docs
    }

    pub fn take_in(
        &mut self,
        wanted: &Wanted,
        loaded: Loaded,
        claims: Vec<Claim>,
        exposures: HashMap<CustomerId, Exposure>,
        held: Vec<(DeviceId, u64)>,
        holders: HashMap<Number, Holders>,
    ) {
        let stored: HashMap<DocAddr, _> = loaded.docs.iter().map(|doc| (doc.addr, doc)).collect();
        for addr in &wanted.docs {
            self.cache.take_in(*addr, stored.get(addr).copied());
        }
        self.past.take_in_edits(&wanted.edits, loaded.edits);
        self.past.take_in_claims(&wanted.claims, claims);
        self.exposures.extend(exposures);
        self.held.take_in(held);
        self.holders.extend(holders);
    }

    /// The customers whose credit judging this batch may look at, and whether the batch sets their limit.
    fn debtors(&self, submissions: &[Submission]) -> BTreeMap<CustomerId, bool> {
        let mut created: HashMap<DocAddr, CustomerId> = HashMap::new();
        let mut terms_set: HashSet<DocAddr> = HashSet::new();
        for submission in submissions {
            let Some(edit) = submission.edit() else { continue };
            for part in &edit.parts {
                match &part.command {
                    Command::Order(OrderCommand::Create(create)) => {
                        created.extend(create.customer.map(|customer| (part.doc, customer)));
                    }
                    Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(_)) => {
                        terms_set.insert(part.doc);
                    }
                    _ => {}
                }
            }
        }
        let all = submissions.iter().flat_map(|submission| self.debtors_of(submission, &created));
        all.map(|customer| (customer, terms_set.contains(&world::terms(customer)))).collect()
    }

    /// Of every order that the submission touches; `created` names those of orders made in the same batch.
    pub(super) fn debtors_of(
        &self,
        submission: &Submission,
        created: &HashMap<DocAddr, CustomerId>,
    ) -> Vec<CustomerId> {
        let Some(edit) = submission.edit() else { return Vec::new() };
        let orders = edit.parts.iter().filter(|part| part.doc.kind == DocKind::Order);
        let customer = |addr: &DocAddr| match self.cache.get(addr).map(|slot| &*slot.view) {
            Some(View::Order(order)) => order.customer().or_else(|| created.get(addr).copied()),
            _ => created.get(addr).copied(),
        };
        orders
            .filter_map(|part| match &part.command {
                Command::Order(OrderCommand::Create(create)) => {
                    create.customer.or_else(|| customer(&part.doc))
                }
                _ => customer(&part.doc),
            })
            .collect()
    }
}
