//! Who works here, always in sight, and what they can do about it.

use egui::{Popup, Response};

use super::frame::{FrameAnswer, FrameData, Size};
use super::keys::{self, Action};
use super::theme;
use super::widgets::button;

/// Opens below the person's name.
pub fn person_menu(name: &Response, data: &FrameData) -> Option<FrameAnswer> {
    let shown = Popup::menu(name).show(|ui| {
        if Size::of(ui.ctx().content_rect().width()) == Size::Narrow {
            ui.spacing_mut().interact_size.y = theme::TOUCH;
        }
        ui.set_min_width(200.0);
        ui.label(theme::strong(&data.person, theme::BODY));
        ui.label(theme::caption(ui, format!("{} · {}", data.role, data.device)));
        ui.separator();
        let mut answer = None;
        for (person, name) in &data.here {
            if button::menu_item(ui, &format!("Switch to {name}"), "", "Asks for the PIN").clicked() {
                answer = Some(FrameAnswer::SwitchTo(*person));
            }
        }
        if data.has_pin {
            if button::menu_item(ui, "Lock", &keys::written(Action::Lock), "").clicked() {
                answer = Some(FrameAnswer::Lock);
            }
            if button::menu_item(ui, "Change PIN", "", "Asks for the one there is").clicked() {
                answer = Some(FrameAnswer::ChoosePin);
            }
        } else if button::menu_item(ui, "Choose a PIN", "", "To lock this window, and to share this device")
            .clicked()
        {
            answer = Some(FrameAnswer::ChoosePin);
        }
        if button::menu_item(ui, "Sign in somebody", "", "Once, online; then they switch by PIN").clicked() {
            answer = Some(FrameAnswer::SignInHere);
        }
        if button::menu_item(ui, "Sign out", "", "What waits here stays on this device").clicked() {
            answer = Some(FrameAnswer::SignOut);
        }
        if button::menu_item(ui, "Keys", "?", "").clicked() {
            answer = Some(FrameAnswer::Help);
        }
        answer
    });
    shown.and_then(|shown| shown.inner)
}
