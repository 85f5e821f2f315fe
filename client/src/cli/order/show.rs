//! One order in words and in JSON.

use serde_json::{Value, json};
use waybill_shared::{
    id::{Id, LineId, PersonId},
    money,
    order::{Line, Order, amounts, resolve, status, timeline},
    protocol::frame::Names,
    short::short,
};

use crate::{
    cli::{
        find,
        outcome::Failure,
        session::Session,
        table::{hanging, table},
    },
    store::OrderRow,
};

pub fn run(session: &mut Session, named: &str) -> Result<(), Failure> {
    let zone = session.settings()?.fields.zone;
    let reader = session.reader()?;
    let (id, order) = find::order(reader, named)?;
    let row = find::order_row(reader, id)?;
    let names = reader.names()?;
    session.out.say(|| whole(&row, &order, &names), || words(&row, &order, &names, zone));
    Ok(())
}

/// A row of a list.
pub fn row(row: &OrderRow) -> Value {
    let places = row.currency.places();
    json!({
        "id": row.id,
        "number": row.number,
        "customer": row.customer,
        "customer_name": row.customer_name,
        "wanted": row.wanted,
        "total": row.total.fixed(places),
        "open": row.open.fixed(places),
        "currency": row.currency,
        "status": row.state,
        "goods": row.goods,
        "money": row.money,
        "priority": row.priority,
        "channel": row.channel,
        "location": row.location,
        "driver": row.driver,
        "salesperson": row.salesperson,
        "created": row.created,
        "placed": row.placed,
        "lines": row.lines,
        "pending": row.pending,
    })
}

fn whole(of: &OrderRow, order: &Order, names: &Names) -> Value {
    let status = status::of(order);
    let lines: Vec<Value> = ordered(order)
        .into_iter()
        .enumerate()
        .map(|(at, (id, line))| {
            let places = line.currency.places();
            let total = amounts::line(line);
            json!({
                "place": at + 1,
                "id": id,
                "product": line.product,
                "name": line.name,
                "quantity": line.unit.show(line.quantity),
                "delivered": line.unit.show(status.lines.get(&id).map(|s| s.delivered).unwrap_or_default()),
                "unit": line.unit,
                "price": line.price,
                "discount": line.discount,
                "tax": line.tax,
                "net": total.net.fixed(places),
                "gross": total.gross.fixed(places),
            })
        })
        .collect();
    let timeline: Vec<Value> = timeline::named(order, |id| person(names, id).to_owned())
        .into_iter()
        .map(|event| {
            json!({
                "at": event.at,
                "person": person(names, event.person),
                "words": event.words,
                "fact": event.fact,
                "reversed": event.reversed,
            })
        })
        .collect();
    json!({
        "order": row(of),
        "contact": order.contact,
        "address": order.delivery,
        "wanted": order.wanted,
        "tags": order.tags.iter().filter(|(_, on)| **on).map(|(tag, _)| tag).collect::<Vec<_>>(),
        "references": order.refs,
        "lines": lines,
        "disputes": status.disputes,
        "timeline": timeline,
    })
}

fn words(of: &OrderRow, order: &Order, names: &Names, zone: chrono_tz::Tz) -> String {
    let mut text = format!(
        "{}  {}\n{}, {}, {}{}\n",
        of.number,
        of.customer_name,
        of.state.words(),
        of.goods.words(),
        of.money.words(),
        if of.pending { ", not yet sent" } else { "" }
    );
    for (name, value) in [
        ("Contact", order.contact.to_string()),
        ("Address", order.delivery.to_string()),
        ("Wanted", order.wanted.to_string()),
    ] {
        text.push_str(&format!("{name}: {}\n", hanging(&value, 2)));
    }
    for dispute in status::of(order).disputes {
        text.push_str(&format!("! {dispute}\n"));
    }
    if !resolve::ways(order).is_empty() {
        text.push_str(&format!("What can be done: waybill order resolve {}\n", of.number));
    }
    let rows: Vec<Vec<String>> = ordered(order)
        .into_iter()
        .enumerate()
        .map(|(at, (_, line))| {
            vec![
                (at + 1).to_string(),
                line.counted(line.quantity),
                money::price(line.price, line.currency),
                line.discount.to_string(),
                money::figure(amounts::line(line).gross, line.currency),
            ]
        })
        .collect();
    text.push('\n');
    text.push_str(&table(&["", "line", "price", "discount", "total"], &[0, 2, 3, 4], &rows));
    text.push_str(&format!(
        "Total {}, to pay {}\n\n",
        money::words(of.total, of.currency),
        money::words(of.open, of.currency)
    ));
    let ids = || order.facts.keys().map(|id| id.uuid());
    for event in timeline::named(order, |id| person(names, id).to_owned()) {
        let at = event.at.local(zone).format("%Y-%m-%d %H:%M");
        let fact = event.fact.filter(|_| !event.reversed);
        let fact = fact.map(|id| format!("  [{}]", short(id.uuid(), ids()))).unwrap_or_default();
        // Below the first line nothing stands where a line of the history begins.
        let words = hanging(&event.words, at.to_string().len() + 2);
        text.push_str(&format!("{at}  {} {words}{fact}\n", person(names, event.person)));
    }
    text
}

/// Lines as `find::line` counts them.
fn ordered(order: &Order) -> Vec<(LineId, &Line)> {
    match order.sale() {
        Some(_) => amounts::lines(order).into_iter().collect(),
        None => order.live_lines(),
    }
}

fn person(names: &Names, id: PersonId) -> &str {
    names.people.iter().find(|person| person.id == id).map_or("somebody", |person| &person.name)
}
