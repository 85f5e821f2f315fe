//! Waybill's server: it takes what devices did, judges it, keeps it, and tells everybody who may know.

pub mod accounts;
pub mod app;
pub mod archive;
pub mod attachments;
pub mod backup;
mod callers;
pub mod check;
pub mod cli;
pub mod database;
pub mod demo;
pub mod epoch;
pub mod erase;
pub mod held;
pub mod http;
pub mod intake;
mod joint;
mod listener;
pub mod log;
pub mod postgres;
mod progress;
pub mod proof;
pub mod reports;
pub mod server;
pub mod settings;
mod sides;
pub mod sync;
pub mod telemetry;
pub mod tls;
pub mod trim;

/// Judging makes and drops many small maps on several threads; profiles show much of its time in allocation.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
