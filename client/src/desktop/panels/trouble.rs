//! The local file cannot be used: why, and what can still be saved from it.

use std::path::{Path, PathBuf};

use egui::Ui;

use crate::desktop::frame;
use crate::desktop::theme;
use crate::desktop::widgets::button;
use crate::engine;
use crate::store::{export_unsent, free_name};

/// The file is left as it is; what was not sent can be saved from it.
#[derive(Clone, Debug)]
pub struct Trouble {
    words: String,
    dir: PathBuf,
    exported: Option<String>,
}

impl Trouble {
    pub fn new(words: String, dir: &Path) -> Self {
        Self { words, dir: dir.to_owned(), exported: None }
    }
}

pub fn trouble_ui(ui: &mut Ui, trouble: &mut Trouble) {
    frame::alone(ui, "trouble", 560.0, |ui| {
        ui.label(theme::strong("Waybill cannot use its file", theme::TITLE));
        ui.label(&trouble.words);
        let tip = "Entries that the server does not have yet, as a file";
        if button::primary(ui, "Save what was not sent", tip).clicked() {
            let to = free_name(&trouble.dir);
            let exported = export_unsent(&trouble.dir, &to, engine::now());
            trouble.exported = Some(exported.map_or_else(|error| error.to_string(), |done| done.words(&to)));
        }
        if let Some(words) = &trouble.exported {
            ui.label(words);
        }
    });
}
