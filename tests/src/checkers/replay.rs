//! The log read once more from its beginning: documents made again from nothing but the changes that were
//! sent, and each verdict looked at where it was given.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use waybill_server::{log::NewEntry, reports};
use waybill_shared::{
    chain::Cursor,
    command::Command,
    doc::{Doc, Hash},
    edit::{Edit, EditKind, Part, Verdict},
    erasure,
    finding::{Finding, Rule},
    generation::{Archived, Leaves},
    id::{CustomerTermsId, DeviceId, EditId},
    kind::DocAddr,
    money::Amount,
    order::commands::OrderCommand,
    order::{
        Order, amounts,
        status::{self, OrderState},
    },
    rules::roles::{self, Role},
    time::Timestamp,
    view::View,
};

use crate::world::{ledger::Ledger, sim::Sim};

#[derive(Default)]
pub struct Replay {
    pub docs: BTreeMap<DocAddr, (Doc, View)>,
    /// Where each got its first change.
    pub made: BTreeMap<DocAddr, u64>,
    pub cursor: Option<Cursor>,
    /// What was last said of each edit.
    pub said: BTreeMap<EditId, (u32, Verdict)>,
    stands: BTreeSet<EditId>,
    /// Each edit as it was last judged.
    bodies: BTreeMap<EditId, Arc<Edit>>,
    /// Which edit made a change that does not stand.
    claimed: BTreeMap<(DocAddr, Hash), EditId>,
}

type Made = BTreeMap<(DocAddr, Hash), (DeviceId, EditId)>;

impl Replay {
    pub fn of(sim: &Sim, wrong: &mut Vec<String>) -> Self {
        let ledger = &sim.ledger;
        let mut replay = Self::default();
        for written in &ledger.journal {
            for entry in &written.batch.entries {
                if ledger.by_newer.contains(&entry.edit) {
                    replay.of_a_later_version(entry, ledger, wrong);
                    continue;
                }
                let roles = written.roles.get(&entry.edit).map_or(&[][..], Vec::as_slice);
                // After a loss a fact does not wait for a request that waits for other devices; and what is kept for
                // a manager may have been made again on what its device entered later and an earlier log had.
                let held = matches!(entry.verdict, Verdict::Held { .. });
                let waits_for_nothing =
                    |edit: &Edit| (held || edit.kind == EditKind::Facts) && ledger.log_restores > 0;
                if let Some(judged) = entry.judged.as_ref().filter(|one| !waits_for_nothing(&one.edit)) {
                    replay.too_soon(entry.cursor.pos, &judged.edit, &sim.server.made, wrong);
                }
                replay.take(entry, roles, ledger.rejected.contains(&entry.edit), wrong);
                withdrawn(entry, written.batch.at, ledger, wrong);
            }
            if replay.cursor != Some(written.batch.after.cursor) {
                wrong.push(format!("the batch says it ends at {:?}", written.batch.after.cursor));
            }
        }
        replay
    }

    /// What a server of a later version wrote, in which nothing is judged here.
    fn of_a_later_version(&mut self, entry: &NewEntry, ledger: &Ledger, wrong: &mut Vec<String>) {
        let at = entry.cursor.pos;
        let covered: Vec<_> = entry.changes.iter().map(|change| (change.doc, Some(change.hash))).collect();
        let before = self.cursor.unwrap_or(Cursor::START);
        if before.next(entry.edit, entry.attempt, &entry.verdict, &covered) != entry.cursor {
            wrong.push(format!("the chain breaks at {at}"));
        }
        self.cursor = Some(entry.cursor);
        self.said.insert(entry.edit, (entry.attempt, entry.verdict.clone()));
        for change in &entry.changes {
            self.made.entry(change.doc).or_insert(at);
            if let Some(begun) = ledger.begun.get(&change.doc) {
                self.docs.entry(change.doc).or_insert_with(|| {
                    let doc = Doc::load(change.doc.kind, begun).expect("a document loads");
                    let view = View::read(&doc).expect("a document reads");
                    (doc, view)
                });
            }
            let (doc, view) = self.doc(change.doc);
            match doc.apply(&change.bytes) {
                Ok(_) => *view = View::read(doc).expect("a document reads"),
                Err(error) => wrong.push(format!("{at}: a change does not fit {}: {error}", change.doc)),
            }
        }
    }

