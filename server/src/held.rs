//! Held edits as managers see them and decide on them; what is decided goes through intake like everything else.

use std::{collections::HashMap, sync::Arc};

use waybill_shared::{
    doc::Doc,
    id::EditId,
    kind::DocAddr,
    review::{Does, HeldEdit, Review},
    rules::roles::Role,
    session::words,
    time::Timestamp,
    view::View,
};

use crate::{
    intake::{Reviewed, Submission},
    log::{Held, Log, LogError},
};

/// The longest waiting first.
pub async fn list<L: Log>(log: &L, edit: Option<EditId>, limit: usize) -> Result<Vec<HeldEdit>, LogError> {
    let held = log.held(edit, limit).await?;
    let mut docs: Vec<DocAddr> = held.iter().flat_map(|held| held.edit.docs()).collect();
    docs.sort_unstable();
    docs.dedup();
    let loaded = log.load(&docs, &[]).await?;
    let mut views: HashMap<DocAddr, View> = HashMap::new();
    for stored in loaded.docs {
        let view = Doc::load(stored.addr.kind, &stored.saved).and_then(|doc| View::read(&doc));
        views.extend(view.ok().map(|view| (stored.addr, view)));
    }
    Ok(held.into_iter().filter_map(|held| told(held, &views)).collect())
}

fn told(held: Held, views: &HashMap<DocAddr, View>) -> Option<HeldEdit> {
    let Held { known, edit } = held;
    let mut does = Vec::with_capacity(edit.parts.len());
    for part in &edit.parts {
        let blank;
        let view = match views.get(&part.doc) {
            Some(view) => view,
            // It would have been made by this very edit, or by another one that is held.
            None => {
                blank = View::read(&Doc::new(part.doc.kind)).ok()?;
                &blank
            }
        };
        does.push(Does { doc: part.doc, words: words::of(&part.command, view) });
    }
    Some(HeldEdit {
        edit: edit.id,
        attempt: known.attempt,
        kind: edit.kind,
        person: edit.person,
        device: edit.device,
        at: edit.parts.first().map_or(Timestamp::from_unix_ms(0), |part| part.at),
        booked: edit.booked,
        does,
        findings: known.verdict.findings().to_vec(),
    })
}

/// What intake is to judge; `None`: no such edit is held.
pub async fn reviewed<L: Log>(
    log: &L,
    review: Review,
    roles: Arc<[Role]>,
) -> Result<Option<Submission>, LogError> {
    let held = log.held(Some(review.edit), 1).await?.pop();
    Ok(held.map(|held| Submission::Review(Reviewed { edit: held.edit, review, roles })))
}
