//! What one person has open and has half entered in this window. Each has their own: it is put away when somebody else
//! works here, shown to nobody meanwhile, and there again when its owner is back. Until the window is closed.

use std::collections::BTreeSet;

use waybill_shared::rules::roles::Role;

use super::carry_out::Pending;
use super::files::Errands;
use super::online::Online;
use super::panels::booked_at::PlaceForm;
use super::panels::{
    attention, customers, devices, held, locations, new_order, order, orders, products, reports, set_up,
    settings, till,
};
use super::place::Place;
use super::refusal::Refusal;
use super::remembered::Remembered;
use crate::booked_at::Deed;

/// What drivers and pickers begin with; for nobody else, so it is not remembered.
const DUE: [orders::Chip; 1] = [orders::Chip::Due];

pub struct Desk {
    /// Where this person is; none as long as it is where their work begins.
    pub at: Option<Place>,
    pub orders: orders::OrdersState,
    pub detail: order::DetailState,
    pub new_order: new_order::NewOrderState,
    pub till: till::TillState,
    pub customers: customers::CustomersState,
    pub products: products::ProductsState,
    pub locations: locations::LocationsState,
    pub settings: settings::SettingsState,
    pub attention: attention::AttentionState,
    pub held: held::HeldState,
    pub devices: devices::DevicesState,
    /// What the server said to this person.
    pub online: Online,
    pub reports: reports::ReportsState,
    pub set_up: set_up::SetUpState,
    pub errands: Errands,
    pub search: String,
    /// The place that was drawn last.
    pub shown: Option<Place>,
    /// On narrow windows: the selected thing is shown instead of its list.
    pub opened: bool,
    pub refusal: Option<Refusal<Pending>>,
    /// Where something is booked is being asked.
    pub place: Option<PlaceForm>,
    /// What was asked without being looked for, which happens once.
    pub asked_place: BTreeSet<Deed>,
}

impl Desk {
    /// An empty one, with the lists as they were last arranged on this device. Who drives or packs begins with what
    /// is due today.
    pub fn new(remembered: &Remembered, roles: &[Role]) -> Self {
        let mut filter = remembered.filter.clone();
        if filter.is_empty() && roles.iter().any(|role| matches!(role, Role::Driver | Role::Warehouse)) {
            filter.chips = BTreeSet::from(DUE);
        }
        let orders = orders::OrdersState {
            filter,
            saved: remembered.saved.clone(),
            sort: remembered.sort,
            ..Default::default()
        };
        Self {
            at: None,
            orders,
            detail: Default::default(),
            new_order: Default::default(),
            till: Default::default(),
            customers: Default::default(),
            products: Default::default(),
            locations: Default::default(),
            settings: Default::default(),
            attention: Default::default(),
            held: Default::default(),
            devices: Default::default(),
            online: Online::default(),
            reports: Default::default(),
            set_up: set_up::SetUpState::begin(),
            errands: Errands::default(),
            search: String::new(),
            shown: None,
            opened: false,
            refusal: None,
            place: None,
            asked_place: BTreeSet::new(),
        }
    }

    /// How the lists are arranged; not what was looked for in them.
    pub fn remember(&self, remembered: &mut Remembered) {
        if self.orders.filter.chips != BTreeSet::from(DUE) {
            remembered.filter = orders::Filter { words: String::new(), ..self.orders.filter.clone() };
        }
        remembered.saved = self.orders.saved.clone();
        remembered.sort = self.orders.sort;
    }
}
