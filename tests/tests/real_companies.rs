//! Two companies with a server each: what belongs to one never reaches the other, whatever address is typed and
//! whoever answers there.

use waybill_tests::real::{Company, Device, Server};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const REFUSED: &str = "This server belongs to another company";

#[test]
fn what_waits_on_a_device_never_reaches_another_companys_server() {
    let mut ours = Company::opens(DEMO);
    let tim = ours.hires("tim", "shop");
    let first = tim.orders("--customer Orion --channel phone --line 1xCHAIR");
    tim.syncs();
    let mut theirs = Server::start(DEMO);
    theirs.add_person("tim", "shop");
    ours.server.stop();
    tim.does(&format!("order tag {first} gift"));
    let second = tim.orders("--customer Orion --channel phone --line 2xTABLE");
    let as_it_was = || (tim.heads(), tim.numbers(), tim.entries("pending"), tim.entries("accepted"));
    let before = as_it_was();
    assert_eq!(before.2, 2);

    // He signs in at the wrong address: the right name and password do not help.
    is_refused(&tim, &format!("login {} tim", theirs.url()));
    assert_eq!(theirs.database().number("select count(*) from account.device"), 0, "nobody was enrolled");
    assert!(as_it_was() == before, "something changed on the device");

    // His own server's address comes to be theirs.
    theirs.stop();
    theirs.moves_to(ours.server.address());
    theirs.restart();
    is_refused(&tim, "sync");
    assert!(as_it_was() == before, "something changed on the device");
    let mut database = theirs.database();
    assert_eq!((database.judged(), database.number("select count(*) from sync.document")), (0, 0));
    drop(database);

    // It points back, and he is still signed in.
    theirs.stop();
    ours.server.restart();
    tim.syncs();
    assert_eq!(tim.entries("pending"), 0);
    ours.office.syncs();
    assert_eq!(ours.office.order(&first)["tags"][0], "gift");
    assert!(ours.office.numbers().contains(&second));
    ours.settles(&[&tim, &ours.office]);
}

fn is_refused(device: &Device, line: &str) {
    let said = device.tries(line).expect_err("it is another company's").said.to_string();
    assert!(said.contains(REFUSED) && said.contains("--data"), "{said}");
}

#[test]
fn a_database_put_back_from_a_backup_is_still_the_same_companys() {
    let mut company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let first = tim.orders("--customer Orion --channel phone --line 1xCHAIR");
    tim.syncs();
    let id = |server: &Server| server.database().ask("select id from sync.company");
    let made = id(&company.server);
    company.server.stop();
    let backup = company.server.backup();
    company.server.restart();
    company.server.does("rebuild-reports");
    tim.does(&format!("order tag {first} gift"));
    tim.syncs();

    company.server.stop();
    company.server.is_put_back(&backup);
    company.server.restart();
    assert_eq!(id(&company.server), made);
    // The device brings back what the backup had not.
    tim.syncs();
    company.office.syncs();
    assert_eq!(company.office.order(&first)["tags"][0], "gift");
    company.settles(&[&tim, &company.office]);
}
