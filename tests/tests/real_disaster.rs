//! What an admin does about the server's data: its log is trimmed.

use waybill_tests::real::{Company, Device};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[test]
fn an_admin_hears_whom_a_trim_will_hit_and_who_is_hit_loads_anew_and_loses_nothing() {
    let company = Company::opens(DEMO);
    let [tim, kim] = [("tim", "shop"), ("kim", "driver")].map(|(name, role)| company.hires(name, role));
    for device in [&tim, &kim] {
        device.syncs();
    }
    let order = company.office.orders("--customer Orion --channel phone --line 2xCHAIR");
    company.settles(&[&company.office, &kim]);
    kim.syncs();
    let waits = tim.orders("--channel shop --line 1xCHAIR");
    let paid = "select count(*) from report.payments";
    let head = company.server.database().number("select pos from sync.head");

    let beyond = company.server.fails(&format!("trim --before {} --yes", head + 2));
    assert!(beyond.contains(&format!("ends at position {head}; give at most {}", head + 1)), "{beyond}");
    let said = company.server.does(&format!("trim --before {}", head + 1));
    assert!(said.contains(&format!("Positions 1 to {head} of the log, which ends at {head}")), "{said}");
    assert!(said.contains("1 of 3 devices stood before that") && said.contains("--yes"), "{said}");
    let kept = |sql: &str| company.server.database().number(sql);
    assert_eq!(kept("select count(*) from sync.feed"), head, "only said, not done");

    company.server.does("trim --keep-days 30 --yes");
    assert_eq!(kept("select count(*) from sync.feed"), head, "all of it is younger");
    company.server.does(&format!("trim --before {} --yes", head + 1));
    assert_eq!((kept("select count(*) from sync.feed"), kept("select pos from sync.trimmed")), (0, head));
    company.server.is_sound();
    assert!(company.server.does("rebuild-reports").contains("all were right"));

    // He is behind, with something of his own; she stands where the log begins now.
    company.office.does(&format!("order take-payment {order} 20.00"));
    company.settles(&[&company.office, &tim, &kim]);
    assert!(tim.numbers().contains(&order) && company.office.numbers().contains(&waits));
    assert_eq!(kept(paid), 1);
    company.server.is_sound();
    all_sent(&[&tim, &kim]);
}

fn all_sent(devices: &[&Device]) {
    for device in devices {
        assert_eq!((device.entries("pending"), device.attention().len()), (0, 0));
    }
}
