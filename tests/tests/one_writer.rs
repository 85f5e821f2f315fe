//! Whoever holds the file of a device takes what other programs of the device enter, for as long as it holds it: also
//! while it waits for a server that does not answer, and however it ends.

use std::{
    collections::BTreeSet,
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

use waybill_client::{
    engine::{self, Answer, Config, Remote, Request, Submit},
    store::Reader,
};
use waybill_shared::kind::DocKind;
use waybill_tests::real::{Company, Device, order_of_ten, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// A server that accepts and never says a word.
struct Silent {
    url: String,
    met: Receiver<TcpStream>,
}

impl Silent {
    fn listens() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, met) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if tell.send(stream).is_err() {
                    return;
                }
            }
        });
        Self { url, met }
    }

    /// Somebody waits for a word of it: as long as what is given back lives.
    fn meets(&self) -> TcpStream {
        self.met.recv().expect("somebody connects")
    }
}

/// A till of tim's, with a sync that waits for a server that does not answer.
fn company() -> (Company, Device, Silent) {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    let silent = Silent::listens();
    till.moves_to(&silent.url);
    (company, till, silent)
}

/// Everything that was entered is there, once.
fn arrives(company: &Company, till: &Device, entered: &[String]) {
    let once: BTreeSet<&String> = entered.iter().collect();
    assert_eq!(once.len(), entered.len(), "no number is given twice: {entered:?}");
    let listed: BTreeSet<String> = till.numbers().into_iter().collect();
    assert_eq!(listed, entered.iter().cloned().collect(), "each is there, and nothing else");
    assert_eq!(till.entries("pending"), entered.len(), "each is one entry");
    till.moves_to(&company.server.url());
    company.settles(&[till, &company.office]);
    assert_eq!(company.office.numbers().len(), entered.len());
}

#[test]
fn while_a_sync_waits_for_a_server_that_does_not_answer_everything_else_goes_on() {
    let (company, till, silent) = company();
    let mut sync = till.begins("sync");
    let line = silent.meets();
    let first = till.orders("--channel shop");
    till.does(&format!("order note {first} \"rings twice\""));
    let second = till.orders("--channel shop");
    assert_eq!(till.numbers().len(), 2);
    let status = till.does("status");
    // The sync tells it, as it holds the file.
    assert_eq!((&status["status"]["waiting"], &status["status"]["link"]), (&3.into(), &"connecting".into()));
    assert!(sync.runs(), "all that went on while it waited");
    drop(line);
    assert_eq!(sync.ends(), Some(4), "the server is not to be reached");
    assert_eq!(till.entries("pending"), 3);
    till.moves_to(&company.server.url());
    company.settles(&[&till, &company.office]);
    let numbers: BTreeSet<String> = company.office.numbers().into_iter().collect();
    assert_eq!(numbers, BTreeSet::from([first, second]));
}

#[test]
fn commands_that_begin_together_are_each_done_once() {
    let (company, till, _silent) = company();
    let mut entered: Vec<String> = Vec::new();
    for _ in 0..3 {
        thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| till.orders("--channel shop"))).collect();
            entered.extend(all.into_iter().map(|one| one.join().expect("it is entered")));
        });
    }
    arrives(&company, &till, &entered);
}

#[test]
fn whoever_holds_the_file_is_killed_and_what_is_handed_to_it_goes_on_without_it() {
    let (company, till, silent) = company();
    let mut entered: Vec<String> = Vec::new();
    for nth in 0..4 {
        let sync = till.begins("sync");
        let line = silent.meets();
        thread::scope(|scope| {
            let all: Vec<_> = (0..3).map(|_| scope.spawn(|| till.orders("--channel shop"))).collect();
            // At once, or when something was taken already.
            let before = till.entries("pending");
            if nth % 2 == 0 {
                until("one is taken", || (till.entries("pending") > before).then_some(()));
            }
            sync.kill_9();
            entered.extend(all.into_iter().map(|one| one.join().expect("it is entered")));
        });
        drop(line);
    }
    arrives(&company, &till, &entered);
}

#[test]
fn who_watches_beside_a_sync_goes_on_as_the_engine_when_that_ends() {
    let (_company, till, silent) = company();
    let sync = till.begins("sync");
    let line = silent.meets();
    let mut watch = till.begins("watch");
    drop(line);
    assert_eq!(sync.ends(), Some(4));
    // It connects by itself, which a sync's engine does not.
    let _line = silent.meets();
    until("it takes what is entered", || Remote::connect(till.path()));
    till.orders("--channel shop");
    assert!(watch.runs());
}

#[test]
fn what_is_handed_over_twice_is_entered_once_and_an_engine_that_ends_says_that_it_does() {
    let (company, till, _silent) = company();
    let place = Reader::open(till.path()).unwrap().locations().unwrap()[0].id;
    let config = Config { dir: till.path().to_owned(), online: false, listen: true };
    let engine = engine::start(config).unwrap();
    let [remote, other] = [0, 1].map(|_| until("it listens", || Remote::connect(till.path())));
    let order = vec![(engine::fresh(DocKind::Order), order_of_ten(place).into())];
    let id = engine::fresh_id();
    let submit = Request::Submit(Submit { id: Some(id), ..Submit::new(order) });
    let first = remote.ask(&submit);
    assert!(matches!(&first, Answer::Entered { edit, .. } if *edit == id), "{first:?}");
    assert_eq!(other.ask(&submit), first);
    assert_eq!(till.entries("pending"), 1);
    engine.stop();
    assert_eq!(remote.ask(&submit), Answer::Ending);
    assert_eq!(other.ask(&Request::SignOut), Answer::Ending);
    assert_eq!(till.entries("pending"), 1);
    drop(company);
}
