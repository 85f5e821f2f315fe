//! Money that was taken and goods that left by held edits: rows of their own, apart from every document. They are
//! there as long as the edit is held, and in no figure of revenue.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    edit::{Edit, Part, Verdict},
    id::{EditId, FactId, Id, LineId},
    order::commands::OrderCommand,
    order::{Line, Payment, amounts},
    quantity::{Quantity, Unit},
};

use super::{
    column::{self, Word, money, opt_text, text},
    rows::{self, Difference},
    table::{self, Row, table},
    words,
};
use crate::{joint::Joint, log::Batch};

table! {
    HeldPaymentRow in "report.held_payments" by (edit_id: Uuid, payment_id: Uuid) {
        order_id: Uuid,
        taken_at: DateTime<Utc>,
        business_day: NaiveDate,
        month: NaiveDate,
        person_id: Uuid,
        device_id: Uuid,
        counter_sale: bool,
        method: Word,
        state: Word,
        amount: Decimal,
        currency: Word,
        reference: Option<String>,
    }
}

table! {
    HeldGoodsRow in "report.held_goods" by (edit_id: Uuid, fact_id: Uuid, line_id: Uuid) {
        order_id: Uuid,
        what: Word,
        happened_at: DateTime<Utc>,
        business_day: NaiveDate,
        month: NaiveDate,
        person_id: Uuid,
        device_id: Uuid,
        product_id: Option<Uuid>,
        name: String,
        quantity: Decimal,
        unit: Word,
        currency: Option<String>,
        gross: Option<Decimal>,
    }
}

/// Of one held edit or of several, each list in the order of its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldRows {
    pub payments: Vec<HeldPaymentRow>,
    pub goods: Vec<HeldGoodsRow>,
}

impl HeldRows {
    /// What a device that nobody believes put under one id twice is one row: the later one.
    pub fn of(edit: &Edit) -> Self {
        let (mut payments, mut goods) = (BTreeMap::new(), BTreeMap::new());
        for part in &edit.parts {
            let mut pay = |id: FactId, payment: &Payment, counter_sale: bool| {
                payments.insert(id, payment_row(edit, part, id, payment, counter_sale));
            };
            let mut leave = |fact: FactId, id: LineId, line: Option<&Line>, quantity, gross, what| {
                let row = goods_row(edit, part, (fact, id), line, quantity, gross, what);
                goods.insert((fact, id), row);
            };
            match &part.command {
                Command::Order(OrderCommand::TakePayment(taken)) => pay(taken.id, &taken.payment, false),
                Command::Order(OrderCommand::RecordSale(record)) => {
                    let sale = &record.sale;
                    sale.payments.iter().for_each(|(id, payment)| pay(*id, payment, true));
                    for (id, line) in &sale.lines {
                        let gross = Some(amounts::line(line).gross);
                        leave(record.id, *id, Some(line), line.quantity, gross, "sold");
                    }
                }
                Command::Order(OrderCommand::HandOver(over)) => {
                    for (id, quantity) in &over.lines {
                        let shown = over.shown.get(id);
                        let gross = shown.map(|shown| shown.worth(*quantity).gross);
                        leave(over.id, *id, shown.map(|shown| &shown.line), *quantity, gross, "handed_over");
                    }
                }
                _ => {}
            }
        }
        Self { payments: payments.into_values().collect(), goods: goods.into_values().collect() }
    }

    pub fn extend(&mut self, other: Self) {
        self.payments.extend(other.payments);
        self.goods.extend(other.goods);
    }

