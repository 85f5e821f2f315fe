//! Photos and papers between real devices: attached without signal, sent behind the entries, seen by who sees the
//! order, and gone with it.

use std::{fs, path::Path};

use waybill_shared::attachment;
use waybill_tests::real::{Company, Device, Server, Wire, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// A picture in the device's directory of tests; `mark` can be looked for in files.
fn picture(dir: &Path, name: &str, mark: &str, size: usize) -> (std::path::PathBuf, Vec<u8>) {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    while bytes.len() < size {
        bytes.extend(mark.as_bytes());
        bytes.push(bytes.len() as u8);
    }
    let path = dir.join(name);
    fs::write(&path, &bytes).expect("a picture");
    (path, bytes)
}

fn attached(device: &Device, number: &str) -> Vec<serde_json::Value> {
    device.does(&format!("attachment list {number}"))["attachments"].as_array().expect("a list").clone()
}

fn saved(device: &Device, number: &str, name: &str, to: &Path) -> Vec<u8> {
    device.does(&format!("attachment save {number} {name} --to {}", to.display()));
    fs::read(to).expect("it is there")
}

fn holds(dir: &Path, mark: &str) -> bool {
    let files = fs::read_dir(dir).expect("the directory is there");
    files.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).any(|entry| {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
    })
}

#[test]
fn a_photo_and_a_signature_taken_without_signal_are_seen_in_the_office_and_nowhere_else() {
    let mut company = Company::opens(DEMO);
    let dan = company.hires("dan", "driver");
    let eve = company.hires("eve", "driver");
    let number = company.office.orders("--channel shop --line CHAIR --place");
    company.office.syncs();
    company.office.does(&format!("order assign-driver {number} dan"));
    company.office.syncs();
    dan.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "door.jpg", "the-blue-door", 300_000);
    let (signature, signed) = picture(desk.path(), "signature.jpg", "by-orion", 9_000);

    company.server.kill_9();
    dan.does(&format!("order note {number} \"Left at the door\" --attach {}", photo.display()));
    dan.does(&format!("order hand-over {number} --signature {}", signature.display()));
    let listed = attached(&dan, &number);
    assert_eq!(
        (listed.len(), &listed[0]["here"], &listed[0]["size"]),
        (2, &true.into(), &bytes.len().into())
    );
    // What is here is here, whatever became of the file.
    fs::remove_file(&photo).expect("removed");
    assert_eq!(saved(&dan, &number, "door.jpg", &desk.path().join("own.jpg")), bytes);

    company.server.restart();
    dan.syncs();
    company.office.syncs();
    let listed = attached(&company.office, &number);
    assert!(listed.iter().all(|one| one["here"] == false), "fetched only by who looks: {listed:?}");
    assert_eq!(saved(&company.office, &number, "door.jpg", &desk.path().join("office.jpg")), bytes);
    assert_eq!(saved(&company.office, &number, "signature.jpg", &desk.path().join("s.jpg")), signed);
    let order = company.office.order(&number);
    assert!(order.to_string().contains("attached door.jpg"), "{order}");

    // Another driver has neither the order nor a byte of it.
    eve.syncs();
    assert!(eve.tries(&format!("attachment list {number}")).is_err());
    assert!(!holds(eve.path(), "the-blue-door"));
    // It is given to her: it goes from Dan's van, bytes and all, and comes to hers when she looks.
    assert!(holds(dan.path(), "the-blue-door"));
    company.office.does(&format!("order assign-driver {number} eve"));
    company.office.syncs();
    dan.syncs();
    assert!(!holds(dan.path(), "the-blue-door") && !holds(dan.path(), "by-orion"), "gone with the order");
    eve.syncs();
    assert_eq!(saved(&eve, &number, "door.jpg", &desk.path().join("eve.jpg")), bytes);
    company.server.is_sound();
}

