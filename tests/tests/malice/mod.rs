pub mod bytes;
pub mod claims;
pub mod cursors;
pub mod floods;
pub mod ids;
pub mod places;
pub mod silence;
