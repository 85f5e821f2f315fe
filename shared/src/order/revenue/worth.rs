//! Every line that is or was of value in an order, and what it is worth: computed once for all rows.

use std::collections::BTreeMap;

use crate::{
    id::LineId,
    order::{
        Line, Order, What,
        amounts::{self, Totals},
    },
};

pub struct Worth<'a>(BTreeMap<LineId, (&'a Line, Totals)>);

impl<'a> Worth<'a> {
    /// Removed lines too, since goods of them may be out, and those of a sale that was taken back.
    pub fn of(order: &'a Order) -> Self {
        let sold = order.facts.values().filter_map(|fact| match &fact.what {
            What::Sale(sale) => Some(&sale.lines),
            _ => None,
        });
        let all = order.lines.iter().chain(sold.flatten());
        Self(all.map(|(id, line)| (*id, (line, amounts::line(line)))).collect())
    }

    pub fn all(&self) -> impl Iterator<Item = (LineId, &'a Line, Totals)> {
        self.0.iter().map(|(id, (line, totals))| (*id, *line, *totals))
    }

    /// Nothing, for a line that is not there.
    pub fn line(&self, id: LineId) -> Totals {
        self.0.get(&id).map(|(_, totals)| *totals).unwrap_or_default()
    }
}
