//! The till: what is sold on one side, what is searched or scanned on the other, Pay at the bottom.

mod pay;
mod view;

use waybill_shared::id::LocationId;
use waybill_shared::money::Currency;
use waybill_shared::order::Line;
use waybill_shared::quantity::Quantity;

pub use pay::PayForm;
pub use view::till_ui;

use crate::desktop::pick::{Picker, ProductHit};

#[derive(Clone, Debug)]
pub struct TillData {
    pub products: Vec<ProductHit>,
    pub currency: Currency,
    pub location: LocationId,
    pub location_name: String,
    pub channel: String,
}

#[derive(Clone, Debug)]
pub struct TillState {
    pub product: Picker,
    pub lines: Vec<Line>,
    /// The line that plus and minus and the number pad work on.
    pub selected: Option<usize>,
    pub pay: Option<PayForm>,
}

impl Default for TillState {
    fn default() -> Self {
        let product = Picker { focus: true, ..Picker::default() };
        Self { product, lines: Vec::new(), selected: None, pay: None }
    }
}

impl TillState {
    /// One more of the product; a scanned code adds at once.
    fn add(&mut self, hit: &ProductHit) {
        let one = hit.unit.parse("1").unwrap_or(Quantity::new(1));
        let at = self.lines.iter().position(|line| line.product == Some(hit.id));
        let at = at.unwrap_or_else(|| {
            self.lines.push(hit.line(Quantity::ZERO, self.lines.len() as i64));
            self.lines.len() - 1
        });
        if let Some(line) = self.lines.get_mut(at) {
            line.quantity += one;
        }
        self.selected = Some(at);
        self.product.clear();
    }

    /// More or less of the selected line; at zero it goes.
    fn change(&mut self, by: i64) {
        let Some(at) = self.selected else { return };
        let Some(line) = self.lines.get_mut(at) else { return };
        let one = line.unit.parse("1").unwrap_or(Quantity::new(1));
        line.quantity += Quantity::new(one.count().saturating_mul(by));
        if !line.quantity.is_positive() {
            self.lines.remove(at);
            self.selected = self.lines.len().checked_sub(1);
        }
    }

    /// A digit of the number pad, behind what stands there.
    fn digit(&mut self, digit: i64) {
        let Some(line) = self.selected.and_then(|at| self.lines.get_mut(at)) else { return };
        let one = line.unit.parse("1").unwrap_or(Quantity::new(1)).count();
        let whole = (line.quantity.count() / one).saturating_mul(10).saturating_add(digit);
        if whole < 100_000 {
            line.quantity = Quantity::new(whole.saturating_mul(one));
        }
    }

    fn rub(&mut self) {
        let Some(line) = self.selected.and_then(|at| self.lines.get_mut(at)) else { return };
        let one = line.unit.parse("1").unwrap_or(Quantity::new(1)).count();
        line.quantity = Quantity::new(line.quantity.count() / one / 10 * one);
    }

    fn ready(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.quantity.is_positive())
    }
}
