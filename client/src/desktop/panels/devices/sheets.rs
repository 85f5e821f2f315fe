//! The sheets over the devices: another name, the question before a device is shut out, a code that was made.

use egui::Ui;

use super::detail::entries;
use super::{DevicesData, DevicesState, Sheet};
use crate::desktop::focus;
use crate::desktop::intent::Intent;
use crate::desktop::online::Want;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, sheet};

pub fn sheet_ui(ui: &mut Ui, data: &DevicesData<'_>, state: &mut DevicesState) -> Option<Intent> {
    if let Some((name, code)) = &data.online.code {
        return code_ui(ui, name, code);
    }
    let sheet = state.sheet.as_mut()?;
    let (answer, closed) = match sheet {
        Sheet::Rename { device, name } => {
            let (pressed, closed) = sheet::sheet(ui, "Name", |ui| {
                Field { name: "Name", hint: "such as Till 2", ..Default::default() }.show(ui, name);
                sheet::buttons(ui, "Save", !name.trim().is_empty())
            });
            let want = Want::Rename { device: *device, name: name.trim().to_owned() };
            (pressed.map(|yes| yes.then_some(want)), closed)
        }
        Sheet::Revoke { device } => {
            let row = data.online.devices.rows.iter().find(|row| row.id == *device)?;
            let (pressed, closed) = sheet::sheet(ui, "Shut this device out?", |ui| {
                let muted = tokens(ui).muted;
                ui.label(theme::strong(format!("{} {}", row.code, row.name), theme::EMPHASIS));
                ui.label("Nobody can work on it any more.");
                let waiting = format!(
                    "At its next contact it hands over what was entered on it ({} waited last), which is held for \
                     review; then all data is removed from it.",
                    entries(row.waiting)
                );
                ui.label(egui::RichText::new(waiting).color(muted));
                let until = "Until it connects, its data stays on it.";
                ui.label(egui::RichText::new(until).color(muted));
                sheet::buttons(ui, "Shut it out", true)
            });
            let want = Want::Revoke { device: *device, name: row.name.clone() };
            (pressed.map(|yes| yes.then_some(want)), closed)
        }
    };
    if closed || answer.is_some() {
        state.sheet = None;
    }
    answer.flatten().map(Intent::from)
}

/// Told this once.
fn code_ui(ui: &mut Ui, name: &str, code: &str) -> Option<Intent> {
    let (intent, closed) = sheet::sheet(ui, &format!("A code for {name}"), |ui| {
        ui.label(theme::strong(code, theme::TITLE));
        let words =
            "Good for 24 hours and for one use, with “I have a code” at sign-in. It is shown only now.";
        ui.label(egui::RichText::new(words).color(tokens(ui).muted));
        ui.add_space(theme::SPACE[1]);
        let mut intent = None;
        ui.horizontal(|ui| {
            if button::plain(ui, "Copy", "").clicked() {
                intent = Some(Intent::Copy(code.to_owned()));
            }
            let done = button::plain(ui, "Done", "Enter");
            focus::claim(&done);
            if done.clicked() || focus::asked(ui.ctx()) {
                intent = Some(Intent::PutCodeAway);
            }
        });
        intent
    });
    intent.or(closed.then_some(Intent::PutCodeAway))
}
