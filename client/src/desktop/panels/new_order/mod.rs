//! A new order or quotation by keyboard alone: customer, product, quantity, Enter; Ctrl+Enter places or
//! offers it.

mod view;

use std::borrow::Cow;

use waybill_shared::id::LocationId;
use waybill_shared::money::Currency;
use waybill_shared::order::{Address, Contact, Line, Wanted};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings::Limits;

pub use view::new_order_ui;

use crate::booked_at::BookedAt;
use crate::desktop::drafts::{OrderDraft, Then};
use crate::desktop::limits::Above;
use crate::desktop::not_sold::NotSold;
use crate::desktop::pick::{CustomerHit, Picker, ProductHit};
use crate::desktop::widgets::{date, quantity};
use crate::store::LocationRow;
use chrono::NaiveDate;

/// What the panel draws: what was found for what is typed in its two searches.
#[derive(Clone, Debug)]
pub struct NewOrderData {
    pub customers: Vec<CustomerHit>,
    pub products: Vec<ProductHit>,
    /// The chosen customer's own contact and address.
    pub contact: Contact,
    pub delivery: Address,
    pub today: NaiveDate,
    pub currency: Currency,
    pub at: BookedAt,
    pub channel: String,
    /// This channel's orders need no customer.
    pub no_customer: bool,
    /// What a line may hold at most.
    pub limits: Limits,
}

/// Every order and every sale names its shop, warehouse or van.
pub const NO_LOCATION: &str =
    "The business has no location yet. An admin or a manager makes one under Locations.";

#[derive(Clone, Debug)]
pub struct NewOrderState {
    pub customer: Picker,
    pub chosen_customer: Option<CustomerHit>,
    pub product: Picker,
    pub chosen_product: Option<ProductHit>,
    /// The last product that could not be taken.
    pub not_sold: Option<NotSold>,
    pub quantity: String,
    pub focus_quantity: bool,
    pub wanted: String,
    pub lines: Vec<Line>,
    /// It is an offer: placed later, when the customer agrees.
    pub quotation: bool,
    /// Where this one is booked, in place of the usual one.
    pub at: Option<LocationId>,
}

impl Default for NewOrderState {
    fn default() -> Self {
        Self {
            customer: Picker { focus: true, ..Picker::default() },
            chosen_customer: None,
            product: Picker::default(),
            chosen_product: None,
            not_sold: None,
            quantity: String::new(),
            focus_quantity: false,
            wanted: String::new(),
            lines: Vec::new(),
            quotation: false,
            at: None,
        }
    }
}

impl NewOrderState {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.chosen_customer.is_none()
    }

    /// Where it is booked.
    pub fn here<'a>(&self, data: &'a NewOrderData) -> Option<&'a LocationRow> {
        self.at.and_then(|id| data.at.find(id)).or(data.at.usual.as_ref())
    }

    /// Takes a product: the keyboard goes on to its quantity. One that cannot be sold as it stands is not taken.
    fn take_product(&mut self, hit: ProductHit) {
        if let Err(finding) = hit.line(Quantity::ZERO, 0) {
            self.not_sold = Some(NotSold::new(hit.id, &finding));
            return self.product.clear();
        }
        self.quantity = "1".into();
        self.focus_quantity = true;
        self.chosen_product = Some(hit);
    }

    /// Adds the chosen product; the same product at the same price adds to its line.
    fn add(&mut self) {
        let Some(hit) = self.chosen_product.clone() else { return };
        let Some(quantity) = self.typed_quantity(hit.unit) else { return };
        let same = |line: &&mut Line| line.product == Some(hit.id) && Some(line.price) == hit.price;
        match self.lines.iter_mut().find(same) {
            Some(line) => line.quantity += quantity,
            None => self.lines.extend(hit.line(quantity, self.lines.len() as i64)),
        }
        self.chosen_product = None;
        self.product.clear();
    }

    fn typed_quantity(&self, unit: Unit) -> Option<Quantity> {
        quantity::parse(&self.quantity, unit).filter(|quantity| quantity.is_positive())
    }

    fn wanted(&self, today: NaiveDate) -> Result<Wanted, &'static str> {
        if self.wanted.trim().is_empty() {
            return Ok(Wanted::default());
        }
        match date::parse(&self.wanted, today) {
            Some(day) => Ok(Wanted { date: Some(day), ..Wanted::default() }),
            None => Err("Write a day, such as tomorrow, fri or 24.11."),
        }
    }

    /// What speaks against the quantity that is being typed; the price comes with the product.
    fn above(&self, data: &NewOrderData) -> Above {
        let Some(hit) = &self.chosen_product else { return Above::default() };
        let quantity = self.typed_quantity(hit.unit).unwrap_or_default();
        hit.line(quantity, 0).map(|line| Above::of(&line, None, &data.limits)).unwrap_or_default()
    }

    /// What its one big button does.
    fn next(&self) -> Then {
        if self.quotation { Then::Quote } else { Then::Place }
    }

    /// Why that cannot be done yet, in one sentence. An offer may be above the limits until it is placed.
    fn missing(&self, data: &NewOrderData) -> Option<Cow<'static, str>> {
        if data.at.places.is_empty() {
            return Some(NO_LOCATION.into());
        }
        if self.here(data).is_none() {
            return Some("Choose first where this order is booked.".into());
        }
        if self.chosen_customer.is_none() && !data.no_customer {
            return Some("Choose a customer first.".into());
        }
        if self.lines.is_empty() {
            return Some("Add a product first.".into());
        }
        if let Err(words) = self.wanted(data.today) {
            return Some(words.into());
        }
        let above = |line| Above::of(line, None, &data.limits).first().map(|said| said.to_owned().into());
        if self.quotation { None } else { self.lines.iter().find_map(above) }
    }

    fn draft(&self, data: &NewOrderData, then: Then) -> OrderDraft {
        OrderDraft {
            customer: self.chosen_customer.as_ref().map(|hit| (hit.id, hit.name.clone())),
            contact: data.contact.clone(),
            delivery: data.delivery.clone(),
            wanted: self.wanted(data.today).unwrap_or_default(),
            lines: self.lines.clone(),
            then,
            channel: data.channel.clone(),
            location: self.here(data).map(|row| row.id).unwrap_or_default(),
            currency: data.currency,
        }
    }
}
