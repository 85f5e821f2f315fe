//! Photos and papers of orders: which there are, and one of them as a file.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::{
    attachment::Attachment,
    finding::{Finding, Rule},
    id::AttachmentId,
    order::{Order, commands::Attach},
};

use super::{find, outcome::Failure, session::Session, table::table};
use crate::{engine::Request, store::Reader};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is attached to an order, and whether it is on this device.
    List { order: String },
    /// Saves one as a file; what is not on this device is fetched from the server.
    Save {
        order: String,
        /// Its id, or its name where only one has it.
        attachment: String,
        /// Where to; a file that is there is not replaced.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { order } => {
            let (_, order) = find::order(session.reader()?, &order)?;
            let reader = session.reader()?;
            let mut rows = Vec::new();
            for (id, attachment) in &order.attachments {
                rows.push((*id, attachment.clone(), reader.has_file(attachment.content)?));
            }
            session.out.say(
                || json!({ "attachments": rows.iter().map(told).collect::<Vec<_>>(), "count": rows.len() }),
                || {
                    let cells: Vec<Vec<String>> = rows.iter().map(row).collect();
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
                session.ask_server(Request::FetchFile { doc: id.into(), content, size })?;
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
    let (wanted, id) = (named.trim().to_lowercase(), find::id_of(named).map(AttachmentId::new));
    let is_it = |(own, attachment): &(AttachmentId, &Attachment)| {
        Some(*own) == id || attachment.name.to_lowercase() == wanted
    };
    let all = order.attachments.iter().map(|(id, attachment)| (*id, attachment));
    find::one("attachment", named, all.filter(is_it).collect(), |(id, attachment)| {
        format!("{id} {}", attachment.name)
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

fn row((id, attachment, here): &Row) -> Vec<String> {
    vec![
        id.to_string(),
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
