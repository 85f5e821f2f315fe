//! The device's session, whole documents: a first sync, a reset, and the mending of what was found to differ.

use std::collections::BTreeMap;

use super::{
    device::{Device, Effects, Link, Notice, out_of_place},
    store::{Loading, Store, StoreError},
    work::{Work, digest_of},
};
use crate::{
    chain::Cursor,
    digest::Digest,
    id::Entropy,
    kind::DocAddr,
    protocol::{
        ClientFrame, batch,
        frame::{DocHeads, SavedDoc, Why},
        limits,
    },
    scope::Scope,
    time::Timestamp,
};

impl Device {
    #[allow(clippy::too_many_arguments, reason = "one frame's fields and the two things every step needs")]
    pub(super) fn docs(
        &mut self,
        now: Timestamp,
        docs: &[u8],
        why: Why,
        last: bool,
        (at, proof): (Cursor, Option<Vec<u8>>),
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let Ok(docs) = batch::unpack::<SavedDoc>(docs) else { return Ok(out_of_place()) };
        let mut work = Work::new(store, now)?;
        let loading = work.meta.loading;
        let first = why == Why::First;
        let reset = first && loading.is_some_and(|loading| loading.reset);
        let mut mended = Vec::new();
        for saved in &docs {
            work.replace(saved.doc, &saved.scopes, &saved.saved, reset)?;
            // What a later version began comes whole, as its beginning is not known here.
            if why == Why::Fetch && !work.begins_otherwise(saved.doc)? {
                mended.push(saved.doc);
            }
        }
        if first {
            let started = loading.is_some_and(|loading| !loading.reset || loading.loaded.is_some());
            let from = match loading.filter(|_| started) {
                Some(loading) => loading.from,
                None => {
                    work.meta.proof = proof;
                    at
                }
            };
            let loaded = docs.last().map(|saved| saved.doc).or(loading.and_then(|loading| loading.loaded));
            work.meta.loading = Some(Loading { from, loaded, reset });
            if last {
                if reset {
                    let replaced: Vec<DocAddr> = docs.iter().map(|saved| saved.doc).collect();
                    for addr in store.stale()? {
                        if !replaced.contains(&addr) {
                            work.unconfirm(addr, true)?;
                        }
                    }
                }
                work.meta.cursor = Some(from);
                work.meta.loading = None;
            }
        }
        if why == Why::Gained
            && let Some(mut gaining) = work.meta.gaining.take()
        {
            gaining.loaded = docs.last().map(|saved| saved.doc).or(gaining.loaded);
            if last {
                work.meta.scopes = work.meta.scopes.with(&gaining.scopes);
            } else {
                work.meta.gaining = Some(gaining);
            }
        }
        if last && why != Why::Fetch {
            work.meta.unsure = work.meta.unsure.max(at.pos);
        }
        let mut effects = self.finish(work, entropy)?;
        if !mended.is_empty() {
            effects.notices.push(Notice::Mended { docs: mended });
        }
        Ok(effects)
    }

    pub(super) fn heads_of(
        &mut self,
        now: Timestamp,
        scope: Scope,
        heads: &[u8],
        at: Cursor,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let Ok(theirs) = batch::unpack::<DocHeads>(heads) else { return Ok(out_of_place()) };
        let mut work = Work::new(store, now)?;
        if work.meta.cursor != Some(at) {
            // The log went on meanwhile: compare again when the device stands at its end.
            if let Link::Up(up) = &mut self.link {
                up.compared.retain(|compared| *compared != scope);
            }
            return Ok(Effects::default());
        }
        let theirs: BTreeMap<DocAddr, Vec<_>> = theirs.into_iter().map(|doc| (doc.doc, doc.heads)).collect();
        let mut ours: BTreeMap<DocAddr, Vec<_>> = store.heads(scope)?.into_iter().collect();
        // Whatever led to the difference: from here on the digest is that of what is here.
        let mut digest = Digest::default();
        for (addr, heads) in &ours {
            digest.moved(Digest::default(), Digest::of(*addr, heads));
        }
        *digest_of(&mut work.meta, scope) = digest;
        let mut ask = Vec::new();
        for (addr, heads) in &theirs {
            if ours.remove(addr).as_ref() != Some(heads) {
                ask.push(*addr);
            }
        }
        let mut mended = Vec::new();
        for addr in ours.into_keys() {
            let confirmed = match store.document(addr)? {
                Some(stored) => crate::doc::Doc::load(addr.kind, &stored.confirmed)?,
                None => continue,
            };
            if !confirmed.is_blank() {
                work.unconfirm(addr, false)?;
                mended.push(addr);
            }
        }
        let mut effects = self.finish(work, entropy)?;
        if !mended.is_empty() {
            effects.notices.push(Notice::Mended { docs: mended });
        }
        effects
            .send
            .extend(ask.chunks(limits::DOCS_IN_FETCH).map(|docs| ClientFrame::Fetch { docs: docs.to_vec() }));
        Ok(effects)
    }
}
