//! What the business has settled: for those who may change it, each value where it stands.

use egui::Ui;
use waybill_shared::command::Command;
use waybill_shared::id::SettingsId;
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings;
use waybill_shared::settings::{Field as Set, Limit, SetField, SetLimit, Settings};

use super::SettingsState;
use super::form::{Asked, BusinessForm};
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::names::May;
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, facts, money, quantity};

/// Channels that the program itself sells by; others are added by name.
const CHANNELS: [&str; 3] = ["office", "shop", "van"];

#[derive(Clone, Debug, Default)]
pub struct Business {
    pub settings: Settings,
    /// As the server has it: what differs waits to be sent.
    pub confirmed: Settings,
    pub may: May,
}

/// One setting and its new value: a field, or what is taken for likely.
#[derive(Clone, Debug)]
pub enum Value {
    Field(Set),
    Limit(Limit),
}

impl From<Set> for Value {
    fn from(field: Set) -> Self {
        Self::Field(field)
    }
}

impl From<Value> for Command {
    fn from(value: Value) -> Self {
        match value {
            Value::Field(field) => SetField { field }.into(),
            Value::Limit(limit) => SetLimit { limit }.into(),
        }
    }
}

impl Business {
    pub fn may_set(&self) -> bool {
        self.may.run::<settings::SetField>()
    }

    /// A channel and whether its orders need no customer.
    pub fn channels(&self) -> Vec<(String, bool)> {
        let known = CHANNELS.into_iter().map(str::to_owned);
        let others = self.settings.no_customer.keys().filter(|name| !CHANNELS.contains(&name.as_str()));
        let allowed = |name: &String| self.settings.no_customer.get(name).copied().unwrap_or(false);
        known.chain(others.cloned()).map(|name| (name.clone(), allowed(&name))).collect()
    }

    /// With what stands there now as its undo, where it replaces something.
    pub fn set(&self, value: impl Into<Value>, said: impl Into<String>) -> Wish {
        let value = value.into();
        let was = match &value {
            Value::Field(field) => self.field_now(field).map(Value::Field),
            Value::Limit(limit) => Some(Value::Limit(self.limit_now(limit))),
        };
        let addr = SettingsId::ONLY.into();
        let wish = Wish::new(addr, value, said);
        match was {
            Some(was) => wish.undo(vec![(addr, was.into())], "The setting is as before"),
            None => wish,
        }
    }

    fn field_now(&self, field: &Set) -> Option<Set> {
        let Settings { fields, limits, .. } = &self.settings;
        match field {
            Set::Company(_) => Some(Set::Company(fields.company.clone())),
            Set::Zone(_) => Some(Set::Zone(fields.zone)),
            Set::Currency(_) => Some(Set::Currency(fields.currency)),
            Set::TaxClass { key, .. } => {
                let class = self.settings.tax_classes.get(key).cloned();
                class.map(|class| Set::TaxClass { key: key.clone(), class })
            }
            Set::MaxQuantity(_) => Some(Set::MaxQuantity(limits.quantity)),
            Set::MaxPrice(_) => Some(Set::MaxPrice(limits.price)),
            Set::MaxDiscount(_) => Some(Set::MaxDiscount(limits.discount)),
            Set::NoCustomer { channel, allowed } => {
                Some(Set::NoCustomer { channel: channel.clone(), allowed: !allowed })
            }
        }
    }

    const fn limit_now(&self, limit: &Limit) -> Limit {
        let limits = &self.settings.limits;
        match limit {
            Limit::LineAmount(_) => Limit::LineAmount(limits.line_amount),
            Limit::FactAmount(_) => Limit::FactAmount(limits.fact_amount),
            Limit::BookedBack(_) => Limit::BookedBack(limits.booked_back),
            Limit::BookedAhead(_) => Limit::BookedAhead(limits.booked_ahead),
        }
    }
}

pub fn business_ui(ui: &mut Ui, data: &Business, state: &mut SettingsState, intent: &mut Option<Intent>) {
    if !data.may_set() {
        return;
    }
    card::titled(ui, "The business", |ui| about(ui, data, state));
    card::titled(ui, "Taxes", |ui| taxes(ui, data, state));
    card::titled(ui, "Limits for one line of an order", |ui| limits(ui, data, state));
    card::titled(ui, "What a manager looks at before it counts", |ui| likely(ui, data, state));
    card::titled(ui, "Orders without a customer", |ui| channels(ui, data, state, intent));
}

fn changeable(
    ui: &mut Ui,
    data: &Business,
    state: &mut SettingsState,
    (name, value, pending): (&str, &str, bool),
    asked: Asked,
) {
    if facts::changeable(ui, name, value, pending).clicked() {
        state.form = Some(BusinessForm::new(data, asked));
    }
}