#[test]
fn a_line_that_breaks_in_the_middle_costs_one_chunk_and_a_restart_of_the_device_nothing() {
    let company = Company::opens(DEMO);
    let wire = Wire::to(company.server.address());
    let sam = company.hires_over(&wire, "sam", "sales");
    let number = sam.orders("--channel shop");
    sam.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "large.jpg", "a-large-photo", 3_000_000);
    sam.does(&format!("order note {number} Look --attach {}", photo.display()));
    let mut database = company.server.database();
    let mut count = |table: &str| database.number(&format!("select count(*) from sync.{table}"));
    // Again and again the line ends while the photo is on its way, and the device with it.
    let mut least = 0;
    for _ in 0..4 {
        let watching = sam.watches();
        let mut seen = 0;
        until("some more of it arrives", || {
            seen = count("attachment_part");
            (seen > least || count("attachment") == 1).then_some(())
        });
        wire.is_mended();
        watching.kill_9();
        if count("attachment") == 1 {
            break;
        }
        let arrived = count("attachment_part");
        assert!(arrived >= seen && seen > least, "what has arrived stays: {arrived}, {seen}, {least}");
        least = arrived;
    }
    assert!(least > 0, "it was broken in the middle");
    sam.syncs();
    assert_eq!(count("attachment"), 1);
    company.office.syncs();
    assert_eq!(saved(&company.office, &number, "large.jpg", &desk.path().join("there.jpg")), bytes);
}

#[test]
fn what_is_no_photo_or_too_large_is_not_attached_and_what_is_not_there_is_said_to_be_missing() {
    let mut company = Company::opens(DEMO);
    let number = company.office.orders("--channel shop");
    company.office.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let text = desk.path().join("notes.jpg");
    fs::write(&text, "no picture at all").expect("written");
    let (large, _) = picture(desk.path(), "large.jpg", "x", 10 * 1024 * 1024 + 1);
    for (file, words) in [(&text, "no photo or paper of a known kind"), (&large, "larger than 10 MiB")] {
        let refused = company.office.tries(&format!("order note {number} Look --attach {}", file.display()));
        let refused = refused.expect_err("it is not taken");
        assert_eq!(refused.code, 1);
        assert!(refused.said.to_string().contains(words), "{refused:?}");
    }
    assert_eq!(attached(&company.office, &number).len(), 0);

    // Attached, and the server goes before it has the bytes: others read that it is missing.
    let max = company.hires("max", "manager");
    let (photo, bytes) = picture(desk.path(), "door.jpg", "the-door", 200_000);
    company.office.does(&format!("order note {number} Look --attach {}", photo.display()));
    company.office.syncs();
    max.syncs();
    company.server.kill_9();
    let away =
        max.tries(&format!("attachment save {number} door.jpg --to {}", desk.path().join("a").display()));
    assert_eq!(away.expect_err("the server is away").code, 4);
    company.server.restart();
    assert_eq!(saved(&max, &number, "door.jpg", &desk.path().join("b")), bytes);
    // Fetched once, it is there without signal.
    company.server.kill_9();
    assert_eq!(saved(&max, &number, "door.jpg", &desk.path().join("c")), bytes);
}

#[test]
fn what_is_held_keeps_its_photo_and_a_till_that_is_shut_out_hands_it_over_before_it_is_wiped() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let number = tim.orders("--channel shop");
    tim.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "till.jpg", "at-the-till", 150_000);
    tim.does(&format!("order note {number} Look --attach {}", photo.display()));
    let devices = company.office.does("device list");
    let rows = devices["devices"].as_array().expect("devices");
    let till = rows.iter().find(|row| row["people"] == serde_json::json!(["tim"])).expect("the till");
    company.office.does(&format!("device revoke {}", till["code"].as_str().expect("a code")));
    let wiped = tim.tries("sync").expect_err("it is shut out");
    assert!(wiped.said.to_string().contains("has removed its data"), "{wiped:?}");
    assert!(!holds(tim.path(), "at-the-till"));
    let held = company.office.does("held list");
    let id = held["entries"][0]["edit"].as_str().expect("an entry").to_owned();
    company.office.does(&format!("held accept {id}"));
    company.office.syncs();
    assert_eq!(saved(&company.office, &number, "till.jpg", &desk.path().join("t.jpg")), bytes);
    // A backup has it, too.
    let file = desk.path().join("backup");
    company.server.does(&format!("backup --to {}", file.display()));
    company.server.is_sound();
}

