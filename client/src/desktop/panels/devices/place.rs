//! List and device side by side, or one after the other where there is no room.

use std::cell::RefCell;

use egui::Ui;

use super::{DevicesData, DevicesState, device_ui, devices_ui, sheet_ui};
use crate::desktop::frame::{self, Size};
use crate::desktop::intent::Intent;
use crate::desktop::widgets::empty_state;

pub fn place_ui(
    ui: &mut Ui,
    data: &DevicesData<'_>,
    state: &mut DevicesState,
    size: Size,
    opened: bool,
) -> Option<Intent> {
    let sheet = sheet_ui(ui, data, state);
    let shown = state.selected.and_then(|id| data.online.devices.rows.iter().find(|row| row.id == id));
    if size != Size::Wide {
        let intent = match shown.filter(|_| opened) {
            Some(shown) => device_ui(ui, shown, data, state, true),
            None => devices_ui(ui, data, state, false),
        };
        return sheet.or(intent);
    }
    let (mut list, mut one) = (None, None);
    let state = RefCell::new(state);
    frame::halves(
        ui,
        "devices",
        0.55,
        |ui| list = devices_ui(ui, data, &mut state.borrow_mut(), true),
        |ui| match shown {
            Some(shown) => one = device_ui(ui, shown, data, &mut state.borrow_mut(), false),
            None => empty_state::choose(ui, "Choose a device on the left."),
        },
    );
    sheet.or(one).or(list)
}
