//! Several people on one device, without network: who enters, in whose name, and who is kept out.

use tempfile::TempDir;
use uuid::Uuid;
use waybill_client::{
    engine::{self, Answer, Config, EngineHandle, Request, Submit, SyncStatus, now},
    pin::{self, ALLOWED, Attempts, Book, Moment, Pin},
    store::{ListQuery, Local, Reader, Store},
};
use waybill_shared::{
    chain::Cursor,
    customer,
    edit::{Override, Verdict},
    finding::{Finding, Rule},
    id::{DeviceId, EditId, PersonId},
    kind::DocKind,
    protocol::frame::{Grant, Names, PersonName},
    rules::roles::Role,
    session::store::{EditState, Meta, Store as _, Write},
    time::Timestamp,
};

const ANA: PersonId = PersonId::new(Uuid::from_u128(0xa));
const BOB: PersonId = PersonId::new(Uuid::from_u128(0xb));
const MIA: PersonId = PersonId::new(Uuid::from_u128(0xc));
const STRANGER: PersonId = PersonId::new(Uuid::from_u128(0xd));
const PEOPLE: [(PersonId, &str, Role); 3] =
    [(ANA, "Ana", Role::Admin), (BOB, "Bob", Role::Sales), (MIA, "Mia", Role::Manager)];

struct Till {
    engine: EngineHandle,
    dir: TempDir,
}

impl Till {
    /// Ana, an admin, Bob, who sells, and Mia, a manager, each have a PIN of their name; nobody works here yet.
    fn of_three() -> Self {
        Self::prepared(|_, _| {})
    }

    fn prepared(prepare: impl FnOnce(&mut Store, &mut Book)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut store = Store::open(dir.path(), now()).unwrap();
        let meta = Meta {
            device: DeviceId::new(Uuid::from_u128(0xd)),
            device_code: "T1".into(),
            cursor: Some(Cursor::START),
            ..Meta::default()
        };
        store.commit(&[Write::Meta(meta.into()), Write::Names(names(&PEOPLE))]).unwrap();
        let mut book = Book::open(dir.path());
        PEOPLE.iter().for_each(|(person, name, _)| book.set(*person, name, &pin_of(name), None).unwrap());
        prepare(&mut store, &mut book);
        store.close().unwrap();
        Self { engine: start(&dir), dir }
    }

    /// The program is ended and started again, and its files changed in between.
    fn again(self, change: impl FnOnce(&mut Store, &mut Book)) -> Self {
        let Self { engine, dir } = self;
        engine.stop();
        let mut store = Store::open(dir.path(), now()).unwrap();
        change(&mut store, &mut Book::open(dir.path()));
        store.close().unwrap();
        Self { engine: start(&dir), dir }
    }

    fn ask(&self, request: Request) -> Answer {
        self.engine.ask(request).wait()
    }

    fn switch(&self, person: PersonId, pin: &str) -> Answer {
        self.ask(Request::Switch { person, pin: Pin(pin.into()) })
    }

    fn unlock(&self, admin: PersonId, pin: &str, person: PersonId) -> Answer {
        self.ask(Request::Unlock { admin, pin: Pin(pin.into()), person })
    }

    fn enter(&self, submit: Submit) -> Answer {
        self.engine.submit(submit).wait()
    }

    fn status(&self) -> SyncStatus {
        match self.ask(Request::Status) {
            Answer::Status(status) => *status,
            other => panic!("it tells where it stands: {other:?}"),
        }
    }

    fn reader(&self) -> Reader {
        Reader::open(self.dir.path()).unwrap()
    }

    fn shown(&self) -> usize {
        self.reader().customers(&ListQuery::typed("", 10)).unwrap().len()
    }
}

fn start(dir: &TempDir) -> EngineHandle {
    engine::start(Config { dir: dir.path().to_owned(), online: false, listen: false }).unwrap()
}

fn names(people: &[(PersonId, &str, Role)]) -> Names {
    let mut known: Vec<_> = PEOPLE.iter().map(|(id, name, role)| (*id, *name, *role)).collect();
    known.push((STRANGER, "Eve", Role::Admin));
    let person =
        |(id, name, role): (PersonId, &str, Role)| PersonName { id, name: name.into(), roles: vec![role] };
    Names {
        version: 1,
        since: 0,
        people: known.into_iter().map(person).collect(),
        devices: Vec::new(),
        here: people.iter().map(|(person, _, role)| grant(*person, *role)).collect(),
        encrypt: false,
    }
}

