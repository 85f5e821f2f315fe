//! Draws one order: status line, facts, lines, timeline; the next step is the one primary button.

use std::path::PathBuf;
use waybill_shared::order::commands;

use egui::{Align, Context, Layout, Popup, Ui};
use waybill_shared::order::commands::{Confirm, Place};
use waybill_shared::order::status::OrderState;

use super::data::{Next, OrderDetail};
use super::sheets::{self, Sheet};
use super::{facts_card, files_card, lines_card};
use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::keys::{self, Action};
use crate::desktop::panels::notes::{self, NotesState};
use crate::desktop::panels::orders::marks::{self, is_agreed};
use crate::desktop::pick::ProductHit;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::chip::{Mood, chip};
use crate::desktop::widgets::{button, card, money, timeline};
use crate::engine::Carrying;

/// The sheet that is open over the order, with what is being typed in it.
#[derive(Clone, Debug, Default)]
pub struct DetailState {
    pub sheet: Option<Sheet>,
    pub notes: NotesState,
}

/// `products` are what the sheet for a new line finds for what is typed there.
pub fn order_ui(
    ui: &mut Ui,
    data: &OrderDetail,
    state: &mut DetailState,
    products: &[ProductHit],
    carrying: Option<Carrying>,
    back: bool,
) -> Option<Intent> {
    let mut intent = None;
    foot(ui, data, state, &mut intent);
    frame::body(ui, "order", |ui| {
        status_line(ui, data, back, &mut intent);
        for dispute in &data.status.disputes {
            problem(ui, dispute, data, state);
        }
        facts_card::facts_card(ui, data, state, &mut intent);
        lines_card::lines_card(ui, data, state);
        files_card::files_card(ui, data, carrying, state);
        if let Some(part) = &data.notes {
            intent = notes::notes_card(ui, part, &mut state.notes).or(intent.take());
        }
        card::titled(ui, "What happened", |ui| {
            let entries: Vec<_> = data.timeline.iter().map(|(entry, _)| entry.clone()).collect();
            let fact = |at: usize| data.timeline.get(at).and_then(|(_, fact)| *fact);
            let may = data.may.run::<commands::Reverse>();
            if let Some(at) = timeline::timeline(ui, &entries, |at| may && fact(at).is_some())
                && let (Some(fact), Some(entry)) = (fact(at), entries.get(at))
            {
                state.sheet = Some(Sheet::reverse(fact, &entry.words));
            }
        });
    });
    shortcuts(ui, data, state, &mut intent);
    dropped(ui, data, state);
    let asked = data.notes.as_ref().and_then(|part| notes::confirm(ui, part, &mut state.notes));
    intent.or(asked).or_else(|| sheets::show(ui, data, state, products, carrying))
}

/// Files that are dropped anywhere on the window go to the order that is shown.
fn dropped(ui: &Ui, data: &OrderDetail, state: &mut DetailState) {
    if !data.may.run::<commands::Attach>() {
        return;
    }
    let dropped: Vec<PathBuf> =
        ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
    match &mut state.sheet {
        _ if dropped.is_empty() => {}
        Some(Sheet::Attach(form)) => form.choose(dropped),
        None => state.sheet = Some(Sheet::attach(ui.ctx(), dropped)),
        Some(_) => {}
    }
    if ui.input(|input| !input.raw.hovered_files.is_empty()) {
        let t = tokens(ui);
        let words = format!("Drop it to attach it to {}", data.order.number());
        let painter =
            ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Tooltip, egui::Id::unique("drop")));
        let room = ui.ctx().content_rect();
        painter.rect_filled(room, 0.0, t.accent_soft.gamma_multiply(0.9));
        let words = painter.layout_no_wrap(words, theme::font(theme::TITLE, true), t.text);
        painter.galley(room.center() - words.size() / 2.0, words, t.text);
    }
}

