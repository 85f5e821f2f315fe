//! The panels: each is data, then drawing.

pub mod address;
pub mod attention;
pub mod booked_at;
pub mod change;
pub mod choose_pin;
pub mod customers;
pub mod devices;
pub mod held;
pub mod locations;
pub mod lock;
pub mod new_order;
pub mod notes;
pub mod order;
pub mod orders;
pub mod products;
pub mod reports;
pub mod set_up;
pub mod settings;
pub mod sign_in;
pub mod till;
pub mod trouble;
pub mod wiped;
