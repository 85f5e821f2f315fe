//! What happens to the server's data: its log is trimmed, it is put back from a backup, and the database loses its
//! last commits while the server runs and while it does not.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use waybill_tests::real::{Clerk, Company, Device, Pair, Script, Server, until};

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

/// What the reports say, row for row.
fn books(company: &Company) -> String {
    let sql = "select string_agg(r::text, chr(10) order by r::text) from report.revenue_by_day r";
    let orders = "select string_agg(number || ' ' || status, chr(10) order by number) from report.orders";
    let mut database = company.server.database();
    format!("{:?}\n{:?}", database.ask(sql), database.ask(orders))
}

/// What is done in a day: sold, ordered, changed and paid, on three devices, one on what another made.
fn a_day(company: &Company, tim: &Device, kim: &Device, order: &str) {
    tim.does("order sell 2xCHAIR");
    let placed = kim.orders("--customer Orion --channel phone --line 1xTABLE --place");
    kim.does(&format!("order set-quantity {order} 1 4"));
    kim.syncs();
    company.office.syncs();
    company.office.does(&format!("order take-payment {placed} 50.00"));
    company.office.does(&format!("order confirm {placed}"));
    company.office.does(&format!("order tag {order} gift"));
    tim.does("order sell 1xTABLE");
    for device in [tim, kim, &company.office, tim, kim] {
        device.syncs();
    }
}

fn staff(company: &Company) -> (Device, Device, String) {
    let (tim, kim) = (company.hires("tim", "shop"), company.hires("kim", "sales"));
    tim.syncs();
    kim.syncs();
    tim.does("order sell 1xCHAIR");
    let order = kim.orders("--customer Orion --channel phone --line 2xCHAIR --place");
    company.settles(&[&tim, &kim, &company.office]);
    (tim, kim, order)
}

/// Everything that there was is there again, once, and nobody has anything to look after.
fn all_is_back(company: &Company, devices: &[&Device], before: &str) {
    company.settles(devices);
    company.settles(devices);
    assert_eq!(books(company), before);
    let twice = "select count(*) - count(distinct number) from report.orders";
    assert_eq!(company.server.database().number(twice), 0, "a number was printed twice");
    all_sent(devices);
}

#[test]
fn a_server_restored_from_yesterday_gets_today_back_and_gives_no_number_until_an_admin_says_so() {
    let mut company = Company::opens(DEMO);
    let (tim, kim, order) = staff(&company);
    company.server.add_person("robot", "sales");
    let mut script = Script::signed_in(&company.server, "robot", Script::location(&company.office));
    let first = script.makes();
    script.is_accepted(&first);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("yesterday.backup");
    let take = format!("backup --to {}", file.display());
    // While somebody enters without pause.
    let engine = kim.watches();
    let mut clerk = Clerk::at(&kim);
    let taken = AtomicBool::new(false);
    let (said, entered) = thread::scope(|scope| {
        let entering = scope.spawn(|| {
            while !taken.load(Ordering::SeqCst) {
                assert!(clerk.enters());
            }
            clerk.goes().len()
        });
        let judged = company.server.database().judged();
        until("some of it is here", || (company.server.database().judged() > judged + 20).then_some(()));
        let said = company.server.does(&take);
        taken.store(true, Ordering::SeqCst);
        (said, entering.join().unwrap())
    });
    assert!(said.contains("up to log position") && entered > 20, "{entered} entries: {said}");
    drop(engine);
    assert!(company.server.fails(&take).contains("a file of this name already"));

    a_day(&company, &tim, &kim, &order);
    company.settles(&[&tim, &kim, &company.office]);
    let lost = script.makes();
    script.is_accepted(&lost);
    let before = books(&company);
    let restore = format!("restore --from {}", file.display());
    let refused = company.server.fails(&restore);
    assert!(refused.contains("holds data already") && refused.contains("nothing was changed"), "{refused}");
    company.server.is_sound();

    assert!(company.server.stop().success());
    // A file that is not whole puts nothing back; the database stays empty for the right one.
    let half = dir.path().join("half.backup");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&half, &whole[..whole.len() - 100]).unwrap();
    std::fs::remove_dir_all(company.server.data_dir().join("postgres")).unwrap();
    let torn = company.server.fails(&format!("restore --from {}", half.display()));
    assert!(torn.contains("cannot be read") && torn.contains("nothing was changed"), "{torn}");
    let said = company.server.is_restored_from(&file);
    assert!(said.contains("all agree") && said.contains("numbers confirm"), "{said}");
    company.server.restart();
    until("the log says so", || company.server.log().contains("no numbers are given until").then_some(()));

    // The script has sent its order and is told of it; a new one has to wait for its number.
    script.comes_back(&company.server);
    let waits = script.makes();
    let words = script.is_told_later(&waits);
    assert!(words.contains("admin has confirmed") && words.contains("Nothing is lost"), "{words}");
    let shown = company.server.does("numbers show");
    assert!(shown.contains("S-000001") && shown.contains("gives none now"), "{shown}");
    assert!(company.server.fails("numbers confirm 0").contains("S-000001 already"));
    company.server.does("numbers confirm S-000002");
    script.is_accepted(&waits);
    let number = "select max(number) from report.orders where number like 'S-%'";
    assert_eq!(company.server.database().ask(number).as_deref(), Some("S-000003"));

    // Today comes back from the devices. The script kept nothing: its second order is told once more, with its number.
    let devices = [&tim, &kim, &company.office];
    company.settles(&devices);
    company.settles(&devices);
    let after = books(&company);
    assert_eq!(of_devices(&after), of_devices(&before));
    let twice = "select count(*) - count(distinct number) from report.orders";
    assert_eq!(company.server.database().number(twice), 0, "a number was printed twice");
    all_sent(&devices);
    assert!(
        !company.server.does("numbers show").contains("gives none now"),
        "what devices bring is old news"
    );
}

