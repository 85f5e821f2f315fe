//! The world that Waybill is tested in: production sessions, rules and intake on a simulated clock, network
//! and disk with checkers of the invariants; real processes; and the demo, which is all of it in one binary.

pub mod bench;
pub mod checkers;
pub mod demo;
pub mod faulty_log;
pub mod memory;
pub mod peer;
pub mod protocol_doc;
pub mod real;
pub mod scribe;
pub mod serving;
pub mod simulation;
pub mod stand;
pub mod street;
pub mod wire;
pub mod world;
