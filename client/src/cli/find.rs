//! Finding what a person names: an order by number, a product by barcode, a line by its place.

use uuid::Uuid;
use waybill_shared::{
    finding::{Finding, Rule},
    id::{CustomerId, LineId, LocationId, OrderId, PersonId},
    order::{Line, Order},
    protocol::frame::Names,
    short,
};

use super::{outcome::Failure, session::Session};
use crate::booked_at::{BookedAt, Deed};
use crate::store::{CustomerRow, LocationRow, OrderRow, ProductRow, Reader};

/// By number or id.
pub fn order(reader: &Reader, named: &str) -> Result<(OrderId, Order), Failure> {
    let id = match id_of(named) {
        Some(id) => OrderId::new(id),
        None => one("order", named, reader.orders_numbered(named.trim())?, |row| row.number.clone())?.id,
    };
    let order = reader.order(id)?.ok_or_else(|| not_there("order", named))?;
    Ok((id, order))
}

pub fn order_row(reader: &Reader, id: OrderId) -> Result<OrderRow, Failure> {
    reader.order_row(id)?.ok_or_else(|| not_there("order", &id.to_string()))
}

/// By number, id or whole name.
pub fn customer(reader: &Reader, named: &str) -> Result<CustomerRow, Failure> {
    if let Some(id) = id_of(named) {
        return reader.customer_row(CustomerId::new(id))?.ok_or_else(|| not_there("customer", named));
    }
    let mut found = reader.customers_numbered(named.trim())?;
    if found.is_empty() {
        let query =
            crate::store::ListQuery { with_retired: true, ..crate::store::ListQuery::typed(named, 50) };
        found = reader.customers(&query)?;
        let wanted = named.trim().to_lowercase();
        if found.iter().any(|row| row.name.to_lowercase() == wanted) {
            found.retain(|row| row.name.to_lowercase() == wanted);
        }
    }
    one("customer", named, found, |row| format!("{} {}", row.number, row.name))
}

/// By number, barcode, id or what else finds only one.
pub fn product(reader: &Reader, named: &str) -> Result<ProductRow, Failure> {
    one_product(named, products(reader, named)?)
}

/// The same for a sale: what is retired goes behind what is not, and is refused.
pub fn for_sale(reader: &Reader, named: &str) -> Result<ProductRow, Failure> {
    let mut found = products(reader, named)?;
    if found.iter().any(|row| !row.retired) {
        found.retain(|row| !row.retired);
    }
    let row = one_product(named, found)?;
    if !row.retired {
        return Ok(row);
    }
    let what = format!("“{}” is retired: it is no longer sold.", row.name);
    let number = if row.number.is_empty() { row.id.to_string() } else { row.number };
    let remedy = format!("Bring it back first: waybill product retire {number} --undo");
    Err(Failure::Refused(vec![Finding::new(Rule::WrongStep, what, remedy).field("product")]))
}

fn one_product(named: &str, found: Vec<ProductRow>) -> Result<ProductRow, Failure> {
    one("product", named, found, |row| format!("{} {}", row.number, row.name))
}

fn products(reader: &Reader, named: &str) -> Result<Vec<ProductRow>, Failure> {
    if let Some(id) = id_of(named) {
        return Ok(reader.product_row(id.into())?.into_iter().collect());
    }
    let mut found = reader.products_coded(named)?;
    if found.is_empty() {
        let query =
            crate::store::ListQuery { with_retired: true, ..crate::store::ListQuery::typed(named, 50) };
        found = reader.products(&query)?;
        let wanted = named.trim().to_lowercase();
        if found.iter().any(|row| row.name.to_lowercase() == wanted) {
            found.retain(|row| row.name.to_lowercase() == wanted);
        }
    }
    Ok(found)
}

/// By code, name or id.
pub fn location(reader: &Reader, named: &str) -> Result<LocationRow, Failure> {
    let all = reader.locations()?;
    let wanted = named.trim().to_lowercase();
    let id = id_of(named).map(LocationId::new);
    let found: Vec<LocationRow> = all
        .into_iter()
        .filter(|row| {
            Some(row.id) == id || row.code.to_lowercase() == wanted || row.name.to_lowercase() == wanted
        })
        .collect();
    one("place", named, found, |row| format!("{} {}", row.code, row.name))
}

