//! One photo or paper, looked at and saved as a file.

use std::path::PathBuf;

use egui::{ColorImage, TextureHandle, TextureOptions, Ui};

use super::Answer;
use crate::desktop::folder;
use crate::desktop::intent::{FileOf, Intent};
use crate::desktop::later::Later;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::panels::order::files::FileRow;
use crate::desktop::theme;
use crate::desktop::widgets::field::field;
use crate::desktop::widgets::sheet::buttons;
use crate::engine::Carrying;

#[derive(Clone, Debug)]
pub struct LookForm {
    pub file: FileRow,
    pub seen: Seen,
    to: String,
}

/// What can be seen of it. The window brings it, as soon as it is wanted.
#[derive(Clone)]
pub enum Seen {
    Wanted,
    /// It has just come.
    Arrived,
    /// Asked of the server.
    Fetching,
    Reading(Later<Result<ColorImage, String>>),
    Picture(TextureHandle),
    /// It is here, and nothing that is shown.
    Paper,
    /// Why not.
    Nothing(String),
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wanted => "Wanted",
            Self::Arrived => "Arrived",
            Self::Fetching => "Fetching",
            Self::Reading(_) => "Reading",
            Self::Picture(_) => "Picture",
            Self::Paper => "Paper",
            Self::Nothing(_) => "Nothing",
        })
    }
}

impl LookForm {
    pub fn of(file: &FileRow) -> Self {
        let to = folder::to_save(&file.name).display().to_string();
        Self { file: file.clone(), seen: Seen::Wanted, to }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail, carrying: Option<Carrying>) -> Answer {
        // As it stands now; what was attached never goes from an order.
        if let Some(now) = data.files.iter().find(|file| file.id == self.file.id) {
            self.file = now.clone();
        }
        let state = self.file.now(carrying);
        self.take_picture(ui);
        ui.label(theme::caption(ui, self.file.small()));
        self.picture(ui, state.words());
        if let Some(sentence) = state.sentence() {
            ui.add(egui::Label::new(theme::caption(ui, sentence)).wrap());
        }
        let here = self.file.state.is_here();
        ui.add_enabled_ui(here, |ui| field(ui, "Save as", &mut self.to));
        match buttons(ui, "Save", here && !self.to.trim().is_empty()) {
            Some(true) => {
                let file = FileOf { doc: data.addr, content: self.file.content, bytes: self.file.bytes };
                let to = PathBuf::from(self.to.trim());
                Answer::Ask(Box::new(Intent::SaveFile { file, name: self.file.name.clone(), to }))
            }
            Some(false) => Answer::Close,
            None => Answer::Stay,
        }
    }

    fn take_picture(&mut self, ui: &Ui) {
        let Seen::Reading(later) = &self.seen else { return };
        self.seen = match later.take() {
            None => return,
            Some(Ok(Ok(picture))) => {
                Seen::Picture(ui.ctx().load_texture("attachment", picture, TextureOptions::LINEAR))
            }
            Some(Ok(Err(words))) => Seen::Nothing(words),
            Some(Err(_)) => Seen::Nothing("This picture cannot be shown here.".into()),
        };
    }

    fn picture(&self, ui: &mut Ui, state: String) {
        match &self.seen {
            Seen::Picture(texture) => {
                let room =
                    egui::vec2(ui.available_width(), (ui.ctx().content_rect().height() - 330.0).max(120.0));
                let image = egui::Image::new(texture).max_size(room).corner_radius(theme::CORNER);
                ui.vertical_centered(|ui| ui.add(image.alt_text(format!("Picture of {}", self.file.name))));
            }
            Seen::Wanted | Seen::Arrived | Seen::Reading(_) => drop(ui.label("Opening it …")),
            Seen::Fetching => drop(ui.label(format!("{}: {state}", self.file.name))),
            Seen::Paper => {
                let words = "It is on this device. Save it as a file to look at it.";
                ui.add(egui::Label::new(words).wrap());
            }
            Seen::Nothing(words) => drop(ui.add(egui::Label::new(words).wrap())),
        }
    }
}
