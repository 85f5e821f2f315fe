//! The forms of the business, one for each value. What is wrong is said below its field,
//! by the rules that judge the entry.

use chrono_tz::{TZ_VARIANTS, Tz};
use egui::Ui;
use waybill_shared::command::Command;
use waybill_shared::finding::Finding;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::quantity::Unit;
use waybill_shared::settings::{Field as Set, Limit, TaxClass};

use super::SettingsState;
use super::business::{Business, Value, most};
use crate::desktop::intent::Intent;
use crate::desktop::theme;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, money, quantity, sheet};

/// How many time zones are offered for what is typed.
const ZONES: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Company,
    Zone,
    Currency,
    TaxClass(String),
    NewTaxClass,
    MaxQuantity,
    MaxPrice,
    MaxDiscount,
    MaxLine,
    MaxFact,
    DaysBack,
    DaysAhead,
    Channel,
}

#[derive(Clone, Debug)]
pub struct BusinessForm {
    asked: Asked,
    company: String,
    zone: String,
    currency: String,
    tax_name: String,
    tax_rate: String,
    /// A limit, or a channel.
    words: String,
    /// The keys that are taken.
    taken: Vec<String>,
    /// Save was pressed once: what is missing is said from now on.
    pressed: bool,
}

impl BusinessForm {
    pub fn new(data: &Business, asked: Asked) -> Self {
        let settings = &data.settings;
        let (fields, limits) = (&settings.fields, &settings.limits);
        let class = match &asked {
            Asked::TaxClass(key) => settings.tax_classes.get(key).cloned(),
            _ => None,
        };
        Self {
            company: fields.company.clone(),
            zone: fields.zone.name().to_owned(),
            currency: fields.currency.code().to_owned(),
            tax_rate: match (&asked, &class) {
                (Asked::TaxClass(_), Some(class)) => class.rate.to_string(),
                _ => String::new(),
            },
            tax_name: class.map(|class| class.name).unwrap_or_default(),
            words: match asked {
                Asked::MaxQuantity => Unit::Piece.show(limits.quantity),
                Asked::MaxPrice => limits.price.as_price(fields.currency),
                Asked::MaxDiscount => limits.discount.to_string(),
                Asked::MaxLine => limits.line_amount.as_price(fields.currency),
                Asked::MaxFact => limits.fact_amount.as_price(fields.currency),
                Asked::DaysBack => limits.booked_back.to_string(),
                Asked::DaysAhead => limits.booked_ahead.to_string(),
                _ => String::new(),
            },
            taken: match asked {
                Asked::Channel => data.channels().into_iter().map(|(name, _)| name).collect(),
                _ => settings.tax_classes.keys().cloned().collect(),
            },
            asked,
            pressed: false,
        }
    }

