//! The form that makes a product, and the small ones that change one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use egui::Ui;
use waybill_shared::id::PriceId;
use waybill_shared::kind::DocAddr;
use waybill_shared::money::Currency;
use waybill_shared::product::{Create, Field as Set, SetCost, SetField, SetPrice};
use waybill_shared::quantity::Unit;

use super::{ProductDetail, ProductsState};
use crate::desktop::focus;
use crate::desktop::intent::{Intent, Making, Wish};
use crate::desktop::theme;
use crate::desktop::widgets::field::{Field, field};
use crate::desktop::widgets::{button, date, money, quantity, sheet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Name,
    Number,
    Category,
    Description,
    TaxClass,
    ReorderPoint,
    Barcode,
    Cost,
    Price,
}

impl Asked {
    fn words(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Number => "Number",
            Self::Category => "Category",
            Self::Description => "Description",
            Self::TaxClass => "Tax",
            Self::ReorderPoint => "Order again at",
            Self::Barcode => "Add a barcode",
            Self::Cost => "Cost",
            Self::Price => "Set a price",
        }
    }
}

const NO_AMOUNT: &str = "Give an amount, such as 12.50.";

#[derive(Clone, Debug)]
pub struct ProductForm {
    /// `None` makes a product.
    target: Option<(Asked, DocAddr)>,
    words: String,
    number: String,
    category: String,
    barcode: String,
    price: String,
    from: String,
    tax_included: bool,
    tax_class: String,
    unit: Unit,
    currency: Currency,
}

impl ProductForm {
    pub fn new(currency: Option<Currency>, classes: &[(String, String)]) -> Self {
        Self {
            target: None,
            words: String::new(),
            number: String::new(),
            category: String::new(),
            barcode: String::new(),
            price: String::new(),
            from: "today".into(),
            tax_included: true,
            tax_class: classes.first().map(|(key, _)| key.clone()).unwrap_or_default(),
            unit: Unit::Piece,
            currency: currency.unwrap_or(Currency::EUR),
        }
    }

    pub fn change(data: &ProductDetail, asked: Asked) -> Self {
        let fields = &data.product.fields;
        let price = data.product.price_on(data.today);
        let addr = if asked == Asked::Cost { data.terms_addr } else { data.addr };
        let words = match asked {
            Asked::Name => fields.name.clone(),
            Asked::Number => fields.number.clone(),
            Asked::Category => fields.category.clone(),
            Asked::Description => fields.description.clone(),
            Asked::ReorderPoint => fields.unit.show(fields.reorder_point),
            Asked::Cost => data.cost.flatten().map(|cost| cost.as_price(data.currency)).unwrap_or_default(),
            Asked::TaxClass | Asked::Barcode | Asked::Price => String::new(),
        };
        Self {
            target: Some((asked, addr)),
            words,
            price: price.map(|price| price.price.as_price(price.currency)).unwrap_or_default(),
            tax_included: price.is_none_or(|price| price.tax_included),
            tax_class: fields.tax_class.clone(),
            unit: fields.unit,
            ..Self::new(Some(data.currency), &data.tax_classes)
        }
    }

