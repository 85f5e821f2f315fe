//! Ids that are somebody else's, used twice, or none; and entries that do not read.

use anyhow::{bail, ensure};
use uuid::Uuid;
use waybill_shared::{
    edit::{Edit, Verdict},
    id::{EditId, FactId},
    order::commands::Note,
    protocol::{ClientFrame, encode},
    rules::roles::Role,
};
use waybill_tests::{
    peer::Peer,
    street::{Answer, Attack, Ground, create},
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        what: "256 entries under one id that stands, each with other words",
        by: |ground| Box::pin(one_id(ground)),
        answers: &[Answer::Verdict("refused")],
        behind: 8,
        grows: 96,
    },
    Attack {
        what: "the id of another person's entry, with its words",
        by: |ground| Box::pin(another_ones(ground)),
        answers: &[Answer::Verdict("refused")],
        behind: 8,
        grows: 96,
    },
    Attack {
        what: "256 entries without an id",
        by: |ground| Box::pin(without_id(ground)),
        answers: &[Answer::Verdict("refused")],
        behind: 8,
        grows: 96,
    },
    Attack {
        what: "255 entries that do not read, and one that does",
        by: |ground| Box::pin(unreadable(ground)),
        answers: &[Answer::Verdict("accepted")],
        behind: 8,
        grows: 128,
    },
];

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}

async fn one_id(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-20")).await?;
    let first = stranger.scribe.bare(order.addr, note("first"));
    stranger.sends(first.clone()).await?;
    let edits: Vec<Edit> = (0..256)
        .map(|nth| Edit { id: first.id, ..stranger.scribe.bare(order.addr, note(&format!("{nth}"))) })
        .collect();
    stranger.wire.send(&ClientFrame::Push { edits, turn: 0 }).await?;
    all_refused(stranger, first.id, 256).await
}

async fn another_ones(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { serving, stranger, .. } = ground;
    serving.add_person("colleague", Role::Manager).await?;
    let mut colleague = Peer::sign_in(&serving.socket(), "colleague", 21).await?;
    let mut order = colleague.new_page();
    colleague.does(&mut order, create("C-21")).await?;
    let theirs = colleague.scribe.bare(order.addr, note("theirs"));
    colleague.sends(theirs.clone()).await?;
    // As its author, and in the own name.
    for person in [theirs.person, stranger.person()] {
        let stolen = Edit { device: stranger.scribe.device, person, ..theirs.clone() };
        stranger.wire.send(&ClientFrame::Push { edits: vec![stolen], turn: 0 }).await?;
        // A manager sees the entry itself come down, without what was said of it to somebody else.
        all_refused(stranger, theirs.id, 1).await?;
    }
    Ok(Answer::Verdict("refused"))
}

async fn without_id(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let order = stranger.new_page();
    let none = EditId::new(Uuid::nil());
    let edits =
        (0..256).map(|_| Edit { id: none, ..stranger.scribe.bare(order.addr, note("whose?")) }).collect();
    stranger.wire.send(&ClientFrame::Push { edits, turn: 0 }).await?;
    all_refused(stranger, none, 256).await
}

async fn unreadable(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-22")).await?;
    let edits: Vec<Edit> = (0..256).map(|_| stranger.scribe.bare(order.addr, note("bad"))).collect();
    let last = edits[255].id;
    let mut bytes = encode(&ClientFrame::Push { edits, turn: 0 });
    // Each names a field that is none, but for the last.
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"dtext")).collect();
    ensure!(found.len() == 256, "{}", found.len());
    for at in &found[..255] {
        bytes[at + 1..at + 5].copy_from_slice(b"tixt");
    }
    stranger.wire.send_bytes(bytes).await?;
    let (said, _) = stranger.told(&[last]).await?;
    Ok(Answer::Verdict(said.get(&last).map_or("nothing", |said| said.verdict.name())))
}

/// So often it is said of this id that it cannot be.
async fn all_refused(stranger: &mut Peer, id: EditId, times: usize) -> anyhow::Result<Answer> {
    let mut count = 0;
    while count < times {
        for said in stranger.told_each(id).await? {
            let Verdict::Refused { .. } = said.verdict else { bail!("{said:?}") };
            count += 1;
        }
    }
    Ok(Answer::Verdict("refused"))
}
