//! Photos and papers for the window: read, brought, shown and saved, while it goes on.

use std::path::{Path, PathBuf};

use egui::{ColorImage, Context};
use waybill_shared::doc::Hash;
use waybill_shared::finding::Finding;
use waybill_shared::kind::DocAddr;

use super::app::Window;
use super::carry_out::Pending;
use super::folder;
use super::intent::{FileOf, Wish};
use super::later::Later;
use super::panels::order::Sheet;
use super::panels::order::sheets::{LookForm, Seen};
use super::picture;
use crate::attach::{self, ToAttach};
use crate::engine::Request;
use crate::store::Reader;

/// All of it, or what speaks against the first that is not attached.
type Read = Result<Vec<ToAttach>, Box<Finding>>;

/// What one person's desk waits for.
#[derive(Default)]
pub struct Errands {
    reading: Vec<(DocAddr, Later<Read>)>,
    saving: Vec<Later<Result<String, String>>>,
}

impl Window {
    /// Reads what is to be attached; it is entered when all of it is read.
    pub(super) fn attach(&mut self, ctx: &Context, addr: DocAddr, paths: Vec<PathBuf>) {
        let most = self.books.around().meta.most_in_a_file();
        let read = move || paths.iter().map(|path| attach::read(path, most)).collect();
        self.desk.errands.reading.push((addr, Later::start(ctx, read)));
    }

    pub(super) fn save_file(&mut self, ctx: &Context, file: &FileOf, name: String, to: PathBuf) {
        let (dir, content) = (self.engine.dir().to_owned(), file.content);
        let save = move || {
            let bytes =
                bytes(&dir, content)?.ok_or_else(|| format!("{name} is not on this device any more."))?;
            folder::save(&to, &bytes)?;
            Ok(format!("Saved {name} as {}", to.display()))
        };
        self.desk.errands.saving.push(Later::start(ctx, save));
    }

    /// Takes in what is done, and brings what is looked at.
    pub(super) fn tend_files(&mut self, ctx: &Context) {
        let mut read = Vec::new();
        self.desk.errands.reading.retain(|(addr, later)| match later.take() {
            None => true,
            Some(result) => {
                read.push((*addr, result));
                false
            }
        });
        for (addr, result) in read {
            match result {
                Ok(Ok(files)) => self.enter_files(addr, files),
                Ok(Err(finding)) => self.notices.warn(format!("{} {}", finding.what, finding.remedy)),
                Err(_) => {
                    self.notices.warn("The file cannot be read. Copy it to this computer and try again.")
                }
            }
        }
        let mut saved = Vec::new();
        self.desk.errands.saving.retain(|later| later.take().map(|result| saved.push(result)).is_none());
        for result in saved {
            match result {
                Ok(Ok(words)) => self.notices.say(words, None),
                Ok(Err(words)) => self.notices.warn(words),
                Err(_) => self.notices.warn("The file could not be saved. Try again."),
            }
        }
        self.bring_what_is_looked_at(ctx);
    }

    fn enter_files(&mut self, addr: DocAddr, files: Vec<ToAttach>) {
        let said = match files.as_slice() {
            [one] => format!("Attached {}", one.attach.name),
            many => format!("Attached {} files", many.len()),
        };
        let mut wish = Wish::all(Vec::new(), said);
        for ToAttach { attach, bytes } in files {
            wish.parts.push((addr, attach.into()));
            wish.contents.push(bytes);
        }
        self.wish(wish);
    }

    fn bring_what_is_looked_at(&mut self, ctx: &Context) {
        let Some(Sheet::Look(LookForm { file, seen, .. })) = &mut self.desk.detail.sheet else { return };
        match seen {
            Seen::Wanted if !file.state.is_here() => {
                *seen = Seen::Fetching;
                let Some(order) = self.desk.orders.selected else { return };
                let (content, size) = (file.content, file.bytes);
                let fetch = Request::FetchFile { doc: order.into(), content, size };
                return self.ask(fetch, Pending::Fetched(content));
            }
            Seen::Wanted | Seen::Arrived => {}
            _ => return,
        }
        if !picture::is_shown(&file.media_type) {
            *seen = Seen::Paper;
            return;
        }
        let (dir, content, kind) = (self.engine.dir().to_owned(), file.content, file.media_type.clone());
        *seen = Seen::Reading(Later::start(ctx, move || shown(&dir, content, &kind)));
    }

    /// It has come, or has not: why.
    pub(super) fn fetched(&mut self, content: Hash, failed: Option<String>) {
        if let Some(Sheet::Look(form)) = &mut self.desk.detail.sheet
            && form.file.content == content
        {
            form.seen = failed.map_or(Seen::Arrived, Seen::Nothing);
        }
    }
}

fn shown(dir: &Path, content: Hash, kind: &str) -> Result<ColorImage, String> {
    match bytes(dir, content)? {
        Some(bytes) => picture::read(kind, &bytes),
        None => Err("It is not on this device any more.".into()),
    }
}

fn bytes(dir: &Path, content: Hash) -> Result<Option<Vec<u8>>, String> {
    let reader = Reader::open(dir).map_err(|error| error.to_string())?;
    reader.file(content).map_err(|error| error.0)
}