    fn title(&self) -> &'static str {
        self.target.map_or("New product", |(asked, _)| asked.words())
    }

    /// `Some(None)` when it was left.
    fn show(
        &mut self,
        ui: &mut Ui,
        classes: &[(String, String)],
        today: NaiveDate,
    ) -> Option<Option<Intent>> {
        let asked = self.target.map(|(asked, _)| asked);
        match asked {
            None => {
                self.first(ui, "Name", 1);
                ui.horizontal_top(|ui| {
                    Field { name: "Number", width: 120.0, ..Default::default() }.show(ui, &mut self.number);
                    field(ui, "Barcode", &mut self.barcode);
                });
                field(ui, "Category", &mut self.category);
                ui.label(theme::caption(ui, "Counted in"));
                ui.horizontal_wrapped(|ui| {
                    for unit in Unit::ALL {
                        if button::choice(ui, self.unit == unit, &unit.symbol(), "").clicked() {
                            self.unit = unit;
                        }
                    }
                });
                ui.label(theme::caption(ui, "Tax"));
                self.tax(ui, classes);
                self.price_fields(ui);
            }
            Some(Asked::Price) => {
                self.price_fields(ui);
                let error =
                    date::parse(&self.from, today).is_none().then_some("Write a day, such as today or 1.12.");
                Field { name: "From", error, width: 160.0, ..Default::default() }.show(ui, &mut self.from);
            }
            Some(Asked::TaxClass) => self.tax(ui, classes),
            Some(Asked::Description) => self.first(ui, "Description", 4),
            Some(asked) => self.first(ui, asked.words(), 1),
        }
        let intent = self.intent(today);
        let words = if asked.is_none() { "Make product" } else { "Save" };
        match sheet::buttons(ui, words, intent.is_some()) {
            Some(false) => Some(None),
            Some(true) => Some(intent),
            None => None,
        }
    }

    fn first(&mut self, ui: &mut Ui, name: &str, rows: usize) {
        let error = self.wrong();
        Field { name, rows, error, ..Default::default() }.show(ui, &mut self.words);
    }

    /// Why the one value cannot be saved as it is typed.
    fn wrong(&self) -> Option<&'static str> {
        let typed = self.words.trim();
        match self.target? {
            (Asked::ReorderPoint, _) => quantity::parse(typed, self.unit)
                .is_none()
                .then_some("Give a number, such as 10; 0 for never."),
            (Asked::Cost, _) if !typed.is_empty() => {
                let cost = money::parse(typed).filter(|cost| !cost.is_negative());
                cost.is_none().then_some(NO_AMOUNT)
            }
            _ => None,
        }
    }

    fn price_fields(&mut self, ui: &mut Ui) {
        let name = format!("Price in {}", self.currency);
        let wrong = !self.price.trim().is_empty() && self.price(NaiveDate::default()).is_none();
        let error = wrong.then_some(NO_AMOUNT);
        Field { name: &name, width: 160.0, error, ..Default::default() }.show(ui, &mut self.price);
        ui.checkbox(&mut self.tax_included, "Tax is included");
    }

    fn tax(&mut self, ui: &mut Ui, classes: &[(String, String)]) {
        ui.horizontal_wrapped(|ui| {
            for (key, name) in classes {
                let choice = button::choice(ui, self.tax_class == *key, name, "");
                if self.tax_class == *key {
                    focus::claim(&choice);
                }
                if choice.clicked() {
                    self.tax_class = key.clone();
                }
            }
        });
    }

    /// What the form asks for; `None` while something is missing.
    fn intent(&self, today: NaiveDate) -> Option<Intent> {
        let words = self.words.trim().to_owned();
        let Some((asked, addr)) = self.target else { return self.making(words) };
        let set = |field| Wish::new(addr, SetField { field }, "Changed the product");
        let some = |words: String| (!words.is_empty()).then_some(words);
        let wish = match asked {
            Asked::Name => set(Set::Name(some(words)?)),
            Asked::Number => set(Set::Number(some(words)?)),
            Asked::Category => set(Set::Category(words)),
            Asked::Description => set(Set::Description(words)),
            Asked::TaxClass => set(Set::TaxClass(self.tax_class.clone())),
            Asked::ReorderPoint => set(Set::ReorderPoint(quantity::parse(&words, self.unit)?)),
            Asked::Barcode => set(Set::AddBarcode(some(words)?)),
            Asked::Cost => {
                let cost = money::parse(&words).filter(|cost| !cost.is_negative())?;
                Wish::new(addr, SetCost { cost, currency: self.currency }, "Changed the cost")
            }
            Asked::Price => {
                let from = date::parse(&self.from, today)?;
                let price = self.price(from)?;
                let said =
                    format!("{} from {}", money::words(price.price, price.currency), date::day(from, today));
                Wish::new(addr, price, said)
            }
        };
        Some(wish.into())
    }

    fn making(&self, name: String) -> Option<Intent> {
        if name.is_empty() {
            return None;
        }
        let barcode = self.barcode.trim();
        let barcodes =
            if barcode.is_empty() { BTreeMap::new() } else { BTreeMap::from([(barcode.to_owned(), true)]) };
        let create = Create {
            number: self.number.trim().to_owned(),
            name,
            description: String::new(),
            category: self.category.trim().to_owned(),
            unit: self.unit,
            tax_class: self.tax_class.clone(),
            barcodes,
        };
        // The day of a first price is filled in when the product is made.
        let price = if self.price.trim().is_empty() { None } else { Some(self.price(NaiveDate::default())?) };
        Some(Intent::Make(Box::new(Making::Product { create, price })))
    }

    fn price(&self, from: NaiveDate) -> Option<SetPrice> {
        let price = money::parse(&self.price).filter(|price| !price.is_negative())?;
        Some(SetPrice {
            id: PriceId::NIL,
            price,
            currency: self.currency,
            tax_included: self.tax_included,
            from,
        })
    }
}

pub fn form_ui(
    ui: &mut Ui,
    state: &mut ProductsState,
    classes: &[(String, String)],
    today: NaiveDate,
) -> Option<Intent> {
    let form = state.form.as_mut()?;
    let title = form.title();
    let (answer, closed) = sheet::sheet(ui, title, |ui| form.show(ui, classes, today));
    match answer {
        Some(intent) => {
            state.form = None;
            intent
        }
        None => {
            if closed {
                state.form = None;
            }
            None
        }
    }
}
