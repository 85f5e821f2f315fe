//! Bytes of a device's file rot: which column of which table, what its user sees, and that everything else goes on.

use rusqlite::Connection;
use serde_json::Value;
use waybill_client::store::file;
use waybill_tests::real::{Company, Device, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// What rots in the entry that was made first of those that wait.
const OF_AN_ENTRY: [(&str, &str); 11] = [
    // A letter of a product's name: the entry reads as before, and would stand in the reports so.
    ("body", "unhex(replace(hex(body), hex('Oak chair'), hex('Oak chaiz')))"),
    // The beginning, so that it does not read at all.
    ("body", "CAST(x'00' || substr(body, 2) AS BLOB)"),
    ("body", "1"),
    ("words", "replace(words, 'order', 'ordes')"),
    ("counter", "counter + 4096"),
    ("since", "since + 65536"),
    ("state", "'qending'"),
    ("resend", "1"),
    ("pos", "7"),
    ("id", "CAST(x'00' || substr(id, 2) AS BLOB)"),
    ("sum", "sum + 1"),
];

/// What rots in what the server gave: the order that something waits on.
const OF_A_DOCUMENT: [(&str, &str); 7] = [
    ("confirmed", "CAST(substr(confirmed, 1, 40) || x'ff' || substr(confirmed, 42) AS BLOB)"),
    ("confirmed", "x''"),
    ("shown", "CAST(substr(shown, 1, 40) || x'ff' || substr(shown, 42) AS BLOB)"),
    ("heads", "CAST(x'00' || substr(heads, 2) AS BLOB)"),
    ("scopes", "'office'"),
    ("on_server", "0"),
    ("id", "CAST(x'00' || substr(id, 2) AS BLOB)"),
];

fn rots(device: &Device, sql: &str) {
    let conn = Connection::open(file(device.path())).unwrap();
    conn.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {sql}")).unwrap();
}

/// The first of those that wait.
fn first_rots(device: &Device, column: &str, value: &str) {
    let first = "(SELECT row FROM edit WHERE state = 'pending' ORDER BY counter LIMIT 1)";
    rots(device, &format!("UPDATE edit SET {column} = {value} WHERE row = {first}"));
}

fn damaged(device: &Device) -> Vec<Value> {
    device.does("attention list")["damaged"].as_array().cloned().unwrap_or_default()
}

#[test]
fn whatever_rots_in_an_entry_is_set_aside_and_told_of_and_the_rest_goes_to_the_server() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    for (nth, (column, value)) in OF_AN_ENTRY.into_iter().enumerate() {
        let what = format!("{column} = {value}");
        let lost = till.orders("--customer Orion --channel phone --line 7xCHAIR");
        // On the order that is not there without it, and apart from it.
        till.does(&format!("order tag {lost} urgent"));
        let other = till.orders("--customer Orion --channel phone --line 1xTABLE");
        first_rots(&till, column, value);
        till.syncs();
        company.office.syncs();
        let there = company.office.numbers();
        assert!(there.contains(&other) && !there.contains(&lost), "{what}: {there:?}");
        let found = damaged(&till);
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        assert_eq!(found[0]["sent"], false, "{what}");
        assert_eq!(found[0]["entry"], format!("damaged-{}", nth + 1), "{what}");
        assert!(found[0]["advice"].as_str().is_some_and(|said| said.contains("enter it again")), "{what}");
        let status = till.does("status");
        assert_eq!(status["status"]["set_aside"], 1, "{what}");
        let words = status["words"].as_str().unwrap_or_default();
        assert!(words.contains("1 entry was damaged on this device and is not sent"), "{what}: {words}");
        till.does(&format!("attention discard damaged-{}", nth + 1));
        // What was made on it is refused for what it lacks, and its user may give it up.
        for entry in till.attention() {
            till.does(&format!("attention discard {}", entry["edit"].as_str().unwrap_or_default()));
        }
        till.syncs();
        assert_eq!(till.does("status")["status"]["attention"], 0, "{what}");
    }
    let mut database = company.server.database();
    assert_eq!(database.number("select count(*) from report.order_lines where name <> 'Oak table'"), 0);
    assert_eq!(database.number("select count(*) from report.orders"), OF_AN_ENTRY.len() as u64);
    company.settles(&[&till, &company.office]);
}

#[test]
fn what_rots_under_a_running_engine_is_set_aside_before_it_goes_up() {
    let mut company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    company.server.kill_9();
    let _engine = till.watches();
    let lost = till.orders("--customer Orion --channel phone --line 7xCHAIR");
    let others: Vec<String> =
        (0..5).map(|_| till.orders("--customer Orion --channel phone --line 1xTABLE")).collect();
    first_rots(&till, OF_AN_ENTRY[0].0, OF_AN_ENTRY[0].1);
    company.server.restart();
    until("the rest went", || (till.entries("pending") == 0).then_some(()));
    assert_eq!(damaged(&till).len(), 1);
    let status = till.does("status");
    assert_eq!((&status["status"]["trouble"], &status["status"]["set_aside"]), (&Value::Null, &1.into()));
    company.office.syncs();
    let there = company.office.numbers();
    assert!(others.iter().all(|other| there.contains(other)) && !there.contains(&lost), "{there:?}");
    assert_eq!(
        company.server.database().number("select count(*) from report.order_lines where name <> 'Oak table'"),
        0
    );
    company.settles(&[&till, &company.office]);
}

#[test]
fn what_rots_in_a_document_comes_anew_and_what_waits_on_it_waits_on() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    let order = till.orders("--customer Orion --channel phone --line 7xCHAIR");
    till.syncs();
    for (nth, (column, value)) in OF_A_DOCUMENT.into_iter().enumerate() {
        let what = format!("{column} = {value}");
        let tag = format!("tag-{nth}");
        till.does(&format!("order tag {order} {tag}"));
        let of_it = format!("row = (SELECT row FROM order_row WHERE number = '{order}')");
        rots(&till, &format!("UPDATE document SET {column} = {value} WHERE {of_it}"));
        assert_eq!(till.entries("pending"), 1, "{what}");
        till.syncs();
        assert_eq!((till.attention().len(), damaged(&till).len()), (0, 0), "{what}");
        until("it is here again", || {
            till.syncs();
            till.tries(&format!("order show {order}")).ok()
        });
        company.office.syncs();
        for device in [&till, &company.office] {
            let shown = device.order(&order);
            let tags = shown["tags"].as_array().cloned().unwrap_or_default();
            assert!(tags.contains(&tag.as_str().into()) && tags.len() == nth + 1, "{what}: {shown}");
        }
        company.settles(&[&till, &company.office]);
    }
}

#[test]
fn what_the_device_knows_of_itself_rots_in_one_place_and_nothing_is_lost_by_it() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    for sql in [
        "UPDATE meta SET body = CAST(x'00' || substr(body, 2) AS BLOB)",
        "UPDATE names SET body = CAST(substr(body, 1, 9) || x'ff' || substr(body, 11) AS BLOB)",
        "UPDATE local SET value = x'' WHERE key = 'account'",
        "UPDATE spare SET body = CAST(x'00' || substr(body, 2) AS BLOB)",
    ] {
        let order = till.orders("--customer Orion --channel phone --line 1xTABLE");
        rots(&till, sql);
        till.syncs();
        company.office.syncs();
        assert!(company.office.numbers().contains(&order), "{sql}");
        assert_eq!(till.does("status")["status"]["trouble"], Value::Null, "{sql}");
    }
    company.settles(&[&till, &company.office]);
}
