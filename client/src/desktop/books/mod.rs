//! What the panels show, read from the store: looked up again only when something was committed, or when
//! something else is asked for.

mod details;
mod lists;
mod report;

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use waybill_shared::id::{CustomerId, LocationId, OrderId, PersonId, ProductId, SettingsId};
use waybill_shared::money::Currency;
use waybill_shared::protocol::frame;
use waybill_shared::rules::roles::{self, Role, When};
use waybill_shared::session::store::{Meta, StoreError};
use waybill_shared::settings::Settings;
use waybill_shared::time::Timestamp;

use super::names::{May, Names};
use super::panels::attention::AttentionData;
use super::panels::customers::{CustomerDetail, CustomersData};
use super::panels::locations::{LocationDetail, LocationsData};
use super::panels::order::OrderDetail;
use super::panels::orders::OrdersData;
use super::panels::products::{ProductDetail, ProductsData};
use super::panels::reports::ReportsData;
use super::panels::settings::Business;
use super::widgets::sync_chip::Waiting;
use crate::booked_at::{BookedAt, Deed};
use crate::store::{OpenError, OrderList, OrderQuery, Reader};
use report::Report;

/// A value with what it was read for; read again when that differs.
#[derive(Debug)]
struct Kept<K, V> {
    key: Option<K>,
    value: V,
}

impl<K, V: Default> Default for Kept<K, V> {
    fn default() -> Self {
        Self { key: None, value: V::default() }
    }
}

impl<K: PartialEq, V> Kept<K, V> {
    /// What does not read now keeps what was read before; the words of the error are the caller's to show.
    fn read(
        &mut self,
        key: K,
        spent: &Spent,
        read: impl FnOnce(&V) -> Result<V, StoreError>,
    ) -> Result<&mut V, StoreError> {
        if self.key.as_ref() != Some(&key) {
            self.value = spent.on(|| read(&self.value))?;
            self.key = Some(key);
        }
        Ok(&mut self.value)
    }
}

/// How long the last look at the file took: while much arrives, a window over a large file looks again
/// only as often as leaves it most of its time for its user.
#[derive(Debug, Default)]
struct Spent(Cell<Duration>);

impl Spent {
    fn on<T>(&self, read: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let value = read();
        self.0.set(self.0.get() + began.elapsed());
        value
    }
}

const REST: u32 = 4;

/// What everything on the screen needs to know.
#[derive(Clone, Debug)]
pub struct Around {
    pub me: Option<PersonId>,
    pub my_name: String,
    pub roles: Vec<Role>,
    pub may: May,
    pub names: Names,
    /// People who have signed in on this device.
    pub here: Vec<Here>,
    /// Nobody works here now; whoever wants to gives a PIN.
    pub locked: bool,
    /// The company wants the file encrypted.
    pub encrypts: bool,
    pub people: Vec<(String, String)>,
    pub settings: Settings,
    /// The business as who works here may see and change it.
    pub business: Business,
    pub meta: Meta,
    pub server: String,
    /// Where whoever works here sells, and where the orders are booked.
    pub sales_at: BookedAt,
    pub orders_at: BookedAt,
}

/// Somebody who has signed in on this device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    pub id: PersonId,
    pub name: String,
    pub pin: bool,
    pub admin: bool,
}

impl Around {
    pub const fn booked_at(&self, deed: Deed) -> &BookedAt {
        match deed {
            Deed::Sale => &self.sales_at,
            Deed::Order => &self.orders_at,
        }
    }

    /// Whoever works here now has a PIN.
    pub fn has_pin(&self) -> bool {
        self.here.iter().any(|one| Some(one.id) == self.me && one.pin)
    }
}

pub struct Books {
    reader: Reader,
    revision: u64,
    spent: Spent,
    rest_until: Option<Instant>,
    around: Around,
    orders: Kept<(u64, OrderQuery), (OrderList, OrdersData)>,
    order: Kept<(u64, OrderId, NaiveDate), Option<OrderDetail>>,
    customers: Kept<(u64, String), CustomersData>,
    customer: Kept<(u64, CustomerId, NaiveDate), Option<CustomerDetail>>,
    products: Kept<(u64, String, NaiveDate), ProductsData>,
    product: Kept<(u64, ProductId, NaiveDate), Option<ProductDetail>>,
    locations: Kept<u64, LocationsData>,
    location: Kept<(u64, LocationId, NaiveDate), Option<LocationDetail>>,
    attention: Kept<(u64, NaiveDate), AttentionData>,
    waiting: Kept<(u64, NaiveDate), Vec<Waiting>>,
    report: Report,
    reports: ReportsData,
}

