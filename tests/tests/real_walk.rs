//! What people do on real devices with a real server, and what they and the report see of it afterwards.

use serde_json::Value;
use waybill_tests::real::{Company, Database};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[test]
fn an_order_entered_without_signal_is_on_the_other_device_and_in_the_report_to_the_cent() {
    let mut company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    company.server.kill_9();

    let order = till.orders("--customer Orion --channel phone --line 3xCHAIR");
    till.does(&format!("order add-line {order} TABLE 1 --discount 10%"));
    till.does(&format!("order place {order}"));
    till.does(&format!("order hand-over {order} --line 1=2 --received-by Olga"));
    till.does(&format!("order take-payment {order} 150.00 --method card"));
    let offline = till.order(&order);
    assert_eq!(told(&offline), ["placed", "part_delivered", "part_paid", "319.80", "169.80"]);
    assert_eq!(till.tries("sync").unwrap_err().code, 4, "no server, and it says so");
    assert_eq!(till.does("status")["status"]["waiting"], 5);

    company.server.restart();
    till.syncs();
    company.office.syncs();
    let seen = company.office.order(&order);
    assert_eq!(told(&seen), told(&offline));
    assert_eq!(seen["lines"], offline["lines"]);
    assert_eq!(words(&seen), words(&offline));

    let mut database = company.server.database();
    let of = format!("from report.orders where number = '{order}'");
    for (figure, amount) in [("gross", "319.80"), ("paid", "150.00"), ("open", "169.80")] {
        let said = database.ask(&format!("select round({figure}, 2) {of}"));
        assert_eq!(said.as_deref(), Some(amount), "{figure}");
    }
    assert_eq!(revenue(&mut database, "placed_gross"), "319.80");
    // Two chairs of three are delivered; the tax in them is what is in the receipt.
    assert_eq!(revenue(&mut database, "delivered_gross"), "99.80");
    assert_eq!(revenue(&mut database, "delivered_net"), "83.87");
    assert_eq!(revenue(&mut database, "paid_gross"), "150.00");
    let own = &company.office.does("report revenue")["revenue"][0];
    for figure in ["placed_gross", "placed_net", "delivered_gross", "delivered_net", "paid_gross", "paid_net"]
    {
        assert_eq!(own[figure], revenue(&mut database, figure), "{figure} on the device and in the report");
    }
    company.settles(&[&till, &company.office]);
}

#[test]
fn two_devices_edit_one_order_without_signal_and_nothing_is_lost() {
    let company = Company::opens(DEMO);
    let (anna, ben) = (company.hires("anna", "sales"), company.hires("ben", "sales"));
    let order = anna.orders("--customer Orion --channel phone --line 3xCHAIR --line 1xTABLE");
    anna.syncs();
    ben.syncs();

    // Different things: both stand.
    anna.does(&format!("order set-price {order} 1 45.00"));
    anna.does(&format!("order tag {order} fragile"));
    ben.does(&format!("order set-contact {order} --phone 0431-77"));
    ben.does(&format!("order add-line {order} \"Delivery\" 1 --text --price 25.00"));
    // The same quantity: the first to arrive stands, the other is asked.
    anna.does(&format!("order set-quantity {order} 1 5"));
    ben.does(&format!("order set-quantity {order} 1 8"));
    anna.syncs();
    ben.syncs();
    anna.syncs();

    for device in [&anna, &ben] {
        let seen = device.order(&order);
        assert_eq!(seen["tags"], serde_json::json!(["fragile"]));
        assert_eq!(seen["contact"]["phone"], "0431-77");
        assert_eq!(quantities(&seen), [("Oak chair", "5"), ("Oak table", "1"), ("Delivery", "1")]);
        assert_eq!(seen["lines"][0]["price"], "45");
    }
    assert_eq!(anna.attention().len(), 0);
    let complaint = ben.complaint();
    let finding = &complaint["findings"][0];
    assert_eq!(finding["rule"], "changed_meanwhile", "{complaint}");
    let said = finding.to_string();
    assert!(said.contains('5') && said.contains('8'), "both values are shown: {said}");

    // Ben still wants eight, and says so knowing of the five.
    ben.does(&format!("attention redo {}", complaint["edit"].as_str().unwrap()));
    ben.syncs();
    anna.syncs();
    assert_eq!(quantities(&anna.order(&order))[0], ("Oak chair", "8"));
    assert_eq!(ben.attention().len(), 0);

    // Once more, and this time Ben gives in.
    anna.does(&format!("order set-quantity {order} 2 2"));
    ben.does(&format!("order set-quantity {order} 2 4"));
    anna.syncs();
    ben.syncs();
    ben.does(&format!("attention discard {}", ben.complaint()["edit"].as_str().unwrap()));
    ben.syncs();
    assert_eq!(quantities(&ben.order(&order))[1], ("Oak table", "2"));
    company.settles(&[&anna, &ben, &company.office]);
    assert_eq!(ben.attention().len(), 0);
    let mut database = company.server.database();
    assert_eq!(database.number("select count(*) from sync.edit where verdict = 'discarded'"), 1);
}

