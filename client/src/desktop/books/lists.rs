//! The long lists and the short ones: orders, customers, products, what was found, what waits.

use waybill_shared::finding::Finding;
use waybill_shared::id::{CustomerId, EditId};
use waybill_shared::kind::DocKind;
use waybill_shared::order::commands;
use waybill_shared::order::{Address, Contact, Order};
use waybill_shared::session::store::StoreError;

use super::Books;
use crate::desktop::frame::Found;
use crate::desktop::intent::Thing;
use crate::desktop::names::Names;
use crate::desktop::paged::{PAGE, Paged};
use crate::desktop::panels::attention::{AttentionData, AttentionItem, DamagedItem, Standing};
use crate::desktop::panels::change::Change;
use crate::desktop::panels::customers::CustomersData;
use crate::desktop::panels::locations::LocationsData;
use crate::desktop::panels::orders::{OrdersData, OrdersState};
use crate::desktop::panels::products::ProductsData;
use crate::desktop::pick::{CustomerHit, ProductHit};
use crate::desktop::widgets::sync_chip::Waiting;
use crate::store::{Attention, Damaged, ELSEWHERE, ListQuery, OrderQuery, OrderRow, Reader};
use waybill_shared::edit::Verdict;
use waybill_shared::kind::DocAddr;
use waybill_shared::review::Decided;

/// How many results a search shows: what does not fit is typed more precisely.
const FOUND: usize = 8;
/// How many of each kind the search over everything shows.
const EACH: usize = 5;
const WAITING_SHOWN: usize = 200;

impl Books {
    pub fn orders(&mut self, state: &OrdersState) -> Result<&OrdersData, StoreError> {
        let (today, reader) = (self.around.names.today(), &self.reader);
        let may_make = self.around.may.run::<commands::Create>();
        let query = state.filter.query(state.sort, today, self.around.me.unwrap_or_default());
        let (list, data) = self.orders.read((self.revision, query.clone()), &self.spent, |(_, before)| {
            let list = reader.orders(&query)?;
            let sums = list.sums.iter().map(|sum| (sum.amount, sum.currency)).collect();
            let counted = list.counted;
            let rows = Paged::after(list.len(), &before.rows);
            let data = OrdersData { rows, sums, counted, today, all: reader.count_orders()?, may_make };
            Ok((list, data))
        })?;
        // The first page always, so that moving with the keys has somewhere to begin.
        data.rows.get(0);
        for page in data.rows.take_missing() {
            let rows = reader.order_rows(list, page * PAGE..(page + 1) * PAGE)?;
            data.rows.put(page, rows);
        }
        Ok(data)
    }

    /// Rows came into view in this pass that are read in the next.
    pub fn is_missing_rows(&self) -> bool {
        self.orders.value.1.rows.is_missing()
            || self.customers.value.rows.is_missing()
            || self.products.value.rows.is_missing()
    }

    pub fn customers(&mut self, typed: &str) -> Result<&CustomersData, StoreError> {
        let (reader, may) = (&self.reader, &self.around.may);
        let data = self.customers.read((self.revision, typed.to_owned()), &self.spent, |before| {
            Ok(CustomersData {
                rows: Paged::after(reader.count_customers(typed, true)?, &before.rows),
                all: reader.count_customers("", true)?,
                may: may.clone(),
            })
        })?;
        data.rows.get(0);
        for page in data.rows.take_missing() {
            let query = window(typed, page);
            data.rows.put(page, reader.customers(&query)?);
        }
        Ok(data)
    }

    pub fn products(&mut self, typed: &str) -> Result<&ProductsData, StoreError> {
        let (reader, may) = (&self.reader, &self.around.may);
        let (today, currency) = (self.around.names.today(), self.around.settings.fields.currency);
        let data = self.products.read((self.revision, typed.to_owned(), today), &self.spent, |before| {
            Ok(ProductsData {
                rows: Paged::after(reader.count_products(typed, true)?, &before.rows),
                all: reader.count_products("", true)?,
                currency: Some(currency),
                today,
                may: may.clone(),
            })
        })?;
        data.rows.get(0);
        for page in data.rows.take_missing() {
            let query = window(typed, page);
            data.rows.put(page, reader.products(&query)?);
        }
        Ok(data)
    }

