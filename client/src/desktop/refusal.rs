//! What was not done, and why: one sentence each, and one button that puts it right; where a manager may let
//! it pass, a field for the reason.

use egui::Ui;
use waybill_shared::finding::Finding;

use super::focus;
use super::theme::tokens;
use super::widgets::field::Field;
use super::widgets::{button, sheet};
use crate::engine::Submit;

#[derive(Clone, Debug)]
pub struct Refusal<After> {
    pub findings: Vec<Finding>,
    /// What was asked, to be asked again with a manager's word.
    pub submit: Option<Submit>,
    pub after: After,
    /// The person may let it pass.
    pub may_override: bool,
    pub reason: String,
}

pub enum Answer {
    Stay,
    Close,
    LetPass,
}

impl<After> Refusal<After> {
    pub fn show(&mut self, ui: &mut Ui) -> Answer {
        let t = tokens(ui);
        let (answer, closed) = sheet::sheet(ui, "Not done", |ui| {
            for finding in &self.findings {
                ui.label(&finding.what);
                ui.label(egui::RichText::new(&finding.remedy).color(t.muted));
            }
            if !self.may_override {
                ui.add_space(8.0);
                let height = ui.spacing().interact_size.y.max(36.0);
                let size = egui::vec2(ui.available_width(), height);
                let back = button::primary_sized(ui, "Back", "Nothing was lost", size, true);
                focus::claim(&back);
                return if back.clicked() || focus::asked(ui.ctx()) { Answer::Close } else { Answer::Stay };
            }
            let name = "You may let it pass. Why?";
            Field { name, ..Default::default() }.show(ui, &mut self.reason);
            match sheet::buttons(ui, "Let it pass", !self.reason.trim().is_empty()) {
                Some(true) => Answer::LetPass,
                Some(false) => Answer::Close,
                None => Answer::Stay,
            }
        });
        if closed { Answer::Close } else { answer }
    }
}
