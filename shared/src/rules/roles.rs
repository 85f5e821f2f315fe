//! Roles, and which of them may run which command under which condition: one visible table.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub const ALL: [Self; 8] = [
        Self::Admin,
        Self::Manager,
        Self::Sales,
        Self::Service,
        Self::Warehouse,
        Self::Shop,
        Self::Driver,
        Self::Analyst,
    ];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Sales => "sales",
            Self::Service => "service",
            Self::Warehouse => "warehouse",
            Self::Shop => "shop",
            Self::Driver => "driver",
            Self::Analyst => "analyst",
        }
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.words() == text.trim()).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|role| role.words()).collect();
            format!("“{text}” is not a role: choose one of {}", all.join(", "))
        })
    }
}