    fn take(&mut self, entry: &NewEntry, roles: &[Role], rejected: bool, wrong: &mut Vec<String>) {
        let at = entry.cursor.pos;
        if let Some(leaves) = &entry.opens {
            return self.open(at, entry, leaves, wrong);
        }
        if let Some(judged) = &entry.judged {
            self.bodies.insert(entry.edit, Arc::clone(&judged.edit));
        }
        // A manager's word is on what was judged before.
        let body = entry.review.as_ref().and_then(|_| self.bodies.get(&entry.edit).cloned());
        let edit = entry.judged.as_ref().map(|judged| &*judged.edit).or(body.as_deref());
        self.review(at, entry, wrong);
        self.chain(entry, edit, wrong);
        if let Some((_, earlier)) = self.said.get(&entry.edit)
            && earlier.is_final()
        {
            wrong.push(format!("{at}: {} was {} already", entry.edit, earlier.name()));
        }
        if let Some(edit) = edit.filter(|edit| edit.kind == EditKind::Requests && entry.verdict.stands()) {
            self.built_on_sand(at, edit, entry.review.is_some(), wrong);
        }
        self.said.insert(entry.edit, (entry.attempt, entry.verdict.clone()));
        self.claim(edit, entry);
        if !entry.verdict.stands() {
            if !entry.changes.is_empty() {
                wrong.push(format!("{at}: a {} edit has changes", entry.verdict.name()));
            }
            if let Some(edit) = edit {
                refusal(at, edit, &entry.verdict, rejected, wrong);
                self.rightly_held(at, edit, &entry.verdict, roles, wrong);
            }
            return;
        }
        let Some(edit) = edit else {
            wrong.push(format!("{at}: {} stands and was never seen", entry.edit));
            return;
        };
        if !self.stands.insert(edit.id) {
            wrong.push(format!("{at}: {} stands twice", edit.id));
        }
        self.carry_out(at, edit, entry, roles, wrong);
    }

    /// A document made anew says what it said, but for what went to the archive, and the books say all of it.
    fn open(&mut self, at: u64, entry: &NewEntry, leaves: &Leaves, wrong: &mut Vec<String>) {
        let [change] = entry.changes.as_slice() else {
            wrong.push(format!("{at}: a document is made anew by {} changes", entry.changes.len()));
            return;
        };
        let before = self.cursor.unwrap_or(Cursor::START);
        let covered = [(change.doc, Some(change.hash))];
        if before.next(entry.edit, entry.attempt, &entry.verdict, &covered) != entry.cursor {
            wrong.push(format!("the chain breaks at {at}"));
        }
        self.cursor = Some(entry.cursor);
        self.said.insert(entry.edit, (entry.attempt, entry.verdict.clone()));
        let (doc, view) = self.doc(change.doc);
        let anew = Doc::load(change.doc.kind, &change.bytes).expect("a document loads");
        let now = View::read(&anew).expect("a document reads");
        if anew.heads() != [change.hash] || anew.generation() != doc.generation() + 1 {
            wrong.push(format!("{at}: {} is not what is said of it", change.doc));
        }
        // What is entered on it is later than what it holds.
        if *leaves != Leaves::Nothing && anew.last_at() != doc.last_at() {
            wrong.push(format!("{at}: {} is made anew as of another time", change.doc));
        }
        let same = match leaves {
            Leaves::Archived(archived) => without(view, archived) == now,
            Leaves::Nothing => erasure::is_erased(&now) && !tells(&now),
        };
        if !same {
            wrong.push(format!("{at}: {} says something else since it was made anew", change.doc));
        }
        let (rows, were) = (reports::rows(change.doc, &now), reports::rows(change.doc, view));
        let booked = match leaves {
            Leaves::Archived(_) => rows == were,
            Leaves::Nothing => rows.revenue == were.revenue,
        };
        if !booked {
            wrong.push(format!("{at}: {} is booked otherwise since it was made anew", change.doc));
        }
        (*doc, *view) = (anew, now);
    }

