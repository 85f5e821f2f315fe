//! A device: what is confirmed, what is pending, what needs its user's attention.

use std::collections::BTreeMap;

use waybill_shared::{
    command::Command,
    doc::{Actor, Doc},
    edit::{Context, Made},
    finding::Finding,
    id::EditId,
    kind::DocKind,
    make::make,
    view::View,
};

use super::{
    common::*,
    server::{Entry, Said},
    work::{self, Work},
};

/// Everything that was ever entered, by anyone, and not lost with a device.
#[derive(Default)]
pub struct Ledger {
    entered: BTreeMap<EditId, Command>,
    edits: u128,
}

impl Ledger {
    pub fn iter(&self) -> impl Iterator<Item = (&EditId, &Command)> {
        self.entered.iter()
    }

    pub fn forget(&mut self, id: EditId) {
        self.entered.remove(&id);
    }
}

#[derive(Clone)]
pub struct Pending {
    pub ctx: Context,
    pub command: Command,
    pub made: Made,
    pub attempt: u32,
    pub sent: bool,
}

/// An edit on its way up.
pub struct Sent {
    pub ctx: Context,
    pub command: Command,
    pub made: Made,
    pub attempt: u32,
    /// Another device goes on under the same actor.
    pub actor_was_copied: bool,
}

#[derive(Clone)]
pub struct Device {
    pub n: usize,
    pub actor: Actor,
    pub confirmed: Doc,
    pub shown: Doc,
    pub view: View,
    pub pending: Vec<Pending>,
    pub listed: BTreeMap<EditId, Vec<Finding>>,
    pub cursor: usize,
    actor_was_copied: bool,
}

impl Device {
    pub fn new(doc: &Doc, n: usize, actor: Actor) -> Self {
        Self {
            n,
            actor,
            confirmed: doc.clone(),
            shown: doc.clone(),
            view: View::read(doc).expect("reads"),
            pending: Vec::new(),
            listed: BTreeMap::new(),
            cursor: 0,
            actor_was_copied: false,
        }
    }

    /// What its user would miss if the device were lost.
    pub fn unsettled(&self) -> impl Iterator<Item = EditId> + '_ {
        self.pending.iter().map(|pending| pending.ctx.edit).chain(self.listed.keys().copied())
    }

    /// What cannot be done on what is shown is said at once, and nothing is entered.
    pub fn does(&mut self, work: &Work, ledger: &mut Ledger) {
        let View::Order(order) = &self.view else { panic!("an order") };
        ledger.edits += 1;
        let n = 1000 + ledger.edits;
        let Some(command) = work::command(work, order, n) else { return };
        // Clocks differ by minutes.
        let mut ctx = context(n, self.n as u128);
        ctx.at = ctx.at.plus_ms(self.n as i64 * 180_000 - 180_000);
        let Ok((written, made)) = make(&self.shown, &self.view, &command, &ctx, self.actor) else { return };
        self.shown = written.doc;
        self.view = written.view;
        ledger.entered.insert(ctx.edit, command.clone());
        self.pending.push(Pending { ctx, command, made, attempt: 0, sent: false });
    }

    /// Everything pending, also what was sent before: the answer may have been lost.
    pub fn outbox(&mut self, redundant: bool) -> Vec<Sent> {
        let ancestor = self.confirmed.changes().first().map(|change| change.hash);
        let copied = self.actor_was_copied;
        let send = |pending: &mut Pending| {
            pending.sent = true;
            let Pending { ctx, command, mut made, attempt, .. } = pending.clone();
            made.deps.extend(ancestor.filter(|hash| redundant && !made.deps.contains(hash)));
            Sent { ctx, command, made, attempt, actor_was_copied: copied }
        };
        self.pending.iter_mut().map(send).collect()
    }

    pub fn reads(&mut self, log: &[Entry], entries: usize, fresh: Actor) {
        let until = self.cursor.saturating_add(entries).min(log.len());
        let mut again = false;
        for entry in &log[self.cursor..until] {
            if let Some(change) = &entry.change {
                self.confirmed.apply(&change.bytes).expect("what comes down always fits what is confirmed");
                again |= self.shown.apply(&change.bytes).is_err();
            }
            let own = self.pending.iter().position(|pending| pending.ctx.edit == entry.edit);
            match &entry.said {
                Said::Accepted | Said::Rewritten => {
                    self.listed.remove(&entry.edit);
                    if let Some(own) = own {
                        let pending = self.pending.remove(own);
                        again |= pending.made.hash != entry.change.as_ref().map(|change| change.hash);
                    }
                }
                Said::Refused(findings) => {
                    if let Some(own) = own
                        && self.pending[own].attempt == entry.attempt
                    {
                        self.pending.remove(own);
                        self.listed.insert(entry.edit, findings.clone());
                        again = true;
                    }
                }
            }
        }
        self.cursor = until;
        if again {
            self.rebases(fresh);
        } else {
            self.view = View::read(&self.shown).expect("reads");
        }
    }

    /// What is pending, run again in order on what is confirmed, under an actor that is new.
    fn rebases(&mut self, fresh: Actor) {
        self.actor = fresh;
        self.actor_was_copied = false;
        self.shown = self.confirmed.clone();
        self.view = View::read(&self.shown).expect("reads");
        for mut pending in std::mem::take(&mut self.pending) {
            match make(&self.shown, &self.view, &pending.command, &pending.ctx, fresh) {
                Ok((written, made)) => {
                    self.shown = written.doc;
                    self.view = written.view;
                    pending.attempt += u32::from(pending.sent && pending.made != made);
                    pending.made = made;
                    pending.sent = false;
                    self.pending.push(pending);
                }
                Err(error) => {
                    self.listed.insert(pending.ctx.edit, vec![error.finding()]);
                }
            }
        }
    }

    /// From the file: the pending changes are there, the actor is a new one.
    pub fn restart(&mut self, actor: Actor) {
        self.confirmed = Doc::load(DocKind::Order, &self.confirmed.save()).expect("loads");
        self.shown = Doc::load(DocKind::Order, &self.shown.save()).expect("loads");
        self.view = View::read(&self.shown).expect("reads");
        self.actor = actor;
        self.actor_was_copied = false;
    }

    pub fn copied(&mut self, onto: usize, actor: Actor) -> Self {
        let same = actor == self.actor;
        self.actor_was_copied |= same;
        Self { n: onto, actor, actor_was_copied: same, ..self.clone() }
    }
}
