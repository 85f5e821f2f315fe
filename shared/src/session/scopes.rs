//! The device's session: what the people on it may see changed.

use super::{
    device::{Device, Effects},
    store::{Loading, Store, StoreError, Write},
    work::{Work, digest_of},
};
use crate::{
    chain::Cursor, digest::Digest, id::Entropy, protocol::frame::Gaining, scope::Scopes, time::Timestamp,
};

impl Device {
    /// Documents outside are dropped, each as soon as nothing entered on it waits; those of scopes that are new
    /// here are on their way.
    pub(super) fn scopes(
        &mut self,
        now: Timestamp,
        scopes: Scopes,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let mut work = Work::new(store, now)?;
        let had = std::mem::take(&mut work.meta.scopes);
        let gaining = work.meta.gaining.take();
        let counted = gaining.iter().fold(had.clone(), |all, gaining| all.with(&gaining.scopes));
        let mut resets = work.meta.loading.is_some_and(|loading| loading.reset);
        let mut anew = Vec::new();
        if work.meta.is_loading() {
            work.meta.scopes.clone_from(&scopes);
            if !had.is_empty() && !scopes.without(&had).is_empty() {
                // All comes from its beginning again, and what does not is not for this device any more.
                resets = true;
                work.meta.digests.clear();
                work.meta.loading = Some(Loading { from: Cursor::START, loaded: None, reset: true });
                anew.push(Write::MarkStale);
            }
        } else {
            work.meta.scopes = had.and(&scopes);
            let gained = scopes.without(&work.meta.scopes);
            let begun = gaining.filter(|gaining| gaining.scopes == gained);
            work.meta.gaining =
                (!gained.is_empty()).then(|| begun.unwrap_or(Gaining { scopes: gained, loaded: None }));
        }
        work.meta.digests.retain(|(scope, _)| scopes.contains(*scope));
        for scope in scopes.without(&counted).iter().filter(|_| !resets) {
            let mut digest = Digest::default();
            for (addr, heads) in store.heads(scope)? {
                digest.moved(Digest::default(), Digest::of(addr, &heads));
            }
            *digest_of(&mut work.meta, scope) = digest;
        }
        for (addr, of_it) in store.in_scopes(&counted.without(&scopes))? {
            if !of_it.meets(&scopes) {
                work.forget(addr)?;
            }
        }
        let mut effects = self.finish(work, entropy)?;
        anew.append(&mut effects.writes);
        effects.writes = anew;
        Ok(effects)
    }
}
