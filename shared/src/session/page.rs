//! What one device sees of a stretch of the log: changes of documents in its scopes, whole documents that came
//! into them, word of those that left, and verdicts that name nothing outside.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::server::{FeedEntry, ScopesNow};
use crate::{
    chain::Cursor,
    digest::Digest,
    edit::Verdict,
    finding::Rule,
    generation::Why,
    id::DeviceId,
    kind::DocAddr,
    protocol::{
        ServerFrame, batch,
        frame::{DocChange, Entry, OwnVerdict, SavedDoc},
    },
    scope::{Scope, Scopes},
};

/// What a device sees, and what it has.
pub(super) struct Sight {
    pub scopes: Scopes,
    /// Up to a position it is sure to have only documents of some of them: what was read whole was read there.
    sure: Scopes,
    until: u64,
}

impl Sight {
    pub fn new(scopes: Scopes, sure: Scopes, until: u64) -> Self {
        Self { scopes, sure, until }
    }

    /// Other scopes from here on. Of those that are gained it has no document yet.
    /// `complete`: it has all of those that it was given before.
    pub fn change(&mut self, scopes: Scopes, complete: bool) {
        let had = if complete { &self.scopes } else { &self.sure };
        self.sure = had.and(&scopes);
        self.scopes = scopes;
    }

    /// Everything that it may see was sent, and the log as far as documents were read.
    pub fn is_sure_after(&self, sent: u64) -> bool {
        sent >= self.until
    }

    /// All documents were sent; the last were read at this position.
    pub fn unsure_until(&mut self, pos: u64) {
        self.until = self.until.max(pos);
    }

    /// A document with these scopes before a position is on the device.
    fn has(&self, was: &Scopes, pos: u64) -> bool {
        was.meets(if pos > self.until { &self.scopes } else { &self.sure })
    }

    /// It is there, and not for this device to see.
    fn is_outside(&self, addr: &DocAddr, now: &ScopesNow) -> bool {
        now.get(addr).is_some_and(|now| !now.meets(&self.scopes))
    }

    /// What was said of an edit, for the device that made it.
    pub fn verdict(&self, entry: &FeedEntry, device: DeviceId, now: &ScopesNow) -> Option<OwnVerdict> {
        (entry.device == device).then(|| self.told(entry, now))
    }

    /// The same for whoever may hear it.
    pub fn told(&self, entry: &FeedEntry, now: &ScopesNow) -> OwnVerdict {
        let outside = entry.about.iter().any(|addr| self.is_outside(addr, now));
        let verdict =
            if outside { entry.verdict.without_contents() } else { self.without_terms(&entry.verdict) };
        let stands = verdict.stands();
        OwnVerdict {
            attempt: entry.attempt,
            decided: entry.decided.clone().filter(|_| stands),
            given: if stands || matches!(verdict, Verdict::Held { .. }) {
                entry.given.clone()
            } else {
                Vec::new()
            },
            verdict,
        }
    }

    /// A customer's terms are the office's: who may not see them hears that credit is lacking, not how much.
    fn without_terms(&self, verdict: &Verdict) -> Verdict {
        let mut verdict = verdict.clone();
        if let Verdict::Refused { findings } | Verdict::Held { findings } | Verdict::Blocked { findings, .. } =
            &mut verdict
            && !self.scopes.contains(Scope::Office)
        {
            for finding in findings {
                match finding.rule {
                    Rule::OverCredit => "The customer's credit does not reach for this.",
                    Rule::CreditCurrency => "The customer's credit is in another currency than the order.",
                    _ => continue,
                }
                .clone_into(&mut finding.what);
                finding.remedy =
                    "Take a payment first, order less, or ask a manager to let it pass.".to_owned();
            }
        }
        verdict
    }

    /// The changes of an entry that the device has passed, of documents that it may see now.
    pub fn changes_now(&self, entry: &FeedEntry, now: &ScopesNow) -> Vec<DocChange> {
        let seen = |change: &&DocChange| {
            !change.bytes.is_empty() && now.get(&change.doc).is_some_and(|now| now.meets(&self.scopes))
        };
        let bare = |change: &DocChange| DocChange { scopes: Scopes::NONE, ..change.clone() };
        entry.changes.iter().filter(seen).map(bare).collect()
    }

