//! Where something is booked: said wherever it is, and the sheet in which another place is chosen.

use egui::{Button, Response, Ui, vec2};
use waybill_shared::id::LocationId;

use crate::booked_at::{BookedAt, Deed};
use crate::desktop::focus;
use crate::desktop::intent::Intent;
use crate::desktop::theme;
use crate::desktop::widgets::{button, sheet};
use crate::store::LocationRow;

/// The sheet that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceForm {
    deed: Deed,
    /// Not only this time.
    keep: bool,
}

impl PlaceForm {
    /// What is sold at a till goes on being sold there; an order may go elsewhere once.
    pub fn of(deed: Deed, at: &BookedAt) -> Self {
        Self { deed, keep: deed == Deed::Sale || at.usual.is_none() }
    }

    fn title(self) -> &'static str {
        match self.deed {
            Deed::Sale => "Where do you sell?",
            Deed::Order => "Where is this order booked?",
        }
    }
}

/// Says the place; pressed, it asks for another one.
pub fn place_line(ui: &mut Ui, deed: Deed, at: &BookedAt, here: Option<&LocationRow>) -> Option<Intent> {
    let words = match here {
        Some(row) => format!("at {}", row.name),
        None if at.places.is_empty() => return None,
        None => "Choose the place".to_owned(),
    };
    if at.places.len() < 2 {
        ui.label(theme::caption(ui, words));
        return None;
    }
    let tip = match deed {
        Deed::Sale => "Sell at another place",
        Deed::Order => "Book it at another place, whose people then see and deliver it",
    };
    button::quiet(ui, &words, tip).clicked().then_some(Intent::AskPlace(deed))
}

/// Asks; nothing else happens until it is answered or closed.
pub fn place_sheet(
    ui: &mut Ui,
    at: &BookedAt,
    here: Option<LocationId>,
    form: &mut Option<PlaceForm>,
) -> Option<Intent> {
    let asked = form.as_mut()?;
    let deed = asked.deed;
    let mut taken = None;
    let (left, closed) = sheet::sheet(ui, asked.title(), |ui| {
        if deed == Deed::Order {
            ui.label(theme::caption(ui, "Who works there sees it and delivers it."));
        }
        for row in &at.places {
            let is_here = here == Some(row.id);
            let response = place(ui, row, is_here);
            if is_here || here.is_none() {
                focus::claim(&response);
            }
            if response.clicked() {
                taken = Some(row.id);
            }
        }
        if deed == Deed::Order {
            ui.checkbox(&mut asked.keep, "Also the next orders, on this device");
        }
        button::plain(ui, "Cancel", "Esc").clicked()
    });
    let keep = asked.keep;
    if left || closed || taken.is_some() {
        *form = None;
    }
    taken.map(|location| Intent::BookAt { deed, location, keep })
}

fn place(ui: &mut Ui, row: &LocationRow, here: bool) -> Response {
    let size = vec2(ui.available_width(), 40.0);
    let text = theme::strong(&row.name, theme::BODY);
    let kind = theme::caption(ui, row.kind.words());
    let button = Button::selectable(here, text).right_text(kind).truncate().min_size(size);
    ui.add_sized(size, button)
}