    fn title(&self) -> &'static str {
        match self.asked {
            Asked::Company => "Name of the business",
            Asked::Zone => "Time zone",
            Asked::Currency => "Currency",
            Asked::TaxClass(_) => "Tax class",
            Asked::NewTaxClass => "Add a tax class",
            Asked::MaxQuantity => "Largest quantity of a line",
            Asked::MaxPrice => "Highest price of a line",
            Asked::MaxDiscount => "Largest discount of a line",
            Asked::MaxLine => "Worth of a line that a manager looks at",
            Asked::MaxFact => "Worth of an entry that a manager looks at",
            Asked::DaysBack => "Days that one may book back",
            Asked::DaysAhead => "Days that one may book ahead",
            Asked::Channel => "Add a channel",
        }
    }

    /// The entry as it would be made, or what speaks against it, each by the field it is about.
    pub fn set(&self) -> Result<Value, Vec<Finding>> {
        let mut findings = Vec::new();
        let set = match self.limit() {
            Some(limit) => limit.map(Value::Limit).map_err(|wrong| findings.push(*wrong)).ok(),
            None => self.made(&mut findings).map(Value::Field),
        };
        if let Some(set) = &set {
            findings.extend(Command::from(set.clone()).check());
        }
        set.filter(|_| findings.is_empty()).ok_or(findings)
    }

    /// `None` where something else is asked.
    fn limit(&self) -> Option<Result<Limit, Wrong>> {
        let amount = || {
            let read = money::parse(&self.words);
            read.ok_or_else(|| no("amount", "an amount", "Give one, such as 50000."))
        };
        let days = || {
            let read = self.words.trim().parse();
            read.map_err(|_| no("days", "a number of days", "Give one, such as 92."))
        };
        match self.asked {
            Asked::MaxLine => Some(amount().map(Limit::LineAmount)),
            Asked::MaxFact => Some(amount().map(Limit::FactAmount)),
            Asked::DaysBack => Some(days().map(Limit::BookedBack)),
            Asked::DaysAhead => Some(days().map(Limit::BookedAhead)),
            _ => None,
        }
    }

    fn made(&self, findings: &mut Vec<Finding>) -> Option<Set> {
        let mut keep = |read: Result<_, Wrong>| read.map_err(|wrong| findings.push(*wrong)).ok();
        match &self.asked {
            Asked::Company => Some(Set::Company(self.company.trim().to_owned())),
            Asked::Zone => keep(self.zone().map(Set::Zone)),
            Asked::Currency => keep(self.currency().map(Set::Currency)),
            Asked::TaxClass(_) | Asked::NewTaxClass => keep(self.tax()),
            Asked::MaxQuantity => keep(
                quantity::parse(&self.words, Unit::Piece)
                    .map(Set::MaxQuantity)
                    .ok_or_else(|| no("quantity", "a whole number", "Give one, such as 500.")),
            ),
            Asked::MaxPrice => keep(
                money::parse(&self.words)
                    .map(Set::MaxPrice)
                    .ok_or_else(|| no("price", "an amount", "Give one, such as 10000.")),
            ),
            Asked::MaxDiscount => keep(
                percent(&self.words)
                    .map(Set::MaxDiscount)
                    .ok_or_else(|| no("discount", "a percentage", "Give one, such as 30.")),
            ),
            Asked::Channel => {
                let channel = key(&self.words);
                let free = !self.taken.contains(&channel);
                let double = wrong("channel", "There is a channel of that name.", "Give another name.");
                keep(free.then_some(Set::NoCustomer { channel, allowed: true }).ok_or(double))
            }
            Asked::MaxLine | Asked::MaxFact | Asked::DaysBack | Asked::DaysAhead => None,
        }
    }

    fn zone(&self) -> Result<Tz, Wrong> {
        zone(&self.zone)
            .ok_or_else(|| no("zone", "a time zone", "Type a large town and choose from the list."))
    }

    fn currency(&self) -> Result<Currency, Wrong> {
        self.currency
            .parse()
            .map_err(|_| no("currency", "a currency", "Give its three letters, such as EUR, CHF or PLN."))
    }

    fn tax(&self) -> Result<Set, Wrong> {
        let name = self.tax_name.trim();
        if name.is_empty() {
            return Err(wrong("tax class", "The tax class has no name.", "Give one, such as Reduced."));
        }
        let key = match &self.asked {
            Asked::TaxClass(key) => key.clone(),
            _ => key(name),
        };
        if self.asked == Asked::NewTaxClass && self.taken.contains(&key) {
            let what = "There is a tax class of that name.";
            return Err(wrong("tax class", what, "Give another name, or change that one."));
        }
        let rate =
            percent(&self.tax_rate).ok_or_else(|| no("rate", "a rate", "Give a percentage, such as 19."))?;
        Ok(Set::TaxClass { key, class: TaxClass { name: name.to_owned(), rate } })
    }

    /// `Some(None)` when it was left.
    fn show(&mut self, ui: &mut Ui, data: &Business) -> Option<Option<Intent>> {
        let made = self.set();
        let said = |field: &str, typed: &str| {
            let against =
                made.as_ref().err()?.iter().find(|finding| finding.field.as_deref() == Some(field))?;
            let now = self.pressed || !typed.trim().is_empty();
            now.then(|| format!("{} {}", against.what, against.remedy))
        };
        let errors = [
            said("company", &self.company),
            said("zone", &self.zone).filter(|_| self.pressed || zones(&self.zone).is_empty()),
            said("currency", &self.currency),
            said("tax class", &self.tax_name),
            said("rate", &self.tax_rate),
            ["quantity", "price", "discount", "amount", "days", "channel"]
                .iter()
                .find_map(|field| said(field, &self.words)),
        ];
        self.fields(ui, &errors);
        if !sheet::buttons(ui, "Save", true)? {
            return Some(None);
        }
        self.pressed = true;
        self.set().ok().map(|set| data.set(set, "Changed the setting").into()).map(Some)
    }

    fn fields(&mut self, ui: &mut Ui, errors: &[Option<String>; 6]) {
        let [company, zone, currency, tax_name, tax_rate, words] = errors;
        let asked = &self.asked;
        let field = |ui: &mut Ui, name: &str, hint: &str, error: &Option<String>, text: &mut String| {
            let width = if name.len() > 12 { 0.0 } else { 200.0 };
            Field { name, hint, error: error.as_deref(), width, ..Default::default() }.show(ui, text);
        };
        if *asked == Asked::Company {
            field(ui, "Name of the business", "", company, &mut self.company);
        }
        if *asked == Asked::Zone {
            field(ui, "Time zone, by a large town", "e.g. Berlin", zone, &mut self.zone);
            offer(ui, &mut self.zone);
        }
        if *asked == Asked::Currency {
            field(ui, "Currency", "EUR", currency, &mut self.currency);
        }
        if matches!(asked, Asked::TaxClass(_) | Asked::NewTaxClass) {
            field(ui, "Tax class", "e.g. Reduced", tax_name, &mut self.tax_name);
            field(ui, "Rate in %", "e.g. 19", tax_rate, &mut self.tax_rate);
        }
        match asked {
            Asked::MaxQuantity => field(ui, "Pieces", "", words, &mut self.words),
            Asked::MaxPrice => field(ui, "Price", "", words, &mut self.words),
            Asked::MaxDiscount => field(ui, "Percent", "", words, &mut self.words),
            Asked::MaxLine | Asked::MaxFact => field(ui, "Amount", "", words, &mut self.words),
            Asked::DaysBack | Asked::DaysAhead => field(ui, "Days", "", words, &mut self.words),
            Asked::Channel => field(ui, "Channel", "e.g. web, market", words, &mut self.words),
            _ => {}
        }
        self.below(ui);
    }

    /// What the change leads to.
    fn below(&self, ui: &mut Ui) {
        let words = match self.asked {
            Asked::Currency => "Orders and prices that are there already keep theirs.".to_owned(),
            Asked::Zone => "What happened before keeps its day.".to_owned(),
            Asked::MaxQuantity => match quantity::parse(&self.words, Unit::Piece) {
                Some(quantity) => format!("That is {}.", most(quantity)),
                None => return,
            },
            _ => return,
        };
        ui.label(theme::caption(ui, words));
    }
}

