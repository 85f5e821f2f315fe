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
    assert!(said(&till.run("order show T1-1")).contains("took 571.20 EUR by card"));

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
        ("order create --as Bob", 1, "refused"),
        ("order create --as Nobody", 1, "refused"),
        ("order show T1-9", 1, "refused"),
        ("order create --line OAK", 2, "usage"),
        ("order create --wanted someday", 2, "usage"),
        ("sync", 4, "connection"),
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
