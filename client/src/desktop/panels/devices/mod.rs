//! The devices of the company and who is signed in on them, for admins: two lists, and each device on its own.

mod detail;
mod place;
mod sheets;

use egui::Ui;
use waybill_shared::id::DeviceId;
use waybill_shared::protocol::question::{DeviceRow, SessionRow};

use detail::device_ui;
pub use place::place_ui;
use sheets::sheet_ui;

use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::Intent;
use crate::desktop::names::Names;
use crate::desktop::online::{List, Online, Want};
use crate::desktop::theme;
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{button, notice};

pub struct DevicesData<'a> {
    pub online: &'a Online,
    pub names: &'a Names,
    /// The device that is worked on.
    pub own: DeviceId,
    /// The server can be asked.
    pub live: bool,
}

#[derive(Clone, Debug, Default)]
pub struct DevicesState {
    pub selected: Option<DeviceId>,
    /// The list of sign-ins stands in the place of the devices.
    pub sign_ins: bool,
    pub sheet: Option<Sheet>,
}

#[derive(Clone, Debug)]
pub enum Sheet {
    Rename {
        device: DeviceId,
        name: String,
    },
    /// Asked before a device is shut out.
    Revoke {
        device: DeviceId,
    },
}

impl DevicesState {
    pub fn done(&mut self) {
        self.sheet = None;
    }
}

const DEVICES: [Column; 4] = [
    table::exact("Code", 64.0).fixed(),
    table::share("Name", 1.4).fixed(),
    table::share("People", 1.4).gives(2).fixed(),
    table::share("Last contact", 1.0).least(104.0).gives(1).fixed(),
];
const SIGN_INS: [Column; 3] = [
    table::share("Who", 1.2).fixed(),
    table::share("Device", 1.2).fixed(),
    table::share("Since", 1.0).least(110.0).gives(1).fixed(),
];
const CARD: [Column; 1] = [table::share("", 1.0)];

fn devices_ui(ui: &mut Ui, data: &DevicesData<'_>, state: &mut DevicesState, beside: bool) -> Option<Intent> {
    frame::ground(ui);
    let (devices, sessions) = (&data.online.devices, &data.online.sessions);
    let (known, trouble, more, list) = match state.sign_ins {
        true => (sessions.known, &sessions.trouble, sessions.next.is_some(), List::Sessions),
        false => (devices.known, &devices.trouble, devices.next.is_some(), List::Devices),
    };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 12)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::strong("Devices", theme::TITLE));
            ui.spacing_mut().item_spacing.x = 6.0;
            if button::choice(ui, !state.sign_ins, "All devices", "").clicked() {
                state.sign_ins = false;
            }
            if button::choice(ui, state.sign_ins, "Sign-ins", "Who is signed in where").clicked() {
                state.sign_ins = true;
            }
        });
        notice::standing(ui, data.live, known, trouble.as_deref());
    });
    let mut pressed = false;
    if more {
        frame::foot(ui, "devices more", |ui| pressed = button::plain(ui, "Show more", "").clicked());
    }
    let opened = match state.sign_ins {
        true => sign_in_rows(ui, data, state, beside),
        false => device_rows(ui, data, state, beside),
    };
    if pressed { Some(Intent::Online(Want::More(list))) } else { opened }
}

fn device_rows(
    ui: &mut Ui,
    data: &DevicesData<'_>,
    state: &mut DevicesState,
    beside: bool,
) -> Option<Intent> {
    let rows = &data.online.devices.rows;
    let selected = state.selected.and_then(|id| rows.iter().position(|row| row.id == id));
    let describe =
        |at: usize| rows.get(at).map(|row| format!("{} {}", row.code, row.name)).unwrap_or_default();
    let touch = is_touch(ui);
    let table = table_of("devices", "Devices", &DEVICES, rows.len(), selected, touch, beside);
    let answer = table.show(ui, describe, |ui, at, column| {
        let Some(row) = rows.get(at) else { return };
        let contact = row.last_contact.map_or_else(|| "never".to_owned(), |at| data.names.when(at));
        let contact = match row.clock_words() {
            _ if row.revoked_at.is_some() => "shut out".to_owned(),
            Some(off) => format!("{contact}, {off}"),
            None => contact,
        };
        if touch {
            return card(ui, &row.name, &[&row.code, &people(row), &contact]);
        }
        match column {
            0 => ui.label(&row.code),
            1 => ui.label(&row.name),
            2 => ui.label(theme::caption(ui, people(row))),
            _ => ui.label(theme::caption(ui, contact)),
        };
    });
    let id_of = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(|row| row.id);
    opened(state, id_of(answer.selected), id_of(answer.opened), beside)
}

fn sign_in_rows(
    ui: &mut Ui,
    data: &DevicesData<'_>,
    state: &mut DevicesState,
    beside: bool,
) -> Option<Intent> {
    let rows = &data.online.sessions.rows;
    let selected = state.selected.and_then(|id| rows.iter().position(|row| row.device == id));
    let name = |row: &SessionRow| format!("{} on {}", row.who.display, row.device_name);
    let describe = |at: usize| rows.get(at).map(name).unwrap_or_default();
    let touch = is_touch(ui);
    let table = table_of("sign-ins", "Sign-ins", &SIGN_INS, rows.len(), selected, touch, beside);
    let answer = table.show(ui, describe, |ui, at, column| {
        let Some(row) = rows.get(at) else { return };
        let since = match row.state() {
            "active" => format!("since {}", data.names.when(row.since)),
            other => other.to_owned(),
        };
        if touch {
            return card(ui, &row.who.display, &[&row.device_name, &since]);
        }
        match column {
            0 => ui.label(&row.who.display),
            1 => ui.label(format!("{} {}", row.code, row.device_name)),
            _ => ui.label(theme::caption(ui, since)),
        };
    });
    let id_of = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(|row| row.device);
    opened(state, id_of(answer.selected), id_of(answer.opened), beside)
}

fn table_of<'a>(
    id: &str,
    name: &'a str,
    wide: &'a [Column],
    rows: usize,
    selected: Option<usize>,
    touch: bool,
    beside: bool,
) -> Table<'a> {
    Table {
        id: egui::Id::unique(id),
        name,
        columns: if touch { &CARD } else { wide },
        rows,
        selected,
        sort: None,
        row_height: if touch { 56.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    }
}

fn opened(
    state: &mut DevicesState,
    selected: Option<DeviceId>,
    opened: Option<DeviceId>,
    beside: bool,
) -> Option<Intent> {
    state.selected = selected.or(state.selected);
    opened.or(selected.filter(|_| beside)).map(Intent::OpenDevice)
}

fn card(ui: &mut Ui, title: &str, small: &[&str]) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(9.0);
        ui.label(theme::strong(title, theme::BODY));
        let small: Vec<&str> = small.iter().copied().filter(|words| !words.is_empty()).collect();
        ui.label(theme::caption(ui, small.join(" · ")));
    });
}

fn people(row: &DeviceRow) -> String {
    row.people.iter().map(|who| who.display.as_str()).collect::<Vec<_>>().join(", ")
}
