//! The series of receipts: without gaps, unchanged, each after the one before. Sales that were not accepted
//! were printed all the same, so their edits count with the documents.

use sqlx::PgConnection;
use waybill_shared::{
    command::Command,
    edit::Edit,
    order::{What, receipt::Receipts},
    protocol::{decode, limits},
    view::View,
};

use super::{CheckError, Checked};

/// What a document holds.
pub fn note(receipts: &mut Receipts, view: &View) {
    let View::Order(order) = view else { return };
    for fact in order.facts.values() {
        if let What::Sale(sale) = &fact.what {
            receipts.note(fact.device, sale);
        }
    }
}

pub async fn check(
    conn: &mut PgConnection,
    mut receipts: Receipts,
    checked: &mut Checked,
) -> Result<(), CheckError> {
    let bodies: Vec<Vec<u8>> = sqlx::query_scalar(
        "select body from sync.edit where verdict not in ('accepted', 'rewritten') and body is not null",
    )
    .fetch_all(conn)
    .await?;
    for body in bodies {
        // One that does not read is not the business of receipts.
        let Ok(edit) = decode::<Edit>(&body, limits::EDIT) else { continue };
        for part in &edit.parts {
            if let Command::OrderRecordSale(record) = &part.command {
                receipts.note(edit.device, &record.sale);
            }
        }
    }
    receipts.wrong().into_iter().for_each(|wrong| checked.wrong(wrong));
    Ok(())
}