#[test]
fn the_photos_of_a_customer_who_is_erased_go_from_the_server_and_the_devices() {
    let company = Company::opens(DEMO);
    let office = &company.office;
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, _) = picture(desk.path(), "door.jpg", "orions-own-door", 90_000);
    let number = office.orders("--channel shop --customer C-1");
    office.does(&format!("order note {number} Look --attach {}", photo.display()));
    office.syncs();
    let mut database = company.server.database();
    let mut kept = || database.number("select count(*) from sync.attachment_chunk");
    assert_eq!(kept(), 2);
    company.server.does("erase C-1 --yes");
    assert_eq!(kept(), 0);
    office.syncs();
    assert!(!holds(office.path(), "orions-own-door"));
    assert_eq!(kept(), 0, "and does not come back");
    company.server.is_sound();
}

#[test]
fn a_device_knows_how_large_a_photo_may_be_and_keeps_what_the_server_takes_no_more() {
    let server = Server::start_flagged(DEMO, "--limits-attachment-mib 1");
    let mut company = Company::opens_at(server, DEMO);
    let office = &company.office;
    let number = office.orders("--channel shop");
    office.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "door.jpg", "a-large-door", 1_500_000);
    let attach = format!("order note {number} Look --attach {}", photo.display());
    // Said on the device, without a word of the server, also while that is away.
    company.server.kill_9();
    let refused = office.tries(&attach).expect_err("it is too large");
    let words = refused.said.to_string();
    assert!(words.contains("door.jpg is larger than 1 MiB") && words.contains("smaller"), "{words}");

    // The limit is raised, a photo attached, and the limit lowered before it is sent.
    company.server.restart_flagged("--limits-attachment-mib 2");
    office.syncs();
    company.server.kill_9();
    office.does(&attach);
    company.server.restart_flagged("--limits-attachment-mib 1");
    office.syncs();
    let mut database = company.server.database();
    let mut kept = || database.number("select count(*) from sync.attachment");
    assert_eq!(kept(), 0);
    assert_eq!(saved(office, &number, "door.jpg", &desk.path().join("own.jpg")), bytes, "it stays here");
    company.server.kill_9();
    company.server.restart_flagged("--limits-attachment-mib 2");
    office.syncs();
    let mut database = company.server.database();
    assert_eq!(database.number("select count(*) from sync.attachment"), 1, "and goes when it may");
}

#[test]
fn a_server_put_back_from_before_the_photos_gets_them_again_and_gives_them_to_who_may_see_them() {
    let mut company = Company::opens(DEMO);
    let (dan, eve) = (company.hires("dan", "driver"), company.hires("eve", "driver"));
    let number = company.office.orders("--channel shop --line CHAIR --place");
    company.office.syncs();
    company.office.does(&format!("order assign-driver {number} dan"));
    company.office.syncs();
    dan.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (early, first) = picture(desk.path(), "early.jpg", "the-early-one", 150_000);
    let (late, second) = picture(desk.path(), "late.jpg", "the-late-one", 200_000);
    dan.does(&format!("order note {number} Before --attach {}", early.display()));
    dan.syncs();
    let backup = desk.path().join("yesterday.backup");
    company.server.does(&format!("backup --to {}", backup.display()));
    dan.does(&format!("order note {number} After --attach {}", late.display()));
    dan.syncs();
    let kept = |company: &Company| company.server.database().number("select count(*) from sync.attachment");
    assert_eq!(kept(&company), 2);

    assert!(company.server.stop().success());
    company.server.is_restored_from(&backup);
    company.server.restart();
    assert_eq!(kept(&company), 1, "the backup lacks what came after it");
    dan.syncs();
    assert_eq!(kept(&company), 2);
    company.office.syncs();
    assert_eq!(saved(&company.office, &number, "early.jpg", &desk.path().join("1")), first);
    assert_eq!(saved(&company.office, &number, "late.jpg", &desk.path().join("2")), second);
    // Who had nothing to see of it before sees nothing now.
    eve.syncs();
    assert!(eve.tries(&format!("attachment list {number}")).is_err());
    assert!(!holds(eve.path(), "the-late-one") && !holds(eve.path(), "the-early-one"));
    company.server.is_sound();
}

