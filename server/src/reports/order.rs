//! The rows of an order: itself, its lines, its payments. Its revenue stands in `ledger`.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_shared::{
    id::{FactId, Id, LineId},
    order::{
        Discount, Fact, Order, Payment, What, amounts,
        revenue::Worth,
        status::{self, OrderState, Status},
    },
};

use super::{
    Rows,
    column::{self, money, opt_text, text},
    ledger,
    tables::{LineRow, OrderRow, PaymentRow},
    words,
};

pub fn rows(id: Uuid, order: &Order) -> Rows {
    if order.head.is_none() && order.facts.is_empty() {
        return Rows::default();
    }
    let status = status::of(order);
    let worth = Worth::of(order);
    let lines = lines(id, order, &status, &worth);
    let total = lines.iter().map(|line| worth.line(LineId::new(line.line_id))).sum();
    Rows {
        orders: vec![head(id, order, &status, total, lines.len())],
        lines,
        payments: payments(id, order),
        revenue: ledger::rows(id, order, &worth),
        ..Rows::default()
    }
}

fn head(id: Uuid, order: &Order, status: &Status, total: amounts::Totals, lines: usize) -> OrderRow {
    let taken = status::taken(order);
    let placed = taken.iter().rev().find(|taken| taken.to == OrderState::Placed);
    let cancelled = taken.last().filter(|taken| taken.to == OrderState::Cancelled);
    let sale = order.sale().map(|(_, fact, _)| fact);
    let made = match (&order.head, sale) {
        (Some(head), _) => Some((head.at, head.day, head.month, head.salesperson)),
        (None, Some(fact)) => Some((fact.at, fact.day, fact.month, fact.person)),
        (None, None) => None,
    };
    let agreed = taken.last().map_or_else(|| status::agreed(order), |taken| taken.to);
    let (due, paid) = (amounts::due(order), amounts::paid(order));
    OrderRow {
        order_id: id,
        number: text(order.number()),
        channel: text(order.channel()),
        location_id: order.location().map(Id::uuid),
        customer_id: order.customer().map(Id::uuid),
        customer_name: text(order.customer_name()),
        salesperson_id: made.map(|(.., person)| person.uuid()),
        driver_id: order.plan.driver.map(Id::uuid),
        currency: order.currency().code().into(),
        counter_sale: sale.is_some(),
        quotation: order.head.as_ref().is_some_and(|head| head.quotation),
        priority: words::priority(order.plan.priority),
        delivery_postcode: opt_text(order.delivery.postcode.as_ref()),
        delivery_city: opt_text(order.delivery.city.as_ref()),
        delivery_country: opt_text(order.delivery.country.as_ref()),
        created_at: made.map(|(at, ..)| column::time(at)),
        created_day: made.map(|(_, day, ..)| column::day(day)),
        created_month: made.map(|(_, _, month, _)| column::month(month)),
        placed_day: placed.map(|placed| column::day(placed.step.day)),
        placed_month: placed.map(|placed| column::month(placed.step.month)),
        cancelled_day: cancelled.map(|cancelled| column::day(cancelled.step.day)),
        wanted_date: order.wanted.date.map(column::day),
        status: words::order_state(status.order),
        agreed_status: words::order_state(agreed),
        fulfilment: words::fulfilment(status.fulfilment),
        money_status: words::money_state(status.money),
        disputed: !status.disputes.is_empty(),
        dispute: text(&status.disputes.join(" ")),
        lines: i32::try_from(lines).unwrap_or(i32::MAX),
        net: money(total.net),
        tax: money(total.tax),
        gross: money(total.gross),
        due: money(due),
        paid: money(paid),
        open: money(due - paid),
    }
}

fn lines(id: Uuid, order: &Order, status: &Status, worth: &Worth<'_>) -> Vec<LineRow> {
    let row = |(line_id, line): (LineId, &waybill_shared::order::Line)| {
        let worth = worth.line(line_id);
        let state = status.lines.get(&line_id);
        let (percent, off) = match line.discount {
            Discount::None => Default::default(),
            Discount::Percent(percent) => (money(percent), Default::default()),
            Discount::Amount(amount) => (Default::default(), money(amount)),
        };
        LineRow {
            order_id: id,
            line_id: line_id.uuid(),
            position: line.pos,
            product_id: line.product.map(Id::uuid),
            name: text(&line.name),
            quantity: line.unit.amount(line.quantity).decimal(),
            unit: words::unit(line.unit),
            price: money(line.price),
            currency: line.currency.code().into(),
            discount_percent: percent,
            discount_amount: off,
            tax_class: text(&line.tax.class),
            tax_rate: money(line.tax.rate),
            tax_included: line.tax.included,
            net: money(worth.net),
            tax: money(worth.tax),
            gross: money(worth.gross),
            delivered: state.map(|state| line.unit.amount(state.delivered).decimal()).unwrap_or_default(),
            fulfilment: state.map_or(words::fulfilment(status::Fulfilment::Open), |state| {
                words::fulfilment(state.fulfilment)
            }),
        }
    };
    amounts::lines(order).into_iter().map(row).collect()
}

/// By payment, so that they stand in the order of their key. A payment that a hostile device put under the
/// id of another is one row: the later one in the document.
fn payments(id: Uuid, order: &Order) -> Vec<PaymentRow> {
    let mut rows = BTreeMap::new();
    for (fact_id, fact) in &order.facts {
        let reversed_day = reversed_on(order, *fact_id);
        let mut add = |payment_id: FactId, payment: &Payment, counter_sale: bool| {
            let row = payment_row(id, payment_id, fact, payment, counter_sale, reversed_day);
            rows.insert(payment_id, row);
        };
        match &fact.what {
            What::Payment(payment) => add(*fact_id, payment, false),
            What::Sale(sale) => {
                sale.payments.iter().for_each(|(payment_id, payment)| add(*payment_id, payment, true));
            }
            _ => {}
        }
    }
    rows.into_values().collect()
}

fn payment_row(
    order: Uuid,
    id: FactId,
    fact: &Fact,
    payment: &Payment,
    counter_sale: bool,
    reversed_day: Option<chrono::NaiveDate>,
) -> PaymentRow {
    PaymentRow {
        order_id: order,
        payment_id: id.uuid(),
        taken_at: column::time(fact.at),
        business_day: column::day(fact.day),
        month: column::month(fact.month),
        person_id: fact.person.uuid(),
        counter_sale,
        method: words::method(payment.method),
        state: words::payment_state(payment.state),
        amount: money(payment.amount),
        currency: payment.currency.code().into(),
        reference: opt_text(payment.reference.as_ref()),
        reversed: reversed_day.is_some(),
        reversed_day,
    }
}

fn reversed_on(order: &Order, id: FactId) -> Option<chrono::NaiveDate> {
    let reversals = order
        .facts
        .iter()
        .filter(|(_, fact)| matches!(&fact.what, What::Reversal { fact: reversed, .. } if *reversed == id));
    reversals.min_by_key(|(reversal, fact)| (fact.at, **reversal)).map(|(_, fact)| column::day(fact.day))
}
