//! Where something is booked when nobody says: the one function that decides it, for the window and the command line.

use serde::{Deserialize, Serialize};
use waybill_shared::{
    id::{LocationId, PersonId},
    location::LocationKind,
    protocol::frame::Grant,
    rules::roles::Role,
    session::store::StoreError,
};

use crate::store::{LocationRow, Reader};

/// What is booked at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Over the counter or out of the van.
    Sale,
    Order,
}

/// What one person chose on this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub sale: Option<LocationId>,
    pub order: Option<LocationId>,
}

impl Chosen {
    pub const fn of(&self, deed: Deed) -> Option<LocationId> {
        match deed {
            Deed::Sale => self.sale,
            Deed::Order => self.order,
        }
    }

    pub const fn set(&mut self, deed: Deed, location: LocationId) {
        match deed {
            Deed::Sale => self.sale = Some(location),
            Deed::Order => self.order = Some(location),
        }
    }
}

/// The places that somebody may book at, the own ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedAt {
    pub places: Vec<LocationRow>,
    /// The one that is meant when nobody says; nothing where it has to be asked.
    pub usual: Option<LocationRow>,
}

impl BookedAt {
    /// Of this person on this device.
    pub fn of(reader: &Reader, person: Option<PersonId>, deed: Deed) -> Result<Self, StoreError> {
        let names = reader.names()?;
        let grant = names.here.iter().find(|grant| Some(grant.person) == person);
        let chosen = person.and_then(|person| reader.local().ok()?.chosen.get(&person).copied());
        Ok(Self::decide(deed, grant, chosen.unwrap_or_default(), reader.locations()?))
    }

    /// What was chosen goes first. Else the first of these that there are, if there is only one of it:
    /// a driver's sale: the own vans, the other own places, all vans;
    /// another sale: the own places, all shops;
    /// an order of a sales rep: the own warehouses, all warehouses, the own places, for it is the warehouse that
    /// delivers it and must see it;
    /// another order: the own places that hold goods, the own places, all warehouses;
    /// and for all of them the places that there are.
    fn decide(deed: Deed, grant: Option<&Grant>, chosen: Chosen, rows: Vec<LocationRow>) -> Self {
        let has = |role: Role| grant.is_some_and(|grant| grant.roles.contains(&role));
        let is_own = |row: &LocationRow| grant.is_some_and(|grant| grant.locations.contains(&row.id));
        let mut places: Vec<LocationRow> = rows.into_iter().filter(|row| !row.closed).collect();
        places.sort_by_key(|row| !is_own(row));
        if is_bound(grant) && places.iter().any(is_own) {
            places.retain(is_own);
        }
        let chosen = chosen.of(deed).and_then(|id| places.iter().find(|row| row.id == id));
        let van = |row: &LocationRow| row.kind == LocationKind::Van;
        let shop = |row: &LocationRow| row.kind == LocationKind::Shop;
        let warehouse = |row: &LocationRow| row.kind == LocationKind::Warehouse;
        let drives = has(Role::Driver) && !has(Role::Shop);
        let travels = has(Role::Sales) && !has(Role::Shop);
        let own_van = |row: &LocationRow| is_own(row) && van(row);
        let own_warehouse = |row: &LocationRow| is_own(row) && warehouse(row);
        let own_goods = |row: &LocationRow| is_own(row) && (shop(row) || warehouse(row));
        let all = |_: &LocationRow| true;
        let order: [&dyn Fn(&LocationRow) -> bool; 4] = match deed {
            Deed::Sale if drives => [&own_van, &is_own, &van, &all],
            Deed::Sale => [&is_own, &is_own, &shop, &all],
            Deed::Order if travels => [&own_warehouse, &warehouse, &is_own, &all],
            Deed::Order => [&own_goods, &is_own, &warehouse, &all],
        };
        let first = order.into_iter().find(|fits| places.iter().any(fits));
        let only = first.and_then(|fits| {
            let mut of_it = places.iter().filter(|row| fits(row));
            of_it.next().filter(|_| of_it.next().is_none())
        });
        let usual = chosen.or(only).cloned();
        Self { places, usual }
    }

    /// It has to be asked: there are several and none of them is meant.
    pub fn is_open(&self) -> bool {
        self.usual.is_none() && !self.places.is_empty()
    }

    pub fn find(&self, id: LocationId) -> Option<&LocationRow> {
        self.places.iter().find(|row| row.id == id)
    }
}

/// Whoever sees only what is at the own places: booked elsewhere it would be out of sight.
fn is_bound(grant: Option<&Grant>) -> bool {
    let Some(grant) = grant else { return false };
    let any = |roles: &[Role]| grant.roles.iter().any(|role| roles.contains(role));
    any(&[Role::Shop, Role::Service, Role::Warehouse])
        && !any(&[Role::Admin, Role::Manager, Role::Sales, Role::Driver])
}

