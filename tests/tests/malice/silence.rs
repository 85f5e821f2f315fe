//! Sockets that say nothing, and those that ask and never read what they get.

use std::time::Duration;

use uuid::Uuid;
use waybill_shared::{
    edit::Edit,
    id::{EditId, FactId},
    kind::DocAddr,
    order::commands::Note,
    protocol::{ClientFrame, encode, frame::FaultCode},
    scope::Scope,
};
use waybill_tests::{
    peer,
    street::{Answer, Attack, Ground},
    wire::Wire,
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        what: "3,000 empty pushes, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Push { edits: Vec::new(), turn: 0 })),
        answers: &[Answer::Read],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "3,000 questions for heads, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Heads { scope: Scope::Everyone })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "3,000 fetches of 256 documents, nothing is read",
        by: |ground| Box::pin(floods(ground, |doc| ClientFrame::Fetch { docs: vec![doc; 256] })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "3,000 discards of nothing, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Discard { edits: unknown() })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 400,
        grows: 128,
    },
    Attack {
        what: "500,000 pings before the hello, nothing is read",
        by: |ground| Box::pin(pings(ground, false)),
        answers: &[Answer::Unread],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "500,000 pings after the hello, nothing is read",
        by: |ground| Box::pin(pings(ground, true)),
        answers: &[Answer::Unread],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "two hundred sockets that say nothing",
        by: |ground| Box::pin(silent(ground)),
        answers: &[Answer::Read],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "500 sockets of one device, each with 256 facts",
        by: |ground| Box::pin(crowds(ground)),
        answers: &[Answer::Fault(FaultCode::Unavailable), Answer::Closed],
        // Four sockets fill the places of intake: one is free when the next batch is taken, behind the two before.
        behind: 700,
        grows: 640,
    },
];

/// Sends the frame three thousand times, as far as it is taken, on a socket on which nothing is read.
async fn floods(ground: Ground<'_>, frame: fn(DocAddr) -> ClientFrame) -> anyhow::Result<Answer> {
    let mut page = ground.stranger.new_page();
    ground.stranger.does(&mut page, waybill_tests::street::create("S-1")).await?;
    let bytes = encode(&frame(page.addr));
    Ok(unread(3_000, async |_| ground.stranger.wire.send_bytes(bytes.clone()).await).await)
}

/// Does it so often, as long as the server takes it.
async fn unread(times: u32, mut send: impl AsyncFnMut(u32) -> anyhow::Result<()>) -> Answer {
    for nth in 0..times {
        // A server that reads at all takes the next frame sooner than this.
        match tokio::time::timeout(Duration::from_secs(2), send(nth)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Answer::Closed,
            Err(_) => return Answer::Unread,
        }
    }
    Answer::Read
}

/// Each is to be answered, and no answer is read.
async fn pings(ground: Ground<'_>, greeted: bool) -> anyhow::Result<Answer> {
    let mut fresh = Wire::open(&ground.serving.socket()).await?;
    let wire = if greeted { &mut ground.stranger.wire } else { &mut fresh };
    Ok(unread(500_000, async |_| wire.ping().await).await)
}

fn unknown() -> Vec<EditId> {
    (0..200).map(|_| EditId::new(Uuid::now_v7())).collect()
}

async fn silent(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(Wire::open(&ground.serving.socket()).await?);
    }
    Ok(Answer::Read)
}

/// Whoever waits for a place in intake is in a line with all sockets that do. What each gets for its entries does not
/// matter here; every one of them is another.
async fn crowds(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let Ground { serving, stranger, .. } = ground;
    let mut page = stranger.new_page();
    stranger.does(&mut page, waybill_tests::street::create("S-2")).await?;
    let text = "again and again".to_owned();
    let note = stranger.scribe.edit(&mut page, Note { id: FactId::from(Uuid::now_v7()), text });
    let mut crowd = Vec::new();
    for _ in 0..500 {
        let edits = (0..256).map(|_| Edit { id: EditId::new(Uuid::now_v7()), ..note.clone() }).collect();
        let mut wire = Wire::open(&serving.socket()).await?;
        wire.send(&peer::hello(stranger.token.clone())).await?;
        wire.send(&ClientFrame::Push { edits, turn: 0 }).await?;
        crowd.push(wire);
    }
    // Others work on while all of them are there.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let Some(oldest) = crowd.first_mut() else { anyhow::bail!("nobody came") };
    match tokio::time::timeout(Duration::from_secs(5), Answer::on(oldest)).await {
        Ok(answer) => answer,
        Err(_) => Ok(Answer::Read),
    }
}
