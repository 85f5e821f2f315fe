//! The device's session, the way down: entries of the log, with the verdicts on what was entered here.

use super::{
    device::{Device, Effects, Link, Notice, compare, out_of_place},
    store::{EditState, Store, StoreError, StoredEdit, Write},
    work::Work,
};
use crate::{
    chain::Cursor,
    digest::Digest,
    edit::Verdict,
    erasure,
    finding::Rule,
    id::Entropy,
    kind::DocAddr,
    protocol::{
        ClientFrame, batch,
        frame::{Entry, OwnVerdict},
    },
    scope::Scope,
    time::Timestamp,
};

impl Device {
    pub(super) fn entries(
        &mut self,
        now: Timestamp,
        entries: &[u8],
        (upto, proof): (Cursor, Option<Vec<u8>>),
        digests: Option<Vec<(Scope, Digest)>>,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let Ok(entries) = batch::unpack::<Entry>(entries) else { return Ok(out_of_place()) };
        let mut work = Work::new(store, now)?;
        let Some(cursor) = work.meta.cursor else { return Ok(out_of_place()) };
        if upto.pos < cursor.pos {
            return Ok(Effects::default());
        }
        let mut missing = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.pos > cursor.pos) {
            self.take(entry, &mut work, &mut missing)?;
        }
        (work.meta.cursor, work.meta.proof) = (Some(upto), proof);
        if work.meta.unsure <= upto.pos {
            work.meta.unsure = 0;
        }
        work.meta.last_contact = Some(work.now);
        let mut effects = self.finish(work, entropy)?;
        if !missing.is_empty() {
            effects.send.push(ClientFrame::Fetch { docs: missing });
        }
        if let (Some(digests), Link::Up(up)) = (digests, &mut self.link) {
            if !up.at_head {
                up.at_head = true;
                effects.notices.push(Notice::CaughtUp);
            }
            let own = effects.writes.iter().find_map(|write| match write {
                Write::Meta(meta) => Some(meta.as_ref()),
                _ => None,
            });
            effects.send.extend(own.map_or_else(Vec::new, |own| compare(up, &digests, own)));
        }
        Ok(effects)
    }

    /// Verdicts of edits sent again, whose log positions this device has passed.
    pub(super) fn said_before(
        &mut self,
        now: Timestamp,
        entries: &[u8],
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let Ok(entries) = batch::unpack::<Entry>(entries) else { return Ok(out_of_place()) };
        let mut work = Work::new(store, now)?;
        let mut missing = Vec::new();
        for mut entry in entries {
            // A document that is not here comes whole, from a position that is still to come.
            let mut changes = Vec::with_capacity(entry.changes.len());
            for change in std::mem::take(&mut entry.changes) {
                if work.is_of_here(change.doc)? {
                    changes.push(change);
                }
            }
            entry.changes = changes;
            self.take(entry, &mut work, &mut missing)?;
        }
        let mut effects = self.finish(work, entropy)?;
        if !missing.is_empty() {
            effects.send.push(ClientFrame::Fetch { docs: missing });
        }
        Ok(effects)
    }

    fn take(
        &mut self,
        entry: Entry,
        work: &mut Work<'_>,
        missing: &mut Vec<DocAddr>,
    ) -> Result<(), StoreError> {
        if let Some(own) = &entry.verdict
            && let Some(stored) = work.edit(entry.edit)?.cloned()
        {
            self.settle(stored, own, &entry, work)?;
        }
        for saved in &entry.reveal {
            work.replace(saved.doc, &saved.scopes, &saved.saved, false)?;
        }
        work.erased.extend(&entry.erased);
        for addr in &entry.forget {
            work.forget(*addr)?;
        }
        for change in &entry.changes {
            if !work.take_in(change)? && !missing.contains(&change.doc) {
                missing.push(change.doc);
            }
        }
        Ok(())
    }

    fn settle(
        &mut self,
        mut stored: StoredEdit,
        own: &OwnVerdict,
        entry: &Entry,
        work: &mut Work<'_>,
    ) -> Result<(), StoreError> {
        if let Link::Up(up) = &mut self.link {
            up.in_flight.remove(&stored.edit.id);
            up.later.remove(&stored.edit.id);
        }
        let shown = stored.state == EditState::Pending;
        let open = shown || stored.resend || matches!(stored.state, EditState::Attention { .. });
        let docs: Vec<DocAddr> = stored.edit.docs().collect();
        let mut erased = own.verdict.findings().iter().any(|finding| finding.rule == Rule::Erased);
        for addr in erasure::concerns(&stored.edit) {
            erased |= work.is_erased(addr)?;
        }
        if erased {
            stored.clean();
        }
        // A later attempt than this one was made from a copy of this file, or before it was restored: what
        // was said of that holds for this one too, and the next attempt comes after it.
        let this_attempt = own.attempt >= stored.edit.attempt;
        stored.edit.attempt = stored.edit.attempt.max(own.attempt);
        match &own.verdict {
            Verdict::Accepted | Verdict::Rewritten => {
                // What is shown holds another change than the one that stands: make it again.
                for (index, part) in stored.edit.parts.iter().enumerate() {
                    let stands = entry.changes.iter().find(|change| usize::from(change.part) == index);
                    let held = part.made.as_ref().and_then(|made| made.hash);
                    if shown && held != stands.map(|change| change.hash) {
                        work.rebuild(part.doc)?;
                    }
                    work.settled_on(part.doc)?;
                }
                let state =
                    if own.verdict == Verdict::Accepted { EditState::Accepted } else { EditState::Rewritten };
                work.settle(stored, state, Some(entry.pos));
            }
            Verdict::Blocked { by, .. } => {
                if open && this_attempt {
                    let waits_for_another_document = stored.edit.after.contains(by);
                    if waits_for_another_document || !shown {
                        let verdict = own.verdict.clone();
                        work.settle(stored, EditState::Attention { verdict }, Some(entry.pos));
                    } else {
                        work.put_edit(stored);
                    }
                    // Otherwise it is run again without what was refused, and sent as the next attempt.
                    if shown {
                        for doc in docs {
                            work.rebuild(doc)?;
                        }
                    }
                }
            }
            Verdict::Refused { .. } | Verdict::Held { .. } => {
                if open && this_attempt {
                    let verdict = own.verdict.clone();
                    work.settle(stored, EditState::Attention { verdict }, Some(entry.pos));
                    if shown {
                        for doc in docs {
                            work.rebuild(doc)?;
                        }
                    }
                }
            }
            Verdict::Discarded { by } => {
                // Its user hears of a manager's word once, and strikes it off the list.
                let gone = matches!(stored.state, EditState::Discarded { .. });
                let state = match by {
                    Some(_) if !gone => EditState::Attention { verdict: own.verdict.clone() },
                    _ => EditState::Discarded { told: true },
                };
                work.settle(stored, state, Some(entry.pos));
                if shown {
                    for doc in docs {
                        work.rebuild(doc)?;
                    }
                }
            }
        }
        Ok(())
    }
}
