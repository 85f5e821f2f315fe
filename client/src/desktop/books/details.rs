//! One order, one customer, one product, with what belongs to each.

use waybill_shared::customer::{Customer, What};
use waybill_shared::id::{CustomerId, CustomerTermsId, OrderId, ProductId, ProductTermsId};
use waybill_shared::order::Order;
use waybill_shared::product::Product;
use waybill_shared::session::store::StoreError;

use super::{Around, Books};
use crate::desktop::names::Names;
use crate::desktop::panels::customers::CustomerDetail;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::panels::products::ProductDetail;
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
            Ok(Some(OrderDetail::of(
                id,
                id.into(),
                &shown,
                confirmed.as_ref(),
                &around.names,
                around.may.clone(),
            )))
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
    let sees_terms = terms.is_some() || around.may.run("customer_terms.set_credit");
    Ok(Some(CustomerDetail {
        id,
        addr: id.into(),
        terms_addr: CustomerTermsId::of(id).into(),
        credit_limit: sees_terms.then(|| terms.and_then(|terms| terms.fields.credit_limit)),
        currency: around.settings.fields.currency,
        orders: reader.order_rows(&list, 0..ORDERS_SHOWN)?,
        timeline: customer_timeline(&customer, confirmed.as_ref(), &around.names),
        pending: confirmed.as_ref() != Some(&customer),
        may: around.may.clone(),
        today,
        customer,
    }))
}

/// Newest first: notes of contacts, and what was changed.
fn customer_timeline(customer: &Customer, confirmed: Option<&Customer>, names: &Names) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (id, fact) in &customer.facts {
        let words = match &fact.what {
            What::Contact { text } => format!("noted: {text}"),
            What::Unknown => "did something that a newer version of Waybill shows".to_owned(),
        };
        let pending = !confirmed.is_some_and(|known| known.facts.contains_key(id));
        entries.push((fact.at, fact.person, fact.device, words, pending));
    }
    for (id, entry) in &customer.history {
        let words = match (&entry.was, &entry.now) {
            (_, Some(now)) => format!("changed {} to {now}", entry.field),
            (Some(was), None) => format!("took off {}: {was}", entry.field),
            (None, None) => format!("changed {}", entry.field),
        };
        let pending = !confirmed.is_some_and(|known| known.history.contains_key(id));
        entries.push((entry.at, entry.person, entry.device, words, pending));
    }
    entries.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let entry = |(at, person, device, words, pending)| Entry {
        when: names.when(at),
        device: names.device(device).to_owned(),
        words,
        person: names.person(person).to_owned(),
        pending,
        reversed: false,
    };
    entries.into_iter().map(entry).collect()
}

fn product(reader: &Reader, around: &Around, id: ProductId) -> Result<Option<ProductDetail>, StoreError> {
    let Some(product) = reader.product(id)? else { return Ok(None) };
    let confirmed: Option<Product> = reader.confirmed(id)?;
    let terms = reader.product_terms(id)?;
    let sees_terms = terms.is_some() || around.may.run("product_terms.set_cost");
    Ok(Some(ProductDetail {
        id,
        addr: id.into(),
        terms_addr: ProductTermsId::of(id).into(),
        cost: sees_terms.then(|| terms.and_then(|terms| terms.fields.cost)),
        currency: around.settings.fields.currency,
        tax_classes: tax_classes(around),
        pending: confirmed.as_ref() != Some(&product),
        may: around.may.clone(),
        today: around.names.today(),
        product,
    }))
}
