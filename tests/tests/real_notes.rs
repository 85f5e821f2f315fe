//! Internal notes, with a real server, PostgreSQL and devices: what was taken out is in no file of who is shown them
//! later, and what is hidden again leaves nothing.

use std::{fs, path::Path};

use waybill_tests::real::{Company, Device};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Whether the words stand anywhere in the files of the directory: the database, its log, and whatever is beside them.
fn told_in(dir: &Path, words: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return told_in(&path, words);
        }
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

fn texts(device: &Device, about: &str) -> Vec<String> {
    let listed = device.does(&format!("note list {about}"))["notes"].clone();
    listed.as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_shop_is_shown_what_stands_and_its_file_never_holds_what_was_taken_out() {
    let company = Company::opens(DEMO);
    let [shop, van, sales] = [("tim", "shop"), ("dora", "driver"), ("sara", "sales")]
        .map(|(name, role)| company.hires(name, role));
    company.office.syncs();
    let order = company.office.orders("--channel shop --line 1xCHAIR --place");
    company.office.does(&format!("order assign-driver {order} dora"));
    let about = format!("--order {order}");
    company.office.does(&format!("note write {about} \"skinflint-qz of the worst kind\""));
    company.office.does(&format!("note write {about} \"cash-only-qz please\""));
    company.office.syncs();
    for device in [&shop, &van, &sales] {
        device.syncs();
    }
    assert_eq!(texts(&sales, &about).len(), 2);
    assert!(told_in(sales.path(), "skinflint-qz"), "it is there to be found");
    let refused = shop.tries(&format!("note list {about}")).unwrap_err();
    assert!(refused.said.to_string().contains("for you to read"), "{:?}", refused.said);

    // Sales works on without a network while the office tidies up: what it writes is for the office.
    sales.does(&format!("note write {about} \"rings-noon-qz\""));
    let listed = company.office.does(&format!("note list {about}"))["notes"].clone();
    let short = listed[0]["short"].as_str().unwrap();
    for (named, said) in [("1", "too short"), (&"0".repeat(8), "There is no note")] {
        let told = company.office.tries(&format!("note take-out {about} {named}")).unwrap_err();
        assert!(format!("{:?}", told.said).contains(said), "{:?}", told.said);
    }
    company.office.does(&format!("note take-out {about} {short}"));
    company.office.does(&format!("note show-to-shops {about}"));
    for device in [&company.office, &sales, &shop, &van, &company.office] {
        device.syncs();
    }
    assert!(!told_in(shop.path(), "rings-noon-qz") && !told_in(shop.path(), "cash-only-qz"));
    assert_eq!(company.office.does(&format!("note list {about}"))["shops_may_read"], false);
    company.office.does(&format!("note show-to-shops {about}"));
    for device in [&company.office, &sales, &shop, &van] {
        device.syncs();
    }
    for device in [&shop, &sales, &company.office] {
        assert_eq!(texts(device, &about), ["cash-only-qz please", "rings-noon-qz"]);
    }
    assert!(!told_in(shop.path(), "skinflint-qz"), "what was taken out never got there");
    for words in ["skinflint-qz", "cash-only-qz", "rings-noon-qz"] {
        assert!(!told_in(van.path(), words), "“{words}” is in the file of the van");
    }
    assert_eq!(shop.does(&format!("note list {about}"))["taken_out"], 1);

    company.office.does(&format!("note hide-from-shops {about}"));
    company.office.syncs();
    shop.syncs();
    for words in ["cash-only-qz", "rings-noon-qz"] {
        assert!(!told_in(shop.path(), words), "“{words}” is still in the file of the shop");
    }
    company.settles(&[&company.office, &sales, &shop, &van]);
    company.server.is_sound();
    assert!(company.server.does("rebuild-reports").contains("all were right"));
}
