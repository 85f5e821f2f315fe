//! What judging may look at beside the documents of an edit: settings and credit.

use std::collections::{BTreeMap, HashMap};

use waybill_shared::{
    customer::TermsFields,
    id::{CustomerId, CustomerTermsId, OrderId},
    kind::{DocAddr, DocKind},
    money::Amount,
    numbers::{self, Holders, Number},
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
    /// Who has the numbers that are given.
    pub holders: &'a HashMap<Number, Holders>,
    /// What the parts before it made of their documents.
    pub staged: &'a [Staged],
}

impl Surroundings for World<'_> {
    /// As an earlier part of the same edit left them.
    fn settings(&self) -> Option<&Settings> {
        let staged = self.staged.iter().find_map(|staged| match &staged.view {
            View::Settings(settings) if settings.exists() => Some(&**settings),
            _ => None,
        });
        staged.or(self.settings)
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

    fn numbered(&self, number: &Number, besides: DocAddr) -> Option<String> {
        let others = self.staged.iter().filter(|staged| staged.addr != besides);
        let mut own = others.clone().filter(|staged| Number::of(&staged.view).as_ref() == Some(number));
        if let Some(staged) = own.next() {
            return Some(numbers::name(&staged.view).to_owned());
        }
        // What this edit made of the others was said above.
        let changed = |addr: &DocAddr| *addr == besides || others.clone().any(|staged| staged.addr == *addr);
        let mut holders = self.holders.get(number)?.iter();
        holders.find(|(addr, _)| !changed(addr)).map(|(_, name)| name.clone())
    }
}

impl World<'_> {
    fn view(&self, addr: DocAddr) -> Option<&View> {
        let staged = self.staged.iter().find(|staged| staged.addr == addr).map(|staged| &staged.view);
        staged.or_else(|| self.slots.get(&addr).map(|slot| &*slot.view))
    }
}

/// Keeps who has which of these numbers up to date.
pub fn note_number(holders: &mut HashMap<Number, Holders>, addr: DocAddr, view: &View) {
    if !matches!(addr.kind, DocKind::Product | DocKind::Customer | DocKind::Location) {
        return;
    }
    holders.values_mut().for_each(|holders| _ = holders.remove(&addr));
    if let Some(holders) = Number::of(view).and_then(|number| holders.get_mut(&number)) {
        holders.insert(addr, numbers::name(view).to_owned());
    }
}

/// Keeps what is open on an order up to date.
pub fn note(exposure: &mut Exposure, addr: DocAddr, order: &Order) {
    match Owed::of(order) {
        Some(owed) => exposure.insert(addr.id.into(), owed),
        None => exposure.remove(&addr.id.into()),
    };
}
