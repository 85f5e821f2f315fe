//! The desktop window: data from the store, drawn by panels that decide nothing.

pub mod fonts;
pub mod frame;
pub mod icons;
pub mod keys;
pub mod place;
pub mod rail;
pub mod theme;
pub mod top_bar;
pub mod widgets;
