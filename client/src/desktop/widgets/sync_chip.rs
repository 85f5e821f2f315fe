//! The sync chip: one place that always tells the truth about what is sent, what waits and what needs a person.

use chrono::NaiveDateTime;
use egui::{Popup, PopupCloseBehavior, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::chip::{self, Mood};
use super::{button, date};
use crate::desktop::theme::{self, tokens};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SyncState {
    Live,
    #[default]
    Connecting,
    CatchingUp,
    Offline {
        waiting: usize,
        since: Option<NaiveDateTime>,
    },
    Sending {
        done: usize,
        of: usize,
    },
    Attention {
        count: usize,
    },
    SignedOut {
        waiting: usize,
    },
    Problem {
        words: String,
    },
    /// This device's clock is wrong; everything else is in order.
    Clock {
        off: String,
    },
}

/// The height of the strip on narrow windows: a thumb must hit the name beside it.
pub const STRIP: f32 = theme::TOUCH;

/// What the popover tells: enough to trust the chip, or to ask for help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncDetail {
    pub last_contact: Option<NaiveDateTime>,
    /// That this device's clock is wrong.
    pub clock: Option<String>,
    pub waiting: Vec<Waiting>,
    pub version: String,
    pub diagnostics: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub words: String,
    pub at: NaiveDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    OpenAttention,
    SignIn,
}

impl SyncState {
    pub fn words(&self, now: NaiveDateTime) -> String {
        match self {
            Self::Live => "Live".into(),
            Self::Connecting => "Connecting".into(),
            Self::CatchingUp => "Catching up".into(),
            Self::Offline { waiting: 0, .. } => "Offline".into(),
            Self::Offline { waiting, since } => {
                let since = since.map(|at| format!(" since {}", date::time(at, now))).unwrap_or_default();
                let verb = if *waiting == 1 { "waits" } else { "wait" };
                format!("Offline, {} {verb}{since}", entries(*waiting))
            }
            Self::Sending { done, of } => format!("Sending {done} of {of}"),
            Self::Attention { count: 1 } => "1 needs your attention".into(),
            Self::Attention { count } => format!("{count} need your attention"),
            Self::SignedOut { waiting: 0 } => "Signed out".into(),
            Self::SignedOut { waiting } => format!("Signed out, {} safe on this device", entries(*waiting)),
            Self::Clock { off } => format!("This device's clock is {off}"),
            // The first sentence; the popover has the others.
            Self::Problem { words } => words.split(". ").next().unwrap_or(words).to_owned(),
        }
    }

    pub fn mood(&self) -> Mood {
        match self {
            Self::Live => Mood::Good,
            Self::Connecting | Self::CatchingUp | Self::Offline { .. } | Self::Sending { .. } => {
                Mood::Neutral
            }
            Self::Attention { .. } | Self::SignedOut { .. } | Self::Clock { .. } => Mood::Warn,
            Self::Problem { .. } => Mood::Bad,
        }
    }
}

/// The chip in the top bar.
pub fn sync_chip(ui: &mut Ui, state: &SyncState, detail: &SyncDetail, now: NaiveDateTime) -> Option<Pressed> {
    let response = chip::chip_button(ui, state.mood(), &state.words(now));
    answer(&response, state, detail, now)
}

/// The same as a thin strip over the whole width, for narrow windows.
pub fn sync_strip(
    ui: &mut Ui,
    state: &SyncState,
    detail: &SyncDetail,
    now: NaiveDateTime,
) -> Option<Pressed> {
    let t = tokens(ui);
    let words = state.words(now);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), STRIP), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let mood = state.mood();
    ui.painter().rect_filled(rect, 0.0, mood.ground(t));
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line));
    let galley = ui.painter().layout_no_wrap(words, theme::font(theme::CAPTION, false), mood.ink(t));
    let left = rect.center().x - galley.size().x / 2.0;
    ui.painter().circle_filled(egui::pos2(left - 9.0, rect.center().y), 3.0, mood.ink(t));
    ui.painter().galley(egui::pos2(left, rect.center().y - galley.size().y / 2.0), galley, t.text);
    answer(&response, state, detail, now)
}

fn answer(
    response: &Response,
    state: &SyncState,
    detail: &SyncDetail,
    now: NaiveDateTime,
) -> Option<Pressed> {
    match state {
        SyncState::Attention { .. } => {
            let response = response.clone().on_hover_text("Opens what needs you");
            response.clicked().then_some(Pressed::OpenAttention)
        }
        _ => Popup::from_toggle_button_response(response)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .width(320.0)
            .show(|ui| popover(ui, state, detail, now))
            .and_then(|shown| shown.inner),
    }
}

fn popover(ui: &mut Ui, state: &SyncState, detail: &SyncDetail, now: NaiveDateTime) -> Option<Pressed> {
    ui.set_width(320.0_f32.min(ui.ctx().content_rect().width() - 32.0));
    let mut pressed = None;
    ui.label(theme::strong(state.words(now), theme::BODY));
    // The chip says the first sentence, which stands above already.
    if let SyncState::Problem { words } = state
        && let Some((_, rest)) = words.split_once(". ")
    {
        ui.add(egui::Label::new(rest).wrap());
    }
    let contact = match detail.last_contact {
        Some(at) => format!("Last contact with the server: {}", date::time(at, now)),
        None => "This device has not reached the server yet.".into(),
    };
    ui.label(theme::caption(ui, contact));
    if let Some(words) = &detail.clock {
        ui.add(egui::Label::new(format!("{words}. Set it right in the system's settings.")).wrap());
    }
    if detail.waiting.is_empty() {
        ui.label("Nothing waits on this device.");
    } else {
        ui.separator();
        ui.label(theme::caption(ui, format!("{} saved here, not yet sent:", entries(detail.waiting.len()))));
        egui::ScrollArea::vertical().max_height(200.0).show(ui, |ui| {
            for entry in &detail.waiting {
                ui.horizontal_top(|ui| {
                    chip::pending_dot(ui);
                    ui.label(theme::caption(ui, date::time(entry.at, now)));
                    ui.add(egui::Label::new(&entry.words).wrap());
                });
            }
        });
    }
    ui.separator();
    if matches!(state, SyncState::SignedOut { .. })
        && button::primary(ui, "Sign in", "Sends what waits here").clicked()
    {
        pressed = Some(Pressed::SignIn);
    }
    ui.horizontal(|ui| {
        ui.label(theme::caption(ui, format!("Waybill {}", detail.version)));
        if button::quiet(ui, "Copy diagnostics", "For whoever helps you; holds no customers' names").clicked()
        {
            ui.ctx().copy_text(detail.diagnostics.clone());
        }
    });
    pressed
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".into() } else { format!("{count} entries") }
}