/// Opens or does the next step.
fn step(next: Next, data: &OrderDetail, state: &mut DetailState) -> Option<Intent> {
    match next {
        Next::AddLine => state.sheet = Some(Sheet::add_line()),
        Next::HandOver => state.sheet = Some(Sheet::hand_over(data)),
        Next::TakePayment => state.sheet = Some(Sheet::payment(data)),
        Next::Resolve => state.sheet = Some(Sheet::resolve(data)),
        Next::Place => {
            return Some(Wish::new(data.addr, Place {}, format!("Placed {}", data.order.number())).into());
        }
        Next::Confirm => {
            return Some(
                Wish::new(data.addr, Confirm {}, format!("Confirmed {}", data.order.number())).into(),
            );
        }
    }
    None
}

fn shortcuts(ui: &Ui, data: &OrderDetail, state: &mut DetailState, intent: &mut Option<Intent>) {
    if state.sheet.is_some() || state.notes.asks() {
        return;
    }
    let ctx = ui.ctx();
    if let Some(next) = data.next
        && keys::pressed(ctx, Action::NextStep)
    {
        *intent = step(next, data, state);
    }
    if data.may.run::<commands::Note>() && keys::pressed(ctx, Action::Note) {
        state.sheet = Some(Sheet::note());
    }
    if data.may.run::<commands::Attach>() && keys::pressed(ctx, Action::Attach) {
        state.sheet = Some(Sheet::attach(ctx, Vec::new()));
    }
    if data.may.run::<commands::TakePayment>() && !data.is_sale() && keys::pressed(ctx, Action::TakePayment) {
        state.sheet = Some(Sheet::payment(data));
    }
    if let (true, Some(line)) = (data.is_open(), data.lines.first())
        && keys::pressed(ctx, Action::Edit)
    {
        state.sheet = Some(Sheet::line(line));
    }
}

fn status_line(ui: &mut Ui, data: &OrderDetail, back: bool, intent: &mut Option<Intent>) {
    ui.horizontal(|ui| {
        if back && button::icon(ui, crate::desktop::icons::Icon::Back, "Back to the list").clicked() {
            *intent = Some(Intent::Go(crate::desktop::place::Place::Orders));
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = theme::SPACE[0];
            // Nothing of it is pressed.
            ui.spacing_mut().interact_size.y = 24.0;
            ui.horizontal_wrapped(|ui| {
                let name = data.order.customer_name();
                let title = if name.is_empty() { "Counter customer" } else { name };
                ui.label(theme::strong(title, theme::TITLE));
                ui.label(egui::RichText::new(data.order.number()).color(tokens(ui).muted));
            });
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                marks::row(ui, &marks::marks(&data.status));
            });
        });
    });
}

/// One sentence that somebody must look at, and the way to end it.
fn problem(ui: &mut Ui, words: &str, data: &OrderDetail, state: &mut DetailState) {
    let t = tokens(ui);
    egui::Frame::new().fill(t.bad.ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(egui::RichText::new(format!("⚠ {words}")).color(t.bad.ink));
        if data.ways.is_empty() {
            ui.label(egui::RichText::new("Ask a manager to resolve it.").color(t.bad.ink));
        } else if button::plain(ui, "See what can be done", "").clicked() {
            state.sheet = Some(Sheet::resolve(data));
        }
    });
}

fn foot(ui: &mut Ui, data: &OrderDetail, state: &mut DetailState, intent: &mut Option<Intent>) {
    frame::foot(ui, "order foot", |ui| {
        let beside = [theme::FIGURE, theme::EMPHASIS].into_iter().find(|size| fits_beside(ui, data, *size));
        let Some(size) = beside.filter(|_| !is_touch(ui)) else {
            ui.horizontal(|ui| {
                owed(ui, data, theme::FIGURE);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| more(ui, data, state));
            });
            if let Some(next) = data.next
                && button::primary_wide(ui, next.words(), &keys::tip(next.words(), Action::NextStep), true)
                    .clicked()
            {
                *intent = step(next, data, state);
            }
            return;
        };
        ui.horizontal(|ui| {
            ui.set_min_height(36.0);
            owed(ui, data, size);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(next) = data.next {
                    let tip = keys::tip(next.words(), Action::NextStep);
                    if button::primary(ui, next.words(), &tip).clicked() {
                        *intent = step(next, data, state);
                    }
                }
                more(ui, data, state);
            });
        });
    });
}