    pub fn locations(&mut self) -> Result<&LocationsData, StoreError> {
        let (reader, may) = (&self.reader, &self.around.may);
        let data = self.locations.read(self.revision, &self.spent, |_| {
            Ok(LocationsData { rows: reader.locations()?, may: may.clone() })
        })?;
        Ok(data)
    }

    /// Products for what was typed; nothing for nothing.
    pub fn find_products(&self, typed: &str) -> Result<Vec<ProductHit>, StoreError> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.reader.products(&ListQuery::typed(typed, FOUND))?;
        let (settings, today) = (&self.around.settings, self.around.names.today());
        Ok(rows.iter().map(|row| ProductHit::of(row, settings, today, typed)).collect())
    }

    pub fn find_customers(&self, typed: &str) -> Result<Vec<CustomerHit>, StoreError> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.reader.customers(&ListQuery::typed(typed, FOUND))?.iter().map(CustomerHit::from).collect())
    }

    /// A few of each kind: the kind whose best fits best comes first.
    pub fn find(&self, typed: &str) -> Result<Vec<Found>, StoreError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        let query = OrderQuery { typed: typed.to_owned(), ..OrderQuery::all(self.today()) };
        let orders = self.reader.order_rows(&self.reader.orders(&query)?, 0..EACH)?;
        let begins = |row: &OrderRow| row.number.to_lowercase().starts_with(&typed.to_lowercase());
        // An order has no name: it is found by its number, or by what stands in it.
        let fit = if orders.first().is_some_and(begins) { 0 } else { ELSEWHERE };
        let orders = orders.into_iter().map(|row| Found {
            name: if row.customer_name.is_empty() { "Counter customer".into() } else { row.customer_name },
            small: row.number,
            kind: "order",
            thing: Thing::Order(row.id),
        });
        let mut kinds = vec![(fit, orders.collect::<Vec<_>>())];
        let query = ListQuery::typed(typed, EACH);
        let best = |fit: Option<u8>| fit.unwrap_or(ELSEWHERE);
        let customers = self.reader.customers_found(&query)?;
        let fit = best(customers.first().map(|found| found.fit));
        let customers = customers.into_iter().map(|found| Found {
            name: found.row.name,
            small: found.row.city,
            kind: "customer",
            thing: Thing::Customer(found.row.id),
        });
        kinds.push((fit, customers.collect()));
        let products = self.reader.products_found(&query)?;
        let fit = best(products.first().map(|found| found.fit));
        let products = products.into_iter().map(|found| Found {
            name: found.row.name,
            small: found.row.number,
            kind: "product",
            thing: Thing::Product(found.row.id),
        });
        kinds.push((fit, products.collect()));
        kinds.sort_by_key(|(fit, _)| *fit);
        Ok(kinds.into_iter().flat_map(|(_, found)| found).collect())
    }

    /// The customer's own contact and delivery address, for a new order.
    pub fn contact_of(&self, id: CustomerId) -> Result<(Contact, Address), StoreError> {
        let Some(customer) = self.reader.customer(id)? else { return Ok(Default::default()) };
        let address = customer.addresses.get("delivery").or_else(|| customer.addresses.get("main"));
        let address = address.or_else(|| customer.addresses.values().next()).cloned().unwrap_or_default();
        Ok((customer.contact, address))
    }

    pub fn waiting(&mut self) -> Result<&[Waiting], StoreError> {
        let (reader, names) = (&self.reader, &self.around.names);
        let waiting = self.waiting.read((self.revision, names.today()), &self.spent, |_| {
            let rows = reader.waiting(WAITING_SHOWN)?;
            Ok(rows.into_iter().map(|row| Waiting { words: row.words, at: names.local(row.since) }).collect())
        })?;
        Ok(waiting)
    }

    pub fn attention(&mut self) -> Result<&AttentionData, StoreError> {
        let (reader, names) = (&self.reader, &self.around.names);
        let data = self.attention.read((self.revision, names.today()), &self.spent, |_| {
            let mut items = Vec::new();
            let entries = reader.attention()?;
            let listed: Vec<_> = entries.iter().map(|entry| entry.edit.id).collect();
            let mut back = Vec::new();
            for entry in entries {
                if entry.is_back_on_the_server() {
                    back.push(entry.edit.id);
                    continue;
                }
                let at = entry.edit.parts.first().map_or(entry.since, |part| part.at);
                let change = changeable(reader, &entry)?;
                items.push(item(entry, &listed, names.when(at), names, change));
            }
            let damaged = reader.damaged()?.into_iter().map(|one| rotted(one, names)).collect();
            Ok(AttentionData { items, damaged, back, today: names.today() })
        })?;
        Ok(data)
    }
}