/// The channel of what is sold at a place.
pub const fn channel(kind: LocationKind) -> &'static str {
    match kind {
        LocationKind::Shop => "shop",
        LocationKind::Van => "van",
        LocationKind::Warehouse | LocationKind::Office | LocationKind::Newer(_) => "office",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(code: &str) -> LocationRow {
        let kind = match code.chars().next() {
            Some('W') => LocationKind::Warehouse,
            Some('V') => LocationKind::Van,
            Some('O') => LocationKind::Office,
            _ => LocationKind::Shop,
        };
        LocationRow {
            id: id(code),
            code: code.to_owned(),
            name: code.to_owned(),
            kind,
            closed: false,
            pending: false,
        }
    }

    fn id(code: &str) -> LocationId {
        LocationId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()))
    }

    /// Codes with a blank between.
    fn usual(deed: Deed, role: Role, own: &str, chosen: &str, all: &str) -> String {
        let grant = Grant {
            person: PersonId::NIL,
            roles: vec![role],
            locations: own.split_whitespace().map(id).collect(),
            unlocked: None,
        };
        let mut remembered = Chosen::default();
        if !chosen.is_empty() {
            remembered.set(deed, id(chosen));
        }
        let rows = all.split_whitespace().map(row).collect();
        let at = BookedAt::decide(deed, Some(&grant), remembered, rows);
        at.usual.map_or_else(|| if at.places.is_empty() { "none" } else { "ask" }.to_owned(), |row| row.code)
    }

    #[test]
    fn everybody_books_where_they_work_and_is_asked_where_that_is_not_known() {
        use Deed::{Order, Sale};
        let all = "S1 S2 V1 V2 W1";
        for (deed, role, own, chosen, places, expected) in [
            // Somebody's own place, whatever stands first in the list.
            (Sale, Role::Shop, "S2", "", all, "S2"),
            (Order, Role::Shop, "S2", "", all, "S2"),
            (Sale, Role::Driver, "V2", "", all, "V2"),
            (Sale, Role::Driver, "W1 V2", "", all, "V2"),
            (Sale, Role::Driver, "W1", "", all, "W1"),
            (Sale, Role::Driver, "", "", "S1 V1 W1", "V1"),
            (Sale, Role::Driver, "", "", all, "ask"),
            (Sale, Role::Manager, "S2", "", all, "S2"),
            (Order, Role::Manager, "O1 S2", "", "O1 S1 S2 W1", "S2"),
            // The warehouse sees what a sales rep takes on the road.
            (Order, Role::Sales, "", "", all, "W1"),
            (Order, Role::Sales, "S1", "", all, "W1"),
            (Order, Role::Sales, "W2", "", "S1 W1 W2", "W2"),
            (Order, Role::Sales, "", "", "S1 W1 W2", "ask"),
            (Order, Role::Sales, "S1", "", "S1 S2", "S1"),
            (Order, Role::Admin, "", "", all, "W1"),
            (Sale, Role::Admin, "", "", all, "ask"),
            (Sale, Role::Admin, "", "", "S1 V1 W1", "S1"),
            // The only one there is; several own ones; none.
            (Sale, Role::Shop, "", "", "W1", "W1"),
            (Sale, Role::Shop, "S1 S2", "", all, "ask"),
            (Sale, Role::Shop, "", "", "", "none"),
            // What was chosen here, as long as it can be booked at.
            (Sale, Role::Shop, "S1 S2", "S2", all, "S2"),
            (Sale, Role::Driver, "V2", "V1", all, "V1"),
            (Sale, Role::Shop, "S1", "S2", all, "S1"),
            (Order, Role::Sales, "", "W3", all, "W1"),
        ] {
            assert_eq!(
                usual(deed, role, own, chosen, places),
                expected,
                "{deed:?} {role:?} {own:?} {chosen:?}"
            );
        }
    }

    #[test]
    fn who_sees_only_the_own_places_is_offered_no_others() {
        let grant = |role| Grant {
            person: PersonId::NIL,
            roles: vec![role],
            locations: vec![id("S2")],
            unlocked: None,
        };
        let offered = |role| {
            let rows = ["S1", "S2", "V1"].map(row).into();
            let at = BookedAt::decide(Deed::Sale, Some(&grant(role)), Chosen::default(), rows);
            at.places.into_iter().map(|row| row.code).collect::<Vec<_>>()
        };
        assert_eq!(offered(Role::Shop), ["S2"]);
        assert_eq!(offered(Role::Manager), ["S2", "S1", "V1"], "the own one first");
    }

    #[test]
    fn a_closed_place_is_no_place() {
        let closed = LocationRow { closed: true, ..row("S1") };
        let at = BookedAt::decide(Deed::Sale, None, Chosen::default(), vec![closed, row("S2")]);
        assert_eq!(at.usual.map(|row| row.code), Some("S2".to_owned()));
    }
}