    /// A stretch of the log for a device.
    pub fn page(
        &self,
        entries: &[Arc<FeedEntry>],
        device: DeviceId,
        keeps: bool,
        upto: Cursor,
        digests: Option<Vec<(Scope, Digest)>>,
        now: &ScopesNow,
    ) -> Page {
        let all: BTreeMap<Scope, Digest> = digests.iter().flatten().copied().collect();
        let digest = |scope| (scope, all.get(&scope).copied().unwrap_or_default());
        let digests = digests.is_some().then(|| self.scopes.iter().map(digest).collect());
        let mut page = Page { entries: Vec::new(), whole: BTreeMap::new(), upto, digests };
        // What is outside at the end of the stretch, or went behind it, is not shown at its beginning.
        let mut outside: BTreeMap<DocAddr, u64> = BTreeMap::new();
        for entry in entries.iter().filter(|_| keeps) {
            let gone = entry.changes.iter().filter(|change| !change.scopes.meets(&self.scopes));
            outside.extend(gone.map(|change| (change.doc, entry.pos)));
        }
        outside.extend(now.keys().filter(|addr| self.is_outside(addr, now)).map(|addr| (*addr, u64::MAX)));
        for entry in entries {
            let (mut changes, mut forget) = (Vec::new(), BTreeSet::new());
            for change in entry.changes.iter().filter(|_| keeps) {
                let moved = entry.moved.iter().find(|(addr, _)| *addr == change.doc);
                let was = moved.map_or(&change.scopes, |(_, was)| was);
                if !change.scopes.meets(&self.scopes) {
                    if was.meets(&self.scopes) {
                        forget.insert(change.doc);
                    }
                } else if outside.get(&change.doc).is_some_and(|gone| *gone > entry.pos)
                    || page.whole.contains_key(&change.doc)
                {
                    // It goes, or comes whole.
                } else if entry.opens.is_some() {
                    page.whole.insert(change.doc, entry.pos);
                } else if change.bytes.is_empty() {
                    // Further on in the log the document is made anew, and comes whole there.
                } else if was.is_empty() || self.has(was, entry.pos) {
                    let scopes = moved.map_or(Scopes::NONE, |_| change.scopes.clone());
                    changes.push(DocChange { scopes, ..change.clone() });
                } else {
                    page.whole.insert(change.doc, entry.pos);
                }
            }
            let verdict = self.verdict(entry, device, now);
            let erased: Vec<DocAddr> = match entry.opens {
                Some(Why::Erased) if keeps => entry.changes.iter().map(|change| change.doc).collect(),
                _ => Vec::new(),
            };
            let comes = page.whole.values().any(|pos| *pos == entry.pos);
            if verdict.is_some() || comes || !erased.is_empty() || !changes.is_empty() || !forget.is_empty() {
                page.entries.push(Entry {
                    pos: entry.pos,
                    edit: entry.edit,
                    verdict,
                    changes,
                    reveal: Vec::new(),
                    forget: forget.into_iter().collect(),
                    erased,
                });
            }
        }
        page
    }
}

/// A stretch of the log, and the documents that go with it whole, each at its position.
pub(super) struct Page {
    entries: Vec<Entry>,
    whole: BTreeMap<DocAddr, u64>,
    pub upto: Cursor,
    digests: Option<Vec<(Scope, Digest)>>,
}

impl Page {
    pub fn wants(&self) -> Vec<DocAddr> {
        self.whole.keys().copied().collect()
    }

    /// It tells the device nothing but where it stands.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn is_at_end(&self) -> bool {
        self.digests.is_some()
    }

    pub fn frame(mut self, docs: Vec<SavedDoc>) -> ServerFrame {
        for saved in docs {
            let at = self.whole.get(&saved.doc);
            if let Some(entry) = self.entries.iter_mut().find(|entry| Some(&entry.pos) == at) {
                entry.reveal.push(saved);
            }
        }
        let Self { entries, upto, digests, .. } = self;
        ServerFrame::Entries { entries: batch::pack(&entries), upto, proof: None, digests }
    }
}
