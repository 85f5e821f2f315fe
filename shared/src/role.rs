//! Roles, and when each of them may run a command: the row of a command in its kind's table.

use std::str::FromStr;

use crate::{edit::EditKind, open::open_enum};

open_enum! {
    /// A role of a newer version may do nothing here.
    pub enum Role {
        Admin = "admin" "admin",
        Manager = "manager" "manager",
        Sales = "sales" "sales",
        Service = "service" "service",
        Warehouse = "warehouse" "warehouse",
        Shop = "shop" "shop",
        Driver = "driver" "driver",
        Analyst = "analyst" "analyst",
    }
}

/// Under which condition a role may run a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// On orders of the person's own round, and on the person's own van sale.
    OwnOrders,
    Never,
}

/// What the table of a kind says of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name on the wire, with its version.
    pub command: &'static str,
    pub kind: EditKind,
    /// It makes the thing that its document is about.
    pub makes: bool,
    /// In words: “you may not …”.
    pub does: &'static str,
    /// In the order of `Role::ALL`.
    pub when: [When; 8],
}

/// How a table says it in one letter.
pub(crate) mod letters {
    use super::When;
    pub const A: When = When::Always;
    pub const O: When = When::OwnOrders;
    pub const N: When = When::Never;
}

impl Row {
    pub fn when(&self, role: Role) -> When {
        let at = Role::ALL.iter().position(|known| *known == role);
        at.and_then(|at| self.when.get(at)).copied().unwrap_or(When::Never)
    }

    /// Those who may always.
    pub fn open_to(&self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| self.when(*role) == When::Always).collect()
    }
}

impl Role {
    /// What somebody with this role does all day, in words.
    pub const fn does(&self) -> &'static str {
        match self {
            Self::Admin => "everything, with people, devices and settings",
            Self::Manager => "leads the business: prices, costs, credit, and what is held for review",
            Self::Sales => "makes and changes orders of all places",
            Self::Service => "answers customers: contacts, addresses, dates, cancelling, at the own places",
            Self::Warehouse => "hands goods over and gives orders to drivers, at the own places",
            Self::Shop => "sells and takes orders at the own places",
            Self::Driver => "delivers and takes payments on the own round, sells out of the van",
            Self::Analyst => "sees all figures and changes nothing",
            Self::Newer(_) => "what a newer version says",
        }
    }

    /// Admins and managers: they approve, take back and let pass.
    pub const fn leads(self) -> bool {
        matches!(self, Self::Admin | Self::Manager)
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text.trim()).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(Self::name).collect();
            format!("“{text}” is not a role: choose one of {}", all.join(", "))
        })
    }
}