pub fn zone(typed: &str) -> Option<Tz> {
    let typed = typed.trim().replace(' ', "_");
    TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&typed)).copied()
}

/// Those whose name holds what is typed.
pub fn zones(typed: &str) -> Vec<Tz> {
    let typed = typed.trim().to_lowercase().replace(' ', "_");
    if typed.is_empty() {
        return Vec::new();
    }
    let fits = |zone: &&Tz| zone.name().contains('/') && zone.name().to_lowercase().contains(&typed);
    TZ_VARIANTS.iter().filter(fits).take(ZONES).copied().collect()
}

/// Time zones to choose from, until one is chosen.
fn offer(ui: &mut Ui, typed: &mut String) {
    if zone(typed).is_some() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for zone in zones(typed) {
            let name = zone.name().replace('_', " ");
            if button::choice(ui, false, &name, "").clicked() {
                *typed = name;
            }
        }
    });
}

/// What speaks against a value that does not even read.
type Wrong = Box<Finding>;

fn no(field: &str, what: &str, remedy: &str) -> Wrong {
    wrong(field, format!("That is not {what}."), remedy)
}

fn wrong(field: &str, what: impl Into<String>, remedy: &str) -> Wrong {
    Box::new(Finding::malformed(field, what, remedy))
}

fn percent(typed: &str) -> Option<Amount> {
    money::parse(typed.trim().trim_end_matches('%'))
}

/// The key of a tax class or channel is made of its name once, and stays when the name changes.
fn key(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

pub fn form_ui(ui: &mut Ui, data: &Business, state: &mut SettingsState) -> Option<Intent> {
    let form = state.form.as_mut()?;
    let title = form.title();
    let (answer, closed) = sheet::sheet(ui, title, |ui| form.show(ui, data));
    if answer.is_some() || closed {
        state.form = None;
    }
    answer.flatten()
}
