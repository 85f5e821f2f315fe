//! Forms for what happened with the goods: handed over, in whole or part, or not delivered.

use std::collections::BTreeMap;
use waybill_shared::order::commands;

use egui::Ui;
use waybill_shared::attachment;
use waybill_shared::id::{FactId, LineId};
use waybill_shared::order::commands::{HandOver, NotDelivered};
use waybill_shared::order::fact::NotDeliveredReason;
use waybill_shared::protocol::limits;
use waybill_shared::quantity::{Quantity, Unit};

use super::Answer;
use crate::attach::{self, ToAttach};
use crate::desktop::focus;
use crate::desktop::intent::Wish;
use crate::desktop::panels::address::part;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::theme;
use crate::desktop::widgets::field::field;
use crate::desktop::widgets::sheet::buttons;
use crate::desktop::widgets::signature::Signature;
use crate::desktop::widgets::{button, quantity};

#[derive(Clone, Debug)]
pub struct HandOverForm {
    lines: Vec<HandOverLine>,
    received_by: String,
    signature: Signature,
}

#[derive(Clone, Debug)]
struct HandOverLine {
    id: LineId,
    name: String,
    unit: Unit,
    open: Quantity,
    typed: String,
}

impl HandOverForm {
    /// Everything that is still open, to be lowered where less is there.
    pub fn of(data: &OrderDetail) -> Self {
        let lines = data.to_hand_over().map(|(line, open)| HandOverLine {
            id: line.id,
            name: line.line.name.clone(),
            unit: line.line.unit,
            open,
            typed: line.line.unit.show(open),
        });
        Self { lines: lines.collect(), received_by: String::new(), signature: Signature::default() }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        if self.lines.is_empty() {
            ui.label("Everything of this order was handed over.");
            return if buttons(ui, "Hand over", false) == Some(false) { Answer::Close } else { Answer::Stay };
        }
        let mut given = BTreeMap::new();
        let mut whole = true;
        let signs = data.may.run::<commands::Attach>();
        // Over the whole width, three times as wide as high, as far as lines and buttons leave room.
        let signature = (ui.available_width() / 3.0).min(ui.ctx().content_rect().height() * 0.3);
        let rest = if signs { 300.0 + signature } else { 300.0 };
        let height = (ui.ctx().content_rect().height() - rest).max(96.0);
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            for line in &mut self.lines {
                ui.horizontal(|ui| {
                    let room = (ui.available_width() - 168.0).max(80.0);
                    ui.allocate_ui(egui::vec2(room, ui.spacing().interact_size.y), |ui| {
                        ui.set_width(room);
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 0.0;
                            // In full, however long: the driver has to know which one it is.
                            ui.add(egui::Label::new(&line.name).wrap());
                            let open = quantity::figure(line.open, line.unit);
                            let open = match line.unit {
                                Unit::Piece => format!("{open} open"),
                                unit => format!("{open} {} open", unit.symbol()),
                            };
                            ui.label(theme::caption(ui, open));
                        });
                    });
                    let count = quantity::stepper(ui, &line.name, &mut line.typed, line.unit, line.open);
                    if count.is_positive() {
                        given.insert(line.id, count);
                    }
                    whole &= count == line.open;
                });
            }
        });
        field(ui, "Received by", &mut self.received_by);
        if signs {
            self.signature.show(ui, signature);
        }
        let words = if whole { "Hand over all" } else { "Hand over part" };
        match buttons(ui, words, !given.is_empty()) {
            Some(true) => {
                let said =
                    if whole { "Handed over everything".to_owned() } else { "Handed over a part".to_owned() };
                let received_by = part(&self.received_by);
                let signed = self.signed();
                let command = HandOver {
                    id: FactId::NIL,
                    lines: given,
                    shown: BTreeMap::new(),
                    received_by,
                    signature: signed.as_ref().map(|signed| signed.attach.id),
                };
                let mut wish = Wish::all(Vec::new(), said);
                if let Some(ToAttach { attach, bytes }) = signed {
                    wish.parts.push((data.addr, attach.into()));
                    wish.contents.push(bytes);
                }
                wish.parts.push((data.addr, command.into()));
                Answer::done(wish)
            }
            Some(false) => Answer::Close,
            None => Answer::Stay,
        }
    }
}

impl HandOverForm {
    /// What was signed, as a picture that goes with it. It is far smaller than any server's limit.
    fn signed(&self) -> Option<ToAttach> {
        let by = self.received_by.trim();
        let name = if by.is_empty() { "signature.png".to_owned() } else { format!("signature {by}.png") };
        let name = name.chars().filter(|c| !c.is_control()).take(attachment::NAME).collect();
        attach::of_bytes(name, self.signature.png()?, limits::ATTACHMENT_USUAL).ok()
    }
}

#[derive(Clone, Debug, Default)]
pub struct NotDeliveredForm {
    reason: Option<NotDeliveredReason>,
    note: String,
}

impl NotDeliveredForm {
    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        ui.label(theme::caption(ui, "Why not?"));
        for reason in NotDeliveredReason::ALL {
            let words = reason.words();
            let first = words.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
            let words = first + words.get(1..).unwrap_or_default();
            let choice = button::choice(ui, self.reason == Some(reason), &words, "");
            focus::claim(&choice);
            if choice.clicked() {
                self.reason = Some(reason);
            }
        }
        field(ui, "Note", &mut self.note);
        match (buttons(ui, "Save", self.reason.is_some()), self.reason) {
            (Some(true), Some(reason)) => {
                let command = NotDelivered { id: FactId::NIL, reason, note: part(&self.note) };
                Answer::done(Wish::new(data.addr, command, format!("Not delivered: {}", reason.words())))
            }
            (Some(false), _) => Answer::Close,
            _ => Answer::Stay,
        }
    }
}
