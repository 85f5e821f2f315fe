//! Real processes for scenarios: a server on its own PostgreSQL, and devices that are driven as a person or a
//! script drives them, by the command line. Everything is killed and deleted when it is dropped.

mod clerk;
mod cluster;
mod company;
mod database;
mod device;
mod replica;
mod script;
mod server;
#[cfg(target_os = "linux")]
mod small_disk;
mod tls;
mod versions;
mod wire;
mod words;

use std::time::{Duration, Instant};

pub use clerk::{Clerk, order_of_ten};
pub use cluster::Cluster;
pub use company::{Company, alike};
pub use database::Database;
pub use device::{Device, NotDone, Running, program};
pub use replica::Pair;
pub use script::Script;
pub use server::Server;
#[cfg(target_os = "linux")]
pub use small_disk::SmallDisk;
pub use tls::Encrypted;
pub use versions::Versions;
pub use wire::Wire;
pub use words::split;

/// Looks again and again until something is so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came about: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
