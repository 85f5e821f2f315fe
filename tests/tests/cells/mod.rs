//! The company in which every cell is played.

pub mod company;
pub mod deeds;
pub mod disk;
pub mod scene;
pub mod staff;
