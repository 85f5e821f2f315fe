//! The places of the window, and which of them a person has.

use super::icons::Icon;
use super::keys::Action;

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
