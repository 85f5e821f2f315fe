//! Bytes that are no frame, each to a socket that has said nothing yet and to one that was greeted.

use std::collections::BTreeMap;

use anyhow::ensure;
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;
use waybill_shared::{
    id::OrderId,
    protocol::{ClientFrame, encode, frame::FaultCode, limits},
    scope::Scope,
};
use waybill_tests::{
    peer::Peer,
    street::{Answer, Attack, Ground, create},
    wire::Wire,
};

pub const ATTACKS: &[Attack] = &[
    of("no bytes", |ground| Box::pin(sends(ground, |_| Vec::new()))),
    of("half a frame", |ground| Box::pin(sends(ground, |_| good()[..good().len() / 2].to_vec()))),
    of("a frame and a half", |ground| Box::pin(sends(ground, |_| [&good(), &good()[..4]].concat()))),
    of("text where a frame belongs", |ground| Box::pin(sends(ground, |_| encode(&"hello")))),
    of("arrays five thousand deep", |ground| Box::pin(sends(ground, |_| deep(&[0x81])))),
    of("maps five thousand deep", |ground| Box::pin(sends(ground, |_| deep(&[0xa1, 0x61, 0x61])))),
    of("tags upon tags", |ground| Box::pin(sends(ground, |_| deep(&[0xc1])))),
    of("an array of 2^64 things", |ground| Box::pin(sends(ground, |_| [&[0x9b][..], &[0xff; 8]].concat()))),
    of("text of 2^62 bytes", |ground| Box::pin(sends(ground, |_| vec![0x7b, 0x40, 0, 0, 0, 0, 0, 0, 0]))),
    of("a name nobody knows", |ground| Box::pin(sends(ground, |_| one("open_sesame", 1)))),
    of("a number for edits", |ground| {
        Box::pin(sends(ground, |_| one("push", BTreeMap::from([("edits", 1)]))))
    }),
    of("text for an address", |ground| {
        Box::pin(sends(ground, |_| one("fetch", BTreeMap::from([("docs", vec!["x"])]))))
    }),
    of("a scope that is none", |ground| {
        Box::pin(sends(ground, |_| one("heads", BTreeMap::from([("scope", "moon")]))))
    }),
    of("noise", |ground| Box::pin(sends(ground, |_| noise()))),
    of("too many edits", |ground| Box::pin(sends(ground, too_many_edits))),
    of("too many documents", |ground| Box::pin(sends(ground, |_| too_many_documents()))),
    of("a frame above 1 MiB, before and after the hello", |ground| {
        Box::pin(sends(ground, |_| vec![0; limits::CLIENT_FRAME + 1]))
    }),
    of("a text message", |ground| Box::pin(text(ground))),
];

const REFUSED: &[Answer] =
    &[Answer::Closed, Answer::Fault(FaultCode::BadFrame), Answer::Fault(FaultCode::OutOfPlace)];

const fn of(
    what: &'static str,
    by: for<'a> fn(Ground<'a>) -> LocalBoxFuture<'a, anyhow::Result<Answer>>,
) -> Attack {
    Attack { what, by, answers: REFUSED, behind: 4, grows: 96 }
}

async fn sends(ground: Ground<'_>, bytes: fn(&mut Peer) -> Vec<u8>) -> anyhow::Result<Answer> {
    let Ground { serving, stranger, .. } = ground;
    let bytes = bytes(stranger);
    let mut fresh = Wire::open(&serving.socket()).await?;
    let first = takes(&mut fresh, &bytes).await?;
    ensure!(REFUSED.contains(&first), "before the hello: {first:?}");
    takes(&mut stranger.wire, &bytes).await
}

async fn takes(wire: &mut Wire, bytes: &[u8]) -> anyhow::Result<Answer> {
    // A server that has seen enough closes before all of it is sent.
    let _ = wire.send_bytes(bytes.to_vec()).await;
    Answer::on(wire).await
}

async fn text(ground: Ground<'_>) -> anyhow::Result<Answer> {
    let mut wire = Wire::open(&ground.serving.socket()).await?;
    wire.send_text("{\"hello\": 1}").await?;
    Answer::on(&mut wire).await
}

fn good() -> Vec<u8> {
    encode(&ClientFrame::Heads { scope: Scope::Everyone })
}

fn one(name: &str, value: impl serde::Serialize) -> Vec<u8> {
    encode(&BTreeMap::from([(name, value)]))
}

fn deep(bytes: &[u8]) -> Vec<u8> {
    [bytes.repeat(5_000), vec![0]].concat()
}

fn noise() -> Vec<u8> {
    (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn too_many_edits(stranger: &mut Peer) -> Vec<u8> {
    let mut page = stranger.new_page();
    let edit = stranger.scribe.edit(&mut page, create("S-0"));
    encode(&ClientFrame::Push { edits: vec![edit; limits::EDITS_IN_PUSH + 1], turn: 0 })
}

fn too_many_documents() -> Vec<u8> {
    encode(&ClientFrame::Fetch { docs: vec![OrderId::from(Uuid::now_v7()).into(); 257] })
}
