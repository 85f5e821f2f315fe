//! People, their roles, and the devices they are enrolled on. None of it is a document: it lives in PostgreSQL
//! only, and devices see names.

pub mod devices;
mod enrolment;
mod names;
mod password;
mod password_rules;
mod people;
pub mod places;
mod reset;
mod session;
mod throttle;

use sqlx::PgPool;

use crate::settings::Limits;

pub use enrolment::{DeviceClaim, Enrolled, SignIn, SignInRefused};
pub use password_rules::WeakPassword;
pub use people::{
    NewPerson, PeopleError, Person, add_location, add_role, create_person, find, list, name_of,
    remove_location, remove_role, restore, revoke, set_password,
};
pub use reset::reset_code;
pub use session::{AuthRefused, Contact, PersonGrant, Session};

/// Signing in and recognising devices, for everything that the network can reach. One per server process: the
/// waits after wrong passwords are kept in memory.
#[derive(Debug)]
pub struct Accounts {
    pool: PgPool,
    throttle: throttle::Throttle,
    passwords: password::Checker,
    /// On which a person is let in by password alone within a day.
    new_devices: u32,
}

impl Accounts {
    pub fn new(pool: PgPool, limits: &Limits) -> Accounts {
        Accounts {
            pool,
            throttle: throttle::Throttle::new(limits.sign_in_attempts, limits.sign_in_longest_wait),
            passwords: password::Checker::new(limits.sign_ins_at_once),
            new_devices: limits.new_devices_per_day,
        }
    }
}
