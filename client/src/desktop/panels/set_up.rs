//! The first thing in a new company: its name, the zone that its days are booked in, its currency, its taxes.
//! Nothing else can be entered before, because days and amounts that are booked stay as they are.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use egui::Ui;
use waybill_shared::id::SettingsId;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::settings::{Create, TaxClass};
use waybill_shared::time::Timestamp;

use crate::desktop::focus;
use crate::desktop::frame;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::panels::settings::{zone, zones};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::field::{Field, enter_once};
use crate::desktop::widgets::{button, money};

/// Channels whose orders need no customer, as long as nobody says otherwise.
const NO_CUSTOMER: [&str; 2] = ["shop", "van"];

#[derive(Clone, Debug, Default)]
pub struct SetUpData {
    /// This person may set it up.
    pub may: bool,
    /// It is being saved.
    pub saving: bool,
    pub person: String,
    pub now: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUpState {
    pub name: String,
    pub zone: String,
    pub currency: String,
    pub standard: String,
    pub reduced: String,
    /// The button was pressed once: what is missing is now said below its field.
    pub pressed: bool,
    pub focused: bool,
}

/// What is wrong with each field, as one sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    pub name: Option<&'static str>,
    pub zone: Option<&'static str>,
    pub currency: Option<&'static str>,
    pub standard: Option<&'static str>,
    pub reduced: Option<&'static str>,
}

impl SetUpState {
    /// With the zone of this computer, where it names a place.
    pub fn begin() -> Self {
        let zone = iana_time_zone::get_timezone().unwrap_or_default();
        let zone = if zone.contains('/') && !zone.starts_with("Etc/") { zone } else { String::new() };
        Self { zone, ..Self::default() }
    }

    pub fn zone(&self) -> Option<Tz> {
        zone(&self.zone)
    }

    pub fn currency(&self) -> Option<Currency> {
        self.currency.trim().parse().ok()
    }

    /// What is to be entered, or what is wrong.
    pub fn read(&self) -> Result<Create, Wrong> {
        let rates = [percent(&self.standard), percent(&self.reduced)];
        let wrong = Wrong {
            name: self.name.trim().is_empty().then_some("Give the company's name."),
            zone: self
                .zone()
                .is_none()
                .then_some("Choose the zone whose days you work by, such as Europe/Berlin."),
            currency: self
                .currency()
                .is_none()
                .then_some("Give the three letters of the currency, such as EUR, GBP or USD."),
            standard: (!matches!(rates[0], Some(Some(_))))
                .then_some("Give a percentage, such as 19, or 0 for none."),
            reduced: rates[1].is_none().then_some("Give a percentage, such as 7, or leave it empty."),
        };
        let (Some(zone), Some(currency), true) = (self.zone(), self.currency(), wrong == Wrong::default())
        else {
            return Err(wrong);
        };
        let classes = [("standard", "Standard rate"), ("reduced", "Reduced rate")];
        let tax_classes = classes.into_iter().zip(rates).filter_map(|((key, name), rate)| {
            Some((key.to_owned(), TaxClass { name: name.to_owned(), rate: rate.flatten()? }))
        });
        Ok(Create {
            company: self.name.trim().to_owned(),
            zone,
            currency,
            tax_classes: tax_classes.collect(),
            no_customer: NO_CUSTOMER
                .map(|channel| (channel.to_owned(), true))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
        })
    }
}

/// `Some(None)` for an empty field, `None` for what is no percentage.
fn percent(text: &str) -> Option<Option<Amount>> {
    let text = text.trim().trim_end_matches('%').trim_end();
    if text.is_empty() {
        return Some(None);
    }
    money::parse(text).filter(|rate| !rate.is_negative() && *rate <= Amount::HUNDRED).map(Some)
}

pub fn set_up_ui(ui: &mut Ui, data: &SetUpData, state: &mut SetUpState) -> Option<Intent> {
    let mut intent = None;
    frame::alone(ui, "set up", 440.0, |ui| {
        intent = if data.may { form(ui, data, state) } else { wait(ui, data) };
    });
    intent
}

