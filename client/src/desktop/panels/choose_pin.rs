//! Choosing a PIN for this device: after a sign-in, or in place of the one there is.

use egui::Ui;

use crate::desktop::focus;
use crate::desktop::frame;
use crate::desktop::intent::Intent;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::button;
use crate::desktop::widgets::pin_pad::pin_field;
use crate::pin::{LEAST, LEAST_ENCRYPTED, Pin, against};

#[derive(Clone, Debug, Default)]
pub struct ChoosePinData {
    pub name: String,
    /// Nobody works here before it is done: others do too.
    pub must: bool,
    /// There is one, which is asked for first.
    pub old: bool,
    pub saving: bool,
    /// It opens the encrypted file, too.
    pub encrypts: bool,
}

#[derive(Clone, Debug, Default)]
pub struct ChoosePinState {
    pub old: String,
    pub new: String,
    pub again: String,
    /// The button was pressed once: what is missing is now said below its field.
    pub pressed: bool,
    /// What was said of it.
    pub said: Option<String>,
    pub focused: bool,
}

pub fn choose_pin_ui(ui: &mut Ui, data: &ChoosePinData, state: &mut ChoosePinState) -> Option<Intent> {
    let mut intent = None;
    frame::alone(ui, "choose a pin", 380.0, |ui| intent = form(ui, data, state));
    intent
}

fn form(ui: &mut Ui, data: &ChoosePinData, state: &mut ChoosePinState) -> Option<Intent> {
    let t = tokens(ui);
    ui.label(theme::caption(ui, &data.name));
    ui.label(theme::strong("Your PIN on this device", theme::TITLE));
    let why = if data.must {
        "Several people work on this device. Unlock and switch with your PIN, also without network: what is entered \
         carries your name."
    } else {
        "Unlock with it after the window was locked, also without network."
    };
    ui.label(egui::RichText::new(why).color(t.muted));
    let least = if data.encrypts { LEAST_ENCRYPTED } else { LEAST };
    let enough = format!("At least {least} digits or letters.");
    if data.encrypts {
        let lost = "What is on this device is encrypted. Where all its PINs are forgotten, what was not sent is lost.";
        ui.label(egui::RichText::new(lost).color(t.warn.ink));
    }
    let wrong = state.pressed.then(|| against(&state.new, least)).flatten();
    let differs = (state.pressed && wrong.is_none() && state.new != state.again)
        .then_some("This is not the same as above: type it once more.");
    let missing =
        (state.pressed && data.old && state.old.is_empty()).then_some("Give the PIN that you have.");
    let mut enter = false;
    if data.old {
        let (field, entered) = pin_field(ui, "The PIN that you have", &mut state.old, missing);
        if !std::mem::replace(&mut state.focused, true) {
            field.request_focus();
        }
        enter |= entered;
    }
    let (field, entered) = pin_field(ui, "New PIN", &mut state.new, wrong.as_deref());
    if !std::mem::replace(&mut state.focused, true) {
        field.request_focus();
    }
    if wrong.is_none() {
        ui.label(theme::caption(ui, enough));
    }
    enter |= entered;
    let (_, entered) = pin_field(ui, "Once more", &mut state.again, differs);
    enter |= entered;
    if let Some(words) = &state.said {
        egui::Frame::new().fill(t.bad.ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.label(egui::RichText::new(words).color(t.bad.ink));
        });
    }
    let words = if data.saving { "Saving…" } else { "Use this PIN" };
    let clicked = focus::pressed(&button::primary_wide(ui, words, "Enter", !data.saving));
    if !data.must && button::quiet(ui, "Cancel", "The PIN stays as it is").clicked() {
        return Some(Intent::LeavePin);
    }
    if !(clicked || enter) || data.saving {
        return None;
    }
    state.pressed = true;
    let complete = against(&state.new, least).is_none()
        && state.new == state.again
        && !(data.old && state.old.is_empty());
    complete.then(|| Intent::SetPin {
        old: data.old.then(|| Pin(state.old.clone())),
        new: Pin(state.new.clone()),
    })
}