fn grant(person: PersonId, role: Role) -> Grant {
    Grant { person, roles: vec![role], locations: Vec::new(), unlocked: None }
}

fn pin_of(name: &str) -> Pin {
    Pin(format!("{name}-2468"))
}

fn a_customer(name: &str) -> Submit {
    let create = customer::Create {
        number: String::new(),
        name: name.into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    };
    Submit::new(vec![(engine::fresh(DocKind::Customer), create.into())])
}

/// So many wrong ones, long ago.
fn wrong(times: u32) -> Attempts {
    let mut attempts = Attempts::default();
    let at = Moment { wall: now().plus_ms(-3_600_000), run: 0, running_ms: 0 };
    (0..times).for_each(|_| attempts.count(at));
    attempts
}

fn edit_of(answer: Answer) -> EditId {
    match answer {
        Answer::Entered { edit, .. } => edit,
        other => panic!("it is entered: {other:?}"),
    }
}

/// What was said in place of doing it.
#[track_caller]
fn said(answer: Answer) -> String {
    match answer.ok() {
        Err(not_done) => not_done.to_string(),
        Ok(done) => panic!("it was done: {done:?}"),
    }
}

#[test]
fn what_each_of_two_enters_carries_the_own_name_and_both_wait_in_one_outbox() {
    let till = Till::of_three();
    assert_eq!(till.switch(ANA, "Ana-2468"), Answer::Done);
    let of_ana = edit_of(till.enter(a_customer("Weber")));
    assert_eq!(till.switch(BOB, "Bob-2468"), Answer::Done);
    let of_bob = edit_of(till.enter(a_customer("Orion")));
    let by = |edit| till.reader().edit(edit).unwrap().unwrap().edit.person;
    assert_eq!((by(of_ana), by(of_bob)), (ANA, BOB));
    assert_eq!(till.status().waiting, 2);

    // Bob names Ana: not by himself, not by guessing, and with her at hand.
    let as_ana = |pins: Vec<(PersonId, Pin)>| Submit { person: Some(ANA), pins, ..a_customer("Lund") };
    assert!(said(till.enter(as_ana(vec![]))).contains("Ana does not work here now"));
    assert!(said(till.enter(as_ana(vec![(BOB, pin_of("Bob"))]))).contains("Ana does not work here now"));
    assert!(said(till.enter(as_ana(vec![(ANA, pin_of("Bob"))]))).contains("That is not Ana's PIN"));
    assert_eq!(by(edit_of(till.enter(as_ana(vec![(ANA, pin_of("Ana"))])))), ANA);
    assert_eq!(till.status().person, Some(BOB), "who works here is still Bob");

    // The same for a manager's word.
    let word = Some(Override { approver: MIA, reason: "known for years".into() });
    let with_word = |pins| Submit { overriding: word.clone(), pins, ..a_customer("Kiel") };
    assert!(said(till.enter(with_word(vec![]))).contains("Mia does not work here now"));
    edit_of(till.enter(with_word(vec![(MIA, pin_of("Mia"))])));
}

#[test]
fn nothing_is_entered_shown_or_given_up_while_it_is_locked() {
    let till = Till::of_three();
    let is_locked = |answer| assert!(said(answer).contains("This device is locked"));
    is_locked(till.enter(a_customer("Weber")));
    till.switch(BOB, "Bob-2468");
    let edit = edit_of(till.enter(a_customer("Weber")));
    assert_eq!(till.shown(), 1);
    assert_eq!(till.ask(Request::Lock), Answer::Done);
    let status = till.status();
    assert_eq!((status.person, status.locked, status.waiting), (None, true, 1));
    assert!(status.words().starts_with("Locked."), "{}", status.words());
    assert_eq!(till.shown(), 0);
    is_locked(till.enter(a_customer("Orion")));
    is_locked(till.ask(Request::Again { edit, changed: None, overriding: None, pins: vec![] }));
    is_locked(till.ask(Request::Discard { edit }));
    is_locked(till.ask(Request::SignOut));
    is_locked(till.ask(Request::SetPin { old: None, new: Pin("never-mind".into()) }));
    // It stays so over a start.
    let till = till.again(|_, _| {});
    is_locked(till.enter(a_customer("Orion")));
    till.switch(BOB, "Bob-2468");
    assert_eq!(till.shown(), 1);
}

