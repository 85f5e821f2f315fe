//! Who may see a document: the scopes, derived from what it holds; and which of them a person holds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

use crate::{
    document::Says,
    id::{LocationId, PersonId},
    protocol::frame::Grant,
    rules::roles::Role,
    view::View,
};

/// As text: `everyone`, `office`, `shops`, `location:<id>`, `driver:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Everyone,
    Office,
    /// Whoever serves customers, at whichever place.
    Shops,
    Location(LocationId),
    Driver(PersonId),
}

/// A small set of scopes, sorted. As text: one after the other, a blank between.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    pub const NONE: Self = Self(Vec::new());

    /// Of a document with this content. What is half made or of no kind known here only the office sees, so that
    /// nothing is shown too early.
    pub fn of(view: &View) -> Self {
        view.says().map_or_else(|| Scope::Office.into(), Says::scopes)
    }

    /// What the people enrolled on one device may see together.
    pub fn held_by(people: &[Grant]) -> Self {
        Self::from(people.iter().flat_map(held).collect::<Vec<_>>())
    }

    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// They have one in common: who holds these sees a document in those.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|scope| other.contains(*scope))
    }

    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().copied().filter(|scope| other.contains(*scope)).collect())
    }

    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().copied().filter(|scope| !other.contains(*scope)).collect())
    }

    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self::from([self.0.as_slice(), &other.0].concat())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

fn held(grant: &Grant) -> Vec<Scope> {
    let mut scopes = vec![Scope::Everyone];
    for role in &grant.roles {
        match role {
            Role::Admin | Role::Manager | Role::Sales | Role::Analyst => {
                scopes.extend([Scope::Office, Scope::Shops]);
            }
            Role::Shop | Role::Service => scopes.push(Scope::Shops),
            Role::Driver => scopes.push(Scope::Driver(grant.person)),
            Role::Warehouse | Role::Newer(_) => {}
        }
        if matches!(role, Role::Shop | Role::Service | Role::Warehouse) {
            let places = grant.locations.iter().copied().filter(|location| !location.is_nil());
            scopes.extend(places.map(Scope::Location));
        }
    }
    scopes
}

impl From<Vec<Scope>> for Scopes {
    fn from(mut scopes: Vec<Scope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(vec![scope])
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, scope) in self.0.iter().enumerate() {
            let gap = if nth == 0 { "" } else { " " };
            write!(f, "{gap}{scope}")?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let scopes: Result<Vec<Scope>, String> = text.split_whitespace().map(str::parse).collect();
        scopes.map(Self::from)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Office => f.write_str("office"),
            Self::Shops => f.write_str("shops"),
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
            None if text == "shops" => Ok(Self::Shops),
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
