//! Choosing what to attach: dropped on the window, typed or pasted, or picked from a folder.

use std::path::{Path, PathBuf};

use egui::{Context, Ui};
use waybill_shared::attachment::size_words;

use super::Answer;
use crate::desktop::focus;
use crate::desktop::folder::{self, Folder};
use crate::desktop::intent::Intent;
use crate::desktop::later::Later;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::theme;
use crate::desktop::widgets::button;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::sheet::buttons;

#[derive(Clone, Debug)]
pub struct AttachForm {
    typed: String,
    chosen: Vec<PathBuf>,
    folder: Option<Folder>,
    opening: Option<Later<Result<Folder, String>>>,
    /// Why a folder is not shown.
    trouble: Option<String>,
}

impl AttachForm {
    /// With what was dropped.
    pub fn of(ctx: &Context, chosen: Vec<PathBuf>) -> Self {
        let mut form =
            Self { typed: String::new(), chosen: Vec::new(), folder: None, opening: None, trouble: None };
        match chosen.first().and_then(|first| first.parent()) {
            Some(parent) => form.open(ctx, parent),
            None => form.open(ctx, &folder::of_pictures()),
        }
        form.choose(chosen);
        form
    }

    /// Each once.
    pub fn choose(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            if !self.chosen.contains(&path) {
                self.chosen.push(path);
            }
        }
    }

    fn open(&mut self, ctx: &Context, dir: &Path) {
        let dir = dir.to_owned();
        self.opening = Some(Later::start(ctx, move || folder::read(&dir)));
    }

    fn take_folder(&mut self) {
        match self.opening.as_ref().and_then(Later::take) {
            None => return,
            Some(Ok(Ok(folder))) => (self.folder, self.trouble) = (Some(folder), None),
            Some(Ok(Err(words))) => self.trouble = Some(words),
            Some(Err(_)) => self.trouble = Some("The folder cannot be read.".into()),
        }
        self.opening = None;
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        self.take_folder();
        let field = Field {
            name: "File or folder",
            hint: "typed, pasted, or chosen below",
            error: self.trouble.as_deref(),
            ..Default::default()
        };
        let response = field.show(ui, &mut self.typed);
        let typed = PathBuf::from(unquoted(&self.typed));
        // Enter takes what is typed; where nothing is, it attaches what was chosen.
        if !typed.as_os_str().is_empty() && focus::entered(&response) {
            if typed.is_dir() {
                self.open(ui.ctx(), &typed);
            } else {
                self.choose(vec![typed.clone()]);
            }
            self.typed.clear();
        }
        self.list(ui);
        self.chosen(ui);
        let most = format!("JPEG, PNG, WebP or PDF, up to {} each.", size_words(data.most_in_a_file));
        ui.label(theme::caption(ui, most));
        let words = match self.chosen.len() {
            0 | 1 => "Attach".to_owned(),
            many => format!("Attach {many} files"),
        };
        let named = !self.typed.trim().is_empty();
        match buttons(ui, &words, named || !self.chosen.is_empty()) {
            Some(true) => {
                if named {
                    self.choose(vec![typed]);
                }
                let paths = std::mem::take(&mut self.chosen);
                Answer::Ask(Box::new(Intent::Attach { addr: data.addr, paths }))
            }
            Some(false) => Answer::Close,
            None => Answer::Stay,
        }
    }

    fn chosen(&mut self, ui: &mut Ui) {
        let mut left_out = None;
        ui.horizontal_wrapped(|ui| {
            for (at, path) in self.chosen.iter().enumerate() {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let tip = format!("{}: press to leave it out", path.display());
                if button::choice(ui, true, &format!("{name} ×"), &tip).clicked() {
                    left_out = Some(at);
                }
            }
        });
        if let Some(at) = left_out {
            self.chosen.remove(at);
        }
    }

    /// What the folder has; pressing a file chooses it, pressing a folder opens it.
    fn list(&mut self, ui: &mut Ui) {
        let Some(folder) = &self.folder else { return };
        let (mut opens, mut chosen) = (None, None);
        ui.add(egui::Label::new(theme::caption(ui, folder.dir.display().to_string())).truncate());
        let height = (ui.ctx().content_rect().height() - 380.0).clamp(96.0, 300.0);
        egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some(parent) = &folder.parent
                && entry(ui, "Folder above", "", false)
            {
                opens = Some(parent.clone());
            }
            for found in &folder.entries {
                let small = found.size.map_or_else(|| "folder".into(), size_words);
                if entry(ui, &found.name, &small, self.chosen.contains(&found.path)) {
                    match found.size {
                        None => opens = Some(found.path.clone()),
                        Some(_) => chosen = Some(found.path.clone()),
                    }
                }
            }
            if folder.entries.is_empty() {
                ui.label(theme::caption(ui, "No pictures or PDFs in this folder."));
            }
        });
        if let Some(dir) = opens {
            self.open(ui.ctx(), &dir);
        }
        if let Some(path) = chosen {
            match self.chosen.iter().position(|known| *known == path) {
                Some(at) => drop(self.chosen.remove(at)),
                None => self.chosen.push(path),
            }
        }
    }
}

/// One row of a folder; true when it was pressed.
fn entry(ui: &mut Ui, name: &str, small: &str, chosen: bool) -> bool {
    let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
    let row = egui::Button::selectable(chosen, name).right_text(theme::caption(ui, small)).truncate();
    ui.add_sized(size, row.min_size(size)).clicked()
}

/// File managers copy paths with quotes around them, or as addresses.
fn unquoted(typed: &str) -> &str {
    let typed = typed.trim();
    let typed = typed.strip_prefix("file://").unwrap_or(typed);
    let quoted = |quote: char| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(typed)
}