#[test]
fn a_server_that_is_killed_while_a_photo_comes_goes_on_behind_what_it_has() {
    let mut company = Company::opens(DEMO);
    let sam = company.hires("sam", "sales");
    let number = sam.orders("--channel shop");
    sam.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "large.jpg", "a-large-photo", 9_000_000);
    sam.does(&format!("order note {number} Look --attach {}", photo.display()));
    let count = "select count(*) from sync.attachment_part";
    // When the first piece came, in microseconds.
    let first = "select coalesce(min(extract(epoch from at) * 1000000), 0)::bigint from sync.attachment_part";
    // The device goes on by itself whenever the server is there.
    let watching = sam.watches();
    let mut before = (0, 0);
    for _ in 0..2 {
        let mut database = company.server.database();
        until("more of it arrives", || (database.number(count) > before.0).then_some(()));
        // No further piece is taken as long as somebody else puts the same content.
        let content = attachment::hash(&bytes);
        database.number(&format!("select 1 from pg_advisory_lock(hashtextextended('{content}', 0))"));
        let now = (database.number(count), database.number(first));
        assert!(now.0 < u64::from(attachment::chunks(9_000_000)), "it is in the middle");
        assert!(before.1 == 0 || now.1 == before.1, "the first piece is still the first that came");
        company.server.kill_9();
        drop(database);
        company.server.restart();
        before = now;
    }
    let mut database = company.server.database();
    until("all of it is there", || {
        (database.number("select count(*) from sync.attachment") == 1).then_some(())
    });
    drop(watching);
    company.office.syncs();
    assert_eq!(saved(&company.office, &number, "large.jpg", &desk.path().join("there.jpg")), bytes);
    company.server.is_sound();
}

#[test]
fn of_a_photo_on_an_encrypted_device_nothing_can_be_read_in_its_files() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let with_pin =
        |line: &str| tim.tries_with(line, "48291573\n").unwrap_or_else(|no| panic!("{line}: {no:?}"));
    let number = tim.orders("--channel shop");
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, bytes) = picture(desk.path(), "till.jpg", "at-the-till", 150_000);
    let (other, _) = picture(desk.path(), "later.jpg", "a-little-later", 150_000);
    tim.does(&format!("order note {number} Look --attach {}", photo.display()));
    assert!(holds(tim.path(), "at-the-till"), "as long as it is plain");
    company.server.does("device encrypt on");
    until("the device hears of it", || {
        tim.does("sync");
        tim.does("status")["words"].as_str().is_some_and(|words| words.contains("at least 8")).then_some(())
    });
    with_pin(&format!("login {} tim --new-pin", company.server.url()));
    // At the next start, by the PIN.
    with_pin("order list");
    assert!(!holds(tim.path(), "at-the-till"));
    // What is attached from then on is in no file of it at any time.
    with_pin(&format!("order note {number} More --attach {}", other.display()));
    assert!(!holds(tim.path(), "a-little-later"));
    let copy = desk.path().join("copy.jpg");
    with_pin(&format!("attachment save {number} till.jpg --to {}", copy.display()));
    assert_eq!(fs::read(&copy).expect("it is there"), bytes);
    with_pin("sync");
    company.office.does("sync");
    assert_eq!(saved(&company.office, &number, "till.jpg", &desk.path().join("office.jpg")), bytes);
    assert!(!holds(tim.path(), "at-the-till") && !holds(tim.path(), "a-little-later"));
}

#[test]
fn a_photo_that_is_too_large_by_now_does_not_keep_a_device_that_is_shut_out_from_being_wiped() {
    let mut company = Company::opens_at(Server::start_flagged(DEMO, "--limits-attachment-mib 2"), DEMO);
    let sam = company.hires("sam", "sales");
    let number = sam.orders("--channel shop");
    sam.syncs();
    let desk = tempfile::tempdir().expect("a directory");
    let (photo, _) = picture(desk.path(), "door.jpg", "a-large-door", 1_500_000);
    company.server.kill_9();
    sam.does(&format!("order note {number} Look --attach {}", photo.display()));
    company.server.restart_flagged("--limits-attachment-mib 1");
    company.server.does("device revoke T2");
    let wiped = sam.tries("sync").expect_err("it is shut out");
    assert!(wiped.said.to_string().contains("has removed its data"), "{wiped:?}");
    assert!(!holds(sam.path(), "a-large-door"));
}
