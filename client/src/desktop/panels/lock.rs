//! The locked window: who works on this device, and the PIN of whoever begins. What is below stays out of sight.

use std::time::Duration;

use egui::{Button, Ui, vec2};
use waybill_shared::id::PersonId;

use crate::desktop::books::Here;
use crate::desktop::focus;
use crate::desktop::frame;
use crate::desktop::intent::Intent;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::button;
use crate::desktop::widgets::pin_pad::{pad, pin_field};
use crate::pin::Pin;

#[derive(Clone, Debug, Default)]
pub struct LockData {
    /// Who has signed in on this device.
    pub people: Vec<Here>,
    pub device: String,
    pub company: String,
    /// A PIN is being looked at.
    pub trying: bool,
    /// Entries that are not sent yet; they go on being sent.
    pub waiting: usize,
    /// The file is encrypted and not open: nothing goes on before somebody opens it.
    pub sealed: bool,
    /// Seconds of this window, by which waits are counted.
    pub time: f64,
}

#[derive(Clone, Debug, Default)]
pub struct LockState {
    /// Whose PIN is asked for.
    pub chosen: Option<PersonId>,
    /// The admin who lets them try again, in place of them.
    pub admin: Option<Option<PersonId>>,
    pub pin: String,
    /// What was said of the last try, and whether it was good news.
    pub said: Option<(String, bool)>,
    /// The next try waits until then.
    pub until: f64,
    pub focused: bool,
}

impl LockState {
    pub fn of(chosen: Option<PersonId>) -> Self {
        Self { chosen, ..Self::default() }
    }

    /// The answer to a try.
    pub fn told(&mut self, words: String, good: bool, until: f64) {
        self.pin.clear();
        self.said = Some((words, good));
        self.until = until;
        self.focused = false;
    }

    fn ask(&mut self, chosen: Option<PersonId>, admin: Option<Option<PersonId>>) {
        *self = Self { chosen, admin, ..Self::default() };
    }
}

pub fn lock_ui(ui: &mut Ui, data: &LockData, state: &mut LockState) -> Option<Intent> {
    if let [only] = data.people.as_slice() {
        state.chosen = Some(only.id);
    }
    let mut intent = None;
    frame::alone(ui, "lock", 380.0, |ui| {
        intent = match data.people.iter().find(|one| Some(one.id) == state.chosen) {
            None => people(ui, data, state),
            Some(one) => match state.admin {
                None => one_person(ui, data, state, one),
                Some(admin) => lifting(ui, data, state, one, admin),
            },
        };
    });
    intent
}

fn people(ui: &mut Ui, data: &LockData, state: &mut LockState) -> Option<Intent> {
    head(ui, data, "Who works here?");
    for one in &data.people {
        if large(ui, &one.name).clicked() {
            state.ask(Some(one.id), None);
        }
    }
    waiting(ui, data);
    if data.sealed {
        return None;
    }
    button::quiet(ui, "Sign in somebody new", "Once, online").clicked().then_some(Intent::SignInHere)
}

fn one_person(ui: &mut Ui, data: &LockData, state: &mut LockState, one: &Here) -> Option<Intent> {
    head(ui, data, &one.name);
    let mut intent = None;
    if one.pin {
        if typed(ui, data, state, "PIN", "Begin") {
            intent = Some(Intent::Switch(one.id, Pin(std::mem::take(&mut state.pin))));
        }
    } else {
        ui.label("Has no PIN on this device yet: sign in with the password once, online, and choose one.");
        if button::primary_wide(ui, "Sign in", "With the password", true).clicked() {
            intent = Some(Intent::SignInHere);
        }
    }
    waiting(ui, data);
    ui.horizontal_wrapped(|ui| {
        if data.people.len() > 1 && button::quiet(ui, "Somebody else", "Back to the names").clicked() {
            state.ask(None, None);
        }
        if one.pin
            && !data.sealed
            && button::quiet(ui, "I forgot my PIN", "Sign in with the password, online").clicked()
        {
            intent = Some(Intent::SignInHere);
        }
        let admins = data.people.iter().any(|other| other.admin && other.pin && other.id != one.id);
        if one.pin
            && admins
            && button::quiet(ui, "I am locked out", "An admin of this device lets you try again").clicked()
        {
            state.ask(state.chosen, Some(None));
        }
    });
    intent
}

