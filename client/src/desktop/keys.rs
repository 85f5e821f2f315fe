//! The one table of keys: read by the window, shown in tooltips and in the `?` overlay.

use egui::{Key, KeyboardShortcut, Modifiers};
use waybill_shared::notes;
use waybill_shared::order::commands;

use super::focus;
use super::names::May;
use super::place::Place;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Search,
    Orders,
    NewOrder,
    Till,
    Customers,
    Products,
    Locations,
    Attention,
    Held,
    Devices,
    Reports,
    Settings,
    NextStep,
    Edit,
    Note,
    InternalNote,
    Attach,
    TakePayment,
    TakeBack,
    Discard,
    Figures,
    Undo,
    Back,
    Lock,
    Help,
}

pub struct Entry {
    pub action: Action,
    pub words: &'static str,
    pub shortcut: KeyboardShortcut,
    /// Typed as a plain letter: only when no text field has the keyboard.
    pub plain: bool,
}

pub const KEYS: [Entry; 25] = [
    entry(Action::Search, "Search", Modifiers::COMMAND, Key::K),
    entry(Action::Orders, "Orders", Modifiers::COMMAND, Key::Num1),
    entry(Action::NewOrder, "New order", Modifiers::COMMAND, Key::N),
    entry(Action::Till, "Counter sale", Modifiers::COMMAND, Key::Num2),
    entry(Action::Customers, "Customers", Modifiers::COMMAND, Key::Num3),
    entry(Action::Products, "Products", Modifiers::COMMAND, Key::Num4),
    entry(Action::Attention, "Needs your attention", Modifiers::COMMAND, Key::Num5),
    entry(Action::Reports, "Reports", Modifiers::COMMAND, Key::Num6),
    entry(Action::Locations, "Locations", Modifiers::COMMAND, Key::Num7),
    entry(Action::Held, "Held for review", Modifiers::COMMAND, Key::Num8),
    entry(Action::Devices, "Devices", Modifiers::COMMAND, Key::Num9),
    entry(Action::Settings, "Settings", Modifiers::COMMAND, Key::Comma),
    entry(Action::NextStep, "Do the next step", Modifiers::COMMAND, Key::Enter),
    plain(Action::Edit, "Change the selected order", Key::E),
    plain(Action::Note, "Write a note", Key::N),
    plain(Action::InternalNote, "Write an internal note", Key::I),
    plain(Action::Attach, "Attach a file", Key::A),
    plain(Action::TakePayment, "Take a payment", Key::P),
    plain(Action::TakeBack, "Take back what is held", Key::B),
    plain(Action::Discard, "Discard what is held", Key::D),
    plain(Action::Figures, "Chart or table of figures", Key::T),
    entry(Action::Undo, "Undo the last step", Modifiers::COMMAND, Key::Z),
    entry(Action::Lock, "Lock", Modifiers::COMMAND, Key::L),
    entry(Action::Back, "Back, or close", Modifiers::NONE, Key::Escape),
    Entry {
        action: Action::Help,
        words: "This list",
        shortcut: KeyboardShortcut::new(Modifiers::NONE, Key::Questionmark),
        plain: true,
    },
];

/// The keys that move inside a list; they belong to the list widget itself.
pub const LIST_KEYS: [(&str, &str); 3] =
    [("↑ ↓", "Move in a list"), ("Enter", "Open, or add"), ("Tab", "Next field")];

/// True once when the keys of `action` were pressed in this pass, for the screen: never while a sheet is above it.
pub fn pressed(ctx: &egui::Context, action: Action) -> bool {
    let Some(entry) = KEYS.iter().find(|entry| entry.action == action) else { return false };
    if entry.plain && ctx.text_edit_focused() || action != Action::Lock && focus::is_below_a_sheet(ctx) {
        return false;
    }
    match action {
        Action::Back => return focus::take_esc(ctx),
        Action::NextStep => return focus::take_next_step(ctx),
        _ => {}
    }
    ctx.input_mut(|input| {
        // `?` needs Shift on most keyboards, so its modifiers are not compared.
        if entry.action == Action::Help {
            input.consume_key(Modifiers::NONE, Key::Questionmark)
                || input.consume_key(Modifiers::SHIFT, Key::Questionmark)
                || input.consume_key(Modifiers::SHIFT, Key::Slash)
        } else {
            input.consume_shortcut(&entry.shortcut)
        }
    })
}

/// The person may do it: what they may not is in no list of keys.
pub fn offered(action: Action, places: &[Place], may: &May) -> bool {
    if let Some(place) = Place::ALL.into_iter().find(|place| place.action() == action) {
        return places.contains(&place);
    }
    match action {
        Action::Edit => may.run::<commands::SetQuantity>(),
        Action::Note => may.run::<commands::Note>(),
        Action::InternalNote => may.run::<notes::Write>(),
        Action::Attach => may.run::<commands::Attach>(),
        Action::TakePayment => may.run::<commands::TakePayment>(),
        Action::TakeBack | Action::Discard => places.contains(&Place::Held),
        Action::Figures => places.contains(&Place::Reports),
        _ => true,
    }
}

/// How the keys of an action are written: `Ctrl+K`.
pub fn written(action: Action) -> String {
    KEYS.iter().find(|entry| entry.action == action).map(|entry| write(&entry.shortcut)).unwrap_or_default()
}

/// Words and keys for a tooltip: `Orders (Ctrl+1)`.
pub fn tip(words: &str, action: Action) -> String {
    format!("{words} ({})", written(action))
}

pub fn write(shortcut: &KeyboardShortcut) -> String {
    let mut parts = Vec::new();
    if shortcut.modifiers.command || shortcut.modifiers.ctrl {
        parts.push(if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" }.to_owned());
    }
    if shortcut.modifiers.shift {
        parts.push("Shift".to_owned());
    }
    parts.push(match shortcut.logical_key {
        Key::Escape => "Esc".to_owned(),
        Key::Questionmark => "?".to_owned(),
        Key::Comma => ",".to_owned(),
        key => key.name().to_owned(),
    });
    parts.join("+")
}

const fn entry(action: Action, words: &'static str, modifiers: Modifiers, key: Key) -> Entry {
    Entry { action, words, shortcut: KeyboardShortcut::new(modifiers, key), plain: false }
}

const fn plain(action: Action, words: &'static str, key: Key) -> Entry {
    Entry { action, words, shortcut: KeyboardShortcut::new(Modifiers::NONE, key), plain: true }
}
