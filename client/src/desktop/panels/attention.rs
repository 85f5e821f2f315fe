//! What needs the user: what happened, why, both values of a conflict; redo, change or discard.

use chrono::NaiveDate;
use egui::Ui;
use waybill_shared::finding::{Conflict, Finding};
use waybill_shared::id::EditId;

use crate::desktop::focus;
use crate::desktop::frame;
use crate::desktop::icons::Icon;
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::panels::change::Change;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, card, empty_state};
use crate::store::{BACK_REMEDY, back_words};

/// One refused entry, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionItem {
    pub edit: EditId,
    /// What the person wanted: `Set the quantity of Oak chair to 3`.
    pub wanted: String,
    /// What it is about: `A-1042 · Bakery Lund`.
    pub about: String,
    pub when: String,
    pub person: String,
    pub findings: Vec<Finding>,
    pub standing: Standing,
    pub thing: Option<Thing>,
    /// Where it holds one value that can be typed anew.
    pub change: Option<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not accepted; the user decides.
    Refused,
    /// It goes with an entry above, which must be settled first.
    WaitsForAbove,
    /// A manager looks at it; it counts as it is until then.
    Held,
    /// A manager gave it up: who, when and why.
    GivenUp(String),
}

/// An entry that was damaged on this device, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedItem {
    /// `None` while it is not yet set aside.
    pub nth: Option<i64>,
    pub told: String,
    pub when: String,
    pub advice: &'static str,
    pub sent: bool,
    pub thing: Option<Thing>,
}

#[derive(Clone, Debug, Default)]
pub struct AttentionData {
    pub items: Vec<AttentionItem>,
    pub damaged: Vec<DamagedItem>,
    /// Those of which there is nothing to decide, told together.
    pub back: Vec<EditId>,
    pub today: NaiveDate,
}

#[derive(Clone, Debug, Default)]
pub struct AttentionState {
    /// The entry that is about to be discarded; it takes a second press.
    pub discarding: Option<EditId>,
    /// The entry that gets another value, and what is typed for it.
    pub changing: Option<(EditId, String)>,
}

pub fn attention_ui(ui: &mut Ui, data: &AttentionData, state: &mut AttentionState) -> Option<Intent> {
    if data.items.is_empty() && data.damaged.is_empty() && data.back.is_empty() {
        let sentence =
            "When something you entered was not accepted it waits here, with the reason and what to do.";
        empty_state::empty_state(ui, "Nothing needs your attention", sentence, None);
        return None;
    }
    let mut intent = None;
    frame::column(ui, "attention", 720.0, |ui| {
        ui.label(theme::strong("Needs your attention", theme::TITLE));
        for item in &data.damaged {
            card::card(ui, |ui| damaged(ui, item, &mut intent));
        }
        if !data.back.is_empty() {
            card::card(ui, |ui| back(ui, &data.back, &mut intent));
        }
        for item in &data.items {
            card::card(ui, |ui| entry(ui, item, data.today, state, &mut intent));
        }
    });
    intent
}

fn back(ui: &mut Ui, edits: &[EditId], intent: &mut Option<Intent>) {
    let t = tokens(ui);
    ui.horizontal_top(|ui| {
        crate::desktop::icons::show(ui, Icon::Attention, 18.0, t.warn.ink);
        ui.add(egui::Label::new(theme::strong(back_words(edits.len()), theme::EMPHASIS)).wrap());
    });
    ui.label(egui::RichText::new(BACK_REMEDY).color(t.muted));
    ui.add_space(theme::SPACE[0]);
    if button::plain(ui, "Give them up", "They go from this list").clicked() {
        *intent = Some(Intent::DiscardAll(edits.to_vec()));
    }
}

/// Nothing can be done with it but to read of it, to save it, and to enter it again.
fn damaged(ui: &mut Ui, item: &DamagedItem, intent: &mut Option<Intent>) {
    let t = tokens(ui);
    ui.horizontal_top(|ui| {
        let ink = if item.sent { t.muted } else { t.warn.ink };
        crate::desktop::icons::show(ui, Icon::Attention, 18.0, ink);
        ui.add(egui::Label::new(theme::strong(&item.told, theme::EMPHASIS)).wrap());
    });
    if !item.when.is_empty() {
        ui.label(theme::caption(ui, &item.when));
    }
    ui.label(item.advice);
    ui.add_space(theme::SPACE[0]);
    ui.horizontal_wrapped(|ui| {
        if let Some(thing) = item.thing
            && button::plain(ui, opens(thing), "To see whether it is there").clicked()
        {
            *intent = Some(Intent::Open(thing));
        }
        if !item.sent && button::plain(ui, "Save what was not sent", "With the bytes of this").clicked() {
            *intent = Some(Intent::ExportUnsent);
        }
        if let Some(nth) = item.nth
            && button::plain(ui, "Understood", "It goes from this list").clicked()
        {
            *intent = Some(Intent::Strike(nth));
        }
    });
}

const fn opens(thing: Thing) -> &'static str {
    match thing {
        Thing::Order(_) => "Open the order",
        Thing::Customer(_) => "Open the customer",
        Thing::Product(_) => "Open the product",
        Thing::Location(_) => "Open the location",
    }
}

