//! Many entries at once, of a kind that costs the server more than the device.

use anyhow::ensure;
use uuid::Uuid;
use waybill_shared::{
    edit::{Edit, Part},
    id::{FactId, OrderId},
    kind::DocAddr,
    order::commands::{Note, Tag},
    rules::roles::Role,
};
use waybill_tests::{
    peer::Peer,
    street::{Answer, Attack, Ground, create},
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        what: "768 facts of a driver on an order out of sight",
        by: |ground| Box::pin(held_facts(ground)),
        answers: &[Answer::Verdict("held")],
        behind: 400,
        grows: 128,
    },
    Attack {
        what: "512 entries on a long order, each on its beginning",
        by: |ground| Box::pin(on_a_long_order(ground)),
        answers: &[Answer::Verdict("rewritten")],
        behind: 64,
        grows: 96,
    },
    Attack {
        what: "10 entries of 8,000 parts, each on an order of its own",
        by: |ground| {
            Box::pin(too_much(ground, |edit, addr| {
                let parts = (0..8_000).map(|_| Part { doc: addr(), ..edit.parts[0].clone() });
                edit.parts = parts.collect();
            }))
        },
        answers: &[Answer::Verdict("refused")],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "10 entries that need 30,000 others each",
        by: |ground| {
            Box::pin(too_much(ground, |edit, addr| {
                edit.after = (0..30_000).map(|_| addr().id.into()).collect();
            }))
        },
        answers: &[Answer::Verdict("refused")],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "a fetch that names one order of several MB 255 times",
        by: |ground| Box::pin(one_large_order(ground)),
        answers: &[Answer::Read],
        behind: 64,
        grows: 320,
    },
];

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}

async fn held_facts(ground: Ground<'_>) -> anyhow::Result<Answer> {
    ground.serving.add_person("driver", Role::Driver).await?;
    let mut order = ground.stranger.new_page();
    ground.stranger.does(&mut order, create("S-9")).await?;
    let mut driver = Peer::sign_in(&ground.serving.socket(), "driver", 3).await?;
    for nth in 0..3 {
        let edits: Vec<Edit> =
            (0..256).map(|_| driver.scribe.edit(&mut order, note(&format!("{nth}")))).collect();
        let said = driver.sends_all(edits).await?;
        ensure!(said.iter().all(|(verdict, _)| verdict.name() == "held"), "{:?}", said.first());
    }
    Ok(Answer::Verdict("held"))
}

/// They are told so without a look at what they name.
async fn too_much(ground: Ground<'_>, grow: fn(&mut Edit, &dyn Fn() -> DocAddr)) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let addr = || OrderId::from(Uuid::now_v7()).into();
    let mut last = None;
    for _ in 0..10 {
        let mut edit = stranger.scribe.bare(addr(), Tag { tag: "many".to_owned() });
        grow(&mut edit, &addr);
        last = Some(stranger.sends(edit).await?.0);
    }
    Ok(Answer::Verdict(last.map_or("nothing", |verdict| verdict.name())))
}

/// It is given once, and what else was asked for behind it.
async fn one_large_order(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-11")).await?;
    for _ in 0..60 {
        let text: String = (0..12_500).map(|_| format!("{:016x}", stranger.scribe.dice.draw())).collect();
        stranger.does(&mut order, note(&text)).await?;
    }
    let mut small = stranger.new_page();
    stranger.does(&mut small, create("S-12")).await?;
    let mut docs = vec![order.addr; 255];
    docs.push(small.addr);
    let mut given = stranger.fetches(docs).await?;
    if given.len() < 2 {
        given.extend(stranger.fetched().await?);
    }
    let given: Vec<_> = given.iter().map(|saved| saved.doc).collect();
    ensure!(given == [order.addr, small.addr], "{given:?}");
    Ok(Answer::Read)
}

/// Each has the order made again as it was: few of them fit into one batch.
async fn on_a_long_order(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { stranger, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-10")).await?;
    let beginning = order.clone();
    for _ in 0..16 {
        let edits = (0..25).map(|nth| stranger.scribe.edit(&mut order, note(&format!("{nth}")))).collect();
        stranger.sends_all(edits).await?;
    }
    let tags = (0..512).map(|nth| {
        let tag = Tag { tag: format!("tag {nth}") };
        stranger.scribe.edit(&mut beginning.clone(), tag)
    });
    let mut edits: Vec<Edit> = tags.collect();
    let rest = edits.split_off(256);
    let frame = waybill_shared::protocol::ClientFrame::Push { edits, turn: 0 };
    stranger.wire.send(&frame).await?;
    let said = stranger.sends_all(rest).await?;
    ensure!(said.iter().all(|(verdict, _)| verdict.name() == "rewritten"), "{:?}", said.first());
    Ok(Answer::Verdict("rewritten"))
}
