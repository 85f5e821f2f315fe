//! Photos and papers of an order: each opens to be looked at, and more can be attached or dropped here.

use egui::{Align, Layout, Sense, Ui, WidgetInfo, vec2};
use waybill_shared::order::commands;

use super::data::OrderDetail;
use super::files::FileRow;
use super::sheets::Sheet;
use super::view::DetailState;
use crate::desktop::icons::{self, Icon};
use crate::desktop::keys::{self, Action};
use crate::desktop::picture;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::{button, card, chip};
use crate::engine::Carrying;

pub fn files_card(ui: &mut Ui, data: &OrderDetail, carrying: Option<Carrying>, state: &mut DetailState) {
    let may = data.may.run::<commands::Attach>();
    if data.files.is_empty() && !may {
        return;
    }
    card::card(ui, |ui| {
        ui.horizontal(|ui| {
            card::heading(ui, "Photos and papers");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if may
                    && button::quiet(ui, "Attach a file", &keys::tip("Attach a file", Action::Attach))
                        .clicked()
                {
                    state.sheet = Some(Sheet::attach(ui.ctx(), Vec::new()));
                }
            });
        });
        if data.files.is_empty() {
            let words = "Nothing attached yet. Drop a photo or a PDF on this window, or attach a file.";
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        for file in &data.files {
            if row(ui, file, carrying) {
                state.sheet = Some(Sheet::look(file));
            }
        }
    });
}

/// True when it was pressed to be looked at.
fn row(ui: &mut Ui, file: &FileRow, carrying: Option<Carrying>) -> bool {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y.max(44.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let state = file.now(carrying);
    response.widget_info(|| {
        let words = format!("{}, {}", file.name, state.words());
        WidgetInfo::labeled(egui::Role::Button, true, words)
    });
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.expand2(vec2(8.0, 0.0)), theme::CORNER, t.page);
    }
    ui.painter().hline(rect.x_range(), rect.top(), egui::Stroke::new(1.0, t.line));
    let layout = Layout::left_to_right(Align::Center);
    let mut place = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout));
    let ui = &mut place;
    let icon = if picture::is_shown(&file.media_type) { Icon::Picture } else { Icon::Paper };
    icons::show(ui, icon, 18.0, t.muted);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        chip::small_chip(ui, state.mood(), &state.words());
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.spacing_mut().interact_size.y = 16.0;
                ui.add_space(5.0);
                ui.add(egui::Label::new(&file.name).truncate());
                ui.add(egui::Label::new(theme::caption(ui, file.small())).truncate());
            });
        });
    });
    response.clicked()
}
