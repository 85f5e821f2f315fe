//! What the lines of an order cost and how much of that is paid: each payment shared out over them.

use super::{share::by_weight, worth::Worth};
use crate::{
    id::LineId,
    money::Amount,
    order::{Line, Order, amounts::Totals},
};

/// In the smallest coin.
pub struct Bill<'a> {
    places: u32,
    lines: Vec<BillLine<'a>>,
}

struct BillLine<'a> {
    id: LineId,
    line: &'a Line,
    gross: i128,
    tax: Amount,
    paid: i128,
    taxed: Amount,
}

/// So much of a payment on one line, or on none.
#[derive(Clone, Copy)]
pub struct Share {
    line: Option<usize>,
    paid: i128,
    tax: Amount,
}

impl<'a> Bill<'a> {
    pub fn new(order: &Order, worth: &Worth<'a>) -> Self {
        let places = order.currency().places();
        let live = worth.all().filter(|(_, line, _)| !line.removed);
        let lines = live
            .map(|(id, line, worth)| {
                let gross = worth.gross.coins(places).max(0);
                BillLine { id, line, gross, tax: worth.tax, paid: 0, taxed: Amount::ZERO }
            })
            .collect();
        Self { places, lines }
    }

    /// First on what is still open (given back: on what was paid), the rest on all lines alike.
    pub fn share_out(&mut self, amount: Amount) -> Vec<Share> {
        let amount = amount.coins(self.places);
        let sign = amount.signum();
        let open: Vec<i128> = self
            .lines
            .iter()
            .map(|line| if sign > 0 { (line.gross - line.paid).max(0) } else { line.paid.max(0) })
            .collect();
        let all: Vec<i128> = self.lines.iter().map(|line| line.gross).collect();
        let first = amount.abs().min(open.iter().fold(0, |sum: i128, open| sum.saturating_add(*open)));
        let mut left = amount.abs();
        let mut shares = vec![0_i128; self.lines.len()];
        for (part, weights) in [(first, open), (left - first, all)] {
            if let Some(parts) = by_weight(part, &weights) {
                shares.iter_mut().zip(parts).for_each(|(share, part)| *share += part);
                left -= part;
            }
        }
        let mut booked: Vec<Share> = Vec::with_capacity(shares.len());
        for (index, paid) in shares.into_iter().enumerate().filter(|(_, paid)| *paid != 0) {
            let share = Share { line: Some(index), paid: sign * paid, tax: self.tax(index, sign * paid) };
            self.take(&share);
            booked.push(share);
        }
        if left != 0 {
            booked.push(Share { line: None, paid: sign * left, tax: Amount::ZERO });
        }
        booked
    }

    /// The tax in it: the difference that it makes to the tax in all that was paid on the line, so that a
    /// line paid in full has all its tax paid.
    fn tax(&self, index: usize, paid: i128) -> Amount {
        let Some(line) = self.lines.get(index).filter(|line| line.gross > 0) else { return Amount::ZERO };
        let taxed = proportion(line.tax.coins(self.places), line.paid + paid, line.gross);
        Amount::from_coins(taxed, self.places) - line.taxed
    }

    pub fn take(&mut self, share: &Share) {
        if let Some(line) = share.line.and_then(|index| self.lines.get_mut(index)) {
            line.paid += share.paid;
            line.taxed += share.tax;
        }
    }

    /// The line that bears it, if one does.
    pub fn line(&self, share: &Share) -> Option<(LineId, &'a Line)> {
        share.line.and_then(|index| self.lines.get(index)).map(|line| (line.id, line.line))
    }

    pub fn totals(&self, share: &Share) -> Totals {
        let gross = Amount::from_coins(share.paid, self.places);
        Totals { net: gross - share.tax, tax: share.tax, gross }
    }
}

impl Share {
    pub fn back(self) -> Self {
        Self { paid: -self.paid, tax: -self.tax, ..self }
    }
}

/// `whole` × `part` ÷ `of`, which is above zero, half away from zero. None of it, if that is beyond any money.
fn proportion(whole: i128, part: i128, of: i128) -> i128 {
    let Some(product) = whole.checked_mul(part) else { return 0 };
    let (quotient, rest) = (product / of, (product % of).abs());
    if rest >= of - rest { quotient + product.signum() } else { quotient }
}
