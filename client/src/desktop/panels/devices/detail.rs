//! Draws one device: what it said of itself last, who is signed in on it, and what an admin may do about both.

use egui::Ui;
use waybill_shared::protocol::question::{DeviceRow, SessionRow};

use super::{DevicesData, DevicesState, Sheet};
use crate::desktop::frame;
use crate::desktop::icons::Icon;
use crate::desktop::intent::Intent;
use crate::desktop::online::Want;
use crate::desktop::place::Place;
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, facts};

pub fn device_ui(
    ui: &mut Ui,
    device: &DeviceRow,
    data: &DevicesData<'_>,
    state: &mut DevicesState,
    back: bool,
) -> Option<Intent> {
    let mut intent = None;
    let own = device.id == data.own;
    let out = device.revoked_at.is_some();
    frame::body(ui, "device", |ui| {
        ui.horizontal_wrapped(|ui| {
            if back && button::icon(ui, Icon::Back, "Back to the list").clicked() {
                intent = Some(Intent::Go(Place::Devices));
            }
            ui.label(theme::strong(&device.name, theme::TITLE));
            ui.label(theme::caption(ui, &device.code));
            if out {
                chip::chip(ui, chip::Mood::Bad, "shut out");
            } else if own {
                chip::chip(ui, chip::Mood::Good, "this device");
            }
            if let Some(words) = device.clock_words() {
                chip::chip(ui, chip::Mood::Warn, &words);
            }
        });
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            if facts::changeable(ui, "Name", &device.name, false).clicked() {
                let (device, name) = (device.id, device.name.clone());
                state.sheet = Some(Sheet::Rename { device, name });
            }
            let when = |at: Option<_>| at.map_or_else(|| "never".to_owned(), |at| data.names.when(at));
            facts::fact(ui, "Version", device.version.as_deref().unwrap_or("unknown"), false);
            facts::fact(ui, "Last contact", &when(device.last_contact), false);
            facts::fact(ui, "Waiting then", &entries(device.waiting), false);
            facts::fact(ui, "Since", &when(Some(device.since)), false);
            if let Some(at) = device.revoked_at {
                facts::fact(ui, "Shut out", &data.names.when(at), false);
            }
        });
        card::titled(ui, "Signed in on it", |ui| {
            let sessions = data.online.sessions.rows.iter().filter(|row| row.device == device.id);
            let mut any = false;
            for session in sessions {
                any = true;
                sign_in(ui, session, data, own, &mut intent);
            }
            if !any {
                ui.label(theme::caption(ui, "Nobody."));
            }
        });
        if out {
            let words = "Let in again";
            if button::plain(ui, words, "It may be used again, by those who were signed in on it").clicked() {
                intent = Some(Want::Restore { device: device.id, name: device.name.clone() }.into());
            }
        } else if own {
            let words = "This is the device that you work on: it is shut out from another one.";
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        } else if button::danger(ui, "Shut out", "It was lost, stolen or sold").clicked() {
            state.sheet = Some(Sheet::Revoke { device: device.id });
        }
    });
    intent
}

fn sign_in(
    ui: &mut Ui,
    session: &SessionRow,
    data: &DevicesData<'_>,
    own_device: bool,
    intent: &mut Option<Intent>,
) {
    let who = &session.who;
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::strong(&who.display, theme::BODY));
        ui.label(theme::caption(ui, format!("{} · since {}", who.name, data.names.when(session.since))));
        if session.person_revoked {
            chip::chip(ui, chip::Mood::Bad, "access withdrawn");
        }
    });
    ui.horizontal_wrapped(|ui| {
        let tip = format!("{} signs in again; nothing on the device is lost", who.display);
        if !own_device && button::plain(ui, "End sign-in", &tip).clicked() {
            let (person, device, name) = (who.person, session.device, who.display.clone());
            *intent = Some(Want::End { person, device, name }.into());
        }
        let tip = "A one-time code with which a new password is chosen";
        if !session.person_revoked && button::plain(ui, "Forgot the password", tip).clicked() {
            *intent = Some(Want::Code { person: who.person, name: who.display.clone() }.into());
        }
    });
}

pub(super) fn entries(waiting: u32) -> String {
    match waiting {
        0 => "nothing".to_owned(),
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    }
}
