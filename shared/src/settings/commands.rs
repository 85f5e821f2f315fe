//! What is done with the settings.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Fields, Settings, TaxClass};
use crate::{
    act::{Act, Refers, RunError},
    command::commands,
    doc::Draft,
    edit::Context,
    field::Setting,
    finding::{Finding, Rule, check_key},
    money::{Amount, Currency},
    order::commands::is_price,
    protocol::limits,
    quantity::Quantity,
    rules::booking::FURTHEST,
    texts,
};

#[rustfmt::skip]
commands! {
    /// What is done with the settings.
    SettingsCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "settings.create/1"    Create   Makes    "set the business up"                 [A, N, N, N, N, N, N, N];
        "settings.set_field/1" SetField Requests "change the settings"                 [A, A, N, N, N, N, N, N];
        "settings.set_limit/1" SetLimit Requests "change what is taken for likely"     [A, A, N, N, N, N, N, N];
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    pub company: String,
    pub zone: Tz,
    pub currency: Currency,
    #[serde(default)]
    pub tax_classes: BTreeMap<String, TaxClass>,
    #[serde(default)]
    pub no_customer: BTreeMap<String, bool>,
}

impl Act for Create {
    type Of = Settings;

    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if texts::looks_empty(&self.company) {
            findings.push(Finding::malformed("company", "The company has no name.", "Give it a name."));
        }
        for (key, class) in &self.tax_classes {
            findings.extend(check_tax_class(key, class));
        }
        findings.extend(self.no_customer.keys().flat_map(|channel| check_key("channel", channel)));
        findings
    }

    fn run(&self, settings: &Settings, _: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.shows(settings) {
            return Ok(());
        }
        if settings.exists() {
            return Err(set_up_already(&settings.fields).into());
        }
        draft.set(&["fields", "company"], &self.company)?;
        draft.set(&["fields", "zone"], &self.zone)?;
        draft.set(&["fields", "currency"], &self.currency)?;
        for (key, class) in &self.tax_classes {
            draft.set(&["tax_classes", key], class)?;
        }
        for (channel, allowed) in &self.no_customer {
            draft.set(&["no_customer", channel], allowed)?;
        }
        Ok(())
    }

    fn words(&self, _: &Settings) -> String {
        "Set up the business".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, settings: &Settings) -> bool {
        let Settings { fields, tax_classes, no_customer, .. } = settings;
        (&fields.company, fields.zone, fields.currency) == (&self.company, self.zone, self.currency)
            && self.tax_classes.iter().all(|(key, class)| tax_classes.get(key) == Some(class))
            && self.no_customer.iter().all(|(channel, allowed)| no_customer.get(channel) == Some(allowed))
    }

    fn there(&self, settings: &Settings) -> bool {
        settings.exists()
    }
}

/// There is one document of settings: whoever sets the business up second must not believe it was theirs.
fn set_up_already(fields: &Fields) -> Finding {
    let Fields { company, zone, currency } = fields;
    Finding::new(
        Rule::WrongStep,
        format!("The business was set up already, as {company} in {zone} with {currency}."),
        "Keep that, and change the single settings that are to be otherwise.",
    )
    .field("company")
}

/// One setting and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Company(String),
    Zone(Tz),
    Currency(Currency),
    TaxClass {
        key: String,
        class: TaxClass,
    },
    MaxQuantity(Quantity),
    MaxPrice(Amount),
    MaxDiscount(Amount),
    /// Orders of this channel need no customer, or do.
    NoCustomer {
        channel: String,
        allowed: bool,
    },
}

