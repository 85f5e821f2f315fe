//! Every field of every frame and command with values at the edge of what a field can hold, sent to a real server: each
//! gets a stated answer, and what is stored is what was hashed.

mod leaves;

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use uuid::Uuid;
use waybill_server::check;
use waybill_shared::{
    command::Command,
    edit::{Edit, Part},
    id::{DeviceId, EditId, SettingsId},
    kind::{DocAddr, DocKind},
    order::commands::OrderCommand,
    protocol::{
        ClientFrame, ServerFrame, batch, decode, encode,
        frame::{Entry, FaultCode},
        limits,
    },
    rules::roles::Role,
    time::Booked,
};
use waybill_tests::{
    peer::Peer,
    protocol_doc::{self, Example},
    serving::{PASSWORD, Serving},
    wire::Wire,
};

use leaves::{leaves, replaced};

/// Slowing a device down is another story.
const PACE: [(&str, &str); 2] =
    [("limits.edits_per_second", "1000000"), ("limits.held_per_device", "1000000")];

struct Stage {
    serving: Serving,
    peer: Peer,
    /// Where the examples of commands are about.
    counter: u64,
}

impl Stage {
    async fn new() -> Self {
        let serving = Serving::start_with(&PACE).await.expect("a server starts");
        serving.add_person("ida", Role::Admin).await.expect("a person is added");
        let peer = Peer::sign_in(&serving.socket(), "ida", 1).await.expect("she signs in");
        Self { serving, peer, counter: 0 }
    }

