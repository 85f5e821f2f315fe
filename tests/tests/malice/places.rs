//! Frames out of their place, and people and devices who say that they are somebody else.

use anyhow::ensure;
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    edit::Edit,
    finding::Rule,
    id::{DeviceId, FactId, LocationId},
    order::commands::{Note, Tag},
    protocol::{
        ClientFrame,
        frame::{FaultCode, SignIn},
    },
    scope::Scope,
};
use waybill_tests::{
    peer::hello,
    serving::PASSWORD,
    street::{Answer, Attack, Ground, create},
    wire::Wire,
};

pub const ATTACKS: &[Attack] = &[
    fault("a push before hello", FaultCode::OutOfPlace, |ground| {
        Box::pin(opens(ground, |_| ClientFrame::Push { edits: Vec::new(), turn: 0 }))
    }),
    fault("heads before hello", FaultCode::OutOfPlace, |ground| {
        Box::pin(opens(ground, |_| ClientFrame::Heads { scope: Scope::Office }))
    }),
    fault("a token made up", FaultCode::SignedOut, |ground| Box::pin(opens(ground, |_| hello(vec![7; 32])))),
    fault("an empty token", FaultCode::SignedOut, |ground| Box::pin(opens(ground, |_| hello(Vec::new())))),
    fault("half of the neighbour's token", FaultCode::SignedOut, |ground| {
        Box::pin(opens(ground, |on| hello(on.neighbour.token[..on.neighbour.token.len() / 2].to_vec())))
    }),
    fault("a wrong password", FaultCode::SignInRefused, |ground| {
        Box::pin(opens(ground, |on| sign_in("stranger", "guess", on.stranger.scribe.device, 1)))
    }),
    fault("somebody whom nobody knows", FaultCode::SignInRefused, |ground| {
        Box::pin(opens(ground, |on| sign_in("nobody", PASSWORD, on.stranger.scribe.device, 1)))
    }),
    fault("signing in on the neighbour's device", FaultCode::SignInRefused, |ground| {
        Box::pin(opens(ground, |on| sign_in("stranger", PASSWORD, on.neighbour.device, 1)))
    }),
    fault("a protocol of the future", FaultCode::Version, |ground| {
        Box::pin(opens(ground, |on| sign_in("stranger", PASSWORD, on.stranger.scribe.device, 99)))
    }),
    fault("a protocol of the past", FaultCode::Version, |ground| {
        Box::pin(opens(ground, |on| sign_in("stranger", PASSWORD, on.stranger.scribe.device, 0)))
    }),
    fault("an entry in the name of the neighbour's device", FaultCode::Forged, |ground| {
        Box::pin(goes_on(ground, |on| {
            let order = on.stranger.new_page();
            let edit = on.stranger.scribe.bare(order.addr, create("S-1"));
            ClientFrame::Push { edits: vec![Edit { device: on.neighbour.device, ..edit }], turn: 0 }
        }))
    }),
    fault("a second hello", FaultCode::OutOfPlace, |ground| {
        Box::pin(goes_on(ground, |on| hello(on.stranger.token.clone())))
    }),
    fault("heads of a scope not held", FaultCode::OutOfPlace, |ground| {
        Box::pin(goes_on(ground, |_| ClientFrame::Heads {
            scope: Scope::Location(LocationId::new(Uuid::now_v7())),
        }))
    }),
    Attack {
        what: "a request in the name of the neighbour",
        by: |ground| Box::pin(as_the_neighbour(ground, Tag { tag: "theirs".to_owned() }.into())),
        answers: &[Answer::Verdict("refused")],
        behind: 4,
        grows: 96,
    },
    Attack {
        what: "a fact in the name of the neighbour",
        by: |ground| Box::pin(as_the_neighbour(ground, note("theirs").into())),
        answers: &[Answer::Verdict("held")],
        behind: 4,
        grows: 96,
    },
];

const fn fault(
    what: &'static str,
    code: FaultCode,
    by: for<'a> fn(Ground<'a>) -> LocalBoxFuture<'a, anyhow::Result<Answer>>,
) -> Attack {
    let answers: &[Answer] = match code {
        FaultCode::OutOfPlace => &[Answer::Fault(FaultCode::OutOfPlace)],
        FaultCode::SignedOut => &[Answer::Fault(FaultCode::SignedOut)],
        FaultCode::SignInRefused => &[Answer::Fault(FaultCode::SignInRefused)],
        FaultCode::Version => &[Answer::Fault(FaultCode::Version)],
        FaultCode::Forged => &[Answer::Fault(FaultCode::Forged)],
        _ => &[],
    };
    Attack { what, by, answers, behind: 4, grows: 96 }
}

/// The first frame on a new socket.
async fn opens(mut ground: Ground<'_>, frame: fn(&mut Ground<'_>) -> ClientFrame) -> anyhow::Result<Answer> {
    let frame = frame(&mut ground);
    let mut wire = Wire::open(&ground.serving.socket()).await?;
    wire.send(&frame).await?;
    Answer::on(&mut wire).await
}

/// A frame on the socket that was greeted.
async fn goes_on(
    mut ground: Ground<'_>,
    frame: fn(&mut Ground<'_>) -> ClientFrame,
) -> anyhow::Result<Answer> {
    let frame = frame(&mut ground);
    ground.stranger.wire.send(&frame).await?;
    Answer::on(&mut ground.stranger.wire).await
}

async fn as_the_neighbour(ground: Ground<'_>, command: Command) -> anyhow::Result<Answer> {
    let Ground { stranger, neighbour, .. } = ground;
    let mut order = stranger.new_page();
    stranger.does(&mut order, create("S-2")).await?;
    let edit = stranger.scribe.bare(order.addr, command);
    let (verdict, changes) = stranger.sends(Edit { person: neighbour.person, ..edit }).await?;
    let rule = verdict.findings().first().map(|finding| finding.rule);
    ensure!(rule == Some(Rule::NotPermitted), "{verdict:?}");
    ensure!(changes.is_empty(), "nothing of it is in the document");
    Ok(Answer::Verdict(verdict.name()))
}

fn sign_in(name: &str, password: &str, device: DeviceId, protocol: u16) -> ClientFrame {
    ClientFrame::SignIn(SignIn {
        protocol,
        name: name.to_owned(),
        password: password.to_owned(),
        new_password: None,
        device,
        device_name: "Till".to_owned(),
        version: "0.1.0".to_owned(),
        token: None,
        company: None,
    })
}

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}
