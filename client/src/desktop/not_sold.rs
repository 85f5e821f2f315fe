//! What was chosen and cannot be sold as it stands: why, and the way to where it is put right. It stays until its
//! user closes it: at a till the next code may be scanned before anybody looks.

use egui::Ui;
use waybill_shared::finding::Finding;
use waybill_shared::id::ProductId;

use super::intent::{Intent, Thing};
use super::pick::Picker;
use super::theme::{self, tokens};
use super::widgets::button;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSold {
    product: ProductId,
    words: String,
}

impl NotSold {
    pub fn new(product: ProductId, finding: &Finding) -> Self {
        Self { product, words: format!("{} {}", finding.what, finding.remedy) }
    }
}

/// Beside the field where the next product is typed, which has the keyboard again afterwards.
pub fn not_sold_ui(ui: &mut Ui, not_sold: &mut Option<NotSold>, field: &mut Picker) -> Option<Intent> {
    let NotSold { product, words } = not_sold.as_ref()?;
    let product = *product;
    let t = tokens(ui);
    let (mut on, mut leave) = (false, false);
    egui::Frame::new().fill(t.bad.ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.add(egui::Label::new(egui::RichText::new(words).color(t.bad.ink)).wrap());
        ui.horizontal(|ui| {
            on = button::plain(ui, "Go to the product", "What is entered here stays").clicked();
            leave = button::quiet(ui, "Close", "It is not sold").clicked();
        });
    });
    if on || leave {
        *not_sold = None;
        field.focus = true;
    }
    on.then_some(Intent::Open(Thing::Product(product)))
}
