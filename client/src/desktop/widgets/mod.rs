//! The same thing looks the same everywhere: one small widget per file.

pub mod button;
pub mod card;
pub mod chip;
pub mod columns;
pub mod date;
pub mod empty_state;
pub mod facts;
pub mod field;
pub mod key_help;
pub mod money;
pub mod notice;
pub mod pin_pad;
pub mod quantity;
pub mod search_field;
pub mod sheet;
pub mod signature;
pub mod sync_chip;
pub mod table;
pub mod timeline;
