//! The desktop window: data from the store, drawn by panels that decide nothing.

pub mod drafts;
pub mod fonts;
pub mod frame;
pub mod icons;
pub mod intent;
pub mod keys;
pub mod names;
pub mod paged;
pub mod panels;
pub mod pick;
pub mod place;
pub mod rail;
pub mod theme;
pub mod top_bar;
pub mod widgets;
