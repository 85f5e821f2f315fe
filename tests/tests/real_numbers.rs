//! Numbers of products and customers, on real devices and a real server: given where none is, and nobody's twice; and
//! orders and products that come in whole.

use serde_json::Value;
use waybill_tests::real::{Company, Device};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

fn number(made: &Value) -> String {
    made["number"].as_str().unwrap_or_else(|| panic!("no number in {made}")).to_owned()
}

/// The one entry that needs attention on it, which a double number stands in the way of.
fn refused(device: &Device) -> String {
    let complaint = device.complaint();
    assert_eq!(complaint["findings"][0]["rule"], "number_taken", "{complaint}");
    complaint["edit"].as_str().expect("an id").to_owned()
}

#[test]
fn numbers_are_given_where_none_is_and_a_double_is_refused_on_the_device_and_by_the_server() {
    let company = Company::opens(DEMO);
    let (office, other) = (&company.office, company.hires("eva", "manager"));

    // Without network, and without collision.
    let lamp = number(&office.does("product create Lamp --price 10 --cost 4 --barcode 77"));
    let shade = number(&other.does("product create Shade --price 5"));
    let vega = number(&other.does("customer create Vega"));
    assert_ne!(lamp, shade);
    assert!(
        lamp.ends_with("-P1") && shade.ends_with("-P1") && vega.ends_with("-C1"),
        "{lamp} {shade} {vega}"
    );

    // The device judges with what it knows.
    for double in ["product create Stool --number \" chair\"", "customer create Vega --number c-1"] {
        let told = office.tries(double).expect_err("the number is in use");
        assert_eq!((told.code, &told.said["error"]["findings"][0]["rule"]), (1, &"number_taken".into()));
    }
    assert!(office.tries("product set TABLE number CHAIR").is_err());
    office.does("product set TABLE number TABLE");

    // Two who know nothing of each other give the same one: whoever comes second hears of it, and one step helps.
    office.does("product create Stool --number ST-1");
    office.does("customer create Rigel --number K-1");
    other.does("product create Bench --number st-1 --price 3");
    office.syncs();
    other.syncs();
    other.does(&format!("attention redo {}", refused(&other)));
    other.does("customer create Spica --number K-2");
    other.syncs();
    assert_eq!(other.attention().len(), 0);
    office.does("customer create Deneb --number K-2");
    office.syncs();
    office.does(&format!("attention change {} --to K-3", refused(office)));
    office.syncs();
    other.syncs();
    assert_eq!(office.attention().len(), 0);
    for device in [office, &other] {
        assert_eq!(device.does("product show ST-1")["product"]["name"], "Stool");
        assert_eq!(device.does("customer show K-3")["customer"]["name"], "Deneb");
        let bench = device.does("product list Bench");
        assert!(bench["products"][0]["number"].as_str().unwrap().ends_with("-P2"), "{bench}");
        assert_eq!(bench["products"][0]["price"], "3", "the price came with it");
    }

    // A number that was given up is free again.
    other.does("product set ST-1 number ST-2");
    other.does("product create Stand --number ST-1");
    other.syncs();
    assert_eq!(other.attention().len(), 0);
    let doubles = "select count(*) - count(distinct lower(number)) from report.products where number <> ''";
    assert_eq!(company.server.database().number(doubles), 0);
    company.server.is_sound();
}

#[test]
fn a_table_of_lines_makes_one_order_and_a_product_comes_with_its_price_or_not_at_all() {
    let company = Company::opens(DEMO);
    let office = &company.office;
    let table = "number;quantity;price\nCHAIR;12;\nTABLE;2;150,50\n\"Oak chair\";1;\n";
    let made = office.tries_with("order create --customer Orion --line 2xCHAIR@9.5 --lines - --place", table);
    let made = made.expect("it is one order");
    let order = office.order(made["order"]["number"].as_str().expect("a number"));
    let lines: Vec<_> = order["lines"].as_array().expect("lines").iter().collect();
    let told = |at: usize| (lines[at]["quantity"].as_str().unwrap(), lines[at]["price"].as_str().unwrap());
    assert_eq!(lines.len(), 4);
    assert_eq!((told(0), told(2)), (("2", "9.5"), ("2", "150.5")));
    assert_eq!(told(1).0, "12");
    let many: String = (0..250).map(|nth| format!("CHAIR,{}\n", nth + 1)).collect();
    office.tries_with("order create --customer Orion --lines -", &many).expect("many lines are one order");

    // All that is wrong is said at once, and nothing is entered.
    let before = office.does("order list")["count"].clone();
    let wrong = office.tries_with("order create --customer Orion --lines -", "CHAIR,1\nSOFA,1\nBED,2\n");
    let wrong = wrong.expect_err("two are not there").said.to_string();
    assert!(wrong.contains("Row 2") && wrong.contains("SOFA") && wrong.contains("Row 3"), "{wrong}");
    assert_eq!(office.does("order list")["count"], before);

    for wrong in ["--price=-1", "--price 10 --cost=-1"] {
        assert!(office.tries(&format!("product create Broken {wrong}")).is_err());
    }
    assert_eq!(office.does("product list Broken")["count"], 0);
    office.syncs();
    company.server.is_sound();
}
