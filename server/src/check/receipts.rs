//! The series of receipts: without gaps as far as their devices have sent, unchanged, each after the one before. Sales that were not accepted
//! were printed all the same, so their edits count with the documents.

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    edit::Edit,
    id::Id,
    order::commands::OrderCommand,
    order::{
        What,
        receipt::{Gap, Receipts},
    },
    protocol::{decode, limits},
    view::View,
};

use super::{CheckError, Checked};

/// What a document holds.
pub fn note(receipts: &mut Receipts, view: &View) {
    let View::Order(order) = view else { return };
    for fact in order.facts.values() {
        if let What::Sale(sale) = &fact.what {
            receipts.note(fact.device, sale, order.erased.is_some());
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
    .fetch_all(&mut *conn)
    .await?;
    let erased: Vec<Uuid> =
        sqlx::query_scalar("select customer from sync.erasure").fetch_all(&mut *conn).await?;
    for body in bodies {
        // One that does not read is not the business of receipts.
        let Ok(edit) = decode::<Edit>(&body, limits::EDIT) else { continue };
        for part in &edit.parts {
            if let Command::Order(OrderCommand::RecordSale(record)) = &part.command {
                let customer = record.sale.customer.map(Id::uuid);
                let is_erased = customer.is_some_and(|customer| erased.contains(&customer));
                receipts.note(edit.device, &record.sale, is_erased);
            }
        }
    }
    let gaps = receipts.gaps();
    let on_their_way = on_their_way(conn, gaps).await?;
    receipts.wrong(&on_their_way).into_iter().for_each(|wrong| checked.wrong(wrong));
    Ok(())
}

/// What is missing may not have come yet: of two batches the earlier may have been turned away for later, and the
/// next taken. It must be there if its device said of a later receipt that all was settled up to it.
async fn on_their_way(conn: &mut PgConnection, mut gaps: Vec<Gap>) -> Result<Vec<Gap>, CheckError> {
    if gaps.is_empty() {
        return Ok(gaps);
    }
    let devices: Vec<Uuid> = gaps.iter().map(|gap| gap.device.uuid()).collect();
    let mut settled = sqlx::query_scalar(
        "select e.body from sync.edit e join account.device d on d.id = e.device
         where e.device = any ($1) and e.counter <= d.settled and position('order.record_sale/'::bytea in e.body) > 0",
    )
    .bind(devices)
    .fetch(conn);
    while let Some(body) = settled.try_next().await? {
        let body: Vec<u8> = body;
        let Ok(edit) = decode::<Edit>(&body, limits::EDIT) else { continue };
        for part in &edit.parts {
            let Command::Order(OrderCommand::RecordSale(record)) = &part.command else { continue };
            let Some(link) = &record.sale.link else { continue };
            gaps.retain(|gap| {
                (gap.device, &gap.series) != (edit.device, &link.series) || link.nth <= gap.last
            });
        }
    }
    Ok(gaps)
}
