//! One order, one customer, one product, with what belongs to each.

use std::collections::BTreeMap;
use waybill_shared::customer;
use waybill_shared::product;

use waybill_shared::customer::{Customer, What};
use waybill_shared::history::Entry as Change;
use waybill_shared::id::{
    CustomerId, CustomerTermsId, DeviceId, EntryId, LocationId, OrderId, PersonId, ProductId, ProductTermsId,
};
use waybill_shared::kind::DocAddr;
use waybill_shared::location::Location;
use waybill_shared::order::{Fact, Order};
use waybill_shared::product::Product;
use waybill_shared::session::store::StoreError;
use waybill_shared::time::Timestamp;

use super::{Around, Books};
use crate::desktop::names::Names;
use crate::desktop::panels::customers::CustomerDetail;
use crate::desktop::panels::locations::LocationDetail;
use crate::desktop::panels::notes::NotesPart;
use crate::desktop::panels::order::{OrderDetail, files};
use crate::desktop::panels::products::ProductDetail;
use crate::desktop::sync_state;
use crate::desktop::widgets::timeline::Entry;
use crate::store::{OrderQuery, Reader};

/// Orders shown beside a customer; all of them are found in the list by the customer's name.
const ORDERS_SHOWN: usize = 50;

impl Books {
    pub fn order(&mut self, id: OrderId) -> Result<Option<&OrderDetail>, StoreError> {
        let (reader, around) = (&self.reader, &self.around);
        let key = (self.revision, id, around.names.today());
        let detail = self.order.read(key, &self.spent, |_| {
            let Some(shown) = reader.order(id)? else { return Ok(None) };
            let confirmed: Option<Order> = reader.confirmed(id)?;
            let (names, may) = (&around.names, around.may.clone());
            let detail = OrderDetail::of(id, id.into(), &shown, confirmed.as_ref(), names, may);
            let (limits, standard) = (around.settings.limits.clone(), around.settings.standard_tax());
            let most_in_a_file = around.meta.most_in_a_file();
            let files = files::rows(&shown, names, most_in_a_file, |content| reader.file_here(content))?;
            let place = shown.location().filter(|location| !location.is_nil());
            let notes = notes(reader, around, id.into(), place)?;
            // Who entered what is taken back does so the same day, else somebody who leads.
            let own =
                |fact: &Fact| Some(fact.person) == around.me && names.local(fact.at).date() == names.today();
            let detail = detail.with_ways(|out| {
                sync_state::leads(&around.roles)
                    || out.takes_back.iter().all(|id| shown.facts.get(id).is_some_and(own))
            });
            Ok(Some(OrderDetail { limits, standard, files, notes, most_in_a_file, ..detail }))
        })?;
        Ok(detail.as_ref())
    }

    pub fn customer(&mut self, id: CustomerId) -> Result<Option<&CustomerDetail>, StoreError> {
        let (reader, around) = (&self.reader, &self.around);
        let key = (self.revision, id, around.names.today());
        let detail = self.customer.read(key, &self.spent, |_| customer(reader, around, id))?;
        Ok(detail.as_ref())
    }

    pub fn product(&mut self, id: ProductId) -> Result<Option<&ProductDetail>, StoreError> {
        let (reader, around) = (&self.reader, &self.around);
        let key = (self.revision, id, around.names.today());
        let detail = self.product.read(key, &self.spent, |_| product(reader, around, id))?;
        Ok(detail.as_ref())
    }

    pub fn location_detail(&mut self, id: LocationId) -> Result<Option<&LocationDetail>, StoreError> {
        let (reader, around) = (&self.reader, &self.around);
        let key = (self.revision, id, around.names.today());
        let detail = self.location.read(key, &self.spent, |_| location(reader, around, id))?;
        Ok(detail.as_ref())
    }

    /// Key and words of the business's tax classes.
    pub fn tax_classes(&self) -> Vec<(String, String)> {
        tax_classes(&self.around)
    }
}

fn tax_classes(around: &Around) -> Vec<(String, String)> {
    let classes = around.settings.tax_classes.iter();
    classes.map(|(key, class)| (key.clone(), format!("{} {} %", class.name, class.rate))).collect()
}