    /// What was held stays so until a manager decides, who decides only on that.
    fn review(&self, at: u64, entry: &NewEntry, wrong: &mut Vec<String>) {
        let said = self.said.get(&entry.edit);
        let held = said.is_some_and(|(attempt, verdict)| {
            *attempt == entry.attempt && matches!(verdict, Verdict::Held { .. })
        });
        if held != entry.review.is_some() {
            let word = if held { "nobody's" } else { "somebody's" };
            wrong.push(format!("{at}: {} became {} by {word} word", entry.edit, entry.verdict.name()));
        }
    }

    /// What an edit rests on was judged before it: else it is refused for what is only late. What other devices
    /// made may be lost with a log that was put back.
    fn too_soon(&self, at: u64, edit: &Edit, made: &Made, wrong: &mut Vec<String>) {
        for part in &edit.parts {
            for dep in part.made.iter().flat_map(|made| &made.deps) {
                let by = made.get(&(part.doc, *dep)).filter(|(device, _)| *device == edit.device);
                let Some((_, by)) = by.filter(|(_, by)| *by != edit.id) else { continue };
                if !self.said.contains_key(by) {
                    let name = part.command.name();
                    wrong.push(format!(
                        "{at}: {name} of {} was judged before {by}, on which it rests",
                        edit.id
                    ));
                }
            }
        }
    }

    /// A request that stands was not made on what was refused.
    fn built_on_sand(&self, at: u64, edit: &Edit, reviewed: bool, wrong: &mut Vec<String>) {
        for part in &edit.parts {
            for dep in part.made.iter().flat_map(|made| &made.deps) {
                let by = self.claimed.get(&(part.doc, *dep)).filter(|by| **by != edit.id);
                let said = by.and_then(|by| self.said.get(by));
                // A manager may pass over what was refused, and not over what is held.
                let sand = |verdict: &Verdict| match reviewed {
                    true => matches!(verdict, Verdict::Held { .. }),
                    false => !verdict.is_final(),
                };
                if said.is_some_and(|(_, verdict)| sand(verdict)) {
                    let (name, by) = (part.command.name(), by.copied().unwrap_or_default());
                    wrong.push(format!("{at}: {name} was made on {by}, which was refused"));
                }
            }
        }
    }

    fn claim(&mut self, edit: Option<&Edit>, entry: &NewEntry) {
        for part in edit.into_iter().flat_map(|edit| &edit.parts) {
            let Some(hash) = part.made.as_ref().and_then(|made| made.hash) else { continue };
            if !entry.changes.iter().any(|change| change.doc == part.doc && change.hash == hash) {
                self.claimed.insert((part.doc, hash), entry.edit);
            }
        }
    }

    fn chain(&mut self, entry: &NewEntry, edit: Option<&Edit>, wrong: &mut Vec<String>) {
        let mut covered: Vec<(DocAddr, Option<Hash>)> = Vec::new();
        if let Some(edit) = edit.filter(|_| entry.verdict.stands()) {
            for (nth, part) in (0_u16..).zip(&edit.parts) {
                let change = entry.changes.iter().find(|change| change.part == nth);
                covered.push((part.doc, change.map(|change| change.hash)));
            }
            // What took it back.
            let behind = entry.changes.iter().filter(|change| usize::from(change.part) >= edit.parts.len());
            covered.extend(behind.map(|change| (change.doc, Some(change.hash))));
        }
        let before = self.cursor.unwrap_or(Cursor::START);
        let expected = before.next(entry.edit, entry.attempt, &entry.verdict, &covered);
        if expected != entry.cursor {
            wrong.push(format!("the chain breaks at {}", entry.cursor.pos));
        }
        self.cursor = Some(entry.cursor);
    }

