//! A first look at the report schema, as a BI tool sees it.

use std::{fmt::Write, path::Path};

use anyhow::Context;
use rust_decimal::Decimal;
use sqlx::{Connection, PgConnection};
use waybill_server::{database, postgres};

pub struct Report {
    pub people: Vec<(String, String, Vec<String>)>,
    pub days: Vec<Line>,
    pub months: Vec<Line>,
}

type Line = (String, String, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal);

/// Beside the running server.
pub async fn read(data_dir: &Path) -> anyhow::Result<Report> {
    let options =
        postgres::running(data_dir, database::NAME).context("the demo's PostgreSQL does not run")?;
    let mut conn = PgConnection::connect_with(&options).await?;
    let people =
        sqlx::query_as("select name, display_name, roles from account.person order by created_at, name")
            .fetch_all(&mut conn)
            .await?;
    let measures = "currency, placed_net, placed_gross, delivered_net, delivered_gross, paid_net, paid_gross";
    let days = format!(
        "select * from (select business_day::text, {measures} from report.revenue_by_day
                        order by business_day desc limit 10) last order by 1"
    );
    let months =
        format!("select to_char(month, 'YYYY-MM'), {measures} from report.revenue_by_month order by 1");
    let days = sqlx::query_as(sqlx::AssertSqlSafe(days)).fetch_all(&mut conn).await?;
    let months = sqlx::query_as(sqlx::AssertSqlSafe(months)).fetch_all(&mut conn).await?;
    conn.close().await?;
    Ok(Report { people, days, months })
}

impl Report {
    pub fn accounts(&self) -> String {
        let mut text = String::new();
        for (sign_in, name, roles) in &self.people {
            let _ = writeln!(text, "  {sign_in:<10} {name} ({})", roles.join(", "));
        }
        text
    }

    pub fn revenue(&self) -> String {
        let mut text = String::new();
        let heads = ["placed net", "gross", "delivered net", "gross", "paid net", "gross"];
        let _ = write!(text, "  {:<15}", "");
        for head in heads {
            let _ = write!(text, "{head:>14}");
        }
        text.push('\n');
        for (period, currency, pn, pg, dn, dg, mn, mg) in self.months.iter().chain(&self.days) {
            let _ = write!(text, "  {period:<11}{currency:<4}");
            for amount in [pn, pg, dn, dg, mn, mg] {
                let _ = write!(text, "{:>14}", format!("{amount:.2}"));
            }
            text.push('\n');
        }
        text
    }
}