/// An admin lets `one` try again.
fn lifting(
    ui: &mut Ui,
    data: &LockData,
    state: &mut LockState,
    one: &Here,
    admin: Option<PersonId>,
) -> Option<Intent> {
    let admins: Vec<&Here> =
        data.people.iter().filter(|other| other.admin && other.pin && other.id != one.id).collect();
    let mut intent = None;
    head(ui, data, &format!("Let {} try again", one.name));
    let admin = admins.iter().find(|other| Some(other.id) == admin || admins.len() == 1);
    match admin {
        None => {
            ui.label("Which admin does it?");
            for other in admins {
                if large(ui, &other.name).clicked() {
                    state.ask(Some(one.id), Some(Some(other.id)));
                }
            }
        }
        Some(admin) => {
            if typed(ui, data, state, &format!("PIN of {}", admin.name), "Let try again") {
                let pin = Pin(std::mem::take(&mut state.pin));
                intent = Some(Intent::Unlock { admin: admin.id, pin, person: one.id });
            }
        }
    }
    if button::quiet(ui, "Back", "").clicked() {
        state.ask(Some(one.id), None);
    }
    intent
}

/// Field, pad and button; true when it is to be tried.
fn typed(ui: &mut Ui, data: &LockData, state: &mut LockState, name: &str, verb: &str) -> bool {
    let wait = (state.until - data.time).max(0.0).ceil();
    let (field, enter) = pin_field(ui, name, &mut state.pin, None);
    if !std::mem::replace(&mut state.focused, true) {
        field.request_focus();
    }
    if let Some((words, good)) = &state.said {
        let t = tokens(ui);
        let (ground, ink) = if *good { (t.good.ground, t.good.ink) } else { (t.bad.ground, t.bad.ink) };
        egui::Frame::new().fill(ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.label(egui::RichText::new(words).color(ink));
        });
    }
    pad(ui, &field, &mut state.pin);
    let words = match (data.trying, wait > 0.0) {
        (true, _) => "One moment…".to_owned(),
        (false, true) => format!("Next try in {wait} s"),
        (false, false) => verb.to_owned(),
    };
    let ready = !data.trying && wait <= 0.0;
    if wait > 0.0 {
        ui.ctx().request_repaint_after(Duration::from_millis(250));
    }
    let clicked = focus::pressed(&button::primary_wide(ui, &words, "Enter", ready));
    if enter {
        // Also where nothing comes of it: the keyboard stays.
        field.request_focus();
    }
    (clicked || enter) && ready && !state.pin.is_empty()
}

fn head(ui: &mut Ui, data: &LockData, words: &str) {
    let place = theme::dotted(&data.company, &data.device);
    if !place.is_empty() {
        ui.label(theme::caption(ui, place));
    }
    ui.label(theme::strong(words, theme::TITLE));
}

fn waiting(ui: &mut Ui, data: &LockData) {
    if data.sealed {
        let words = "What is on this device is encrypted. Nothing is sent before it is opened; whoever forgot the PIN is \
            let in by somebody else who works here.";
        ui.label(theme::caption(ui, words));
    }
    let words = match data.waiting {
        0 => return,
        1 => "1 entry waits here and is sent also while this is locked.".to_owned(),
        n => format!("{n} entries wait here and are sent also while this is locked."),
    };
    ui.label(theme::caption(ui, words));
}

fn large(ui: &mut Ui, words: &str) -> egui::Response {
    let text = theme::strong(words, theme::EMPHASIS);
    ui.add_sized(vec2(ui.available_width(), 52.0), Button::new(text).truncate())
}
