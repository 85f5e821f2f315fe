//! The places of the window, and which of them a person has.

use waybill_shared::id::PersonId;
use waybill_shared::location;
use waybill_shared::order::commands;
use waybill_shared::protocol::frame::Grant;
use waybill_shared::rules::roles::Role;
use waybill_shared::scope::{Scope, Scopes};

use super::icons::Icon;
use super::keys::Action;
use super::names::May;
use super::sync_state;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Place {
    #[default]
    Orders,
    NewOrder,
    Till,
    Customers,
    Products,
    Locations,
    Attention,
    Held,
    Devices,
    Reports,
    Settings,
}

impl Place {
    pub const ALL: [Self; 11] = [
        Self::Orders,
        Self::NewOrder,
        Self::Till,
        Self::Customers,
        Self::Products,
        Self::Locations,
        Self::Attention,
        Self::Held,
        Self::Devices,
        Self::Reports,
        Self::Settings,
    ];

    /// What somebody with these roles has: nothing stands in the rail that is empty for them for ever.
    pub fn of(may: &May, roles: &[Role]) -> Vec<Self> {
        let grant =
            Grant { person: PersonId::NIL, roles: roles.to_vec(), locations: Vec::new(), unlocked: None };
        let customers = Scopes::held_by(&[grant]).contains(Scope::Shops);
        let has = |place: &Self| match place {
            Self::Till => may.run::<commands::RecordSale>(),
            Self::NewOrder => may.run::<commands::Create>(),
            Self::Customers => customers,
            Self::Locations => may.run::<location::Create>() || may.run::<location::SetField>(),
            Self::Held => sync_state::leads(roles),
            Self::Devices => roles.contains(&Role::Admin),
            Self::Reports => sync_state::leads(roles) || roles.contains(&Role::Analyst),
            Self::Orders | Self::Products | Self::Attention | Self::Settings => true,
        };
        Self::ALL.into_iter().filter(has).collect()
    }

    /// Where the work of somebody with these roles begins; an admin's with what is wrong.
    pub fn first(roles: &[Role], wrong: bool) -> Self {
        let has = |role| roles.contains(&role);
        if has(Role::Admin) && wrong {
            Self::Attention
        } else if has(Role::Admin) || has(Role::Manager) || has(Role::Analyst) {
            Self::Reports
        } else if has(Role::Shop) {
            Self::Till
        } else {
            Self::Orders
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Orders => "Orders",
            Self::NewOrder => "New order",
            Self::Till => "Counter sale",
            Self::Customers => "Customers",
            Self::Products => "Products",
            Self::Locations => "Locations",
            Self::Attention => "Attention",
            Self::Held => "Held",
            Self::Devices => "Devices",
            Self::Reports => "Reports",
            Self::Settings => "Settings",
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::Orders => Icon::Orders,
            Self::NewOrder => Icon::NewOrder,
            Self::Till => Icon::Till,
            Self::Customers => Icon::Customers,
            Self::Products => Icon::Products,
            Self::Locations => Icon::Locations,
            Self::Attention => Icon::Attention,
            Self::Held => Icon::Held,
            Self::Devices => Icon::Devices,
            Self::Reports => Icon::Reports,
            Self::Settings => Icon::Settings,
        }
    }

    pub fn action(self) -> Action {
        match self {
            Self::Orders => Action::Orders,
            Self::NewOrder => Action::NewOrder,
            Self::Till => Action::Till,
            Self::Customers => Action::Customers,
            Self::Products => Action::Products,
            Self::Locations => Action::Locations,
            Self::Attention => Action::Attention,
            Self::Held => Action::Held,
            Self::Devices => Action::Devices,
            Self::Reports => Action::Reports,
            Self::Settings => Action::Settings,
        }
    }
}
