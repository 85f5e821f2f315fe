//! Entries that claim what is not so of the change that they made: each stands as the server makes it, and once.

use anyhow::ensure;
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;
use waybill_shared::{
    doc::{Hash, skeleton},
    edit::{Edit, Made},
    id::FactId,
    order::{What, commands::Note},
    time::Timestamp,
    view::View,
};
use waybill_tests::{
    scribe::Page,
    street::{Answer, Attack, Ground, Overheard, create},
};

pub const ATTACKS: &[Attack] = &[
    of("a hash that does not come out", |ground| {
        Box::pin(claims(ground, |edit, _| made(edit, |made| made.hash = Some(Hash([9; 32])))))
    }),
    of("a seq that is not its turn", |ground| {
        Box::pin(claims(ground, |edit, _| made(edit, |made| made.seq += 5)))
    }),
    of("a seq far ahead", |ground| {
        Box::pin(claims(ground, |edit, _| made(edit, |made| made.seq = u64::MAX)))
    }),
    of("deps nobody has", |ground| {
        Box::pin(claims(ground, |edit, _| made(edit, |made| made.deps = vec![Hash([1; 32]), Hash([2; 32])])))
    }),
    of("no deps", |ground| Box::pin(claims(ground, |edit, _| made(edit, |made| made.deps.clear())))),
    of("no change", |ground| Box::pin(claims(ground, |edit, _| made(edit, |made| made.hash = None)))),
    of("the neighbour's actor", |ground| {
        Box::pin(claims(ground, |edit, neighbour| made(edit, |made| made.actor = neighbour.actor)))
    }),
    of("the actor of skeletons", |ground| {
        Box::pin(claims(ground, |edit, _| made(edit, |made| made.actor = skeleton::ACTOR)))
    }),
    of("a clock ten years ahead", |ground| {
        Box::pin(claims(ground, |edit, _| clock(edit, |at| at.plus_ms(10 * YEAR))))
    }),
    of("a clock at the end of time", |ground| {
        Box::pin(claims(ground, |edit, _| clock(edit, |_| Timestamp::from_unix_ms(i64::MAX))))
    }),
    of("a clock before all time", |ground| {
        Box::pin(claims(ground, |edit, _| clock(edit, |_| Timestamp::from_unix_ms(i64::MIN))))
    }),
    of("a clock ten years behind", |ground| {
        Box::pin(claims(ground, |edit, _| clock(edit, |at| at.plus_ms(-10 * YEAR))))
    }),
    of("a seq used twice, as by a copied file", |ground| Box::pin(copied(ground))),
];

const YEAR: i64 = 365 * 24 * 60 * 60 * 1000;

const fn of(
    what: &'static str,
    by: for<'a> fn(Ground<'a>) -> LocalBoxFuture<'a, anyhow::Result<Answer>>,
) -> Attack {
    Attack { what, by, answers: &[Answer::Verdict("rewritten")], behind: 4, grows: 96 }
}

async fn claims(ground: Ground<'_>, twist: fn(&mut Edit, &Overheard)) -> anyhow::Result<Answer> {
    let Ground { stranger, neighbour, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-3")).await?;
    let mut edit = stranger.scribe.edit(&mut order.clone(), note("claimed"));
    twist(&mut edit, &neighbour);
    let claimed = edit.parts[0].made.as_ref().and_then(|made| made.hash);
    let (verdict, changes) = stranger.sends(edit.clone()).await?;
    ensure!(changes.first().map(|change| change.hash) != claimed, "the change that was claimed stands");
    // As after a lost acknowledgement: the same answer, and nothing twice.
    let (again, _) = stranger.sends(edit).await?;
    ensure!(again == verdict, "sent again: {again:?}");
    stranger.reads(&mut order).await?;
    ensure!(notes(&order) == 1, "the note is there once");
    Ok(Answer::Verdict(verdict.name()))
}

async fn copied(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-4")).await?;
    let mut copy = order.clone();
    stranger.does(&mut order, note("the first")).await?;
    let edit = stranger.scribe.edit(&mut copy, note("the second"));
    let (verdict, _) = stranger.sends(edit).await?;
    stranger.reads(&mut order).await?;
    ensure!(notes(&order) == 2, "both notes are there");
    Ok(Answer::Verdict(verdict.name()))
}

fn made(edit: &mut Edit, twist: impl FnMut(&mut Made)) {
    edit.parts.iter_mut().filter_map(|part| part.made.as_mut()).for_each(twist);
}

fn clock(edit: &mut Edit, set: fn(Timestamp) -> Timestamp) {
    edit.parts.iter_mut().for_each(|part| part.at = set(part.at));
}

fn notes(page: &Page) -> usize {
    let View::Order(order) = &page.view else { return 0 };
    order.facts.values().filter(|fact| matches!(fact.what, What::Note { .. })).count()
}

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}