    pub fn len(&self) -> usize {
        self.payments.len() + self.goods.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything that stands in the tables.
    pub async fn read(conn: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let payments = table::documents::<HeldPaymentRow>(&mut *conn).await?;
        let goods = table::documents::<HeldGoodsRow>(&mut *conn).await?;
        Ok(Self {
            payments: table::read(&mut *conn, &payments).await?,
            goods: table::read(&mut *conn, &goods).await?,
        })
    }

    /// What is wrong with `stored` where these are right.
    pub fn differences(&self, stored: &Self) -> Vec<Difference> {
        let mut differences = rows::differences(&stored.payments, &self.payments);
        differences.extend(rows::differences(&stored.goods, &self.goods));
        differences
    }

    /// Makes these all that stands in the tables.
    pub async fn replace(self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("delete from report.held_payments").execute(&mut *conn).await?;
        sqlx::query("delete from report.held_goods").execute(&mut *conn).await?;
        let mut joint = Joint::default();
        self.put(&mut joint);
        joint.write(conn).await
    }

    fn put(&self, joint: &mut Joint) {
        if !self.payments.is_empty() {
            HeldPaymentRow::upsert(&self.payments.iter().collect::<Vec<_>>(), joint);
        }
        if !self.goods.is_empty() {
            HeldGoodsRow::upsert(&self.goods.iter().collect::<Vec<_>>(), joint);
        }
    }
}

/// Brings the tables to what is held after a batch. Whatever was never held costs nothing.
pub async fn write(conn: &mut PgConnection, batch: &Batch, joint: &mut Joint) -> Result<(), sqlx::Error> {
    let mut last: BTreeMap<EditId, Option<&Edit>> = BTreeMap::new();
    let mut before = Vec::new();
    for entry in &batch.entries {
        let held = matches!(entry.verdict, Verdict::Held { .. });
        let edit = entry.judged.as_ref().map(|judged| &*judged.edit).filter(|_| held);
        // A first attempt that is not held never was; nor was what comes without a review and without an edit.
        if entry.review.is_some() || (entry.attempt > 0 && entry.judged.is_some()) {
            before.push(entry.edit.uuid());
        }
        last.insert(entry.edit, edit);
    }
    if !before.is_empty() {
        for table in [HeldPaymentRow::TABLE, HeldGoodsRow::TABLE] {
            let sql = format!("delete from {table} where edit_id = any ($1)");
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&before).execute(&mut *conn).await?;
        }
    }
    let mut rows = HeldRows::default();
    last.into_values().flatten().for_each(|edit| rows.extend(HeldRows::of(edit)));
    rows.put(joint);
    Ok(())
}

fn payment_row(
    edit: &Edit,
    part: &Part,
    id: FactId,
    payment: &Payment,
    counter_sale: bool,
) -> HeldPaymentRow {
    HeldPaymentRow {
        edit_id: edit.id.uuid(),
        payment_id: id.uuid(),
        order_id: part.doc.id,
        taken_at: column::time(part.at),
        business_day: column::day(edit.booked.day),
        month: column::month(edit.booked.month),
        person_id: edit.person.uuid(),
        device_id: edit.device.uuid(),
        counter_sale,
        method: words::method(payment.method),
        state: words::payment_state(payment.state),
        amount: money(payment.amount),
        currency: payment.currency.code().into(),
        reference: opt_text(payment.reference.as_ref()),
    }
}

/// Without the line as its author saw it, it is not known what it is or what it is worth.
fn goods_row(
    edit: &Edit,
    part: &Part,
    (fact, id): (FactId, LineId),
    line: Option<&Line>,
    quantity: Quantity,
    gross: Option<waybill_shared::money::Amount>,
    what: &'static str,
) -> HeldGoodsRow {
    let unit = line.map_or(Unit::default(), |line| line.unit);
    HeldGoodsRow {
        edit_id: edit.id.uuid(),
        fact_id: fact.uuid(),
        line_id: id.uuid(),
        order_id: part.doc.id,
        what: what.into(),
        happened_at: column::time(part.at),
        business_day: column::day(edit.booked.day),
        month: column::month(edit.booked.month),
        person_id: edit.person.uuid(),
        device_id: edit.device.uuid(),
        product_id: line.and_then(|line| line.product).map(Id::uuid),
        name: line.map(|line| text(&line.name)).unwrap_or_default(),
        quantity: unit.amount(quantity).decimal(),
        unit: words::unit(unit),
        currency: line.map(|line| line.currency.code().to_owned()),
        gross: gross.map(money),
    }
}