#[test]
fn wrong_pins_make_wait_lock_out_and_are_remembered_by_the_file() {
    let till = Till::prepared(|_, book| book.keep(BOB, wrong(7)).unwrap());
    let first = said(till.switch(BOB, "guess"));
    assert!(first.contains("That is not Bob's PIN") && first.contains("2 tries"), "{first}");
    // It is not looked at, and does not count.
    let Answer::NotLetIn { wait_ms, words, .. } = till.switch(BOB, "Bob-2468") else { panic!("it waits") };
    assert!(
        (30_000..=32_000).contains(&wait_ms) && words.contains("the next try is in"),
        "{wait_ms} {words}"
    );
    // Another program, and the clock of the device alone knows how long it has been.
    let till = till.again(|_, _| {});
    assert!(said(till.switch(BOB, "Bob-2468")).contains("the next try is in"));
    let till = till.again(|_, book| book.keep(BOB, wrong(ALLOWED - 1)).unwrap());
    assert!(said(till.switch(BOB, "guess")).contains("Bob is locked out"));
    let till = till.again(|_, _| {});
    let locked_out = said(till.switch(BOB, "Bob-2468"));
    assert!(
        locked_out.contains("Bob is locked out") && locked_out.contains("An admin lifts it"),
        "{locked_out}"
    );
    // Nobody else is.
    assert_eq!(till.switch(MIA, "Mia-2468"), Answer::Done);
}

#[test]
fn a_right_pin_forgives_the_wrong_ones_before_it() {
    let till = Till::prepared(|_, book| book.keep(BOB, wrong(ALLOWED - 1)).unwrap());
    assert_eq!(till.switch(BOB, "Bob-2468"), Answer::Done);
    assert!(said(till.switch(BOB, "guess")).contains("9 tries are left"));
}

#[test]
fn a_lock_out_is_lifted_by_an_admin_of_this_device_and_by_nobody_else() {
    let till = Till::prepared(|_, book| {
        book.keep(BOB, wrong(ALLOWED)).unwrap();
        book.keep(MIA, wrong(2)).unwrap();
    });
    let no_admin = said(till.unlock(MIA, "Mia-2468", BOB));
    assert!(no_admin.contains("Mia is no admin on this device"), "{no_admin}");
    assert!(said(till.unlock(STRANGER, "Eve-2468", BOB)).contains("Eve is no admin on this device"));
    assert!(said(till.unlock(BOB, "Bob-2468", BOB)).contains("no admin"));
    let guessed = said(till.unlock(ANA, "guess", BOB));
    assert!(guessed.contains("That is not Ana's PIN") && guessed.contains("9 tries"), "{guessed}");
    assert!(said(till.switch(BOB, "Bob-2468")).contains("locked out"));
    assert_eq!(till.unlock(ANA, "Ana-2468", BOB), Answer::Done);
    assert_eq!(till.status().person, None, "nobody works here by that");
    assert_eq!(till.switch(BOB, "Bob-2468"), Answer::Done);
}

#[test]
fn the_servers_word_lifts_a_lock_out_once() {
    let told = |store: &mut Store| {
        let mut names = names(&PEOPLE);
        names.here[1].unlocked = Some(Timestamp::from_unix_ms(7));
        store.commit(&[Write::Names(names)]).unwrap();
    };
    let till = Till::prepared(|store, book| {
        book.keep(BOB, wrong(ALLOWED)).unwrap();
        told(store);
    });
    assert_eq!(till.switch(BOB, "Bob-2468"), Answer::Done);
    let till = till.again(|store, book| {
        book.keep(BOB, wrong(ALLOWED)).unwrap();
        told(store);
    });
    assert!(said(till.switch(BOB, "Bob-2468")).contains("locked out"));
}

#[test]
fn a_pin_is_changed_with_the_old_one_and_counts_as_any_other_try() {
    let till = Till::of_three();
    till.switch(BOB, "Bob-2468");
    let set = |old: Option<&str>, new: &str| {
        till.ask(Request::SetPin { old: old.map(|old| Pin(old.into())), new: Pin(new.into()) })
    };
    assert!(said(set(Some("Bob-2468"), "123456")).contains("plain run"));
    assert!(said(set(None, "corner shop")).contains("The PIN that you have is asked for"));
    assert!(said(set(Some("guess"), "corner shop")).contains("9 tries are left"));
    assert_eq!(set(Some("Bob-2468"), "corner shop"), Answer::Done);
    assert_eq!(till.switch(MIA, "Mia-2468"), Answer::Done);
    assert!(said(till.switch(BOB, "Bob-2468")).contains("not Bob's PIN"));
    assert_eq!(till.switch(BOB, "corner shop"), Answer::Done);
}

