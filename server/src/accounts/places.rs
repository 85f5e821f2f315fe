//! Shops, warehouses and vans by the names that people have for them.

use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::id::LocationId;

use super::people::PeopleError;

/// Somewhere that people work.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: LocationId,
    pub code: String,
    pub name: String,
    pub closed: bool,
}

impl Place {
    pub fn words(&self) -> String {
        format!("{} {}", self.code, self.name).trim().to_owned()
    }
}

/// All that were ever made and came here.
pub async fn all(pool: &PgPool) -> Result<Vec<Place>, sqlx::Error> {
    let rows: Vec<(Uuid, String, String, bool)> =
        sqlx::query_as("select location_id, code, name, closed from report.locations order by code, name")
            .fetch_all(pool)
            .await?;
    Ok(rows.into_iter().map(|(id, code, name, closed)| Place { id: id.into(), code, name, closed }).collect())
}

/// By code, by name, or by id.
pub async fn named(pool: &PgPool, typed: &str) -> Result<Place, PeopleError> {
    let (places, wanted) = (all(pool).await?, typed.trim().to_lowercase());
    let id: Option<LocationId> = wanted.parse().ok();
    let by = |is_it: &dyn Fn(&Place) -> bool| -> Vec<Place> {
        places.iter().filter(|place| is_it(place)).cloned().collect()
    };
    let mut found = by(&|place| Some(place.id) == id || place.code.to_lowercase() == wanted);
    if found.is_empty() {
        found = by(&|place| place.name.to_lowercase() == wanted);
    }
    match <[Place; 1]>::try_from(found) {
        Ok([only]) => Ok(only),
        Err(none) if none.is_empty() => Err(nowhere(typed, &places)),
        Err(several) => Err(PeopleError::SeveralLocations {
            named: typed.trim().to_owned(),
            there: several.iter().map(Place::words).collect(),
        }),
    }
}

/// A mistyped one would take somebody to a place where nobody is.
pub async fn exists(pool: &PgPool, location: LocationId) -> Result<(), PeopleError> {
    let places = all(pool).await?;
    if places.iter().any(|place| place.id == location) {
        return Ok(());
    }
    Err(nowhere(&location.to_string(), &places))
}

fn nowhere(typed: &str, places: &[Place]) -> PeopleError {
    let open = places.iter().filter(|place| !place.closed);
    PeopleError::NoLocation { named: typed.trim().to_owned(), there: open.map(Place::words).collect() }
}