#[test]
fn what_the_author_may_not_do_is_refused_and_everything_else_goes_through_at_once() {
    let company = Company::opens(DEMO);
    let anna = company.hires("anna", "sales");
    let (kept, other) = (anna.orders("--customer Orion --channel phone --line 1xCHAIR"), "Orion GmbH");
    anna.syncs();
    // While Anna is out, she becomes somebody who serves customers and sells nothing.
    company.server.does("user role add anna service");
    company.server.does("user role remove anna sales");

    anna.does(&format!("order set-quantity {kept} 1 9"));
    anna.does(&format!("order set-quantity {kept} 1 10"));
    anna.does(&format!("order tag {kept} ask-ana"));
    anna.does(&format!("customer set C-1 name \"{other}\""));
    anna.syncs();

    let refused = anna.attention();
    assert_eq!(refused.len(), 2, "{refused:?}");
    for entry in &refused {
        assert!(
            ["not_permitted", "changed_meanwhile"].contains(&entry["findings"][0]["rule"].as_str().unwrap()),
            "{entry}"
        );
        assert_eq!(entry["words"].as_str().map(|words| words.contains("Oak chair")), Some(true), "{entry}");
    }
    company.office.syncs();
    let seen = company.office.order(&kept);
    assert_eq!(quantities(&seen), [("Oak chair", "1")]);
    assert_eq!(seen["tags"], serde_json::json!(["ask-ana"]));
    assert_eq!(company.office.does("customer show C-1")["customer"]["name"], other);
    // The device knows of the change now, and says so before anything is saved.
    assert_eq!(anna.tries(&format!("order set-quantity {kept} 1 9")).unwrap_err().code, 5);
    company.settles(&[&anna, &company.office]);
}

#[test]
fn money_taken_on_an_order_that_could_not_be_placed_is_kept() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    company.office.does("customer set-credit C-1 100.00");
    company.office.syncs();

    let order = tim.orders("--customer Orion --channel phone --line 4xCHAIR");
    tim.does(&format!("order place {order}"));
    tim.does(&format!("order take-payment {order} 80.00"));
    tim.syncs();

    let complaint = tim.complaint();
    assert_eq!(complaint["findings"][0]["rule"], "over_credit", "{complaint}");
    for device in [&tim, &company.office] {
        device.syncs();
        let seen = device.order(&order);
        assert_eq!(told(&seen), ["disputed", "open", "part_paid", "199.60", "119.60"], "{seen}");
        assert_ne!(seen["disputes"], serde_json::json!([]));
    }
    let mut database = company.server.database();
    assert_eq!(revenue(&mut database, "paid_gross"), "80.00");
    assert_eq!(revenue(&mut database, "placed_gross"), "0.00");
    company.settles(&[&tim, &company.office]);
}

#[test]
fn without_a_network_a_device_starts_with_everything_that_was_there() {
    let mut company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let order = tim.orders("--customer Orion --channel phone --line 2xTABLE --place");
    tim.syncs();
    tim.does(&format!("order note {order} \"Call before noon\""));
    let before =
        (tim.does("order list"), tim.order(&order), tim.does("product list"), tim.does("customer list"));
    assert!(company.server.stop().success());

    assert_eq!(tim.does("order list"), before.0);
    assert_eq!(tim.order(&order), before.1);
    assert_eq!(tim.does("product list"), before.2);
    assert_eq!(tim.does("customer list"), before.3);
    assert_eq!(tim.does("order list orion")["count"], 1, "found by the customer's name");
    let status = tim.does("status");
    assert_eq!((&status["status"]["link"], &status["status"]["waiting"]), (&"offline".into(), &1.into()));
    company.server.restart();
    company.settles(&[&tim, &company.office]);
}

/// How an order stands: order, goods, money, total, still open.
fn told(order: &Value) -> [&str; 5] {
    ["status", "goods", "money", "total", "open"].map(|key| order["order"][key].as_str().unwrap_or("nothing"))
}

fn quantities(order: &Value) -> Vec<(&str, &str)> {
    let lines = order["lines"].as_array().expect("lines");
    lines.iter().map(|line| (line["name"].as_str().unwrap(), line["quantity"].as_str().unwrap())).collect()
}

fn words(order: &Value) -> Vec<&Value> {
    order["timeline"].as_array().expect("a timeline").iter().map(|event| &event["words"]).collect()
}

fn revenue(database: &mut Database, figure: &str) -> String {
    let sum = format!("select round(coalesce(sum({figure}), 0), 2) from report.revenue_by_day");
    database.ask(&sum).expect("a sum")
}
