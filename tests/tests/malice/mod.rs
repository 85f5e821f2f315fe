pub mod floods;
pub mod silence;
