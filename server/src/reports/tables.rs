//! The rows of the `report` schema. What each column means stands with the tables, as comments.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{column::Word, table::table};

table! {
    OrderRow in "report.orders" by (order_id: Uuid) {
        number: String,
        channel: String,
        location_id: Option<Uuid>,
        customer_id: Option<Uuid>,
        customer_name: String,
        salesperson_id: Option<Uuid>,
        driver_id: Option<Uuid>,
        currency: Word,
        counter_sale: bool,
        quotation: bool,
        priority: Word,
        delivery_postcode: Option<String>,
        delivery_city: Option<String>,
        delivery_country: Option<String>,
        created_at: Option<DateTime<Utc>>,
        created_day: Option<NaiveDate>,
        created_month: Option<NaiveDate>,
        placed_day: Option<NaiveDate>,
        placed_month: Option<NaiveDate>,
        cancelled_day: Option<NaiveDate>,
        wanted_date: Option<NaiveDate>,
        status: Word,
        agreed_status: Word,
        fulfilment: Word,
        money_status: Word,
        disputed: bool,
        dispute: String,
        lines: i32,
        net: Decimal,
        tax: Decimal,
        gross: Decimal,
        due: Decimal,
        paid: Decimal,
        open: Decimal,
    }
}

table! {
    LineRow in "report.order_lines" by (order_id: Uuid, line_id: Uuid) {
        position: i64,
        product_id: Option<Uuid>,
        name: String,
        quantity: Decimal,
        unit: Word,
        price: Decimal,
        currency: Word,
        discount_percent: Decimal,
        discount_amount: Decimal,
        tax_class: String,
        tax_rate: Decimal,
        tax_included: bool,
        net: Decimal,
        tax: Decimal,
        gross: Decimal,
        delivered: Decimal,
        fulfilment: Word,
    }
}

table! {
    PaymentRow in "report.payments" by (order_id: Uuid, payment_id: Uuid) {
        taken_at: DateTime<Utc>,
        business_day: NaiveDate,
        month: NaiveDate,
        person_id: Uuid,
        counter_sale: bool,
        method: Word,
        state: Word,
        amount: Decimal,
        currency: Word,
        reference: Option<String>,
        reversed: bool,
        reversed_day: Option<NaiveDate>,
    }
}

table! {
    /// One entry of the revenue ledger. `line_key` is nil where there is no line.
    RevenueRow in "report.revenue" by (order_id: Uuid, measure: Word, cause_id: Uuid, line_key: Uuid) {
        business_day: NaiveDate,
        month: NaiveDate,
        product_id: Option<Uuid>,
        quantity: Decimal,
        currency: Word,
        net: Decimal,
        tax: Decimal,
        gross: Decimal,
        takes_back: bool,
    }
}

table! {
    ProductRow in "report.products" by (product_id: Uuid) {
        number: String,
        name: String,
        category: String,
        unit: Word,
        tax_class: String,
        retired: bool,
    }
}

table! {
    CustomerRow in "report.customers" by (customer_id: Uuid) {
        number: String,
        name: String,
        customer_group: String,
        postcode: Option<String>,
        city: Option<String>,
        country: Option<String>,
        retired: bool,
    }
}

table! {
    LocationRow in "report.locations" by (location_id: Uuid) {
        code: String,
        name: String,
        kind: Word,
        closed: bool,
    }
}