/// The books without what the script made, which keeps nothing and so sends nothing again.
fn of_devices(books: &str) -> Vec<String> {
    books.split("\\n").filter(|line| !line.contains("S-00000")).map(str::to_owned).collect()
}

#[test]
fn a_replica_without_the_last_commits_takes_over_and_gets_them_back_and_no_number_is_printed_twice() {
    let mut pair = Pair::start();
    let mut company = Company::opens_at(Server::start_on(DEMO, pair.url()), DEMO);
    let (tim, kim, order) = staff(&company);
    company.server.add_person("robot", "sales");
    let mut script = Script::signed_in(&company.server, "robot", Script::location(&company.office));
    let first = script.makes();
    script.is_accepted(&first);
    pair.is_cut_off();
    let lost = script.makes();
    script.is_accepted(&lost);
    let numbers = "select string_agg(number, ' ' order by number) from report.orders where number like 'S-%'";
    assert_eq!(company.server.database().ask(numbers).as_deref(), Some("S-000001 S-000002"));
    a_day(&company, &tim, &kim, &order);
    let before = books(&company);

    pair.fails_over();
    until("the server is on the replica", || (company.server.ready().0 == 200).then_some(()));
    assert_ne!(books(&company), before, "the day is lost");
    // No device has said anything yet.
    script.comes_back(&company.server);
    let waits = script.makes();
    script.is_let_go(&waits, &company.server);
    assert!(script.is_told_later(&waits).contains("admin has confirmed"));
    assert!(company.server.figures().contains("waybill_logs_replaced_total 1"), "{}", company.server.log());

    // Who worked on what others made comes back first; nobody is bothered.
    let office = company.office.watches();
    let status = || company.office.does("status")["status"].clone();
    let told = until("the office has sent what can stand", || {
        let status = status();
        (status["waiting"] == 1 && !status["trouble"].is_null()).then_some(status["trouble"].to_string())
    });
    assert!(told.contains("still on other devices") && told.contains("Nothing is lost"), "{told}");
    drop(office);
    let devices = [&kim, &tim, &company.office];
    company.settles(&devices);
    company.settles(&devices);
    assert_eq!(of_devices(&books(&company)), of_devices(&before));
    all_sent(&devices);
    company.server.does("numbers confirm S-000002");
    script.is_accepted(&waits);
    assert_eq!(company.server.database().ask(numbers).as_deref(), Some("S-000001 S-000003"));
    assert!(company.server.figures().contains("waybill_logs_replaced_total 1"), "{}", company.server.log());

    // A server that has written nothing yet goes by PostgreSQL's own count of who took over.
    assert!(company.server.stop().success());
    company.server.database().does("update sync.epoch set place = '1/00000001'");
    company.server.restart();
    assert!(company.server.does("numbers show").contains("gives none now"), "{}", company.server.log());
}

