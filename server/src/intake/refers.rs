//! The documents that an edit names beside those that it works on.

use std::collections::BTreeMap;

use waybill_shared::{
    command::Command,
    edit::Edit,
    id::{CustomerId, LineId, LocationId},
    kind::DocAddr,
    order::Line,
};

use super::Named;

/// Customers, products, places, and what notes are about. Terms belong to something, too, but what that is does not
/// follow from their id.
pub fn refers_to(edit: &Edit) -> Vec<Named> {
    let mut names = Vec::new();
    for part in &edit.parts {
        match &part.command {
            Command::OrderCreate(create) => {
                head(&mut names, create.customer, create.location);
                lines(&mut names, &create.lines);
            }
            Command::OrderAddLine(add) => line(&mut names, "line", &add.line),
            Command::OrderRecordSale(record) => {
                head(&mut names, record.sale.customer, record.sale.location);
                lines(&mut names, &record.sale.lines);
            }
            Command::OrderHandOver(over) => {
                over.shown
                    .iter()
                    .for_each(|(id, shown)| line(&mut names, &format!("shown/{id}/line"), &shown.line));
            }
            Command::NotesWrite(write) => add(&mut names, "about".to_owned(), write.about),
            _ => {}
        }
    }
    names
}

fn head(names: &mut Vec<Named>, customer: Option<CustomerId>, location: LocationId) {
    add(names, "location".to_owned(), location.into());
    if let Some(customer) = customer {
        add(names, "customer".to_owned(), customer.into());
    }
}

fn lines(names: &mut Vec<Named>, lines: &BTreeMap<LineId, Line>) {
    lines.iter().for_each(|(id, one)| line(names, &format!("lines/{id}"), one));
}

fn line(names: &mut Vec<Named>, field: &str, line: &Line) {
    if let Some(product) = line.product {
        add(names, format!("{field}/product"), product.into());
    }
}

fn add(names: &mut Vec<Named>, field: String, doc: DocAddr) {
    names.push(Named { field, doc });
}
