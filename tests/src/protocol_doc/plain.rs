//! What a client that keeps no documents hears beside verdicts, and reads.

use ciborium::Value;
use waybill_shared::{
    command::run,
    doc::Doc,
    edit::Verdict,
    protocol::{
        ClientFrame, ServerFrame,
        frame::{Given, OwnVerdict},
        question::{Answer, DocumentQuestion, DocumentRead, DocumentsRead, Question},
    },
    review::{Decided, Decision},
    view::View,
};

use super::{
    Example,
    commands::first_change,
    world::{actor, at, context, person},
};

pub fn all() -> Vec<Example> {
    let given = vec![Given { part: 0, number: "S-000001".to_owned() }];
    let decided = Decided {
        decision: Decision::Reverse,
        by: person(2),
        at: at(0),
        reason: "Nobody was there.".to_owned(),
    };
    let own = |name: &str, verdict: OwnVerdict| Example::cbor(name, &verdict);
    let (doc, ..) = first_change();
    let question = Question::Document(DocumentQuestion::Read { docs: vec![doc] });
    let ask = ClientFrame::Ask { id: 3, person: person(1), question };
    let documents = vec![DocumentRead { doc, values: values() }];
    let answer = Answer::Documents(DocumentsRead { documents, more: Vec::new(), pos: 5211 });
    vec![
        own(
            "verdict with what the server gave",
            OwnVerdict { given, ..OwnVerdict::new(0, Verdict::Accepted) },
        ),
        own(
            "verdict on what was held",
            OwnVerdict { decided: Some(decided), ..OwnVerdict::new(0, Verdict::Accepted) },
        ),
        Example::cbor("ask, documents as plain values", &ask),
        Example::cbor("answer, documents as plain values", &ServerFrame::Answer { id: 3, answer }),
    ]
}

/// Of the order that the first example makes.
fn values() -> Value {
    let (addr, command, base, _) = first_change();
    let view = View::read(&base).unwrap_or_else(|error| panic!("a skeleton reads: {error}"));
    let written = run(&base, &view, &command, &context(1), actor());
    let doc: Doc = written.unwrap_or_else(|error| panic!("{} on {addr} runs: {error}", command.name())).doc;
    sorted(doc.read().unwrap_or_else(|error| panic!("it reads: {error}")))
}

/// Maps may come in any order; here it is always the same one.
fn sorted(value: Value) -> Value {
    match value {
        Value::Map(entries) => {
            let mut entries: Vec<(Value, Value)> =
                entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
            Value::Map(entries)
        }
        other => other,
    }
}
