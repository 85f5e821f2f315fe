//! One order: its status, facts, lines and timeline, the next step, and everything that can be done with it.

pub mod data;
mod facts_card;
pub mod files;
mod files_card;
mod lines_card;
pub mod sheets;
mod view;

pub use data::{DetailLine, Next, OrderDetail};
pub use files::{FileRow, FileState};
pub use sheets::Sheet;
pub use view::{DetailState, order_ui};
