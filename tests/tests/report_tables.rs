//! The report schema as somebody with a BI tool meets it.

mod company;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use company::{Cluster, number, text};
use rust_decimal::Decimal;
use sqlx::{Executor, PgPool};
use uuid::Uuid;
use waybill_client::revenue::{Measure, Revenue};
use waybill_server::{
    log::{Log, postgres::PostgresLog},
    reports,
};
use waybill_shared::{doc::Doc, id::CustomerId, kind::DocKind, money::Amount, scope::Scope};

#[tokio::test(flavor = "multi_thread")]
async fn a_bi_tool_finds_consistent_documented_tables_and_nothing_else() {
    let cluster = Cluster::start().await;
    let pool = cluster.company().await;
    every_table_and_column_is_explained(&pool).await;
    every_view_tells_the_same_revenue(&pool).await;
    lines_have_their_category(&pool).await;
    the_reporting_role_reads_reports_only(&pool).await;
    what_customers_owe_is_what_is_open(&pool).await;
    the_screen_tells_the_same_revenue_every_day(&pool).await;
    status_columns_of_lines_have_no_index(&pool).await;
}

async fn every_table_and_column_is_explained(pool: &PgPool) {
    let silent: Vec<String> = sqlx::query_scalar(
        "select c.relname || coalesce('.' || a.attname, '')
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'report' and c.relkind in ('r', 'v')
         left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(silent, Vec::<String>::new(), "these have no comment");
}

async fn every_view_tells_the_same_revenue(pool: &PgPool) {
    let sums = "sum(placed_net), sum(placed_gross), sum(delivered_net), sum(delivered_gross), sum(paid_net),
                sum(paid_gross)";
    let mut by_day = None;
    for view in ["day", "month", "product", "category", "customer", "channel", "location", "salesperson"] {
        let sql = format!("select {sums} from report.revenue_by_{view}");
        type Sums = (Decimal, Decimal, Decimal, Decimal, Decimal, Decimal);
        let sums: Sums = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
        assert_eq!(*by_day.get_or_insert(sums), sums, "revenue_by_{view} differs from revenue_by_day");
    }
    let (placed_net, placed_gross, _, delivered, _, paid) = by_day.unwrap();
    assert!(placed_gross > placed_net && placed_net > Decimal::from(1_000));
    assert!(delivered > Decimal::from(1_000) && paid > Decimal::from(1_000));
    // Received by another way: what is paid is what the payments are.
    let payments =
        text(pool, "select sum(amount)::text from report.payments where state = 'taken' and not reversed")
            .await;
    assert_eq!(Amount::new(payments.parse().unwrap()), Amount::new(paid));
}

async fn lines_have_their_category(pool: &PgPool) {
    let without = "select count(*) from report.order_line_details where category is null or category = ''";
    assert_eq!(number(pool, without).await, 0);
    let categories = "select count(distinct category) from report.order_line_details";
    assert!(number(pool, categories).await > 10);
}

async fn the_reporting_role_reads_reports_only(pool: &PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    conn.execute("set role waybill_report").await.unwrap();
    for allowed in [
        "select * from report.orders limit 1",
        "select * from report.revenue_by_salesperson limit 1",
        "select name from report.people limit 1",
    ] {
        assert!(conn.fetch_optional(allowed).await.unwrap().is_some(), "{allowed}");
    }
    for forbidden in
        ["update report.orders set paid = 0", "select * from account.person", "select * from sync.edit"]
    {
        let error = conn.execute(forbidden).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{forbidden}: {error}");
    }
    conn.execute("reset role").await.unwrap();
}

async fn what_customers_owe_is_what_is_open(pool: &PgPool) {
    let owing: Vec<(Uuid, Decimal, i64)> = sqlx::query_as(
        "select customer_id, sum(open), count(*) from report.orders
         where (agreed_status in ('placed', 'confirmed') or agreed_status = 'cancelled' and due <> 0)
           and open <> 0 and customer_id is not null
         group by customer_id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(owing.len() > 20);
    let mut conn = pool.acquire().await.unwrap();
    for (customer, open, orders) in owing {
        let exposure = reports::exposures(&mut conn, &[CustomerId::from(customer)]).await.unwrap();
        assert_eq!(exposure.len() as i64, orders);
        assert_eq!(exposure.into_iter().map(|(_, _, owed)| owed.amount).sum::<Amount>(), Amount::new(open));
    }
    let nobody = reports::exposures(&mut conn, &[CustomerId::from(Uuid::from_u128(1))]).await.unwrap();
    assert_eq!(nobody, []);
}

/// Every measure, day and month of the company, net and gross: what a device sums up for its screen out of
/// the documents, and what stands in the views.
async fn the_screen_tells_the_same_revenue_every_day(pool: &PgPool) {
    let (days, months) = screen(pool).await;
    let measures = "currency, placed_net, placed_gross, delivered_net, delivered_gross, paid_net, paid_gross";
    for (view, period, screen) in [("day", "business_day", days), ("month", "month", months)] {
        let sql = format!("select {period}, {measures} from report.revenue_by_{view}");
        type Row = (NaiveDate, String, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal);
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
        let mut told = BTreeMap::new();
        for (period, currency, pn, pg, dn, dg, mn, mg) in rows {
            for (measure, net, gross) in
                [(Measure::Placed, pn, pg), (Measure::Delivered, dn, dg), (Measure::Paid, mn, mg)]
            {
                told.insert((period, currency.clone(), measure), (Amount::new(net), Amount::new(gross)));
            }
        }
        told.retain(|_, sums| *sums != (Amount::ZERO, Amount::ZERO));
        assert_eq!(screen, told, "by {view}");
    }
}

type Sums = BTreeMap<(NaiveDate, String, Measure), (Amount, Amount)>;

/// By day and by month, without what is zero.
async fn screen(pool: &PgPool) -> (Sums, Sums) {
    let log = PostgresLog::new(pool.clone());
    let mut revenue = Revenue::default();
    let (mut after, mut orders) = (None, 0);
    loop {
        let page = log.documents(after, 500, &Scope::Office.into()).await.unwrap();
        for saved in page.docs.iter().filter(|saved| saved.doc.kind == DocKind::Order) {
            revenue.add(&Doc::load(DocKind::Order, &saved.saved).unwrap().read().unwrap());
            orders += 1;
        }
        after = page.docs.last().map(|saved| saved.doc);
        if page.last {
            break;
        }
    }
    assert_eq!(number(pool, "select count(*) from report.orders").await, orders);
    let (mut days, mut months) = (Sums::new(), Sums::new());
    for booked in revenue.all() {
        let (year, month) = (booked.month.number() / 100, booked.month.number() % 100);
        let month = NaiveDate::from_ymd_opt(year, month as u32, 1).unwrap();
        for (sums, period) in [(&mut days, booked.day), (&mut months, month)] {
            let sum = sums.entry((period, booked.currency.to_owned(), booked.measure)).or_default();
            *sum = (sum.0 + booked.worth.net, sum.1 + booked.worth.gross);
        }
    }
    for ((day, code, measure), sums) in &days {
        let shown = revenue.day(*measure, code.parse().unwrap(), *day);
        assert_eq!((shown.net, shown.gross), *sums, "{measure:?} on {day}");
    }
    for sums in [&mut days, &mut months] {
        sums.retain(|_, sums| *sums != (Amount::ZERO, Amount::ZERO));
    }
    assert!(days.len() > 9, "a few days of three measures");
    (days, months)
}

/// An index there would make every hand-over write a new entry into it.
async fn status_columns_of_lines_have_no_index(pool: &PgPool) {
    let indexes = "select string_agg(indexdef, '; ') from pg_indexes
                   where schemaname = 'report' and tablename in ('order_lines', 'orders')";
    let indexes = text(pool, indexes).await;
    for column in ["status", "fulfilment", "delivered", "paid", "open"] {
        assert!(!indexes.contains(column), "{column} is indexed: {indexes}");
    }
}
