//! What the window remembers between runs: colours, filters, order of the list.

use super::panels::orders::{Filter, SavedFilter};
use super::theme::ThemeChoice;
use super::widgets::table::Sort;

const KEY: &str = "waybill";

#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Remembered {
    pub theme: ThemeChoice,
    pub filter: Filter,
    pub saved: Vec<SavedFilter>,
    pub sort: Option<Sort>,
    pub server: String,
    pub name: String,
    pub device: String,
    pub lock_after: LockAfter,
}

/// How long the window stays open when nobody touches it, where there is a PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum LockAfter {
    One,
    #[default]
    Five,
    Fifteen,
    Hour,
}

impl LockAfter {
    pub const ALL: [Self; 4] = [Self::One, Self::Five, Self::Fifteen, Self::Hour];

    pub fn minutes(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Five => 5,
            Self::Fifteen => 15,
            Self::Hour => 60,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::One => "1 minute",
            Self::Five => "5 minutes",
            Self::Fifteen => "15 minutes",
            Self::Hour => "1 hour",
        }
    }
}

impl Remembered {
    /// What does not read is forgotten.
    pub fn load(storage: Option<&dyn eframe::Storage>) -> Self {
        let text = storage.and_then(|storage| storage.get_string(KEY));
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    pub fn save(&self, storage: &mut dyn eframe::Storage) {
        if let Ok(text) = serde_json::to_string(self) {
            storage.set_string(KEY, text);
        }
    }
}