    fn carry_out(&mut self, at: u64, edit: &Edit, entry: &NewEntry, roles: &[Role], wrong: &mut Vec<String>) {
        let before: BTreeMap<DocAddr, View> =
            edit.docs().map(|addr| (addr, self.doc(addr).1.clone())).collect();
        for change in &entry.changes {
            self.made.entry(change.doc).or_insert(at);
            let (doc, view) = self.doc(change.doc);
            match doc.apply(&change.bytes) {
                Ok(hash) if hash == change.hash => *view = View::read(doc).expect("a document reads"),
                Ok(_) => wrong.push(format!("{at}: a change has another hash than it says")),
                Err(error) => wrong.push(format!("{at}: a change does not fit {}: {error}", change.doc)),
            }
        }
        for part in &edit.parts {
            let after = self.doc(part.doc).1.clone();
            let name = part.command.name();
            let effect = match edit.kind {
                EditKind::Facts => part.command.there(&after),
                EditKind::Requests => part.command.shows(&after),
            };
            if !effect {
                wrong.push(format!("{at}: {name} was accepted without effect"));
            }
            let Some(before) = before.get(&part.doc) else { continue };
            let alone = edit.docs().filter(|doc| *doc == part.doc).count() == 1;
            if alone && edit.kind == EditKind::Requests && part.command.guard(before).is_some() {
                wrong.push(format!("{at}: {name} replaced another value than it was to replace"));
            }
            let seen: Vec<View> = match (edit.kind, &part.made) {
                (EditKind::Facts, Some(made)) => {
                    [&made.deps[..], made.base()].into_iter().filter_map(|at| self.at(part.doc, at)).collect()
                }
                _ => Vec::new(),
            };
            let may = |view| roles::permits(roles, &part.command, edit.person, view).is_none();
            if !(may(before) || seen.iter().any(may)) {
                wrong.push(format!("{at}: {name} by {roles:?} reached the log"));
            }
            // A manager's word with a reason lets credit be exceeded.
            if entry.review.is_none() {
                self.sound(at, edit, &part.command, before, &after, wrong);
            }
        }
    }

    /// The document as it was there, as far as that is known.
    fn at(&mut self, addr: DocAddr, heads: &[Hash]) -> Option<View> {
        let doc = &self.doc(addr).0;
        let known: Vec<Hash> = heads.iter().copied().filter(|hash| doc.has(*hash)).collect();
        let there = doc.at(&known).ok().filter(|_| !known.is_empty())?;
        View::read(&there).ok()
    }

    /// What its author had a right to, there where it was made, is not held for lack of one.
    fn rightly_held(
        &mut self,
        at: u64,
        edit: &Edit,
        verdict: &Verdict,
        roles: &[Role],
        wrong: &mut Vec<String>,
    ) {
        let lacks = |finding: &Finding| finding.rule == Rule::NotPermitted;
        let reversal = |part: &Part| matches!(part.command, Command::Order(OrderCommand::Reverse(_)));
        if !matches!(verdict, Verdict::Held { findings } if findings.iter().any(lacks))
            || edit.parts.iter().any(reversal)
        {
            return;
        }
        let may =
            |view: &View, part: &Part| roles::permits(roles, &part.command, edit.person, view).is_none();
        let had_right = edit.parts.iter().all(|part| {
            let base = part.made.as_ref().and_then(|made| self.at(part.doc, made.base()));
            base.is_some_and(|base| may(&base, part))
        });
        if had_right {
            wrong.push(format!(
                "{at}: {} is held, and its author had the right to it where it was made",
                edit.id
            ));
        }
    }

    /// Two legal edits have not added up to an illegal order.
    fn sound(
        &mut self,
        at: u64,
        edit: &Edit,
        command: &Command,
        before: &View,
        after: &View,
        wrong: &mut Vec<String>,
    ) {
        let (View::Order(before), View::Order(after)) = (before, after) else { return };
        if edit.kind == EditKind::Facts || !is_placed(after) {
            return;
        }
        let name = command.name();
        if after.live_lines().is_empty() {
            wrong.push(format!("{at}: after {name} a placed order has no lines"));
        }
        let raises = !is_placed(before) || amounts::open(after) > amounts::open(before);
        let Some(customer) = after.customer().filter(|_| raises && edit.overriding.is_none()) else { return };
        let limit = match self.docs.get(&CustomerTermsId::of(customer).into()) {
            Some((_, View::CustomerTerms(terms))) => terms.fields.credit_limit,
            _ => None,
        };
        let owed: Amount = self
            .docs
            .values()
            .filter_map(|(_, view)| match view {
                View::Order(order) if order.customer() == Some(customer) && counts(order) => {
                    Some(amounts::open(order))
                }
                _ => None,
            })
            .sum();
        if limit.is_some_and(|limit| owed > limit) {
            wrong.push(format!("{at}: after {name} a customer owes {owed}, above the limit"));
        }
    }

