//! The roles a person may have.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Admin,
    Manager,
    Sales,
    Service,
    Warehouse,
    Shop,
    Driver,
    Analyst,
}

impl Role {
    pub const ALL: [Role; 8] = [
        Role::Admin,
        Role::Manager,
        Role::Sales,
        Role::Service,
        Role::Warehouse,
        Role::Shop,
        Role::Driver,
        Role::Analyst,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Manager => "manager",
            Role::Sales => "sales",
            Role::Service => "service",
            Role::Warehouse => "warehouse",
            Role::Shop => "shop",
            Role::Driver => "driver",
            Role::Analyst => "analyst",
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is not a role; the roles are admin, manager, sales, service, warehouse, shop, driver and analyst"
)]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        let role = Role::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| UnknownRole(text.to_string()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