fn entry(
    ui: &mut Ui,
    item: &AttentionItem,
    today: NaiveDate,
    state: &mut AttentionState,
    intent: &mut Option<Intent>,
) {
    let t = tokens(ui);
    ui.horizontal_top(|ui| {
        let ink = if item.standing == Standing::Refused { t.warn.ink } else { t.muted };
        crate::desktop::icons::show(ui, Icon::Attention, 18.0, ink);
        ui.add(egui::Label::new(theme::strong(&item.wanted, theme::EMPHASIS)).wrap());
    });
    let about = [item.about.as_str(), item.when.as_str(), item.person.as_str()];
    let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
    ui.label(theme::caption(ui, about.join(" · ")));
    match &item.standing {
        Standing::WaitsForAbove => {
            ui.label("Waiting for the entry above: it builds on it.");
        }
        Standing::Held => {
            ui.label("Held for review: a manager looks at it.");
        }
        Standing::GivenUp(words) => {
            ui.label(words);
            ui.label(egui::RichText::new("It counts nowhere. Enter it anew if it is right.").color(t.muted));
        }
        Standing::Refused => {}
    }
    for finding in &item.findings {
        ui.label(&finding.what);
        if let Some(conflict) = &finding.conflict {
            both(ui, conflict);
        }
        ui.label(egui::RichText::new(&finding.remedy).color(t.muted));
    }
    if item.standing == Standing::Held {
        return;
    }
    ui.add_space(theme::SPACE[0]);
    if matches!(item.standing, Standing::GivenUp(_)) {
        if button::plain(ui, "Understood", "It goes from this list").clicked() {
            *intent = Some(Intent::Discard(item.edit));
        }
        return;
    }
    if state.changing.as_ref().is_some_and(|(edit, _)| *edit == item.edit) {
        change(ui, item, today, state, intent);
    } else {
        answers(ui, item, state, intent);
    }
}

/// Another value in the place of the one that was not accepted.
fn change(
    ui: &mut Ui,
    item: &AttentionItem,
    today: NaiveDate,
    state: &mut AttentionState,
    intent: &mut Option<Intent>,
) {
    let (Some(change), Some((_, typed))) = (&item.change, &mut state.changing) else { return };
    let command = change.with(typed, today);
    let error = command.is_none().then_some("That is not a value for it.");
    let response = Field { name: change.name(), error, width: 200.0, ..Default::default() }.show(ui, typed);
    let mut save = focus::entered(&response);
    let mut leave = response.has_focus() && focus::take_esc(ui.ctx());
    ui.horizontal(|ui| {
        save |= button::plain(ui, "Set this", "Enter").clicked();
        leave |= button::quiet(ui, "Cancel", "Esc").clicked();
    });
    match command {
        Some(command) if save => {
            state.changing = None;
            *intent = Some(Intent::Change(item.edit, vec![(change.doc, command)]));
        }
        _ if leave => state.changing = None,
        _ => {}
    }
}

/// Both values side by side, so that they can be compared at a glance.
fn both(ui: &mut Ui, conflict: &Conflict) {
    let t = tokens(ui);
    let gap = theme::SPACE[1];
    let width = ((ui.available_width() - gap) / 2.0).max(80.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (name, value, ground) in
            [("Yours", &conflict.yours, t.accent_soft), ("Now there", &conflict.theirs, t.page)]
        {
            egui::Frame::new().fill(ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
                ui.set_width(width - 20.0);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.label(theme::caption(ui, name));
                    ui.label(theme::strong(value, theme::EMPHASIS));
                });
            });
        }
    });
}

fn answers(ui: &mut Ui, item: &AttentionItem, state: &mut AttentionState, intent: &mut Option<Intent>) {
    let conflict = item.findings.iter().any(|finding| finding.conflict.is_some());
    if state.discarding == Some(item.edit) {
        ui.horizontal_wrapped(|ui| {
            ui.label("Discard this entry? It then no longer counts anywhere.");
            if button::danger(ui, "Discard it", "").clicked() {
                state.discarding = None;
                *intent = Some(Intent::Discard(item.edit));
            }
            if button::plain(ui, "Keep it", "").clicked() {
                state.discarding = None;
            }
        });
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let redo = if conflict { "Set yours again" } else { "Try again" };
        if item.standing == Standing::Refused && named(ui, redo, item).clicked() {
            *intent = Some(Intent::Redo(item.edit));
        }
        // Both answers to a conflict stand side by side, as its values do.
        if conflict && button::plain(ui, "Keep theirs", "Your entry no longer counts").clicked() {
            *intent = Some(Intent::Discard(item.edit));
        }
        if let (Some(change), Standing::Refused) = (&item.change, &item.standing)
            && button::plain(ui, "Change", "Another value").clicked()
        {
            state.changing = Some((item.edit, change.text()));
            focus::first_again(ui.ctx());
        }
        if let Some(thing) = item.thing
            && item.standing == Standing::Refused
            && button::plain(ui, opens(thing), "To change it there").clicked()
        {
            *intent = Some(Intent::Open(thing));
        }
        if !conflict && button::plain(ui, "Discard", "Your entry no longer counts").clicked() {
            state.discarding = Some(item.edit);
        }
    });
}

fn named(ui: &mut Ui, words: &str, item: &AttentionItem) -> egui::Response {
    let t = tokens(ui);
    let text = egui::RichText::new(words).color(t.on_accent);
    let response = ui.add(egui::Button::new(text).fill(t.accent).stroke(egui::Stroke::NONE));
    response.on_hover_text(&item.wanted)
}