    fn doc(&mut self, addr: DocAddr) -> &mut (Doc, View) {
        self.docs.entry(addr).or_insert_with(|| {
            let doc = Doc::new(addr.kind);
            let view = View::read(&doc).expect("a skeleton reads");
            (doc, view)
        })
    }
}

/// Nothing of somebody whose access was withdrawn stands but by a manager's word. What was on its way into the log
/// then may still land.
fn withdrawn(entry: &NewEntry, at: Timestamp, ledger: &Ledger, wrong: &mut Vec<String>) {
    const ON_ITS_WAY_MS: i64 = 10_000;
    let Some(judged) = &entry.judged else { return };
    let person = ledger.withdrawn_people.get(&judged.edit.person);
    let device = ledger.withdrawn_devices.get(&entry.device);
    if !person.into_iter().chain(device).any(|since| at > since.plus_ms(ON_ITS_WAY_MS)) {
        return;
    }
    let form = |finding: &Finding| matches!(finding.rule, Rule::Malformed | Rule::Unsupported);
    let kept = match &entry.verdict {
        Verdict::Held { .. } => true,
        Verdict::Refused { findings } => findings.iter().all(form),
        _ => false,
    };
    if !kept {
        let name = entry.verdict.name();
        wrong.push(format!("{}: {} of somebody withdrawn is {name}", entry.cursor.pos, entry.edit));
    }
}

/// Internal notes are of people's words alone: nothing of them stays.
fn tells(erased: &View) -> bool {
    matches!(erased, View::Notes(notes) if !notes.notes.is_empty() || !notes.history.is_empty())
}

fn without(view: &View, archived: &[Archived]) -> View {
    let gone = |room: &str, key: &dyn ToString| {
        let key = key.to_string();
        archived.iter().any(|old| old.room == room && old.key == key)
    };
    let mut view = view.clone();
    match &mut view {
        View::Order(order) => {
            order.history.retain(|id, _| !gone("history", id));
            order.facts.retain(|id, _| !gone("facts", id));
        }
        View::Customer(customer) => {
            customer.history.retain(|id, _| !gone("history", id));
            customer.facts.retain(|id, _| !gone("facts", id));
        }
        View::Product(product) => product.history.retain(|id, _| !gone("history", id)),
        View::ProductTerms(terms) => terms.history.retain(|id, _| !gone("history", id)),
        View::CustomerTerms(terms) => terms.history.retain(|id, _| !gone("history", id)),
        View::Location(location) => location.history.retain(|id, _| !gone("history", id)),
        View::Settings(settings) => settings.history.retain(|id, _| !gone("history", id)),
        View::Notes(notes) => {
            notes.history.retain(|id, _| !gone("history", id));
            notes.notes.retain(|id, _| !gone("notes", id));
        }
        View::Newer(_) => {}
    }
    view
}

fn is_placed(order: &Order) -> bool {
    matches!(status::agreed(order), OrderState::Placed | OrderState::Confirmed)
}

/// The customer owes what is open on it: it stands, or something of it was delivered all the same.
fn counts(order: &Order) -> bool {
    let cancelled = status::agreed(order) == OrderState::Cancelled;
    is_placed(order) || cancelled && !amounts::delivered(order).gross.is_zero()
}

/// A fact is refused only for its form, and held only for lack of a right; nothing fails for a defect but what the
/// database will not have.
fn refusal(at: u64, edit: &Edit, verdict: &Verdict, rejected: bool, wrong: &mut Vec<String>) {
    let rules: Vec<Rule> = verdict.findings().iter().map(|finding| finding.rule).collect();
    if rejected && rules.contains(&Rule::Defect) {
        return;
    }
    if rules.contains(&Rule::Defect) {
        wrong.push(format!("{at}: {} failed for a defect: {:?}", edit.id, verdict.findings()));
    }
    if edit.kind == EditKind::Requests || matches!(verdict, Verdict::Discarded { .. }) {
        return;
    }
    let allowed: &[Rule] = match verdict {
        Verdict::Refused { .. } => &[Rule::Malformed, Rule::Unsupported],
        Verdict::Held { .. } => &[Rule::NotPermitted],
        _ => &[],
    };
    if !rules.iter().any(|rule| allowed.contains(rule)) {
        wrong.push(format!("{at}: a fact is {}: {:?}", verdict.name(), verdict.findings()));
    }
}
