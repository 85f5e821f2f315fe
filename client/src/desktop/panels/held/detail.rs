//! Draws one held entry: what it does, who entered it and where, why it is held, and the three answers to it.

use egui::{Align, Layout, Ui};
use waybill_shared::edit::EditKind;
use waybill_shared::kind::DocKind;
use waybill_shared::review::{Decision, HeldEdit};

use super::{HeldData, HeldState, amount, what};
use crate::desktop::frame::{self, is_touch};
use crate::desktop::icons::Icon;
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::keys::{self, Action};
use crate::desktop::online::Want;
use crate::desktop::place::Place;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::{button, card, chip, facts, money};

pub fn entry_ui(
    ui: &mut Ui,
    held: &HeldEdit,
    data: &HeldData<'_>,
    state: &mut HeldState,
    back: bool,
) -> Option<Intent> {
    let names = data.names;
    let mut intent = None;
    if data.live {
        answers(ui, held, state, &mut intent);
    }
    frame::body(ui, "held entry", |ui| {
        ui.horizontal_wrapped(|ui| {
            if back && button::icon(ui, Icon::Back, "Back to the list").clicked() {
                intent = Some(Intent::Go(Place::Held));
            }
            ui.label(theme::strong(what(held), theme::TITLE));
            match held.kind {
                EditKind::Facts => chip::chip(ui, chip::Mood::Neutral, "happened"),
                EditKind::Requests => chip::chip(ui, chip::Mood::Neutral, "asked for"),
            };
        });
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            facts::fact(ui, "Who", names.person(held.person), false);
            facts::fact(ui, "Where", names.device(held.device), false);
            facts::fact(ui, "When", &names.when(held.at), false);
            facts::fact(ui, "Booked", &held.booked.day.format("%-d %b %Y").to_string(), false);
            let amount = amount(held);
            if !amount.is_empty() {
                facts::fact(ui, "Amount", &amount, false);
            }
        });
        card::titled(ui, "Why it is held", |ui| {
            for finding in &held.findings {
                ui.label(&finding.what);
                ui.label(egui::RichText::new(&finding.remedy).color(tokens(ui).muted));
            }
        });
        card::titled(ui, "What it does", |ui| {
            for does in &held.does {
                ui.horizontal_wrapped(|ui| {
                    ui.label(&does.words);
                    if let Some((amount, currency)) = does.worth {
                        ui.label(theme::strong(money::words(amount, currency), theme::BODY));
                    }
                    if let DocKind::Order = does.doc.kind
                        && button::quiet(ui, "Open the order", "If it is on this device").clicked()
                    {
                        intent = Some(Intent::Open(Thing::Order(does.doc.id.into())));
                    }
                });
            }
        });
    });
    intent
}

fn answers(ui: &mut Ui, held: &HeldEdit, state: &mut HeldState, intent: &mut Option<Intent>) {
    let ctx = ui.ctx().clone();
    // What was asked for has not happened: there is nothing to take back.
    let happened = held.kind == EditKind::Facts;
    let free = state.word.is_none();
    let mut accept = free && keys::pressed(&ctx, Action::NextStep);
    let mut reverse = free && happened && keys::pressed(&ctx, Action::TakeBack);
    let mut discard = free && keys::pressed(&ctx, Action::Discard);
    frame::foot(ui, "held foot", |ui| {
        let tip = keys::tip("It counts from now on", Action::NextStep);
        let others = |ui: &mut Ui, reverse: &mut bool, discard: &mut bool| {
            if happened {
                let tip = keys::tip("It stays in the books, and what takes it back too", Action::TakeBack);
                *reverse |= button::plain(ui, "Take back", &tip).clicked();
            }
            let tip = keys::tip("It never happened, or nobody wants it any more", Action::Discard);
            *discard |= button::danger(ui, "Discard", &tip).clicked();
        };
        if is_touch(ui) {
            ui.horizontal(|ui| others(ui, &mut reverse, &mut discard));
            accept |= button::primary_wide(ui, "Accept", &tip, true).clicked();
        } else {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                accept |= button::primary(ui, "Accept", &tip).clicked();
                others(ui, &mut reverse, &mut discard);
            });
        }
    });
    if accept {
        let (edit, attempt, decision) = (held.edit, held.attempt, Decision::Accept);
        *intent = Some(Intent::Online(Want::Decide { edit, attempt, decision, reason: String::new() }));
    } else if reverse {
        state.ask_why(Decision::Reverse);
    } else if discard {
        state.ask_why(Decision::Discard);
    }
}