impl Field {
    pub(crate) fn changed(&self) -> String {
        match self {
            Self::Company(name) => format!("Changed the company's name: {name}"),
            Self::Zone(zone) => format!("Changed the time zone: {zone}"),
            Self::Currency(currency) => format!("Changed the currency: {currency}"),
            Self::TaxClass { class, .. } => format!("Set the tax {}: {} %", class.name, class.rate),
            Self::MaxQuantity(most) => format!("Set the largest quantity: {}", most.count()),
            Self::MaxPrice(most) => format!("Set the highest price: {most}"),
            Self::MaxDiscount(most) => format!("Set the largest discount: {most} %"),
            Self::NoCustomer { channel, allowed: true } => {
                format!("Orders by {channel} need no customer now")
            }
            Self::NoCustomer { channel, allowed: false } => {
                format!("Orders by {channel} need a customer now")
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetField {
    pub field: Field,
}

impl SetField {
    fn setting<'a>(&'a self, settings: &'a Settings) -> Setting<'a> {
        let Settings { fields, limits, .. } = settings;
        match &self.field {
            Field::Company(name) => Setting::text("company", ["fields", "company"], &fields.company, name),
            Field::Zone(zone) => {
                Setting::one("time zone", ["fields", "zone"], &fields.zone, zone, ToString::to_string)
            }
            Field::Currency(currency) => {
                let place = ["fields", "currency"];
                Setting::one("currency", place, &fields.currency, currency, ToString::to_string)
            }
            Field::TaxClass { key, class } => {
                let was = settings.tax_classes.get(key);
                let words = |class: &TaxClass| format!("{} {} %", class.name, class.rate);
                let write = move |draft: &mut Draft<'_, '_>| draft.set(&["tax_classes", key], class);
                let said = was.map(words).unwrap_or_default();
                Setting::of(format!("tax class {key}"), said, words(class), was == Some(class), write)
            }
            Field::MaxQuantity(max) => {
                let words = |most: &Quantity| most.count().to_string();
                Setting::one("largest quantity", ["limits", "quantity"], &limits.quantity, max, words)
            }
            Field::MaxPrice(max) => {
                Setting::one("highest price", ["limits", "price"], &limits.price, max, ToString::to_string)
            }
            Field::MaxDiscount(max) => {
                let place = ["limits", "discount"];
                Setting::one("largest discount", place, &limits.discount, max, ToString::to_string)
            }
            Field::NoCustomer { channel, allowed } => {
                let was = settings.no_customer.get(channel).copied().unwrap_or(false);
                let name = format!("orders without customer by {channel}");
                let words = |yes: &bool| if *yes { "yes" } else { "no" }.to_owned();
                Setting::one(name, ["no_customer", channel], &was, allowed, words)
            }
        }
    }
}

impl Act for SetField {
    type Of = Settings;

    fn check(&self) -> Vec<Finding> {
        let bad = |field: &str, what: &str, remedy: &str| vec![Finding::malformed(field, what, remedy)];
        match &self.field {
            Field::Company(name) if texts::looks_empty(name) => {
                bad("company", "The company has no name.", "Give it a name.")
            }
            Field::TaxClass { key, class } => check_tax_class(key, class),
            Field::NoCustomer { channel, .. } => check_key("channel", channel),
            Field::MaxQuantity(max) if !max.is_positive() => {
                bad("quantity", "The limit is not above zero.", "Give a larger one.")
            }
            Field::MaxQuantity(max) if *max > Quantity::new(limits::QUANTITY) => bad(
                "quantity",
                "The limit is beyond what can be counted.",
                &format!("Give at most {} of the smallest unit.", limits::QUANTITY),
            ),
            Field::MaxPrice(max) if !is_price(*max) => bad(
                "price",
                "The limit is below zero, beyond any price, or finer than one.",
                &format!("Give 0 to {} with at most {} decimals.", limits::PRICE, limits::DECIMALS),
            ),
            Field::MaxDiscount(max)
                if max.is_negative() || *max > Amount::HUNDRED || max.places() > limits::PERCENT_DECIMALS =>
            {
                let remedy = format!(
                    "Give a percentage with at most {} decimals, such as 30.",
                    limits::PERCENT_DECIMALS
                );
                bad("discount", "The limit is not between 0 and 100, or finer than a discount.", &remedy)
            }
            _ => Vec::new(),
        }
    }

    fn run(&self, settings: &Settings, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        self.setting(settings).write(ctx, draft)
    }

    fn words(&self, _: &Settings) -> String {
        self.field.changed()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, settings: &Settings) -> bool {
        self.setting(settings).stands()
    }
}

/// What is taken for likely, and its new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    LineAmount(Amount),
    FactAmount(Amount),
    /// Days.
    BookedBack(u32),
    BookedAhead(u32),
}

impl Limit {
    pub(crate) fn changed(&self) -> String {
        match self {
            Self::LineAmount(most) => format!("Set the largest likely amount of a line: {most}"),
            Self::FactAmount(most) => format!("Set the largest likely amount at once: {most}"),
            Self::BookedBack(days) => format!("Set how far back one books: {days} days"),
            Self::BookedAhead(days) => format!("Set how far ahead one books: {days} days"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetLimit {
    pub limit: Limit,
}

impl SetLimit {
    fn setting<'a>(&'a self, settings: &'a Settings) -> Setting<'a> {
        let limits = &settings.limits;
        let amount = |name, key, was, now| Setting::one(name, ["limits", key], was, now, Amount::to_string);
        let days = |name, key, was, now| Setting::one(name, ["limits", key], was, now, u32::to_string);
        match &self.limit {
            Limit::LineAmount(most) => amount("most of one line", "line_amount", &limits.line_amount, most),
            Limit::FactAmount(most) => amount("most of one entry", "fact_amount", &limits.fact_amount, most),
            Limit::BookedBack(most) => days("days to book back", "booked_back", &limits.booked_back, most),
            Limit::BookedAhead(most) => {
                days("days to book ahead", "booked_ahead", &limits.booked_ahead, most)
            }
        }
    }
}

impl Act for SetLimit {
    type Of = Settings;

    fn check(&self) -> Vec<Finding> {
        let bad = |field: &str, what: &str, remedy: String| vec![Finding::malformed(field, what, remedy)];
        match self.limit {
            Limit::LineAmount(most) | Limit::FactAmount(most) if !is_limit(most) => bad(
                "amount",
                "The limit is not above zero, or beyond any price.",
                format!("Give an amount up to {}.", limits::PRICE),
            ),
            Limit::BookedBack(days) | Limit::BookedAhead(days) if days > FURTHEST => {
                bad("days", "The limit is further than anybody books.", format!("Give 0 to {FURTHEST} days."))
            }
            _ => Vec::new(),
        }
    }

    fn run(&self, settings: &Settings, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        self.setting(settings).write(ctx, draft)
    }

    fn words(&self, _: &Settings) -> String {
        self.limit.changed()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, settings: &Settings) -> bool {
        self.setting(settings).stands()
    }
}

fn is_limit(amount: Amount) -> bool {
    !amount.is_zero()
        && !amount.is_negative()
        && amount <= Amount::from_minor(limits::PRICE, 0)
        && amount.places() <= limits::DECIMALS
}

fn check_tax_class(key: &str, class: &TaxClass) -> Vec<Finding> {
    let mut findings = check_key("tax class", key);
    let rate = class.rate;
    if rate.is_negative() || rate > Amount::HUNDRED {
        let what = "The tax rate is not between 0 and 100.";
        findings.push(Finding::malformed("rate", what, "Give a percentage, such as 19."));
    } else if rate.places() > limits::DECIMALS {
        let what = "The tax rate is finer than anything is taxed.";
        let remedy = format!("Give a percentage with at most {} decimals.", limits::DECIMALS);
        findings.push(Finding::malformed("rate", what, remedy));
    }
    findings
}