    fn edit(&mut self, doc: DocAddr, command: Command) -> Edit {
        self.counter += 1;
        let scribe = &mut self.peer.scribe;
        scribe.at = scribe.at.plus_ms(1);
        let at = scribe.at;
        Edit {
            id: scribe.dice.id::<EditId>(at),
            kind: command.kind(),
            person: scribe.person,
            device: scribe.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![Part { doc, command, at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    /// Sends it, and waits until every edit in it has its answer, or all of them have one.
    async fn pushes(&mut self, what: &str, edits: Vec<Value>) {
        let mut waits: BTreeSet<Vec<u8>> = edits.iter().filter_map(id_of).collect();
        let turn = BTreeMap::from([("edits", Value::Array(edits))]);
        self.sends(&encode(&BTreeMap::from([("push", turn)]))).await;
        while !waits.is_empty() {
            let Some(frame) = self.peer.wire.next().await else { return self.comes_back().await };
            match frame {
                ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries } => {
                    for entry in batch::unpack::<Entry>(&entries).expect("a batch") {
                        waits.remove(Uuid::from(entry.edit).as_bytes().as_slice());
                    }
                }
                ServerFrame::Fault(fault) => {
                    assert!(!fault.words.is_empty(), "{what}: {fault:?}");
                    assert_ne!(fault.code, FaultCode::Unavailable, "{what}: {fault:?}");
                    return self.comes_back().await;
                }
                // Whatever else names an edit answers it.
                other => {
                    let said = encode(&other);
                    waits.retain(|id| !said.windows(id.len()).any(|window| window == id.as_slice()));
                }
            }
        }
    }

    /// Sends a frame that need not have an answer of its own, and sees that the server goes on.
    async fn tries(&mut self, what: &str, frame: &Value) {
        self.sends(&encode(frame)).await;
        let fetch = ClientFrame::Fetch { docs: vec![SettingsId::ONLY.into()] };
        let _ = self.peer.wire.send(&fetch).await;
        loop {
            match self.peer.wire.next().await {
                Some(ServerFrame::Docs { .. }) => return,
                Some(ServerFrame::Fault(fault)) => {
                    assert!(!fault.words.is_empty(), "{what}: {fault:?}");
                    assert_ne!(fault.code, FaultCode::Unavailable, "{what}: {fault:?}");
                }
                Some(_) => {}
                None => return self.comes_back().await,
            }
        }
    }

    async fn sends(&mut self, bytes: &[u8]) {
        // A server that has seen enough closes before all of it is sent.
        let _ = self.peer.wire.send_bytes(bytes.to_vec()).await;
    }

    async fn comes_back(&mut self) {
        let address = self.serving.socket();
        self.peer.come_back(&address).await.expect("she may come back");
    }

    async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop(self.peer);
        self.serving.stop().await.expect("the server stops");
    }
}

fn id_of(edit: &Value) -> Option<Vec<u8>> {
    let entries = edit.as_map()?;
    let (_, id) = entries.iter().find(|(key, _)| key.as_text() == Some("id"))?;
    id.as_bytes().cloned()
}

/// The value that an example shows first.
fn value_of(example: &Example) -> Option<Value> {
    let lines = example.body.lines().take_while(|line| !line.is_empty());
    let bytes = hex::decode(lines.collect::<String>()).ok()?;
    decode(&bytes, limits::CLIENT_FRAME).ok()
}

/// Every command with the document that its example is run on, in the order of the examples.
fn commands() -> Vec<(DocAddr, Value)> {
    let examples = protocol_doc::all();
    let of_command = examples.iter().filter(|example| Command::NAMES.contains(&example.name.as_str()));
    of_command.map(|example| (addr_of(example), value_of(example).expect("a command"))).collect()
}

/// `edit 3 on order/0000…, seq 2, …`
fn addr_of(example: &Example) -> DocAddr {
    let on = example.body.lines().find_map(|line| line.strip_prefix("edit ")?.split(" on ").nth(1));
    let (kind, rest) = on.and_then(|on| on.split_once('/')).expect("a document");
    let id: Uuid = rest.get(..32).and_then(|id| id.parse().ok()).expect("an id");
    let kind = (0..=40).map(DocKind::from).find(|of| of.name() == kind).expect("a kind");
    DocAddr::new(kind, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_command() {
    let mut stage = Stage::new().await;
    for (doc, good) in commands() {
        let mut command: Command = good.deserialized().expect("a command");
        if let Command::Order(OrderCommand::RecordSale(record)) = &mut command {
            // That a receipt is not the one that was printed is for `check` to say, and it does.
            record.sale.link = None;
        }
        let good = Value::serialized(&command).expect("a command");
        let name = command.name();
        let edit = stage.edit(doc, command.clone());
        stage.pushes(name, vec![Value::serialized(&edit).expect("an edit")]).await;
        let (mut read, mut unread) = (Vec::new(), Vec::new());
        for leaf in leaves(&good) {
            for extreme in leaf.extremes() {
                let edit = Value::serialized(&stage.edit(doc, command.clone())).expect("an edit");
                let twisted = replaced(&good, &leaf, extreme);
                let of_edit = leaves::child(&edit, &["parts", "0", "command"]).expect("its command");
                let edit = replaced(&edit, &of_edit, twisted);
                let is_read = edit.deserialized::<Edit>().is_ok();
                if is_read { read.push(edit) } else { unread.push((leaf.name.clone(), edit)) }
            }
        }
        for edits in read.chunks(limits::EDITS_IN_PUSH / 2) {
            stage.pushes(name, edits.to_vec()).await;
        }
        // One of each field: a push that is not read is answered as a whole.
        let mut seen = BTreeSet::new();
        for (field, edit) in unread {
            if seen.insert(field.clone()) {
                stage.pushes(&format!("{name}: {field}"), vec![edit]).await;
            }
        }
    }
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_an_edit() {
    let mut stage = Stage::new().await;
    let examples = protocol_doc::all();
    for name in ["push", "push, without documents", "push, overriding"] {
        let example = examples.iter().find(|example| example.name == name).expect("an example");
        let frame: ClientFrame =
            value_of(example).and_then(|value| value.deserialized().ok()).expect("a push");
        let ClientFrame::Push { edits, .. } = frame else { panic!("a push") };
        let edit = edits.into_iter().next().expect("an edit");
        let fresh = |stage: &mut Stage| {
            let Part { doc, command, .. } = edit.parts[0].clone();
            let own = stage.edit(doc, command);
            let parts = own.parts.into_iter().zip(&edit.parts);
            let parts = parts.map(|(part, shown)| Part { made: shown.made.clone(), ..part }).collect();
            Value::serialized(&Edit { parts, overriding: edit.overriding.clone(), ..own }).expect("an edit")
        };
        let good = fresh(&mut stage);
        stage.pushes(name, vec![good.clone()]).await;
        for leaf in leaves(&good) {
            for extreme in leaf.extremes() {
                let twisted = replaced(&fresh(&mut stage), &leaf, extreme);
                stage.pushes(&format!("{name}: {}", leaf.name), vec![twisted]).await;
            }
        }
    }
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_other_frame() {
    let mut stage = Stage::new().await;
    let (own, token) = (stage.peer.person(), stage.peer.token.clone());
    let another = DeviceId::new(Uuid::now_v7());
    for example in protocol_doc::all() {
        let Some(value) = value_of(&example) else { continue };
        let Ok(frame) = value.deserialized::<ClientFrame>() else { continue };
        let named = |frame: ClientFrame| Value::serialized(&frame).expect("a frame");
        let good = match frame {
            // Who asks is somebody here.
            ClientFrame::Ask { id, question, .. } => named(ClientFrame::Ask { id, person: own, question }),
            ClientFrame::Hello(mut hello) => {
                (hello.company, hello.token) = (None, token.clone());
                named(ClientFrame::Hello(hello))
            }
            ClientFrame::SignIn(mut sign_in) => {
                // Whoever signs in anew on a device ends the token that it had.
                (sign_in.device, sign_in.token) = (another, Some(vec![7; 32]));
                sign_in.password = PASSWORD.to_owned();
                named(ClientFrame::SignIn(sign_in))
            }
            ClientFrame::Push { .. } | ClientFrame::Done {} => continue,
            frame => named(frame),
        };
        let greets = matches!(example.name.split(',').next(), Some("hello" | "sign_in"));
        for leaf in leaves(&good) {
            for extreme in leaf.extremes() {
                let what = format!("{}: {}", example.name, leaf.name);
                let twisted = replaced(&good, &leaf, extreme);
                if greets {
                    greeted(&stage.serving, &what, &twisted).await
                } else {
                    stage.tries(&what, &twisted).await
                }
            }
        }
    }
    stage.comes_back().await;
    stage.ends_well().await;
}

/// On a socket of its own: the server welcomes it, or says why not.
async fn greeted(serving: &Serving, what: &str, frame: &Value) {
    let mut wire = Wire::open(&serving.socket()).await.expect("a socket opens");
    let _ = wire.send_bytes(encode(frame)).await;
    match wire.next().await {
        Some(ServerFrame::Fault(fault)) => {
            assert!(!fault.words.is_empty(), "{what}: {fault:?}");
            assert_ne!(fault.code, FaultCode::Unavailable, "{what}: {fault:?}");
        }
        Some(ServerFrame::Welcome(_) | ServerFrame::SignedIn(_)) => {}
        other => panic!("{what}: no answer, but {other:?}"),
    }
}
