//! Who may see a document: the scopes, derived from what it is and holds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

use crate::{
    id::{LocationId, PersonId},
    kind::DocKind,
    rules::roles::Role,
};

/// As text: `everyone`, `office`, `location:<id>`, `driver:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Everyone,
    Office,
    Location(LocationId),
    Driver(PersonId),
}

impl Scope {
    /// The scope of a document of this kind. Terms are for the office; the rest everyone may see.
    pub const fn of(kind: DocKind) -> Self {
        match kind {
            DocKind::ProductTerms
            | DocKind::CustomerTerms
            | DocKind::Notes
            | DocKind::CustomFields
            | DocKind::PurchaseOrder
            | DocKind::Supplier => Self::Office,
            _ => Self::Everyone,
        }
    }

    /// The scopes that a person with these roles holds.
    pub fn held_by(roles: &[Role]) -> Vec<Self> {
        let office = roles
            .iter()
            .any(|role| matches!(role, Role::Admin | Role::Manager | Role::Sales | Role::Analyst));
        if office { vec![Self::Everyone, Self::Office] } else { vec![Self::Everyone] }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Office => f.write_str("office"),
            Self::Location(id) => write!(f, "location:{id}"),
            Self::Driver(id) => write!(f, "driver:{id}"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let id = |kind: &str, id: &str| format!("“{id}” is not the id of a {kind}");
        match text.split_once(':') {
            None if text == "everyone" => Ok(Self::Everyone),
            None if text == "office" => Ok(Self::Office),
            Some(("location", it)) => it.parse().map(Self::Location).map_err(|_| id("location", it)),
            Some(("driver", it)) => it.parse().map(Self::Driver).map_err(|_| id("driver", it)),
            _ => Err(format!("“{text}” is not a scope")),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
