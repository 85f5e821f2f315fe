//! A day at a till without a network, by the command line alone.

mod common;

use common::{Device, said};
use serde_json::json;

#[test]
fn an_order_is_made_changed_placed_handed_over_and_paid() {
    let till = Device::shop();
    let made = till.ok("order create --channel phone --customer-name Berger --wanted tomorrow");
    assert_eq!(made["order"]["number"], "T1-1");
    assert_eq!(made["order"]["status"], "draft");

    till.ok("order add-line T1-1 4006381333931 4");
    till.ok("order add-line T1-1 OAK-2");
    till.ok("order add-line T1-1 Delivery --text --price 20");
    till.ok("order set-quantity T1-1 Chair 3");
    till.ok("order set-discount T1-1 Table 10%");
    till.ok("order remove-line T1-1 Delivery");
    till.ok("order set-contact T1-1 --phone 0301234");
    till.ok("order set-address T1-1 --street Seeweg --city Berlin");
    till.ok("order set-priority T1-1 high");
    till.ok("order set-reference T1-1 their_order 4711");
    till.ok("order tag T1-1 fragile");
    till.ok("order assign-driver T1-1 Bob");
    till.ok("order note T1-1 ring-twice");

    // Without a customer it cannot be placed by phone: refused at once, by the rules of the server.
    let (code, refused) = till.fails("order place T1-1");
    assert_eq!(code, 1);
    assert_eq!(refused["error"]["findings"][0]["rule"], "no_customer");
    till.ok("settings set-needs-customer phone no");
    let placed = till.ok("order place T1-1");
    assert_eq!(placed["order"]["status"], "placed");
    assert_eq!(placed["order"]["total"], "571.20");

    let part = till.ok("order hand-over T1-1 --line Chair=2 --received-by Berger");
    assert_eq!(part["order"]["goods"], "part_delivered");
    let rest = till.ok("order hand-over T1-1");
    assert_eq!(rest["order"]["goods"], "delivered");
    let paid = till.ok("order take-payment T1-1 --method card");
    assert_eq!((&paid["order"]["status"], &paid["order"]["open"]), (&json!("closed"), &json!("0.00")));

    let list = till.ok("order list fragile berg");
    assert_eq!(list["count"], 1);
    assert_eq!(list["orders"][0]["number"], "T1-1");
    assert_eq!(list["orders"][0]["pending"], true);
    assert_eq!(list["sums"], json!([{ "amount": "571.20", "currency": "EUR" }]));

    let shown = till.ok("order show t1-1");
    assert_eq!(shown["lines"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["lines"][0]["delivered"], "3");
    assert_eq!(shown["wanted"]["date"], list["orders"][0]["wanted"]);
    assert!(said(&till.run("order show T1-1")).contains("took € 571.20 by card"));

    let status = till.ok("status");
    assert_eq!(status["status"]["link"], "signed_out");
    assert_eq!(status["status"]["waiting"], 25);
}

#[test]
fn a_sale_over_the_counter_gives_change_and_can_be_taken_back() {
    let till = Device::shop();
    let sold = till.ok("order sell 2xOAK-1 4006381333931 --given 400");
    assert_eq!(sold["order"]["number"], "T1-R1");
    assert_eq!((&sold["change"], &sold["order"]["total"]), (&json!("43.00"), &json!("357.00")));
    assert_eq!(sold["order"]["money"], "paid");

    let sale = till.ok("order show T1-R1")["timeline"][0]["fact"].clone();
    let fact = sale.as_str().expect("a fact");
    let back = till.ok(&format!("order reverse T1-R1 {fact} --reason mistyped"));
    assert_eq!(back["order"]["total"], "0.00");

    let revenue = till.ok("report revenue");
    assert_eq!(revenue["revenue"], json!([]), "sold and taken back on one day is nothing");
    till.ok("order sell OAK-2 --pay card=200 --given 50");
    let revenue = till.ok("report revenue --monthly");
    assert_eq!(revenue["revenue"][0]["delivered_gross"], "238.00");
    assert_eq!(revenue["revenue"][0]["delivered_net"], "200.00");
    assert_eq!(revenue["revenue"][0]["paid_gross"], "238.00");
    assert_eq!(revenue["revenue"][0]["paid_net"], "200.00");
    assert_eq!(revenue["source"], "device");
}

#[test]
fn a_guarded_value_that_was_decided_on_an_older_one_is_refused_with_both() {
    let till = Device::shop();
    till.ok("order create --line 4xOAK-1");
    till.ok("order set-quantity T1-1 1 6");
    let (code, refused) = till.fails("order set-quantity T1-1 1 5 --was 4");
    assert_eq!(code, 1);
    let finding = &refused["error"]["findings"][0];
    assert_eq!(finding["rule"], "changed_meanwhile");
    assert_eq!(finding["conflict"], json!({ "yours": "5", "theirs": "6" }));
}

#[test]
fn a_driver_may_not_make_orders_and_what_is_mistyped_is_told_apart() {
    let till = Device::shop();
    for (line, code, what) in [
        ("order create --as Bob", 5, "not_allowed"),
        ("order create --as Nobody", 1, "refused"),
        ("order show T1-9", 1, "refused"),
        ("order create --line OAK", 2, "usage"),
        ("order create --wanted someday", 2, "usage"),
        ("sync", 5, "not_allowed"),
        ("login 127.0.0.1:1 ana --password x", 4, "connection"),
    ] {
        let (got, json) = till.fails(line);
        assert_eq!((got, json["error"]["kind"].as_str()), (code, Some(what)), "{line}: {json}");
    }
    assert_eq!(till.run("order frobnicate").status.code(), Some(2));
    assert_eq!(till.ok("order list")["count"], 0);
}

#[test]
fn customers_products_places_and_settings_are_kept_and_found() {
    let till = Device::shop();
    till.ok("customer create Müller --number C-1 --group trade --phone 0304711 --city Köln");
    till.ok("customer set-contact C-1 --email mail@example.org");
    till.ok("customer set C-1 tax-number DE123");
    till.ok("customer set-address C-1 delivery --street Hof");
    till.ok("customer note C-1 called");
    till.ok("customer set-credit C-1 500");
    assert_eq!(till.ok("customer list muller koln")["customers"][0]["number"], "C-1");
    let shown = till.ok("customer show Müller");
    assert_eq!(shown["credit_limit"], "500");
    assert_eq!(shown["contact"]["phone"], "0304711");

    let (code, refused) = till.fails("order create --customer C-1 --line 5xOAK-1 --place");
    assert_eq!((code, &refused["error"]["findings"][0]["rule"]), (1, &json!("over_credit")));
    till.ok("order create --customer C-1 --line 5xOAK-1");
    till.ok("order place T1-1 --override regular-customer");
    let (_, refused) = till.fails("order create --customer C-1 --line OAK-1 --place");
    assert_eq!(refused["error"]["findings"][0]["rule"], "over_credit", "the placed order counts");

    till.ok("product set OAK-1 category seating");
    till.ok("product set OAK-1 barcode 99");
    till.ok("product set-cost OAK-1 40");
    till.ok("product set-price OAK-1 129 --from +5");
    let product = till.ok("product show 99");
    assert_eq!((&product["product"]["price"], &product["cost"]), (&json!("119"), &json!("40")));
    till.ok("product retire OAK-2");
    assert_eq!(till.ok("product list")["count"], 1);
    assert_eq!(till.ok("product list --retired")["count"], 2);

    till.ok("location create V1 Van --kind van");
    till.ok("location set V1 closed yes");
    assert_eq!(till.ok("location list")["locations"][1]["closed"], true);
    till.ok("settings set max-discount 5");
    let (_, refused) = till.fails("order set-discount T1-1 1 6%");
    assert_eq!(refused["error"]["findings"][0]["rule"], "outside_limits");
}

/// What the refusal says and what puts it right.
fn refusal(till: &Device, line: &str) -> (String, String) {
    let (code, json) = till.fails(line);
    assert!(matches!(code, 1 | 5), "{line}: {json}");
    let finding = &json["error"]["findings"][0];
    let words = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    (words("what"), words("remedy"))
}

#[test]
fn a_tax_class_that_the_settings_do_not_have_is_refused_by_naming_those_they_have() {
    let till = Device::shop();
    till.ok("settings set-tax books 7");
    till.ok("order create --line OAK-1");
    for line in [
        "order add-line T1-1 OAK-1 --tax-class reduced",
        "order add-line T1-1 Advice --text --price 20 --tax-class reduced",
        "product create Lamp --number L-1 --tax-class reduced",
        "product set OAK-1 tax-class reduced",
    ] {
        let (what, remedy) = refusal(&till, line);
        assert!(
            what.ends_with("There is no tax class “reduced”: the settings have books, standard."),
            "{what}"
        );
        assert_eq!(remedy, "Choose another class, or make this one in the settings first.");
    }
    assert_eq!(till.ok("product list")["count"], 2, "no lamp was made");
    till.ok("settings set-tax reduced 7");
    till.ok("product set OAK-1 tax-class reduced");
    till.ok("order add-line T1-1 OAK-1");
    let lines = till.ok("order show T1-1")["lines"].clone();
    assert_eq!(lines[0]["tax"], json!({ "class": "standard", "rate": "19", "included": true }));
    assert_eq!(lines[1]["tax"], json!({ "class": "reduced", "rate": "7", "included": true }));
}

#[test]
fn what_is_retired_is_not_sold_until_it_is_brought_back() {
    let till = Device::shop();
    till.ok("order create --line OAK-1");
    till.ok("product set OAK-2 barcode 77");
    till.ok("product retire OAK-2");
    for line in
        ["order sell OAK-2", "order sell 77", "order create --line 2xTable", "order add-line T1-1 OAK-2"]
    {
        let (what, remedy) = refusal(&till, line);
        assert_eq!(what, "“Table” is retired: it is no longer sold.", "{line}");
        assert_eq!(remedy, "Bring it back first: waybill product retire OAK-2 --undo");
    }
    assert_eq!(till.ok("order list")["count"], 1);
    // Its barcode now belongs to what is sold in its place.
    till.ok("product create Desk --number OAK-3 --barcode 77");
    till.ok("product set-price OAK-3 300");
    till.ok("order add-line T1-1 77");
    assert_eq!(till.ok("order show T1-1")["lines"][1]["name"], "Desk");
    assert_eq!(till.ok("product show OAK-2")["product"]["retired"], true, "it is still looked at");
    till.ok("product retire OAK-2 --undo");
    till.ok("order sell OAK-2");
}

#[test]
fn a_manager_lets_credit_pass_wherever_it_is_asked() {
    let till = Device::shop();
    till.ok("customer create Berger --number C-1");
    till.ok("customer set-credit C-1 100");
    till.ok("order create --customer C-1 --line OAK-1 --place --override regular");
    for line in [
        "order add-line T1-1 OAK-2",
        "order set-quantity T1-1 1 3",
        "order set-price T1-1 1 200",
        "order set-discount T1-1 1 0",
    ] {
        if line.ends_with("1 0") {
            till.ok("order set-discount T1-1 1 10%");
        }
        let (what, _) = refusal(&till, line);
        assert!(what.contains("the credit limit is € 100.00"), "{line}: {what}");
        till.ok(&format!("{line} --override regular --approver Ana"));
    }
    // A driver's word is no manager's.
    refusal(&till, "order set-quantity T1-1 1 4 --override regular --approver Bob");
    // What is not placed owes nothing yet: nothing is let pass.
    let (code, told) = till.fails("order create --customer C-1 --line OAK-1 --override regular");
    assert_eq!((code, &told["error"]["kind"]), (2, &json!("usage")), "{told}");
    assert_eq!(till.ok("order list")["count"], 1);
}

#[test]
fn of_a_cancelled_order_what_was_handed_over_all_the_same_is_to_be_paid() {
    let till = Device::shop();
    till.ok("customer create Berger --number C-1");
    till.ok("customer set-credit C-1 2000");
    till.ok("order create --customer C-1 --line 10xOAK-1 --place");
    till.ok("order cancel T1-1");
    assert_eq!(till.ok("order show T1-1")["order"]["open"], "0.00");
    till.ok("order hand-over T1-1 --line 1=2");
    let order = till.ok("order show T1-1")["order"].clone();
    assert_eq!((&order["status"], &order["open"]), (&json!("disputed"), &json!("238.00")));
    // It counts against the credit: 238 and 15 chairs are above 2000, 14 are not.
    let (what, _) = refusal(&till, "order create --customer C-1 --line 15xOAK-1 --place");
    assert!(what.starts_with("The customer would owe € 2,023.00"), "{what}");
    till.ok("order create --customer C-1 --line 14xOAK-1 --place");
    till.ok("order take-payment T1-1");
    let paid = till.ok("order show T1-1");
    assert_eq!(paid["order"]["open"], "0.00");
    let last = paid["timeline"].as_array().and_then(|events| events.last()).unwrap();
    assert_eq!(last["words"], "took € 238.00 by cash");
}

#[test]
fn a_place_is_asked_where_it_is_not_known_and_remembered_where_that_is_said() {
    let till = Device::shop();
    let at = |booked: &serde_json::Value| booked["order"]["location"].clone();
    let places = |code: &str| {
        let all = till.ok("location list");
        let one = all["locations"].as_array().unwrap().iter().find(|row| row["code"] == code).cloned();
        one.unwrap()["id"].clone()
    };
    till.ok("location create S0 Airport");
    till.ok("location create W1 Harbour --kind warehouse");
    let (code, asked) = till.fails("order sell OAK-1");
    assert_eq!(code, 2, "{asked}");
    let words = asked.to_string();
    assert!(words.contains("S0, S1, W1") && words.contains("location use"), "{words}");
    till.ok("location use S1");
    assert_eq!(at(&till.ok("order sell OAK-1")), places("S1"));
    assert_eq!(at(&till.ok("order create --customer-name Berger")), places("S1"));
    till.ok("location use W1 --for order");
    assert_eq!(at(&till.ok("order create --customer-name Berger")), places("W1"));
    assert_eq!(at(&till.ok("order sell OAK-1 --location S0")), places("S0"));
    assert_eq!(at(&till.ok("order sell OAK-1")), places("S1"), "named once, it is for once");
}

#[test]
fn a_dispute_is_resolved_by_one_of_its_ways_out() {
    let till = Device::shop();
    till.ok("order create --customer-name Berger --line 3xOAK-1 --place");
    till.ok("order hand-over T1-1 --line Chair=4");
    assert_eq!(till.ok("order show T1-1")["order"]["status"], "disputed");
    let asked = till.ok("order resolve T1-1");
    let ways: Vec<_> = asked["ways"].as_array().unwrap().iter().map(|way| way["way"].clone()).collect();
    assert_eq!(ways, ["raise", "take_back"]);
    assert!(said(&till.run("order show T1-1")).contains("waybill order resolve T1-1"));
    let (code, why) = till.fails("order resolve T1-1 take-back");
    assert_eq!(code, 2, "{why}");
    let settled = till.ok("order resolve T1-1 take-back --reason miscounted");
    assert_eq!(
        (&settled["order"]["status"], &settled["order"]["goods"]),
        (&json!("placed"), &json!("delivered"))
    );
    let (code, why) = till.fails("order resolve T1-1 raise");
    assert_eq!(code, 2, "{why}");
}

/// What a line says to a person.
fn says(till: &Device, line: &str) -> String {
    let output = till.run(line);
    assert!(output.status.success(), "{line}: {}", said(&output));
    said(&output)
}

#[test]
fn what_was_done_is_said_in_the_past_tense_and_once() {
    let till = Device::shop();
    till.ok("order create --channel shop --line 2xOAK-1 --place");
    for (line, words) in [
        ("location set-address S1 --city Kiel", "Changed the location's address · Mainstreet."),
        ("settings set max-price 5000", "Set the highest price: 5000."),
        (
            "product create Stool --number OAK-3 --price 9 --cost 4",
            "Created the product, set the price to € 9.00 from",
        ),
        ("product retire OAK-3", "Retired · OAK-3 Stool."),
        ("order take-payment T1-1 -5", "Gave back € 5.00 by cash · order T1-1."),
        ("order confirm T1-1", "Confirmed · order T1-1."),
        ("order set-quantity T1-1 1 3", "Changed the quantity of Chair: 3 · order T1-1."),
    ] {
        let told = says(&till, line);
        assert!(told.starts_with(words), "{line}: {told}");
        assert!(told.matches("OAK-3 Stool").count() < 2, "its thing once: {told}");
    }
    assert!(says(&till, "order show T1-1").contains("gave back € 5.00 by cash"));
}

#[test]
fn what_cannot_be_is_refused_with_words_that_name_the_way() {
    let till = Device::shop();
    till.ok("order create --channel shop --line 2xOAK-1 --place");
    till.ok("order create --channel shop --line OAK-2");
    let refused = |line: &str, words: &str| {
        let output = till.run(line);
        assert!(!output.status.success(), "{line}");
        assert!(said(&output).contains(words), "{line}: {}", said(&output));
    };
    refused("order assign-driver T1-1 Ana", "no driver");
    till.ok("order assign-driver T1-1 Bob");
    refused("product create Stool --barcode 4006381333931", "is on the product “Chair” already");
    refused("product set OAK-2 barcode 4006381333931", "is on the product “Chair” already");
    refused("settings set currency CHF", "2 products have a price, but none in CHF");
    for product in ["OAK-1", "OAK-2"] {
        till.ok(&format!("product set-price {product} 100 --currency CHF --from tomorrow"));
    }
    till.ok("settings set currency CHF");
    refused("order set-quantity T1-1 1 1_000", "is not a quantity");
    refused("order set-price T1-1 1 1_000", "1_000");

    let foot =
        |words: &str| assert!(says(&till, "order list").contains(words), "{}", says(&till, "order list"));
    foot("2 orders. € 238.00 of 1 order that counts");
    till.ok("order cancel T1-1 --reason changed-their-mind");
    foot("2 orders. € 0.00 of 0 orders that count");
    assert_eq!(till.ok("order list")["counted"], 0);
    for line in
        ["order set-quantity T1-1 1 3", "order add-line T1-1 OAK-2 --price 9", "order remove-line T1-1 1"]
    {
        refused(line, "This order is cancelled, so its lines stay as they are.");
    }
    let shown = says(&till, "settings show");
    for limit in [
        "max-quantity",
        "max-price",
        "max-discount",
        "max-line-amount",
        "max-fact-amount",
        "booked-back",
        "booked-ahead",
    ] {
        assert!(shown.contains(limit), "{limit}: {shown}");
    }
}

#[test]
fn who_never_signed_in_is_told_so_and_what_to_do() {
    let dir = tempfile::tempdir().expect("a directory");
    // As a sign-in that failed leaves it.
    let store = waybill_client::store::Store::open(dir.path(), waybill_client::engine::now()).expect("opens");
    store.close().expect("closes");
    for line in ["order list", "product list", "settings show", "attention list"] {
        let output = common::program(dir.path()).args(line.split(' ')).output().expect("runs");
        assert_eq!(output.status.code(), Some(5), "{line}: {}", said(&output));
        let words = "Nobody is signed in on this device. Sign in first: waybill login ADDRESS NAME";
        assert_eq!(said(&output).trim(), words, "{line}");
    }
}