#[test]
fn who_is_alone_works_without_a_pin_until_one_is_chosen() {
    let till = Till::prepared(|store, book| {
        book.retain(|_| false).unwrap();
        store.commit(&[Write::Names(names(&PEOPLE[1..2]))]).unwrap();
        store.set_local(&Local { person: Some(BOB), ..Local::default() }).unwrap();
    });
    edit_of(till.enter(a_customer("Weber")));
    assert!(said(till.ask(Request::Lock)).contains("There is no PIN on this device"));
    let chosen = Request::SetPin { old: None, new: Pin("corner shop".into()) };
    assert_eq!(till.ask(chosen), Answer::Done);
    assert_eq!(till.ask(Request::Lock), Answer::Done);
    assert!(said(till.enter(a_customer("Orion"))).contains("locked"));
    assert_eq!(till.switch(BOB, "corner shop"), Answer::Done);
}

#[test]
fn a_file_of_pins_that_is_gone_or_spoilt_lets_nobody_in() {
    for spoilt in [None, Some("0000")] {
        let till = Till::of_three();
        till.switch(BOB, "Bob-2468");
        till.ask(Request::Lock);
        let path = till.dir.path().join(pin::FILE);
        let till = till.again(|_, _| match spoilt {
            None => std::fs::remove_file(&path).unwrap(),
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
        });
        assert!(till.status().locked);
        assert!(said(till.switch(BOB, "Bob-2468")).contains("Bob has no PIN on this device"));
    }
}

#[test]
fn who_is_enrolled_here_no_more_is_let_in_no_more() {
    let till = Till::of_three().again(|store, _| store.commit(&[Write::Names(names(&PEOPLE[..1]))]).unwrap());
    assert!(said(till.switch(BOB, "Bob-2468")).contains("Bob is not signed in on this device"));
    assert!(!Book::open(till.dir.path()).has(BOB), "the PIN is gone with the enrolment");
    assert_eq!(till.switch(ANA, "Ana-2468"), Answer::Done);
}

#[test]
fn what_was_refused_is_decided_by_whoever_entered_it_and_a_manager_may_give_it_up() {
    let till = Till::of_three();
    till.switch(BOB, "Bob-2468");
    let edits = [edit_of(till.enter(a_customer("Weber"))), edit_of(till.enter(a_customer("Orion")))];
    let till = till.again(|store, _| edits.iter().for_each(|edit| refuse(store, *edit)));
    let again = |edit| till.ask(Request::Again { edit, changed: None, overriding: None, pins: vec![] });
    till.switch(MIA, "Mia-2468");
    assert!(said(again(edits[0])).contains("This was entered by Bob"));
    assert_eq!(till.ask(Request::Discard { edit: edits[0] }), Answer::Done);
    till.switch(BOB, "Bob-2468");
    // What speaks against it now are the rules: it stands on the till still.
    assert!(said(again(edits[1])).contains("already used"));
}

#[test]
fn what_somebody_left_behind_who_is_enrolled_here_no_more_is_given_up_by_whoever_works_here() {
    let till = Till::of_three();
    till.switch(ANA, "Ana-2468");
    let edit = edit_of(till.enter(a_customer("Weber")));
    let till = till.again(|store, _| {
        refuse(store, edit);
        store.commit(&[Write::Names(names(&PEOPLE[1..2]))]).unwrap();
    });
    till.switch(BOB, "Bob-2468");
    assert_eq!(till.ask(Request::Discard { edit }), Answer::Done);
}

/// As if the server had said so.
fn refuse(store: &mut Store, edit: EditId) {
    let mut stored = store.edit(edit).unwrap().unwrap();
    let finding = Finding::new(Rule::NotPermitted, "Not by Bob.", "Ask a manager.");
    stored.state = EditState::Attention { verdict: Verdict::Refused { findings: vec![finding] } };
    store.commit(&[Write::Edit(Box::new(stored))]).unwrap();
}