fn window(typed: &str, page: usize) -> ListQuery {
    ListQuery { typed: typed.to_owned(), with_retired: true, from: page * PAGE, limit: PAGE }
}

/// `words` of an entry end in what it is about, after a dot.
fn item(
    entry: Attention,
    listed: &[EditId],
    when: String,
    names: &Names,
    change: Option<Change>,
) -> AttentionItem {
    let (wanted, about) = entry.words.rsplit_once(" · ").unwrap_or((&entry.words, ""));
    let standing = match &entry.verdict {
        // Once what it waited for is settled, it can be tried again.
        Verdict::Blocked { by, .. } if listed.contains(by) => Standing::WaitsForAbove,
        Verdict::Discarded { by: Some(Decided { by, at, reason, .. }) } => {
            Standing::GivenUp(format!("{} gave it up {}: {reason}", names.person(*by), names.when(*at)))
        }
        verdict if !verdict.may_be_given_up() => Standing::Held,
        _ => Standing::Refused,
    };
    AttentionItem {
        edit: entry.edit.id,
        wanted: wanted.to_owned(),
        about: capital(about),
        when,
        person: names.person(entry.edit.person).to_owned(),
        findings: each_once(entry.verdict.findings()),
        standing,
        thing: entry.edit.parts.first().and_then(|part| thing(part.doc)),
        change,
    }
}

/// Several parts of an entry may meet the same.
fn each_once(findings: &[Finding]) -> Vec<Finding> {
    let mut said: Vec<Finding> = Vec::new();
    for finding in findings {
        if !said.contains(finding) {
            said.push(finding.clone());
        }
    }
    said
}

fn rotted(entry: Damaged, names: &Names) -> DamagedItem {
    DamagedItem {
        nth: entry.nth,
        told: entry.told(),
        when: entry.since.map(|at| names.when(at)).unwrap_or_default(),
        advice: entry.advice(),
        sent: entry.sent,
        thing: entry.docs.first().and_then(|doc| thing(*doc)),
    }
}

/// An entry of one command with one value can be given another one where it stands.
fn changeable(reader: &Reader, entry: &Attention) -> Result<Option<Change>, StoreError> {
    let [part] = &entry.edit.parts[..] else { return Ok(None) };
    let order: Option<Order> = match part.doc.kind {
        DocKind::Order => reader.document(part.doc)?,
        _ => None,
    };
    let unit = |line| {
        order.as_ref().and_then(|order| order.lines.get(&line)).map(|line| line.unit).unwrap_or_default()
    };
    Ok(Change::of(part.doc, &part.command, unit))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn thing(addr: DocAddr) -> Option<Thing> {
    match addr.kind {
        DocKind::Order => Some(Thing::Order(addr.id.into())),
        DocKind::Customer => Some(Thing::Customer(addr.id.into())),
        DocKind::Product => Some(Thing::Product(addr.id.into())),
        DocKind::Location => Some(Thing::Location(addr.id.into())),
        _ => None,
    }
}
