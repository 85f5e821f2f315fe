//! Who works in it, and what each may see: said once more, apart from the code that is tested.

use uuid::Uuid;
use waybill_shared::{id::LocationId, rules::roles::Role};

#[derive(Debug, PartialEq, Eq)]
pub struct Post {
    pub name: &'static str,
    pub role: Role,
    pub place: LocationId,
}

const HERE: LocationId = LocationId::new(Uuid::from_u128(0x7001_0000_0000_7000_8000_0000_0000_0001));
const ELSEWHERE: LocationId = LocationId::new(Uuid::from_u128(0x7001_0000_0000_7000_8000_0000_0000_0002));

const fn post(name: &'static str, role: Role, place: LocationId) -> Post {
    Post { name, role, place }
}

/// One of each role, in the order of `Role::ALL`.
pub const AUTHORS: &[Post] = &[
    post("ada", Role::Admin, HERE),
    post("max", Role::Manager, HERE),
    post("sara", Role::Sales, HERE),
    post("simon", Role::Service, HERE),
    post("wanda", Role::Warehouse, HERE),
    post("tilda", Role::Shop, HERE),
    post("dora", Role::Driver, HERE),
    post("anton", Role::Analyst, HERE),
];

/// Their likes at the other place.
pub const OTHERS: &[Post] = &[
    post("walter", Role::Warehouse, ELSEWHERE),
    post("theo", Role::Shop, ELSEWHERE),
    post("emil", Role::Driver, ELSEWHERE),
];

pub const PLACES: [LocationId; 2] = [HERE, ELSEWHERE];

/// The driver of each place.
pub const DRIVERS: [&str; 2] = ["dora", "emil"];

pub fn all() -> impl Iterator<Item = &'static Post> {
    AUTHORS.iter().chain(OTHERS)
}

/// Who may see a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// An order: the office, those who work at its place, and its driver or who sold out of the van.
    Order {
        place: LocationId,
        driver: Option<&'static str>,
    },
    Customer,
    Office,
    Everyone,
}

impl Sight {
    pub fn meets(self, post: &Post) -> bool {
        let office = matches!(post.role, Role::Admin | Role::Manager | Role::Sales | Role::Analyst);
        let serves = matches!(post.role, Role::Shop | Role::Service);
        match self {
            Self::Everyone => true,
            Self::Office => office,
            Self::Customer => office || serves,
            Self::Order { place, driver } => {
                let at_the_place = (serves || post.role == Role::Warehouse) && post.place == place;
                let drives = post.role == Role::Driver && driver == Some(post.name);
                office || at_the_place || drives
            }
        }
    }
}
