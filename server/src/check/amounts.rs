//! Amounts of the report tables against each other, to the cent.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{CheckError, Checked};

const QUESTIONS: &[(&str, &str)] = &[
    (
        "select o.order_id from report.orders o
         left join (select order_id, sum(net) as net, sum(tax) as tax, sum(gross) as gross
                    from report.order_lines group by order_id) l using (order_id)
         where (o.net, o.tax, o.gross) <> (coalesce(l.net, 0), coalesce(l.tax, 0), coalesce(l.gross, 0))",
        "its lines do not add up to it",
    ),
    (
        "select o.order_id from report.orders o
         left join (select order_id, currency, sum(amount) as paid from report.payments
                    where state = 'taken' and not reversed group by order_id, currency) p
                using (order_id, currency)
         where o.paid <> coalesce(p.paid, 0) or o.open <> o.due - o.paid",
        "its payments do not add up to what is paid",
    ),
    (
        "select o.order_id from report.orders o
         left join (select order_id, sum(gross) as paid from report.revenue
                    where measure = 'paid' group by order_id) r using (order_id)
         where o.paid <> coalesce(r.paid, 0)",
        "the revenue paid is not what was paid on it",
    ),
    (
        "select o.order_id from report.orders o
         left join (select order_id, sum(gross) as placed from report.revenue
                    where measure = 'placed' group by order_id) r using (order_id)
         where coalesce(r.placed, 0) <> case when o.agreed_status in ('placed', 'confirmed') and not o.counter_sale
                                             then o.gross else 0 end",
        "the revenue placed is not what was placed",
    ),
    (
        "select distinct order_id from report.revenue where net + tax <> gross",
        "an entry of its revenue is not net plus tax",
    ),
];

pub async fn check(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), CheckError> {
    for (question, what) in QUESTIONS {
        for row in sqlx::query(*question).fetch_all(&mut *conn).await? {
            let id: Uuid = row.try_get(0)?;
            checked.wrong(format!("reports: order/{}: {what}", id.simple()));
        }
    }
    Ok(())
}
