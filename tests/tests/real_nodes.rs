//! Several server processes on one database: people work on the same order through each of them, and one is killed
//! again and again. What was said to be saved is there afterwards, once, and everybody holds the same.

use waybill_shared::id::EditId;
use waybill_tests::{
    real::{Clerk, Cluster, Company, Database, Device, until},
    world::dice::Dice,
};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

const SEED: u64 = 20_261_121;

#[test]
fn two_servers_take_edits_on_one_order_at_once_and_one_dies_again_and_again() {
    let cluster = Cluster::start();
    let mut company = Company::opens_at(cluster.serves(DEMO), DEMO);
    let mut second = cluster.serves(DEMO);
    let (anna, ben) = (company.hires("anna", "sales"), company.hires_at(&second, "ben", "sales"));
    let (tim, uma) = (company.hires("tim", "shop"), company.hires_at(&second, "uma", "shop"));
    let devices = [&anna, &ben, &tim, &uma, &company.office];
    let (order, opening) = Clerk::at(&anna).opens();
    devices.iter().for_each(|device| device.syncs());
    let watching: Vec<_> = [&anna, &ben, &tim, &uma].map(Device::watches).into();
    let mut clerks = vec![Clerk::on(&anna, order), Clerk::on(&ben, order), Clerk::at(&tim), Clerk::at(&uma)];
    let mut dice = Dice::seeded(SEED);
    let mut database = company.server.database();
    let mut met = 0;
    for _ in 0..6 {
        let goal = database.judged() + dice.between(1, 60).unsigned_abs();
        until("entries come up", || {
            clerks.iter_mut().for_each(|clerk| assert!(clerk.enters()));
            (database.judged() >= goal).then_some(())
        });
        let dies = if dice.chance(50.0) { &mut company.server } else { &mut second };
        met += redone(&dies.figures());
        dies.kill_9();
        // The other goes on alone.
        let goal = database.judged() + dice.between(1, 20).unsigned_abs();
        until("entries come up at the other", || {
            clerks.iter_mut().for_each(|clerk| assert!(clerk.enters()));
            (database.judged() >= goal).then_some(())
        });
        dies.restart();
        // What is in work at two ends in a row would be taken for their cause.
        until("everything has come up", || all_up(&devices).then_some(()));
    }
    let mut entered: Vec<EditId> = clerks.into_iter().flat_map(Clerk::goes).collect();
    entered.push(opening);
    drop(watching);
    company.settles(&devices);
    second.is_sound();
    all_there_once(&mut database, &entered);
    met += redone(&company.server.figures()) + redone(&second.figures());
    assert!(met > 0, "they never wrote at the same time");
}

#[test]
fn a_device_that_knows_both_addresses_goes_on_at_the_other_when_its_server_goes() {
    let cluster = Cluster::start();
    let mut company = Company::opens_at(cluster.serves(DEMO), DEMO);
    let mut second = cluster.serves(DEMO);
    let both = format!("{},{}", company.server.url(), second.url());
    company.server.add_person("tim", "shop");
    let tim = Device::signed_in(DEMO, &both, "tim");
    let watching = tim.watches();
    let mut clerk = Clerk::at(&tim);
    let mut works_at = |url: String| {
        assert!(clerk.enters() && clerk.enters());
        until("the entries have come up", || (tim.entries("pending") == 0).then_some(()));
        assert_eq!(tim.does("sync")["status"]["server"], url);
    };
    works_at(company.server.url());
    company.server.kill_9();
    works_at(second.url());
    let uma = {
        second.add_person("uma", "shop");
        Device::signed_in(DEMO, &both, "uma")
    };
    company.server.restart();
    assert!(second.stop().success());
    works_at(company.server.url());
    drop(watching);
    // A command by itself begins at the first address, and is not told off because that one is away.
    second.restart();
    company.server.kill_9();
    uma.syncs();
    company.server.restart();
    company.settles(&[&tim, &uma, &company.office]);
    all_there_once(&mut company.server.database(), &clerk.goes());
}

fn all_up(devices: &[&Device]) -> bool {
    devices.iter().all(|device| device.entries("pending") == 0)
}

/// Every entry stands, and every order, line, placing and payment is in the report once.
fn all_there_once(database: &mut Database, entered: &[EditId]) {
    database.has_accepted(entered);
    let orders = database.number("select count(*) from report.orders");
    let added = database.number("select count(*) from report.order_lines") - orders;
    let placed = database.number("select count(*) from report.orders where agreed_status = 'placed'");
    let payments = database.number("select count(*) from report.payments");
    assert_eq!(orders + added + placed + payments, entered.len() as u64);
    let taken = database.ask("select round(sum(amount), 2) from report.payments");
    assert_eq!(taken, Some(format!("{payments}0.00")));
    // Each device counts its own.
    let broken = "select count(*) from (
            select split_part(number, '-', 1) from report.orders group by 1
            having count(distinct number) <> count(*) or max(split_part(number, '-', 2)::int) <> count(*)
        ) as series";
    assert_eq!(database.number(broken), 0, "a number was given twice, or never");
}

/// How many batches a server prepared again because the other wrote first.
fn redone(figures: &str) -> u64 {
    let line = figures.lines().find_map(|line| line.strip_prefix("waybill_batches_redone_total "));
    line.map_or(0, |count| count.parse().unwrap())
}