/// The place where it is booked: the one that is named, else the usual one of whoever does it.
pub fn booked_at(session: &mut Session, named: Option<&str>, deed: Deed) -> Result<LocationRow, Failure> {
    let at = places(session, deed)?;
    if let Some(named) = named {
        return one_of(&at, location(session.reader()?, named)?);
    }
    if at.places.is_empty() {
        let words = "There is no shop, warehouse or van yet: make one with waybill location create CODE NAME, or sync if \
                     somebody has.";
        return Err(Failure::Usage(words.to_owned()));
    }
    at.usual.ok_or_else(|| {
        let codes: Vec<_> = at.places.iter().map(|row| row.code.as_str()).collect();
        Failure::Usage(format!(
            "Say where, with --location: one of {}. Or say once where you work on this device: waybill location use CODE",
            codes.join(", ")
        ))
    })
}

/// A place that is named, where whoever names it books such a thing.
pub fn may_book(session: &mut Session, row: LocationRow, deed: Deed) -> Result<LocationRow, Failure> {
    one_of(&places(session, deed)?, row)
}

fn places(session: &mut Session, deed: Deed) -> Result<BookedAt, Failure> {
    let person = match session.named_person()? {
        Some(person) => Some(person),
        None => session.reader()?.local()?.person,
    };
    Ok(BookedAt::of(session.reader()?, person, deed)?)
}

fn one_of(at: &BookedAt, row: LocationRow) -> Result<LocationRow, Failure> {
    if at.places.iter().any(|place| place.id == row.id) {
        return Ok(row);
    }
    let codes: Vec<_> = at.places.iter().map(|place| place.code.as_str()).collect();
    Err(Failure::Usage(format!(
        "You do not book at {}: it is closed, or not one of your places. Name one of {}.",
        row.name,
        codes.join(", ")
    )))
}

/// By name or id.
pub fn person(names: &Names, named: &str) -> Result<PersonId, Failure> {
    let wanted = named.trim().to_lowercase();
    let id = id_of(named).map(PersonId::new);
    let found: Vec<_> = names
        .people
        .iter()
        .filter(|person| Some(person.id) == id || person.name.to_lowercase() == wanted)
        .collect();
    one("person", named, found, |person| person.name.clone()).map(|person| person.id)
}

/// By its place in the list, from 1, by id, or by a name that only one begins with.
pub fn line<'a>(order: &'a Order, named: &str) -> Result<(LineId, &'a Line), Failure> {
    let lines = order.live_lines();
    if let Ok(place) = named.trim().parse::<usize>()
        && let Some(found) = place.checked_sub(1).and_then(|at| lines.get(at))
    {
        return Ok(*found);
    }
    let wanted = named.trim().to_lowercase();
    let id = id_of(named).map(LineId::new);
    let found: Vec<_> = lines
        .into_iter()
        .filter(|(line, l)| Some(*line) == id || l.name.to_lowercase().starts_with(&wanted))
        .collect();
    one("line", named, found, |(_, line)| line.name.clone())
}

/// Of several by what the list shows of their ids, or by a whole id.
pub fn by_short<T>(
    what: &str,
    named: &str,
    all: impl IntoIterator<Item = T>,
    id: impl Fn(&T) -> Uuid,
) -> Result<T, Failure> {
    if named.trim().len() < short::SHORTEST {
        return Err(Failure::Usage(format!(
            "“{named}” is too short for one {what}: give what the list shows, at least {} characters.",
            short::SHORTEST
        )));
    }
    let all: Vec<T> = all.into_iter().collect();
    let ids: Vec<Uuid> = all.iter().map(&id).collect();
    let found: Vec<T> = all.into_iter().filter(|one| short::is_meant(named, id(one))).collect();
    one(what, named, found, |one| short::short(id(one), ids.iter().copied()))
}

pub fn id_of(named: &str) -> Option<Uuid> {
    Uuid::parse_str(named.trim()).ok()
}

pub fn one<T>(what: &str, named: &str, found: Vec<T>, name: impl Fn(&T) -> String) -> Result<T, Failure> {
    let several: Vec<String> = found.iter().take(5).map(&name).collect();
    let count = found.len();
    match <[T; 1]>::try_from(found) {
        Ok([only]) => Ok(only),
        Err(none) if none.is_empty() => Err(not_there(what, named)),
        Err(_) => Err(Failure::Usage(format!(
            "“{named}” is {count} of them: {}{}. Give the number or id of one.",
            several.join(", "),
            if count > several.len() { ", …" } else { "" }
        ))),
    }
}

pub fn not_there(what: &str, named: &str) -> Failure {
    Failure::Refused(vec![Finding::new(
        Rule::NotThere,
        format!("There is no {what} “{named}” on this device."),
        "Look at the list, or sync first.",
    )])
}
