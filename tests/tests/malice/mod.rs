pub mod floods;
pub mod ids;
pub mod silence;
