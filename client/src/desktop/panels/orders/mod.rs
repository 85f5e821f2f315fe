//! The orders list: what is asked for, what is shown, and how it is drawn.

pub mod data;
pub mod filter;
pub mod marks;
mod view;

pub use data::OrdersData;
pub use filter::{Chip, Filter, SavedFilter};
pub use view::{COLUMNS, OrdersState, orders_ui};
