//! Devices that lie of where they stand in the log: what a device says is no evidence. Each lie is told with every kind
//! of proof, by a device that keeps documents and one that does not, and once more when it was revoked; it alone is
//! reset, and the log stays the same to everybody.

use anyhow::{Context, ensure};
use futures_util::future::LocalBoxFuture;
use waybill_server::accounts::devices;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    protocol::frame::{Hello, Next},
    rules::roles::Role,
};
use waybill_tests::{
    peer::Peer,
    stand::{epoch, greets, says, stands},
    street::{Answer, Attack, Ground},
};

pub const ATTACKS: &[Attack] = &[
    of("the end of the log with another chain", |ground| {
        Box::pin(lies(ground, "liar-1", |head| far(head.pos)))
    }),
    of("one beyond the end, as if it went on from there", |ground| {
        Box::pin(lies(ground, "liar-2", |head| Cursor { pos: head.pos + 1, ..head }))
    }),
    of("far beyond the end of the log", |ground| {
        Box::pin(lies(ground, "liar-3", |head| far(head.pos + 1_000_000)))
    }),
    of("the end of all numbers", |ground| Box::pin(lies(ground, "liar-4", |_| far(u64::MAX)))),
    of("a position that was, with another chain", |ground| Box::pin(lies(ground, "liar-5", |_| far(1)))),
    of("the beginning of the log, with a chain", |ground| Box::pin(lies(ground, "liar-6", |_| far(0)))),
];

const fn of(
    what: &'static str,
    by: for<'a> fn(Ground<'a>) -> LocalBoxFuture<'a, anyhow::Result<Answer>>,
) -> Attack {
    Attack { what, by, answers: &[Answer::Welcomed(Next::Reset)], behind: 4, grows: 96 }
}

const fn far(pos: u64) -> Cursor {
    Cursor { pos, chain: Hash([9; 32]) }
}

async fn lies(ground: Ground<'_>, name: &str, lie: fn(Cursor) -> Cursor) -> anyhow::Result<Answer> {
    let Ground { serving, .. } = ground;
    let pool = &serving.server.app().pool;
    serving.add_person(name, Role::Manager).await?;
    let liar = Peer::sign_in(&serving.socket(), name, 30).await?;
    let (head, proof) = stands(serving, &liar.token).await?;
    let cursor = lie(head);
    let words = [
        ("no proof", None),
        ("one made up", Some(vec![7; 24])),
        ("noughts", Some(vec![0; 24])),
        ("nothing for one", Some(Vec::new())),
        ("a long one", Some(vec![1; 100_000])),
        ("the true one of where it did stand", Some(proof)),
    ];
    let before = epoch(serving).await?;
    let mut answer = None;
    for (revoked, keeps, expected) in [
        (false, true, Next::Reset),
        (false, false, Next::Nothing),
        (true, true, Next::PushAgain),
        (true, false, Next::PushAgain),
    ] {
        if revoked {
            devices::revoke(pool, &liar.scribe.device.to_string()).await?;
        }
        for (with, proof) in &words {
            let hello = Hello { keeps, ..says(&liar.token, Some(cursor), proof.clone()) };
            let (_wire, welcome) = greets(serving, hello).await?;
            let case = format!("with {with}; keeps {keeps}, revoked {revoked}");
            ensure!(welcome.next == expected, "{case}: {:?}", welcome.next);
            ensure!(epoch(serving).await? == before, "{case}: the log is another one to everybody");
            answer.get_or_insert(Answer::Welcomed(welcome.next));
        }
    }
    answer.context("it lied")
}