fn about(ui: &mut Ui, data: &Business, state: &mut SettingsState) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let (now, known) = (&data.settings.fields, &data.confirmed.fields);
    let company = ("Name", now.company.as_str(), now.company != known.company);
    changeable(ui, data, state, company, Asked::Company);
    let zone = now.zone.name().replace('_', " ");
    changeable(ui, data, state, ("Time zone", &zone, now.zone != known.zone), Asked::Zone);
    let currency = ("Currency", now.currency.code(), now.currency != known.currency);
    changeable(ui, data, state, currency, Asked::Currency);
}

fn taxes(ui: &mut Ui, data: &Business, state: &mut SettingsState) {
    ui.spacing_mut().item_spacing.y = 6.0;
    for (key, class) in &data.settings.tax_classes {
        let pending = data.confirmed.tax_classes.get(key) != Some(class);
        let rate = format!("{} %", class.rate);
        changeable(ui, data, state, (&class.name, &rate, pending), Asked::TaxClass(key.clone()));
    }
    let words = "A new rate holds for what is sold from now on. Whether a price includes its tax is said with \
        the price, at the product.";
    ui.label(theme::caption(ui, words));
    if button::plain(ui, "Add a tax class", "As Reduced, 7 %").clicked() {
        state.form = Some(BusinessForm::new(data, Asked::NewTaxClass));
    }
}

fn limits(ui: &mut Ui, data: &Business, state: &mut SettingsState) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let (now, known) = (&data.settings.limits, &data.confirmed.limits);
    let quantity = ("Quantity", most(now.quantity), now.quantity != known.quantity);
    changeable(ui, data, state, (quantity.0, &quantity.1, quantity.2), Asked::MaxQuantity);
    let price = money::words(now.price, data.settings.fields.currency);
    changeable(ui, data, state, ("Price", &price, now.price != known.price), Asked::MaxPrice);
    let discount = format!("{} %", now.discount);
    changeable(ui, data, state, ("Discount", &discount, now.discount != known.discount), Asked::MaxDiscount);
    ui.label(theme::caption(
        ui,
        "An order with more cannot be placed; a quotation may hold more until then.",
    ));
}

fn likely(ui: &mut Ui, data: &Business, state: &mut SettingsState) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let (now, known) = (&data.settings.limits, &data.confirmed.limits);
    let currency = data.settings.fields.currency;
    let line = (now.line_amount != known.line_amount, money::words(now.line_amount, currency));
    changeable(ui, data, state, ("Worth of a line above", &line.1, line.0), Asked::MaxLine);
    let fact = (now.fact_amount != known.fact_amount, money::words(now.fact_amount, currency));
    changeable(ui, data, state, ("Worth of an entry above", &fact.1, fact.0), Asked::MaxFact);
    let days = |days: u32| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    let back = (now.booked_back != known.booked_back, days(now.booked_back));
    changeable(ui, data, state, ("Booked back more than", &back.1, back.0), Asked::DaysBack);
    let ahead = (now.booked_ahead != known.booked_ahead, days(now.booked_ahead));
    changeable(ui, data, state, ("Booked ahead more than", &ahead.1, ahead.0), Asked::DaysAhead);
    let words = "A sale, a payment or a hand-over beyond these is held for review. What an import books of earlier \
        years an admin allows its device, on the server.";
    ui.label(theme::caption(ui, words));
}

/// One number for every unit: so many pieces, or so many thousandths of what is weighed or measured.
pub fn most(quantity: Quantity) -> String {
    let [pieces, weighed] = [Unit::Piece, Unit::Kilogram].map(|unit| quantity::figure(quantity, unit));
    format!("{pieces} pieces, or {weighed} kg, m, l or h")
}

fn channels(ui: &mut Ui, data: &Business, state: &mut SettingsState, intent: &mut Option<Intent>) {
    ui.spacing_mut().item_spacing.y = 6.0;
    for (channel, allowed) in data.channels() {
        let pending = data.confirmed.no_customer.get(&channel).copied().unwrap_or(false) != allowed;
        facts::line(ui, &channel, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (without, words) in [(true, "no customer needed"), (false, "always with a customer")] {
                if button::choice(ui, allowed == without, words, "").clicked() && allowed != without {
                    let field = Set::NoCustomer { channel: channel.clone(), allowed: without };
                    *intent = Some(data.set(field, format!("Orders by {channel}: {words}")).into());
                }
            }
            if pending {
                chip::pending_dot(ui);
            }
        });
    }
    if button::plain(ui, "Add a channel", "Where orders come from, such as web or market").clicked() {
        state.form = Some(BusinessForm::new(data, Asked::Channel));
    }
}
