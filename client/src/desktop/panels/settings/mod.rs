//! How it looks on this device, the business for those who lead it, who works here, and what to give to
//! someone who helps.

mod business;
mod form;

use egui::Ui;

pub use business::Business;
pub use form::{BusinessForm, form_ui, zone, zones};

use crate::desktop::frame;
use crate::desktop::intent::Intent;
use crate::desktop::remembered::LockAfter;
use crate::desktop::theme::{self, ThemeChoice};
use crate::desktop::widgets::{button, card, facts};

#[derive(Clone, Debug, Default)]
pub struct SettingsData {
    pub theme: ThemeChoice,
    pub person: String,
    pub role: String,
    pub device: String,
    pub server: String,
    pub company: String,
    /// Colleagues by name and role.
    pub people: Vec<(String, String)>,
    pub version: String,
    pub diagnostics: String,
    pub file: String,
    /// Entries that wait on this device.
    pub waiting: usize,
    /// Whoever works here has a PIN; then the window locks by itself.
    pub has_pin: bool,
    pub lock_after: LockAfter,
}

#[derive(Clone, Debug, Default)]
pub struct SettingsState {
    pub form: Option<BusinessForm>,
}

pub fn settings_ui(
    ui: &mut Ui,
    data: &SettingsData,
    business: &Business,
    state: &mut SettingsState,
) -> Option<Intent> {
    let mut intent = None;
    frame::column(ui, "settings", 640.0, |ui| {
        ui.label(theme::strong("Settings", theme::TITLE));
        card::titled(ui, "Colours", |ui| {
            ui.horizontal_wrapped(|ui| {
                for choice in ThemeChoice::ALL {
                    if button::choice(ui, data.theme == choice, choice.words(), "").clicked() {
                        intent = Some(Intent::Theme(choice));
                    }
                }
            });
        });
        business::business_ui(ui, business, state, &mut intent);
        card::titled(ui, "This device", |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            facts::fact(ui, "Business", &data.company, false);
            facts::fact(ui, "Person", &format!("{} · {}", data.person, data.role), false);
            facts::fact(ui, "Device", &data.device, false);
            facts::fact(ui, "Server", &data.server, false);
            facts::fact(ui, "File", &data.file, false);
            let waiting = match data.waiting {
                0 => "nothing".to_owned(),
                1 => "1 entry".to_owned(),
                count => format!("{count} entries"),
            };
            facts::fact(ui, "Waits to be sent", &waiting, false);
            if data.has_pin {
                ui.label(theme::caption(ui, "Locks by itself when nobody touches it for"));
                ui.horizontal_wrapped(|ui| {
                    for span in LockAfter::ALL {
                        if button::choice(ui, data.lock_after == span, span.words(), "").clicked() {
                            intent = Some(Intent::LockAfter(span));
                        }
                    }
                });
            }
            ui.horizontal_wrapped(|ui| {
                let words = if data.has_pin { "Change PIN" } else { "Choose a PIN" };
                if button::plain(ui, words, "To lock this window, and to share this device").clicked() {
                    intent = Some(Intent::ChoosePin);
                }
                if data.waiting > 0
                    && button::plain(ui, "Export what waits", "As a file that can be sent later").clicked()
                {
                    intent = Some(Intent::ExportUnsent);
                }
                if button::plain(ui, "Sign out", "What waits stays on this device").clicked() {
                    intent = Some(Intent::SignOut);
                }
            });
        });
        if !data.people.is_empty() {
            card::titled(ui, "People", |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                for (name, role) in &data.people {
                    facts::fact(ui, name, role, false);
                }
            });
        }
        card::titled(ui, "About", |ui| {
            ui.label(format!("Waybill {}", data.version));
            ui.label(theme::caption(
                ui,
                "Type: Waybill Sans, made from Inter, under the SIL Open Font License.",
            ));
            if button::plain(ui, "Copy diagnostics", "For whoever helps you; holds no customers' names")
                .clicked()
            {
                intent = Some(Intent::Copy(data.diagnostics.clone()));
            }
        });
    });
    intent
}
