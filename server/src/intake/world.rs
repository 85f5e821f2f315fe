//! What judging may look at beside the documents of an edit: settings and credit.

use std::collections::{BTreeMap, HashMap};

use waybill_shared::{
    customer::TermsFields,
    id::{CustomerId, CustomerTermsId, OrderId},
    kind::DocAddr,
    money::Amount,
    rules::{Credit, Owed, Surroundings},
    settings::Settings,
    view::View,
};

use super::cache::Slot;

/// What is open on each placed order of a customer.
pub type Exposure = BTreeMap<OrderId, Owed>;

pub fn terms(customer: CustomerId) -> DocAddr {
    CustomerTermsId::of(customer).into()
}

pub fn limit(slot: Option<&Slot>) -> Option<Amount> {
    fields(slot)?.credit_limit
}

fn fields(slot: Option<&Slot>) -> Option<&TermsFields> {
    match &*slot?.view {
        View::CustomerTerms(terms) => Some(&terms.fields),
        _ => None,
    }
}

/// For one edit.
pub struct World<'a> {
    pub settings: Option<&'a Settings>,
    pub slots: &'a HashMap<DocAddr, Slot>,
    pub exposures: &'a HashMap<CustomerId, Exposure>,
}

impl Surroundings for World<'_> {
    fn settings(&self) -> Option<&Settings> {
        self.settings
    }

    fn credit(&self, customer: CustomerId, besides: OrderId) -> Option<Credit> {
        let none = TermsFields::default();
        let terms = fields(self.slots.get(&terms(customer))).unwrap_or(&none);
        let business =
            self.settings.map_or_else(|| Settings::default().fields.currency, |s| s.fields.currency);
        let owed = self.exposures.get(&customer).into_iter().flatten().map(|(order, owed)| (*order, *owed));
        Some(Credit::new(terms, business, owed, besides))
    }
}
