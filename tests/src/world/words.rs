//! The words of a story: what is sent, said and noticed, in one line each.

use waybill_server::log::NewEntry;
use waybill_shared::{
    edit::Edit,
    id::{EditId, Id},
    protocol::{
        ClientFrame, ServerFrame, batch,
        frame::{Entry, SavedDoc, Why},
    },
    session::Notice,
};

/// The last digits of an id are enough to follow it through a story.
pub fn short(id: EditId) -> String {
    let text = id.uuid().simple().to_string();
    text[text.len() - 4..].to_owned()
}

pub fn edit(edit: &Edit) -> String {
    let parts: Vec<_> = edit
        .parts
        .iter()
        .map(|part| format!("{} on …{}", part.command.name(), &part.doc.id.simple().to_string()[28..]))
        .collect();
    format!("{}#{} {}", short(edit.id), edit.attempt, parts.join(" + "))
}

pub fn client_frame(frame: &ClientFrame) -> String {
    match frame {
        ClientFrame::SignIn(_) => "sign-in".to_owned(),
        ClientFrame::Hello(hello) => format!(
            "hello at {:?}, counter {}, loaded {:?}",
            hello.cursor.map(|cursor| cursor.pos),
            hello.counter,
            hello.loaded
        ),
        ClientFrame::Push { edits, .. } => {
            format!("push: {}", edits.iter().map(edit).collect::<Vec<_>>().join("; "))
        }
        ClientFrame::Discard { edits } => {
            format!("discard: {}", edits.iter().map(|id| short(*id)).collect::<Vec<_>>().join(", "))
        }
        ClientFrame::Heads { scope } => format!("asks for the heads of {scope}"),
        ClientFrame::Fetch { docs } => format!("asks for {docs:?}"),
        ClientFrame::Done {} => "has nothing more".to_owned(),
        ClientFrame::Carry { id, carry } => format!("carries {id}: {carry:?}"),
        ClientFrame::Ask { id, question, .. } => format!("asks {id}: {}", question.name()),
    }
}

pub fn server_frame(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::SignedIn(_) => "signed in".to_owned(),
        ServerFrame::Welcome(welcome) => format!("welcome: {:?}, counter {}", welcome.next, welcome.counter),
        ServerFrame::Names(names) => format!("names {}", names.version),
        ServerFrame::Docs { docs, why, last, at, .. } => format!(
            "{} documents{}{} at {}",
            batch::unpack::<SavedDoc>(docs).map_or(0, |docs| docs.len()),
            match why {
                Why::First => "",
                Why::Gained => " gained",
                Why::Fetch => " asked for",
            },
            if *last { ", the last" } else { "" },
            at.pos
        ),
        ServerFrame::Entries { entries, upto, digests, .. } => format!(
            "entries{} up to {}{}",
            entries_in(entries),
            upto.pos,
            if digests.is_some() { ", the end" } else { "" }
        ),
        ServerFrame::Again { entries } => format!("again{}", entries_in(entries)),
        ServerFrame::Scopes { scopes } => format!("that it may see {scopes}"),
        ServerFrame::HeadsOf { scope, at, .. } => format!("heads of {scope} at {}", at.pos),
        ServerFrame::RetryLater { after_ms, .. } => format!("retry in {after_ms} ms"),
        ServerFrame::Wipe { by } => format!("wipe, by {by}"),
        ServerFrame::Carried { id, carried } => format!("carried {id}: {carried:?}"),
        ServerFrame::Answer { id, .. } => format!("answers {id}"),
        ServerFrame::Fault(fault) => format!("fault: {}", fault.words),
    }
}

fn entries_in(packed: &[u8]) -> String {
    let entries = batch::unpack::<Entry>(packed).unwrap_or_default();
    entries
        .iter()
        .map(|entry| match &entry.verdict {
            Some(own) => {
                format!(" [{} {}#{} {}]", entry.pos, short(entry.edit), own.attempt, own.verdict.name())
            }
            None => format!(" [{} {}]", entry.pos, short(entry.edit)),
        })
        .collect()
}

pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Attention(id) => format!("{} needs attention", short(*id)),
        other => format!("notices {other:?}"),
    }
}

pub fn verdict(entry: &NewEntry) -> String {
    let findings: Vec<_> = entry.verdict.findings().iter().map(|finding| finding.what.as_str()).collect();
    format!(
        "{} {}#{} {} {}",
        entry.cursor.pos,
        short(entry.edit),
        entry.attempt,
        entry.verdict.name(),
        findings.join(" ")
    )
}
