//! Photos and papers of orders: which there are, and one of them as a file.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::{
    attachment::Attachment,
    finding::{Finding, Rule},
    id::{AttachmentId, Id},
    order::{Order, commands::Attach},
    short::{is_meant, short},
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
};
use crate::{engine::Request, store::Reader};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is attached to an order, and whether it is on this device.
    List {
        /// Its number.
        order: String,
        #[command(flatten)]
        whole: Whole,
    },
    /// Saves one as a file; what is not on this device is fetched from the server.
    Save {
        /// Its number.
        order: String,
        /// Its name, or what the list shows in front of it.
        attachment: String,
        /// Where to; a file that is there is not replaced.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { order, whole: _ } => {
            let (_, order) = find::order(session.reader()?, &order)?;
            let reader = session.reader()?;
            let mut rows = Vec::new();
            for (id, attachment) in &order.attachments {
                rows.push((*id, attachment.clone(), reader.has_file(attachment.content)?));
            }
            session.out.say(
                || json!({ "attachments": rows.iter().map(told).collect::<Vec<_>>(), "count": rows.len() }),
                || {
                    let ids = || rows.iter().map(|(id, ..)| id.uuid());
                    let cells: Vec<Vec<String>> =
                        rows.iter().map(|one| row(one, short(one.0.uuid(), ids()))).collect();
                    match cells.len() {
                        0 => "Nothing is attached.".to_owned(),
                        _ => table(&["attachment", "name", "kind", "bytes", "here"], &[3], &cells),
                    }
                },
            );
            Ok(())
        }
        Command::Save { order, attachment, to } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let (_, wanted) = one(&order, &attachment)?;
            let (content, size) = (wanted.content, wanted.size);
            if !session.reader()?.has_file(content)? {
                session.ask(Request::FetchFile { doc: id.into(), content, size })?;
            }
            let bytes = bytes(session.reader()?, wanted)?;
            save(&to, &bytes)?;
            session.out.say(
                || json!({ "file": to, "bytes": bytes.len(), "name": wanted.name }),
                || format!("Saved {} as {}.", wanted.name, to.display()),
            );
            Ok(())
        }
    }
}

/// What a command says of a file that is to be attached.
pub fn attach(session: &mut Session, file: &Path) -> Result<Attach, Failure> {
    let most = session.reader()?.most_in_a_file()?;
    let read = crate::attach::read(file, most).map_err(|finding| Failure::Refused(vec![*finding]))?;
    Ok(read.attach)
}

fn one<'a>(order: &'a Order, named: &str) -> Result<(AttachmentId, &'a Attachment), Failure> {
    let wanted = named.trim().to_lowercase();
    let all = || order.attachments.iter().map(|(id, attachment)| (*id, attachment));
    let mut found: Vec<_> =
        all().filter(|(_, attachment)| attachment.name.to_lowercase() == wanted).collect();
    if found.is_empty() {
        found = all().filter(|(id, _)| is_meant(&wanted, id.uuid())).collect();
    }
    find::one("attachment", named, found, |(id, attachment)| {
        format!("{} {}", short(id.uuid(), all().map(|(id, _)| id.uuid())), attachment.name)
    })
}

fn bytes(reader: &Reader, wanted: &Attachment) -> Result<Vec<u8>, Failure> {
    reader.file(wanted.content)?.ok_or_else(|| {
        let what = format!("{} is missing here.", wanted.name);
        Failure::Refused(vec![Finding::new(Rule::NotThere, what, "Try again while the device is online.")])
    })
}

fn save(to: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    let written = std::fs::File::create_new(to).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| Failure::Usage(format!("{} cannot be written: {error}.", to.display())))
}

type Row = (AttachmentId, Attachment, bool);

fn row((_, attachment, here): &Row, short: String) -> Vec<String> {
    vec![
        short,
        attachment.name.clone(),
        attachment.media_type.clone(),
        attachment.size.to_string(),
        if *here { "yes" } else { "no" }.to_owned(),
    ]
}

fn told((id, attachment, here): &Row) -> Value {
    json!({
        "id": id,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "content": attachment.content.to_string(),
        "at": attachment.at,
        "here": here,
    })
}
