//! What judging may look at beside the documents of an edit: settings and credit.

use std::collections::{BTreeMap, HashMap};

use waybill_shared::{
    id::{CustomerId, CustomerTermsId, OrderId},
    kind::DocAddr,
    money::Amount,
    rules::{Credit, Surroundings},
    settings::Settings,
    view::View,
};

use super::cache::Slot;

/// What is open on each placed order of a customer.
pub type Exposure = BTreeMap<OrderId, Amount>;

pub fn terms(customer: CustomerId) -> DocAddr {
    CustomerTermsId::of(customer).into()
}

pub fn limit(slot: Option<&Slot>) -> Option<Amount> {
    match &*slot?.view {
        View::CustomerTerms(terms) => terms.fields.credit_limit,
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
        let limit = limit(self.slots.get(&terms(customer)));
        let others = self.exposures.get(&customer).into_iter().flatten();
        let exposure = others.filter(|(order, _)| **order != besides).map(|(_, open)| *open).sum();
        Some(Credit { limit, exposure })
    }
}
