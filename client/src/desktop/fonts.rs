//! The embedded type: Waybill Sans (Inter with tabular digits), egui's own fonts behind it for rare signs.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/WaybillSans-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/WaybillSans-SemiBold.otf");

pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("regular".into(), Arc::new(FontData::from_static(REGULAR)));
    fonts.font_data.insert("semibold".into(), Arc::new(FontData::from_static(SEMIBOLD)));
    let behind = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family =
        |first: &str| std::iter::once(first.to_owned()).chain(behind.iter().cloned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family("regular"));
    fonts.families.insert(semibold(), family("semibold"));
    fonts
}

pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}
