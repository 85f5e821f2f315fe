//! The desktop window: data from the store, drawn by panels that decide nothing.

mod answers;
pub mod app;
pub mod books;
mod carry_out;
mod desk;
pub mod drafts;
mod files;
pub mod folder;
pub mod fonts;
pub mod frame;
pub mod icons;
pub mod intent;
pub mod keys;
pub mod later;
pub mod limits;
pub mod names;
pub mod not_sold;
pub mod online;
pub mod paged;
pub mod panels;
mod people;
mod person_menu;
pub mod pick;
pub mod picture;
pub mod place;
mod places;
pub mod rail;
pub mod refusal;
pub mod remembered;
mod run;
pub mod sealed;
pub mod sync_state;
pub mod theme;
pub mod top_bar;
pub mod widgets;

pub use run::run;
