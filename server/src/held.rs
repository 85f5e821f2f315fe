//! Held edits as managers see them and decide on them; what is decided goes through intake like everything else.

use std::{collections::HashMap, sync::Arc};

use waybill_shared::{
    command::Command,
    doc::{Actor, Doc},
    edit::{Edit, Verdict},
    finding::{Finding, Rule},
    id::EditId,
    kind::{DocAddr, DocKind},
    make::make,
    order::commands::OrderCommand,
    protocol::question::{Answer, HeldPage},
    review::{Decided, Does, HeldEdit, Review},
    rules::roles::Role,
    time::Timestamp,
    view::View,
};

use crate::{
    intake::{Reviewed, Settled, Submission},
    log::{Held, Log, LogError},
};

/// The longest waiting first, behind a position.
pub async fn page<L: Log>(log: &L, after: u64, limit: usize) -> Result<HeldPage, LogError> {
    let mut held = log.held(None, after, limit.saturating_add(1)).await?;
    let more = held.len() > limit;
    held.truncate(limit);
    let next = held.last().map(|last| last.known.pos).filter(|_| more);
    Ok(HeldPage { total: log.count_held(None).await?, entries: told(log, held).await?, next })
}

/// One, as `Answer::Waits` or `Answer::Decided`.
pub async fn show<L: Log>(log: &L, edit: EditId) -> Result<Answer, LogError> {
    let held = log.held(Some(edit), 0, 1).await?;
    if let Some(waits) = told(log, held).await?.pop() {
        return Ok(Answer::Waits(Box::new(waits)));
    }
    Ok(match log.decided(edit).await? {
        Some(decided) => Answer::Decided(decided),
        None => declined(not_held(log, edit).await?),
    })
}

/// Decides once: the same word again is answered like the first time, another one hears of the first. `submit` hands
/// to intake, and waits.
pub async fn decide<L: Log, E: From<LogError>>(
    log: &L,
    review: Review,
    roles: Arc<[Role]>,
    submit: impl AsyncFnOnce(Submission) -> Result<Settled, E>,
) -> Result<Answer, E> {
    let Some(submission) = reviewed(log, review.clone(), roles).await? else {
        return Ok(before(log, &review).await?);
    };
    Ok(match submit(submission).await? {
        Settled::Judged { .. } | Settled::Again { .. } | Settled::Unwritten { .. } | Settled::Erased => {
            before(log, &review).await?
        }
        Settled::Declined { findings } => Answer::Declined { findings },
        Settled::Later | Settled::AnotherLog | Settled::Waits(_) => Answer::Later { words: LATER.to_owned() },
    })
}

const LATER: &str = "The server cannot store it just now. Nothing was changed: try again in a moment.";

/// What intake is to judge; `None`: no such edit is held.
pub async fn reviewed<L: Log>(
    log: &L,
    review: Review,
    roles: Arc<[Role]>,
) -> Result<Option<Submission>, LogError> {
    let held = log.held(Some(review.edit), 0, 1).await?.pop();
    Ok(held.map(|held| Submission::Review(Reviewed { edit: held.edit, review, roles })))
}

/// What stands of an edit that does not wait any more.
async fn before<L: Log>(log: &L, review: &Review) -> Result<Answer, LogError> {
    let Some(decided) = log.decided(review.edit).await? else {
        return Ok(declined(not_held(log, review.edit).await?));
    };
    let Decided { decision, by, ref reason, .. } = decided;
    let own = (decision, by, reason) == (review.decision, review.reviewer, &review.reason);
    Ok(if own { Answer::Decided(decided) } else { Answer::Meanwhile(decided) })
}

/// It was never held, or its device sent another attempt meanwhile.
async fn not_held<L: Log>(log: &L, edit: EditId) -> Result<Finding, LogError> {
    let known = log.load(&[], &[edit]).await?.edits.pop();
    let (what, remedy) = match known.map(|known| known.verdict) {
        None => ("There is no entry with this id.", "Look at the list of what is held."),
        Some(Verdict::Held { .. }) => {
            ("It was sent again meanwhile, changed.", "Look at it once more, then decide.")
        }
        Some(_) => ("It is not held for review.", "Look at the list of what is held."),
    };
    Ok(Finding::new(Rule::NotThere, what, remedy))
}

fn declined(finding: Finding) -> Answer {
    Answer::Declined { findings: vec![finding] }
}

async fn told<L: Log>(log: &L, held: Vec<Held>) -> Result<Vec<HeldEdit>, LogError> {
    let mut docs: Vec<DocAddr> = held.iter().flat_map(|held| held.edit.docs()).collect();
    docs.sort_unstable();
    docs.dedup();
    let loaded = log.load(&docs, &[]).await?;
    let mut views: HashMap<DocAddr, View> = HashMap::new();
    for stored in loaded.docs {
        let view = Doc::load(stored.addr.kind, &stored.saved).and_then(|doc| View::read(&doc));
        views.extend(view.ok().map(|view| (stored.addr, view)));
    }
    docs.retain(|addr| addr.kind == DocKind::Order && !views.contains_key(addr));
    if !docs.is_empty() {
        let all = log.held(None, 0, LOOKED_AT).await?;
        let made = all.iter().flat_map(|one| makes(&one.edit, &docs));
        views.extend(made);
    }
    Ok(held.into_iter().filter_map(|held| tell(held, &views)).collect())
}

/// So many of what is held are looked at for the orders that would be made by it.
const LOOKED_AT: usize = 1_000;

/// What an edit that is held would make of these orders, which are nowhere else: their numbers stand in it.
fn makes(edit: &Edit, docs: &[DocAddr]) -> Vec<(DocAddr, View)> {
    let mut made = Vec::new();
    for (index, part) in edit.parts.iter().enumerate() {
        let is_made = matches!(
            part.command,
            Command::Order(OrderCommand::Create(_)) | Command::Order(OrderCommand::RecordSale(_))
        );
        if !is_made || !docs.contains(&part.doc) {
            continue;
        }
        let doc = Doc::new(part.doc.kind);
        let ctx = edit.context(u16::try_from(index).unwrap_or(u16::MAX), part.at);
        let written = View::read(&doc)
            .ok()
            .and_then(|blank| make(&doc, &blank, &part.command, &ctx, Actor([0; 16])).ok());
        made.extend(written.map(|(written, _)| (part.doc, written.view)));
    }
    made
}

fn tell(held: Held, views: &HashMap<DocAddr, View>) -> Option<HeldEdit> {
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
        does.push(Does::of(part.doc, &part.command, view));
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
