//! A customer whose personal data is erased, with real programs: the bytes of everything are searched for it, also after
//! an old backup was put back.

use std::{fs, path::Path};

use waybill_tests::real::{Company, Device};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// What is known of the customer, each in letters that stand nowhere else.
const PERSONAL: [&str; 10] = [
    "Quintessa",
    "Zephyrweg",
    "0151-770077",
    "quintessa@",
    "knocks-thrice",
    "blue-gate-code",
    "REF-Qx9",
    "her-nephew",
    "always-haggles",
    "margin-secret",
];

/// Where any of it stands in the files of a directory.
fn told_in(dir: &Path) -> Vec<String> {
    let mut told = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            told.extend(told_in(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            let stands = |words: &&&str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
            told.extend(PERSONAL.iter().filter(stands).map(|words| format!("{}: {words}", path.display())));
        }
    }
    told
}

/// A customer of whom much is known, with an order that was delivered and paid, and one that was refused.
fn quintessa(office: &Device, till: &Device) -> String {
    office.does("customer create \"Quintessa Mumm\" --number C-9 --phone 0151-770077 --email quintessa@example.net --street \"Zephyrweg 4\"");
    office.does("customer note C-9 \"knocks-thrice on the door\"");
    office.syncs();
    till.syncs();
    till.does("order sell 1xCHAIR --customer C-9 --pay cash=49.90");
    let order = till.orders("--customer C-9 --channel phone --line 2xCHAIR --place");
    till.does(&format!("order note {order} \"blue-gate-code 4711\""));
    till.does(&format!("order set-reference {order} their_order REF-Qx9"));
    till.syncs();
    office.syncs();
    office.does(&format!("order hand-over {order} --received-by her-nephew"));
    office.does(&format!("order take-payment {order} 99.80"));
    office.does("note write --customer C-9 always-haggles");
    office.does("note show-to-shops --customer C-9");
    office.does(&format!("note write --order {order} margin-secret"));
    office.syncs();
    till.syncs();
    order
}

fn books(company: &Company) -> String {
    let sql = "select string_agg(r::text, chr(10) order by r::text) from report.revenue_by_day r";
    company.server.database().ask(sql).unwrap()
}

#[test]
fn an_erased_customer_is_nowhere_any_more_also_after_an_old_backup_was_put_back() {
    let mut company = Company::opens(DEMO);
    let [tim, kim] = [("tim", "shop"), ("kim", "shop")].map(|(name, role)| company.hires(name, role));
    let order = quintessa(&company.office, &tim);
    kim.syncs();
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("old.backup");
    company.server.does(&format!("backup --to {}", backup.display()));
    let before = books(&company);
    for dir in [kim.path(), company.server.data_dir()] {
        assert!(!told_in(dir).is_empty(), "it is there to be found");
    }

    let said = company.server.does("erase C-9");
    assert!(
        said.contains("Quintessa Mumm") && said.contains("in 2 orders") && said.contains("--yes"),
        "{said}"
    );
    assert!(company.server.fails("erase C-404").contains("no customer with the number or id"));
    // Kim goes on without a network meanwhile, and knows of nothing.
    kim.does(&format!("order note {order} \"Quintessa called\""));
    let said = company.server.does("erase C-9 --yes");
    assert!(said.contains("Erased from 5 documents") && !said.contains("may still be"), "{said}");
    for device in [&company.office, &tim, &kim, &company.office] {
        device.syncs();
    }
    assert_eq!(books(&company), before, "the books keep their amounts");
    company.server.is_sound();
    assert!(company.server.does("rebuild-reports").contains("all were right"));
    let customer = company.office.does("customer show C-9");
    assert_eq!(customer["customer"]["name"], "(erased)");
    let again = tim.tries("customer note C-9 \"Quintessa wants it back\"").unwrap_err();
    assert!(again.said.to_string().contains("at their own wish"), "{:?}", again.said);
    company.server.does("erase C-9 --yes");
    assert!(company.server.stop().success());
    nowhere(&company, [&company.office, &tim, &kim]);

    // The server burns down; there is only the old backup, and the list that was kept beside it.
    let said = company.server.is_restored_from(&backup);
    assert!(said.contains("Erased again: the personal data of 1 customers"), "{said}");
    company.server.restart();
    for device in [&kim, &tim, &company.office, &kim, &tim, &company.office] {
        device.syncs();
    }
    assert_eq!(books(&company), before);
    company.server.is_sound();
    assert!(company.server.stop().success());
    nowhere(&company, [&company.office, &tim, &kim]);
}

fn nowhere(company: &Company, devices: [&Device; 3]) {
    assert_eq!(told_in(company.server.data_dir()), Vec::<String>::new());
    for device in devices {
        assert_eq!(told_in(device.path()), Vec::<String>::new());
    }
}
