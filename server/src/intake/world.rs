//! What judging may look at beside the documents of an edit: settings and credit.

use std::collections::{BTreeMap, HashMap};

use waybill_shared::{
    customer::TermsFields,
    id::{CustomerId, CustomerTermsId, OrderId},
    kind::DocAddr,
    money::Amount,
    order::Order,
    rules::{Credit, Owed, Surroundings},
    settings::Settings,
    view::View,
};

use super::{cache::Slot, judge::Staged};

/// What is open on each placed order of a customer.
pub type Exposure = BTreeMap<OrderId, Owed>;

pub fn terms(customer: CustomerId) -> DocAddr {
    CustomerTermsId::of(customer).into()
}

pub fn limit(slot: Option<&Slot>) -> Option<Amount> {
    fields(&slot?.view)?.credit_limit
}

fn fields(view: &View) -> Option<&TermsFields> {
    match view {
        View::CustomerTerms(terms) => Some(&terms.fields),
        _ => None,
    }
}

/// For one part of an edit.
pub struct World<'a> {
    pub settings: Option<&'a Settings>,
    pub slots: &'a HashMap<DocAddr, Slot>,
    pub exposures: &'a HashMap<CustomerId, Exposure>,
    /// What the parts before it made of their documents.
    pub staged: &'a [Staged],
}

impl Surroundings for World<'_> {
    fn settings(&self) -> Option<&Settings> {
        self.settings
    }

    fn credit(&self, customer: CustomerId, besides: OrderId) -> Option<Credit> {
        let none = TermsFields::default();
        let terms = self.view(terms(customer)).and_then(fields).unwrap_or(&none);
        let business =
            self.settings.map_or_else(|| Settings::default().fields.currency, |s| s.fields.currency);
        let mut owed = self.exposures.get(&customer).cloned().unwrap_or_default();
        for staged in self.staged {
            if let View::Order(order) = &staged.view
                && order.customer() == Some(customer)
            {
                note(&mut owed, staged.addr, order);
            }
        }
        Some(Credit::new(terms, business, owed, besides))
    }
}

impl World<'_> {
    fn view(&self, addr: DocAddr) -> Option<&View> {
        let staged = self.staged.iter().find(|staged| staged.addr == addr).map(|staged| &staged.view);
        staged.or_else(|| self.slots.get(&addr).map(|slot| &*slot.view))
    }
}

/// Keeps what is open on an order up to date.
pub fn note(exposure: &mut Exposure, addr: DocAddr, order: &Order) {
    match Owed::of(order) {
        Some(owed) => exposure.insert(addr.id.into(), owed),
        None => exposure.remove(&addr.id.into()),
    };
}
