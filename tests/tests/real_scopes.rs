//! Who sees what, with real processes, sockets and files: nothing of an order that went is left on the disk.

use std::fs;

use waybill_tests::real::{Device, Server, alike, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Whether the words stand anywhere in the device's files, in whichever case.
fn on_disk(device: &Device, words: &str) -> bool {
    let wanted = words.to_lowercase();
    fs::read_dir(device.path()).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file() && {
            let bytes = fs::read(path).unwrap_or_default().to_ascii_lowercase();
            bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
        }
    })
}

/// The numbers of the orders that a search for these words finds.
fn found(device: &Device, words: &str) -> Vec<String> {
    let orders = device.does(&format!("order list {words}"))["orders"].clone();
    let numbers = orders.as_array().unwrap().iter().map(|order| order["number"].as_str().unwrap().to_owned());
    numbers.collect()
}

#[test]
fn a_reassigned_order_leaves_nothing_in_the_file_of_the_van_and_what_was_entered_there_stands() {
    let server = Server::start(DEMO);
    for (name, role) in [("ana", "admin"), ("dora", "driver"), ("emil", "driver")] {
        server.add_person(name, role);
    }
    let ana = Device::signed_in(DEMO, &server.url(), "ana");
    ana.does("settings create Harbour --zone UTC --currency EUR --tax standard=19 --no-customer phone");
    ana.does("location create HS \"Harbour shop\"");
    ana.does("product create \"Oak chair\" --number OAK-1");
    ana.does("product set-price OAK-1 59.50");
    ana.syncs();
    let (dora, emil) =
        (Device::signed_in(DEMO, &server.url(), "dora"), Device::signed_in(DEMO, &server.url(), "emil"));
    let number = ana.orders(
        "--channel phone --line 3xOAK-1 --place --contact-name Featherstonehaugh --street \"Quillfeather Lane 7\"",
    );
    ana.does(&format!("order assign-driver {number} dora"));
    ana.syncs();
    dora.syncs();
    emil.syncs();
    assert_eq!((dora.numbers(), emil.numbers()), (vec![number.clone()], vec![]));
    assert!(on_disk(&dora, "Quillfeather") && !on_disk(&emil, "Quillfeather"));
    assert_eq!((found(&dora, "feather"), found(&emil, "feather")), (vec![number.clone()], vec![]));

    // Handed over without a network, while the office gives it to somebody else.
    dora.does(&format!("order hand-over {number}"));
    ana.does(&format!("order assign-driver {number} emil"));
    ana.syncs();
    dora.syncs();
    until("the order is gone", || {
        dora.syncs();
        dora.numbers().is_empty().then_some(())
    });
    assert_eq!(dora.attention(), Vec::<serde_json::Value>::new());
    assert_eq!(found(&dora, "feather"), [] as [&str; 0]);
    for words in ["Featherstonehaugh", "Quillfeather"] {
        assert!(!on_disk(&dora, words), "“{words}” is still in the file");
    }
    ana.syncs();
    emil.syncs();
    assert!(on_disk(&emil, "Quillfeather"));
    assert_eq!((emil.numbers(), found(&emil, "feather")), (vec![number.clone()], vec![number.clone()]));
    assert_eq!(emil.order(&number)["order"]["goods"], "delivered", "{}", emil.order(&number));

    // So it is with a program that goes on running, whatever its files are at that moment.
    let other = ana.orders("--channel phone --line 1xOAK-1 --place --street \"Brookwhistle Yard 3\"");
    ana.does(&format!("order assign-driver {other} emil"));
    ana.syncs();
    let engine = emil.watches();
    until("it is there", || on_disk(&emil, "Brookwhistle").then_some(()));
    ana.does(&format!("order assign-driver {other} dora"));
    ana.syncs();
    until("nothing of it is left", || (!on_disk(&emil, "Brookwhistle")).then_some(()));
    drop(engine);
    dora.syncs();
    emil.syncs();
    alike(&server, &[&ana, &dora, &emil]);
    server.is_sound();
}