#[test]
fn who_and_what_came_after_the_backup_signs_in_anew_and_neither_its_sale_nor_its_numbers_are_lost() {
    let mut company = Company::opens(DEMO);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("yesterday.backup");
    company.server.does(&format!("backup --to {}", file.display()));
    let lea = company.hires("lea", "shop");
    lea.does("order sell 1xCHAIR");
    let made = lea.orders("--customer Orion --channel phone --line 1xTABLE");
    lea.syncs();
    company.server.stop();
    company.server.is_restored_from(&file);
    company.server.restart();

    let refused = lea.tries("sync").unwrap_err();
    assert!(refused.said.to_string().contains("Sign in"), "{refused:?}");
    // Somebody else is faster, and must not get the code that lea's device printed.
    let max = company.hires("max", "shop");
    let other = max.orders("--customer Orion --channel phone --line 1xTABLE");
    company.server.add_person("lea", "shop");
    // To her device she is somebody else than the one who works there.
    let login = format!("login {} lea --new-pin", company.server.url());
    lea.tries_with(&login, "482915\n").expect("lea signs in anew");
    let again = lea.orders("--customer Orion --channel phone --line 1xTABLE");
    let codes = "select count(distinct code) from account.device";
    assert_eq!(company.server.database().number(codes), 3);
    let numbers = [&made, &other, &again].map(|number| number.split('-').next().unwrap());
    assert!(numbers[0] != numbers[1] && numbers[1] != numbers[2] && numbers[0] != numbers[2], "{numbers:?}");

    // The server does not know who lea was then. What she did is held for a manager; what she asked for is hers to
    // enter again.
    until("everything has its verdict", || {
        (lea.entries("pending") == 0).then_some(()).or_else(|| {
            lea.does("sync");
            None
        })
    });
    let states: Vec<String> =
        lea.attention().iter().map(|entry| entry["state"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(states.len(), 2, "{states:?}");
    let held = company.server.database().ask("select id from sync.edit where verdict = 'held'").unwrap();
    company.server.does(&format!("held accept {held} --by ana"));
    company.settles(&[&max, &company.office]);
    let sold = "select count(*) from report.revenue_by_day where delivered_gross > 0";
    assert_eq!(company.server.database().number(sold), 1);
}

#[test]
fn a_database_that_loses_its_last_commits_under_a_running_server_gets_them_back() {
    let company = Company::opens(DEMO);
    let (tim, kim, order) = staff(&company);
    let _watching = [tim.watches(), kim.watches(), company.office.watches()];
    company.server.database().is_noted();
    a_day(&company, &tim, &kim, &order);
    let before = books(&company);

    company.server.database().is_as_noted();
    assert_ne!(books(&company), before, "the day is lost");
    // Somebody goes on working as if nothing had happened, and this is what makes the server look.
    tim.does(&format!("order note {order} called"));
    until("the day is back", || (books(&company) == before).then_some(()));
    all_is_back(&company, &[&tim, &kim, &company.office], &before);
    assert!(company.server.does("numbers show").contains("gives none now"));
    assert!(company.server.figures().contains("waybill_logs_replaced_total 1"), "{}", company.server.log());
    company.server.does("numbers confirm 0");
}

#[test]
fn a_database_that_lost_its_last_commits_while_the_server_was_down_gets_them_back() {
    let mut company = Company::opens(DEMO);
    let (tim, kim, order) = staff(&company);
    company.server.stop();
    let replica = company.server.backup();
    company.server.restart();
    a_day(&company, &tim, &kim, &order);
    let before = books(&company);

    company.server.stop();
    company.server.is_put_back(&replica);
    company.server.restart();
    assert_ne!(books(&company), before, "the day is lost");
    assert!(!company.server.does("numbers show").contains("gives none now"), "nobody has noticed yet");
    all_is_back(&company, &[&kim, &tim, &company.office], &before);
    assert!(company.server.does("numbers show").contains("gives none now"), "a device told of it");
    assert!(company.server.figures().contains("waybill_logs_replaced_total 1"), "{}", company.server.log());
    company.server.does("numbers confirm 0");
    company.settles(&[&kim, &tim, &company.office]);
    assert!(!company.server.does("numbers show").contains("gives none now"), "said once");
}