fn form(ui: &mut Ui, data: &SetUpData, state: &mut SetUpState) -> Option<Intent> {
    let t = tokens(ui);
    ui.label(theme::strong("Set up your company", theme::TITLE));
    ui.label(
        egui::RichText::new(
            "Once, before anything is sold: days and amounts are booked by this and stay as they are.",
        )
        .color(t.muted),
    );
    let wrong = if state.pressed { state.read().err().unwrap_or_default() } else { Wrong::default() };
    let name = Field { name: "Company", error: wrong.name, ..Default::default() }.show(ui, &mut state.name);
    enter_once(ui, &name, &state.name, &mut state.focused);
    Field { name: "Time zone", hint: "Europe/Berlin", error: wrong.zone, ..Default::default() }
        .show(ui, &mut state.zone);
    match state.zone() {
        Some(zone) => {
            let there = data.now.local(zone).format("%A %-d %B, %H:%M");
            ui.label(theme::caption(ui, format!("It is {there} there now.")));
        }
        None => {
            let offered = zones(&state.zone);
            if !offered.is_empty() {
                offer(ui, &offered, &mut state.zone);
            }
        }
    }
    Field { name: "Currency", hint: "EUR", error: wrong.currency, ..Default::default() }
        .show(ui, &mut state.currency);
    if let Some(currency) = state.currency() {
        let sample = money::words(Amount::from_minor(123_450, 2), currency);
        ui.label(theme::caption(ui, format!("Amounts look like {sample}.")));
    }
    Field { name: "Tax on most goods, %", hint: "19", error: wrong.standard, ..Default::default() }
        .show(ui, &mut state.standard);
    Field {
        name: "Reduced tax, %; empty if there is none",
        hint: "7",
        error: wrong.reduced,
        ..Default::default()
    }
    .show(ui, &mut state.reduced);
    ui.label(theme::caption(ui, "Orders in the shop and from the van need no customer. All of this can be changed later under Settings."));
    let words = if data.saving { "Saving…" } else { "Set up" };
    let clicked = focus::pressed(&button::primary_wide(ui, words, "Enter", !data.saving));
    if button::quiet(ui, "Sign out", &format!("{} is signed in", data.person)).clicked() {
        return Some(Intent::SignOut);
    }
    if !clicked || data.saving {
        return None;
    }
    state.pressed = true;
    let create = state.read().ok()?;
    let said = format!("{} is set up", create.company);
    Some(Wish::new(SettingsId::ONLY.into(), create, said).into())
}

/// The zones that fit what is typed so far.
fn offer(ui: &mut Ui, zones: &[Tz], typed: &mut String) {
    ui.horizontal_wrapped(|ui| {
        for zone in zones {
            if button::plain(ui, zone.name(), "Use this zone").clicked() {
                *typed = zone.name().to_owned();
            }
        }
    });
}

fn wait(ui: &mut Ui, data: &SetUpData) -> Option<Intent> {
    let t = tokens(ui);
    ui.label(theme::strong("This company is not set up yet", theme::TITLE));
    ui.label("An admin signs in to Waybill and gives its time zone, currency and taxes. Until then nothing can be entered.");
    ui.label(egui::RichText::new("This goes on by itself when it is done.").color(t.muted));
    button::quiet(ui, "Sign out", &format!("{} is signed in", data.person))
        .clicked()
        .then_some(Intent::SignOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> SetUpState {
        SetUpState {
            name: " Harbour Supplies ".into(),
            zone: "Europe/London".into(),
            currency: "gbp".into(),
            standard: "20".into(),
            reduced: "5 %".into(),
            ..SetUpState::default()
        }
    }

    #[test]
    fn what_is_filled_in_becomes_the_settings() {
        let create = filled().read().unwrap();
        assert_eq!((create.company.as_str(), create.zone), ("Harbour Supplies", Tz::Europe__London));
        assert_eq!(create.currency, "GBP".parse().unwrap());
        let rates: Vec<_> =
            create.tax_classes.iter().map(|(key, class)| (key.as_str(), class.rate.to_string())).collect();
        assert_eq!(rates, [("reduced", "5".to_owned()), ("standard", "20".to_owned())]);
    }

    #[test]
    fn each_mistake_is_said_below_its_field() {
        type Slip = fn(&mut SetUpState);
        type Said = fn(&Wrong) -> Option<&'static str>;
        let slips: [(Slip, Said); 6] = [
            (|form| form.name = "  ".into(), |wrong| wrong.name),
            (|form| form.zone = "Berlin".into(), |wrong| wrong.zone),
            (|form| form.currency = "Euro".into(), |wrong| wrong.currency),
            (|form| form.standard.clear(), |wrong| wrong.standard),
            (|form| form.standard = "119".into(), |wrong| wrong.standard),
            (|form| form.reduced = "little".into(), |wrong| wrong.reduced),
        ];
        for (nth, (slip, said)) in slips.into_iter().enumerate() {
            let mut form = filled();
            slip(&mut form);
            assert!(said(&form.read().unwrap_err()).is_some(), "slip {nth}");
        }
        let without = SetUpState { reduced: String::new(), ..filled() };
        assert_eq!(without.read().unwrap().tax_classes.len(), 1);
    }
}