fn customer(reader: &Reader, around: &Around, id: CustomerId) -> Result<Option<CustomerDetail>, StoreError> {
    let Some(customer) = reader.customer(id)? else { return Ok(None) };
    let confirmed: Option<Customer> = reader.confirmed(id)?;
    let today = around.names.today();
    let mut query = OrderQuery::all(today);
    query.customer = Some(id);
    let list = reader.orders(&query)?;
    // Terms are a document of their own: whoever may not see it has none here.
    let terms = reader.customer_terms(id)?;
    let sees_terms = terms.is_some() || around.may.run::<customer::SetCreditLimit>();
    let of_terms = terms.as_ref().and_then(|terms| terms.fields.currency);
    Ok(Some(CustomerDetail {
        id,
        addr: id.into(),
        terms_addr: CustomerTermsId::of(id).into(),
        currency: of_terms.unwrap_or(around.settings.fields.currency),
        credit_limit: sees_terms.then(|| terms.and_then(|terms| terms.fields.credit_limit)),
        orders: reader.order_rows(&list, 0..ORDERS_SHOWN)?,
        timeline: customer_timeline(
            &customer,
            confirmed.as_ref().unwrap_or(&Customer::default()),
            &around.names,
        ),
        notes: notes(reader, around, id.into(), None)?,
        pending: confirmed.as_ref() != Some(&customer),
        may: around.may.clone(),
        today,
        customer,
    }))
}

fn notes(
    reader: &Reader,
    around: &Around,
    about: DocAddr,
    place: Option<LocationId>,
) -> Result<Option<NotesPart>, StoreError> {
    let here = reader.notes(about)?;
    Ok(here.map(|here| NotesPart::of(about, place, &here, &around.names, around.may.clone())))
}

type Happened = (Timestamp, PersonId, DeviceId, String, bool);

/// Notes of contacts, and what was changed.
fn customer_timeline(customer: &Customer, confirmed: &Customer, names: &Names) -> Vec<Entry> {
    let mut happened = changes(&customer.history, &confirmed.history);
    for (id, fact) in &customer.facts {
        let words = match &fact.what {
            What::Contact { text } => format!("noted: {text}"),
            What::Unknown => "did something that a newer version of Waybill shows".to_owned(),
        };
        let pending = !confirmed.facts.contains_key(id);
        happened.push((fact.at, fact.person, fact.device, words, pending));
    }
    timeline(happened, names)
}

fn changes(history: &BTreeMap<EntryId, Change>, confirmed: &BTreeMap<EntryId, Change>) -> Vec<Happened> {
    let told = |(id, entry): (&EntryId, &Change)| {
        let words = match (&entry.was, &entry.now) {
            (_, Some(now)) => format!("changed {} to {now}", entry.field),
            (Some(was), None) => format!("took off {}: {was}", entry.field),
            (None, None) => format!("changed {}", entry.field),
        };
        (entry.at, entry.person, entry.device, words, !confirmed.contains_key(id))
    };
    history.iter().map(told).collect()
}

/// Newest first.
fn timeline(mut happened: Vec<Happened>, names: &Names) -> Vec<Entry> {
    happened.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let entry = |(at, person, device, words, pending)| Entry {
        when: names.when(at),
        device: names.device(device).to_owned(),
        words,
        person: names.person(person).to_owned(),
        pending,
        reversed: false,
    };
    happened.into_iter().map(entry).collect()
}

fn location(reader: &Reader, around: &Around, id: LocationId) -> Result<Option<LocationDetail>, StoreError> {
    let Some(location) = reader.location(id)? else { return Ok(None) };
    let confirmed: Location = reader.confirmed(id)?.unwrap_or_default();
    Ok(Some(LocationDetail {
        addr: id.into(),
        timeline: timeline(changes(&location.history, &confirmed.history), &around.names),
        pending: confirmed != location,
        may: around.may.clone(),
        location,
    }))
}

fn product(reader: &Reader, around: &Around, id: ProductId) -> Result<Option<ProductDetail>, StoreError> {
    let Some(product) = reader.product(id)? else { return Ok(None) };
    let confirmed: Option<Product> = reader.confirmed(id)?;
    let terms = reader.product_terms(id)?;
    let sees_terms = terms.is_some() || around.may.run::<product::SetCost>();
    Ok(Some(ProductDetail {
        id,
        addr: id.into(),
        terms_addr: ProductTermsId::of(id).into(),
        cost: sees_terms.then(|| terms.and_then(|terms| terms.fields.cost)),
        currency: around.settings.fields.currency,
        tax_classes: tax_classes(around),
        timeline: timeline(
            changes(&product.history, &confirmed.as_ref().unwrap_or(&Product::default()).history),
            &around.names,
        ),
        pending: confirmed.as_ref() != Some(&product),
        may: around.may.clone(),
        today: around.names.today(),
        product,
    }))
}