impl Books {
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let reader = Reader::open(dir)?;
        let around = around(&reader, now).map_err(|error| OpenError::Unread(error.0))?;
        Ok(Self {
            reader,
            revision: 0,
            spent: Spent::default(),
            rest_until: None,
            around,
            orders: Kept::default(),
            order: Kept::default(),
            customers: Kept::default(),
            customer: Kept::default(),
            products: Kept::default(),
            product: Kept::default(),
            locations: Kept::default(),
            location: Kept::default(),
            attention: Kept::default(),
            waiting: Kept::default(),
            report: Report::new(dir),
            reports: ReportsData::default(),
        })
    }

    /// Looks again when the revision is another; what is now is always now. How long it rests where it
    /// looked a moment ago.
    pub fn refresh(&mut self, revision: u64, now: Timestamp) -> Result<Option<Duration>, StoreError> {
        self.around.names.now = self.around.meta.now(now);
        if revision == self.revision {
            return Ok(None);
        }
        let rest = self.rest_until.map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            return Ok(Some(rest));
        }
        self.rest_until = Some(Instant::now() + self.spent.0.take() * REST);
        self.around = self.spent.on(|| around(&self.reader, now))?;
        self.revision = revision;
        Ok(None)
    }

    /// What the user did is looked at without rest.
    pub fn look_now(&mut self) {
        self.rest_until = None;
    }

    pub fn around(&self) -> &Around {
        &self.around
    }

    pub fn business(&self) -> &Business {
        &self.around.business
    }

    pub fn currency(&self) -> Currency {
        self.around.settings.fields.currency
    }

    pub fn today(&self) -> NaiveDate {
        self.around.names.today()
    }
}

fn around(reader: &Reader, now: Timestamp) -> Result<Around, StoreError> {
    let settings = reader.settings()?;
    let local = reader.local()?;
    let meta = reader.meta()?;
    let all = reader.names()?;
    let roles = local.person.map(|me| roles_of(&all, me)).unwrap_or_default();
    let names = names(&all, reader, &settings, &meta, now)?;
    let here = all.here.iter().map(|grant| Here {
        id: grant.person,
        name: names.person(grant.person).to_owned(),
        pin: local.pinned.contains(&grant.person),
        admin: grant.roles.contains(&Role::Admin),
    });
    let (here, locked) = (here.collect(), local.is_locked(&all.here));
    let people = all.people.iter().map(|person| (person.name.clone(), role_words(&person.roles))).collect();
    let may = may(&roles);
    let business = Business {
        settings: settings.clone(),
        confirmed: reader.confirmed(SettingsId::ONLY)?.unwrap_or_default(),
        may: may.clone(),
    };
    Ok(Around {
        me: local.person,
        my_name: local.person.map(|me| names.person(me).to_owned()).unwrap_or_default(),
        may,
        business,
        roles,
        names,
        here,
        locked,
        encrypts: all.encrypt,
        people,
        settings,
        meta,
        server: local.account.map(|account| account.server).unwrap_or_default(),
        sales_at: BookedAt::of(reader, local.person, Deed::Sale)?,
        orders_at: BookedAt::of(reader, local.person, Deed::Order)?,
    })
}

fn roles_of(names: &frame::Names, me: PersonId) -> Vec<Role> {
    let here = names.here.iter().find(|grant| grant.person == me).map(|grant| grant.roles.clone());
    let known = || names.people.iter().find(|person| person.id == me).map(|person| person.roles.clone());
    here.or_else(known).unwrap_or_default()
}

fn names(
    all: &frame::Names,
    reader: &Reader,
    settings: &Settings,
    meta: &Meta,
    now: Timestamp,
) -> Result<Names, StoreError> {
    let mut devices: std::collections::BTreeMap<_, _> =
        all.devices.iter().map(|device| (device.id, device.name.clone())).collect();
    if !meta.device_name.is_empty() {
        devices.insert(meta.device, meta.device_name.clone());
    }
    let locations = reader.locations()?.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(Names {
        people: all.people.iter().map(|person| (person.id, person.name.clone())).collect(),
        devices,
        locations,
        drivers: all
            .people
            .iter()
            .filter(|person| person.roles.contains(&Role::Driver))
            .map(|person| person.id)
            .collect(),
        zone: settings.fields.zone,
        now: meta.now(now),
    })
}

/// What any of the roles may do somewhere; whether here, the rules say when it is done.
fn may(roles: &[Role]) -> May {
    let rows = roles::table().filter(|row| roles.iter().any(|role| row.when(*role) != When::Never));
    May::of(rows.map(|row| row.command))
}

pub fn role_words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.words()).collect::<Vec<_>>().join(", ")
}
