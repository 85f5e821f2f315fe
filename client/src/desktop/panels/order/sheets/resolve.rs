//! The form that ends a dispute: what contradicts, and the ways out that this person may take.

use egui::Ui;
use waybill_shared::order::resolve::Way;

use super::Answer;
use crate::desktop::focus;
use crate::desktop::intent::Wish;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::theme::tokens;
use crate::desktop::widgets::button;
use crate::desktop::widgets::field::field;
use crate::desktop::widgets::sheet::buttons;

#[derive(Clone, Debug)]
pub struct ResolveForm {
    chosen: Option<Way>,
    reason: String,
}

impl ResolveForm {
    pub fn of(data: &OrderDetail) -> Self {
        Self { chosen: data.ways.first().map(|out| out.way), reason: String::new() }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        for dispute in &data.status.disputes {
            ui.label(dispute);
        }
        if data.ways.len() > 1 {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                for out in &data.ways {
                    let is_chosen = self.chosen == Some(out.way);
                    let choice = button::choice(ui, is_chosen, out.way.words(), &out.does);
                    if is_chosen {
                        focus::claim(&choice);
                    }
                    if choice.clicked() {
                        self.chosen = Some(out.way);
                    }
                }
            });
        }
        let Some(out) = data.ways.iter().find(|out| Some(out.way) == self.chosen) else {
            ui.label("This is settled.");
            return if buttons(ui, "Resolve", false) == Some(false) { Answer::Close } else { Answer::Stay };
        };
        ui.add(egui::Label::new(egui::RichText::new(&out.does).color(tokens(ui).muted)).wrap());
        if out.asks_why() {
            field(ui, "Reason", &mut self.reason);
        }
        match buttons(ui, out.way.words(), !out.asks_why() || !self.reason.trim().is_empty()) {
            Some(true) => {
                let commands = out.commands(&self.reason).into_iter();
                let parts = commands.map(|command| (data.addr, command)).collect();
                Answer::done(Wish::all(parts, out.way.said()))
            }
            Some(false) => Answer::Close,
            None => Answer::Stay,
        }
    }
}
