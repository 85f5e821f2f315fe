//! What is paid under one id is one payment: the same money twice in an order would be once in the reports.

use crate::{
    finding::Finding,
    id::FactId,
    order::{Order, What, commands::OrderCommand},
};

pub fn judge(command: &OrderCommand, after: &Order) -> Option<Finding> {
    let (own, paid): (FactId, Vec<FactId>) = match command {
        OrderCommand::TakePayment(taken) => (taken.id, vec![taken.id]),
        OrderCommand::RecordSale(record) => (record.id, record.sale.payments.keys().copied().collect()),
        _ => return None,
    };
    let others = after.facts.iter().filter(|(id, _)| **id != own);
    let mut known = others.flat_map(|(id, fact)| match &fact.what {
        What::Payment(_) => vec![*id],
        What::Sale(sale) => sale.payments.keys().copied().collect(),
        _ => Vec::new(),
    });
    known.find(|id| paid.contains(id)).map(|id| {
        let what = "Another payment on this order has the same id.";
        Finding::malformed(&format!("payments/{id}"), what, "Give every payment an id of its own.")
    })
}
