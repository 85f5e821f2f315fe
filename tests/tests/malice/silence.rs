//! Sockets that say nothing, and those that ask and never read what they get.

use std::time::Duration;

use uuid::Uuid;
use waybill_shared::{
    id::EditId,
    kind::DocAddr,
    protocol::{ClientFrame, encode},
    scope::Scope,
};
use waybill_tests::{
    street::{Answer, Attack, Ground},
    wire::Wire,
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        what: "3,000 empty pushes, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Push { edits: Vec::new(), turn: 0 })),
        answers: &[Answer::Read],
        behind: 4,
        grows: 32,
    },
    Attack {
        what: "3,000 questions for heads, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Heads { scope: Scope::Everyone })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 4,
        grows: 32,
    },
    Attack {
        what: "3,000 fetches of 256 documents, nothing is read",
        by: |ground| Box::pin(floods(ground, |doc| ClientFrame::Fetch { docs: vec![doc; 256] })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 4,
        grows: 32,
    },
    Attack {
        what: "3,000 discards of nothing, nothing is read",
        by: |ground| Box::pin(floods(ground, |_| ClientFrame::Discard { edits: unknown() })),
        answers: &[Answer::Read, Answer::Unread],
        behind: 300,
        grows: 64,
    },
    Attack {
        what: "500,000 pings before the hello, nothing is read",
        by: |ground| Box::pin(pings(ground, false)),
        answers: &[Answer::Unread],
        behind: 4,
        grows: 32,
    },
    Attack {
        what: "500,000 pings after the hello, nothing is read",
        by: |ground| Box::pin(pings(ground, true)),
        answers: &[Answer::Unread],
        behind: 4,
        grows: 32,
    },
    Attack {
        what: "two hundred sockets that say nothing",
        by: |ground| Box::pin(silent(ground)),
        answers: &[Answer::Read],
        behind: 4,
        grows: 32,
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
