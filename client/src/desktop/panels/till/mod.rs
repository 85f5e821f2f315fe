//! The till: what is sold on one side, what is searched or scanned on the other, Pay at the bottom.

mod pay;
mod view;

use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::Line;
use waybill_shared::quantity::Quantity;

pub use pay::PayForm;
pub use view::till_ui;

use crate::booked_at::BookedAt;
use crate::desktop::not_sold::NotSold;
use crate::desktop::pick::{Picker, ProductHit};

#[derive(Clone, Debug)]
pub struct TillData {
    pub products: Vec<ProductHit>,
    pub currency: Currency,
    pub at: BookedAt,
}

#[derive(Clone, Debug)]
pub struct TillState {
    pub product: Picker,
    /// Why the last code sold nothing: no product has it, or several.
    pub unknown: Option<String>,
    /// The last product that could not be sold.
    pub not_sold: Option<NotSold>,
    pub lines: Vec<Line>,
    /// The line that plus and minus and the number pad work on.
    pub selected: Option<usize>,
    pub pay: Option<PayForm>,
    /// What the last customer gets back, until the next product is taken up.
    pub change: Option<(Amount, Currency)>,
}

impl Default for TillState {
    fn default() -> Self {
        let product = Picker { focus: true, ..Picker::default() };
        Self {
            product,
            unknown: None,
            not_sold: None,
            lines: Vec::new(),
            selected: None,
            pay: None,
            change: None,
        }
    }
}

impl TillState {
    /// After a sale.
    pub fn sold(change: Option<(Amount, Currency)>) -> Self {
        Self { change: change.filter(|(amount, _)| !amount.is_zero()), ..Self::default() }
    }

    /// One more of the product; a scanned code adds at once. The field is free for the next one, also where this
    /// one cannot be sold.
    fn add(&mut self, hit: &ProductHit) {
        self.product.clear();
        (self.change, self.unknown) = (None, None);
        let one = hit.unit.parse("1").unwrap_or(Quantity::new(1));
        let at = self.lines.iter().position(|line| line.product == Some(hit.id));
        if let Some(line) = at.and_then(|at| self.lines.get_mut(at)) {
            line.quantity += one;
            self.selected = at;
            return;
        }
        match hit.line(one, self.lines.len() as i64) {
            Ok(line) => {
                self.lines.push(line);
                self.selected = self.lines.len().checked_sub(1);
            }
            Err(finding) => self.not_sold = Some(NotSold::new(hit.id, &finding)),
        }
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