/// What is owed stands beside the buttons in this size, and over none of them.
fn fits_beside(ui: &Ui, data: &OrderDetail, size: f32) -> bool {
    const WORD: f32 = 56.0;
    const MORE: f32 = 74.0;
    const NEXT: f32 = 148.0;
    let words = money::words(data.open, data.order.currency());
    let words = ui.painter().layout_no_wrap(words, theme::font(size, true), tokens(ui).text);
    let buttons = MORE + if data.next.is_some() { NEXT } else { 0.0 };
    words.size().x + WORD + buttons <= ui.available_width()
}

fn owed(ui: &mut Ui, data: &OrderDetail, size: f32) {
    let currency = data.order.currency();
    if data.open.is_zero() {
        ui.label(theme::caption(ui, "Nothing owed"));
    } else if data.open.is_negative() {
        chip(ui, Mood::Bad, &format!("{} too much taken", money::words(-data.open, currency)));
    } else {
        // Nobody owes what was only offered. Who stands at the door with the goods has to say what is owed.
        let agreed = is_agreed(data.status.order);
        ui.label(theme::caption(ui, if agreed { "Owed" } else { "Total" }));
        let size = if agreed { size } else { theme::EMPHASIS };
        ui.label(theme::strong(money::words(data.open, currency), size));
    }
}

/// Whether it is offered, its words, its key, and the sheet that it opens.
type Item = (bool, &'static str, Option<Action>, fn(&Context, &OrderDetail) -> Sheet);

/// Everything else that can be done with the order.
fn more(ui: &mut Ui, data: &OrderDetail, state: &mut DetailState) {
    let response = button::plain(ui, "More", "All that can be done with this order");
    Popup::menu(&response).show(|ui| {
        ui.set_min_width(200.0);
        let may = &data.may;
        let open = data.is_open();
        let undelivered =
            open && data.to_hand_over().next().is_some() && data.status.order != OrderState::Draft;
        let items: [Item; 9] = [
            (may.run::<commands::Note>(), "Write a note", Some(Action::Note), |_, _| Sheet::note()),
            (may.run::<commands::Attach>(), "Attach a file", Some(Action::Attach), |ctx, _| {
                Sheet::attach(ctx, Vec::new())
            }),
            (open && may.run::<commands::AddLine>(), "Add a line", None, |_, _| Sheet::add_line()),
            (undelivered && may.run::<commands::HandOver>(), "Hand over", None, |_, data| {
                Sheet::hand_over(data)
            }),
            (undelivered && may.run::<commands::NotDelivered>(), "Not delivered", None, |_, _| {
                Sheet::not_delivered()
            }),
            (
                !data.is_sale() && may.run::<commands::TakePayment>(),
                "Take a payment",
                Some(Action::TakePayment),
                |_, data| Sheet::payment(data),
            ),
            (open && may.run::<commands::Tag>(), "Add a tag", None, |_, _| Sheet::tag()),
            (open && may.run::<commands::SetReference>(), "Add a reference", None, |_, _| Sheet::reference()),
            (open && may.run::<commands::Cancel>(), "Cancel the order", None, |_, _| Sheet::cancel()),
        ];
        for (offered, words, action, sheet) in items {
            if !offered {
                continue;
            }
            let keys = action.map(keys::written).unwrap_or_default();
            if button::menu_item(ui, words, &keys, "").clicked() {
                state.sheet = Some(sheet(ui.ctx(), data));
                ui.close();
            }
        }
    });
}
