//! Draws one location: facts that change where they stand, and what was changed.

use egui::Ui;
use waybill_shared::location;
use waybill_shared::location::{Field as Set, LocationKind, SetField};

use super::form::{Asked, LocationForm};
use super::{LocationDetail, LocationsState};
use crate::desktop::frame;
use crate::desktop::icons::Icon;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::place::Place;
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, facts, timeline};

pub fn location_ui(
    ui: &mut Ui,
    data: &LocationDetail,
    state: &mut LocationsState,
    back: bool,
) -> Option<Intent> {
    let mut intent = None;
    let fields = &data.location.fields;
    let may = data.may.run::<location::SetField>();
    frame::body(ui, "location", |ui| {
        ui.horizontal_wrapped(|ui| {
            if back && button::icon(ui, Icon::Back, "Back to the list").clicked() {
                intent = Some(Intent::Go(Place::Locations));
            }
            ui.label(theme::strong(&fields.name, theme::TITLE));
            ui.label(theme::caption(ui, &fields.code));
            if fields.closed {
                chip::chip(ui, chip::Mood::Neutral, "closed");
            }
            if data.pending {
                chip::pending_dot(ui);
            }
        });
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            let address = Some(data.location.address.to_string()).filter(|words| words != "none");
            let lines = [
                ("Name", fields.name.clone(), Asked::Name),
                ("Code", fields.code.clone(), Asked::Code),
                ("Address", address.unwrap_or_default(), Asked::Address),
            ];
            for (name, value, asked) in lines {
                if !may {
                    facts::fact(ui, name, &value, false);
                } else if facts::changeable(ui, name, &value, false).clicked() {
                    state.form = Some(LocationForm::change(data, asked));
                }
            }
            facts::line(ui, "Kind", |ui| kind(ui, data, may, &mut intent));
            let (words, closed) = if fields.closed { ("Open again", false) } else { ("Close", true) };
            if may && button::quiet(ui, words, "Nothing is sold from a closed location").clicked() {
                let said = if closed { "Closed" } else { "Open again:" };
                intent = Some(set(data, Set::Closed(closed), format!("{said} {}", fields.name)).into());
            }
        });
        if !data.timeline.is_empty() {
            card::titled(ui, "What happened", |ui| timeline::timeline(ui, &data.timeline, |_| false));
        }
    });
    intent
}

fn kind(ui: &mut Ui, data: &LocationDetail, may: bool, intent: &mut Option<Intent>) {
    let now = data.location.fields.kind;
    if !may {
        ui.label(now.words());
        return;
    }
    ui.spacing_mut().item_spacing.x = 4.0;
    let newer = matches!(now, LocationKind::Newer(_)).then_some(now);
    for choice in LocationKind::ALL.into_iter().chain(newer) {
        if button::choice(ui, choice == now, &choice.words(), "").clicked() && choice != now {
            let name = &data.location.fields.name;
            *intent = Some(set(data, Set::Kind(choice), format!("{name}: {}", choice.words())).into());
        }
    }
}

/// With what was there before as its undo.
pub(super) fn set(data: &LocationDetail, field: Set, said: impl Into<String>) -> Wish {
    let fields = &data.location.fields;
    let was = match &field {
        Set::Code(_) => Set::Code(fields.code.clone()),
        Set::Name(_) => Set::Name(fields.name.clone()),
        Set::Kind(_) => Set::Kind(fields.kind),
        Set::Address(_) => Set::Address(data.location.address.clone()),
        Set::Closed(_) => Set::Closed(fields.closed),
    };
    let back = (data.addr, SetField { field: was }.into());
    Wish::new(data.addr, SetField { field }, said).undo(vec![back], format!("{} is as before", fields.name))
}
