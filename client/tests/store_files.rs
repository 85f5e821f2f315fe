//! Photos and papers in the file of a device: how much there may be, what gives way, and what goes with an entry that
//! is given up.

mod common;

use std::path::Path;

use common::{ANA, enrol};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;
use waybill_client::store::{Fetches, NewFile, Reader, Store, file};
use waybill_shared::{
    attachment,
    command::Command,
    doc::Hash,
    edit::Verdict,
    id::{AttachmentId, EditId, Entropy, FactId, LocationId, OrderId},
    money::Currency,
    order::commands::{Attach, Create, Note},
    session::{
        Action, Device,
        store::{EditState, Write},
    },
    time::Timestamp,
};

/// What a device keeps of photos and papers.
const MOST: i64 = 512 * 1024 * 1024;
const DAY: i64 = 24 * 60 * 60 * 1000;
const BEGINS: i64 = 1_763_600_000_000;

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// A device with one order.
struct Van {
    dir: TempDir,
    store: Store,
    device: Device,
    dice: Counting,
    order: OrderId,
    now: i64,
}

impl Van {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut store = Store::open(dir.path(), Timestamp::from_unix_ms(BEGINS)).expect("a fresh file opens");
        enrol(&mut store);
        let mut dice = Counting(0);
        let device = Device::new(&mut dice);
        let order = OrderId::new(Uuid::from_u128(5));
        let mut van = Self { dir, store, device, dice, order, now: BEGINS };
        let create = Create {
            number: "V1-1".into(),
            channel: "office".into(),
            location: LocationId::new(Uuid::from_u128(6)),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Default::default(),
            delivery: Default::default(),
            wanted: Default::default(),
            lines: Default::default(),
        };
        van.enters(create, &[]);
        van
    }

    fn enters(&mut self, command: impl Into<Command>, files: &[NewFile]) -> EditId {
        self.now += 60_000;
        let now = Timestamp::from_unix_ms(self.now);
        let commands = vec![(self.order.into(), command.into())];
        let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
        let entered = self.device.enter(now, action, &self.store, &mut self.dice).expect("it is entered");
        self.store.commit_with(&entered.writes, entered.id, files, now).expect("commits");
        entered.id
    }

    /// A photo of these letters, by an edit of its own.
    fn attaches(&mut self, letters: &str) -> (Hash, EditId) {
        let bytes = letters.as_bytes();
        let content = attachment::hash(bytes);
        let attach = Attach {
            id: AttachmentId::new(Uuid::from_u128(self.now.unsigned_abs().into())),
            name: format!("{letters}.jpg"),
            media_type: "image/jpeg".into(),
            size: bytes.len() as i64,
            content,
        };
        let file = NewFile { doc: self.order.into(), content, bytes: bytes.into() };
        (content, self.enters(attach, &[file]))
    }

    /// The edit has come into this state, now.
    fn becomes(&mut self, edit: EditId, state: EditState) {
        let mut stored = self.reader().edit(edit).expect("reads").expect("it is there");
        (stored.state, stored.since) = (state, Timestamp::from_unix_ms(self.now));
        self.store.commit(&[Write::Edit(stored.into())]).expect("commits");
    }

    fn days_pass(&mut self, days: i64) {
        self.now += days * DAY;
        self.store.prune(Timestamp::from_unix_ms(self.now)).expect("prunes");
    }

    fn reader(&self) -> Reader {
        Reader::open(self.dir.path()).expect("opens")
    }

    fn has(&self, content: Hash) -> bool {
        self.reader().has_file(content).expect("reads")
    }

    /// As if it had so many bytes.
    fn counts_as(&self, content: Hash, size: i64) {
        counts_as(self.dir.path(), Some(content), size);
    }

    fn fetches(&mut self, seed: u8, size: i64) -> Fetches {
        self.now += 60_000;
        let now = Timestamp::from_unix_ms(self.now);
        self.store.fetches_file(self.order.into(), Hash([seed; 32]), size, now).expect("answers")
    }
}

/// That content, or the only one there is.
fn counts_as(dir: &Path, content: Option<Hash>, size: i64) {
    let conn = Connection::open(file(dir)).expect("opens");
    let content = content.map(|content| content.0.to_vec());
    let sql = "UPDATE attachment SET size = ?1 WHERE ?2 IS NULL OR content = ?2";
    assert_eq!(conn.execute(sql, rusqlite::params![size, content]).expect("is set"), 1);
}

#[test]
fn half_a_gibibyte_is_kept_and_what_the_server_lacks_never_gives_way() {
    let mut van = Van::new();
    let (own, edit) = van.attaches("own");
    van.counts_as(own, MOST - 100);
    let has_room = |van: &Van, bytes| van.store.has_room_for_files(bytes).expect("answers");
    assert!(has_room(&van, 100) && !has_room(&van, 101));
    assert_eq!(van.fetches(1, 101), Fetches::NoRoom);
    assert_eq!(van.fetches(1, 100), Fetches::From(0));
    assert!(van.has(own));
    // What was only looked at goes for what is looked at now, the oldest first, and again without end.
    assert_eq!(van.fetches(2, 60), Fetches::From(0));
    assert_eq!(van.fetches(3, 40), Fetches::From(0));
    assert_eq!(van.fetches(4, 100), Fetches::From(0));
    let conn = Connection::open(file(van.dir.path())).expect("opens");
    let kept: i64 = conn.query_row("SELECT sum(size) FROM attachment", [], |row| row.get(0)).expect("a sum");
    assert_eq!(kept, MOST, "never more");
    // The server has it: now it is the oldest that may go.
    van.becomes(edit, EditState::Accepted);
    van.store.file_sent(own, edit).expect("is noted");
    assert!(has_room(&van, usize::try_from(MOST).expect("fits")));
    assert_eq!(van.fetches(5, 50), Fetches::From(0));
    assert!(!van.has(own));
}

#[test]
fn a_photo_too_many_is_refused_with_what_to_do_and_the_entry_with_it() {
    let device = common::Device::shop();
    let desk = tempfile::tempdir().expect("a directory");
    let photo = |name: &str| {
        let path = desk.path().join(name);
        std::fs::write(&path, [b"\xff\xd8\xff\xe0", name.as_bytes()].concat()).expect("written");
        path.display().to_string()
    };
    let made = device.ok("order create --channel shop");
    let number = made["order"]["number"].as_str().expect("a number").to_owned();
    device.ok(&format!("order note {number} Look --attach {}", photo("first.jpg")));
    counts_as(&device.dir, None, MOST);
    let (code, said) = device.fails(&format!("order note {number} More --attach {}", photo("second.jpg")));
    assert!(code == 1 && said.to_string().contains("too many photos on this device"), "{said}");
    assert!(said.to_string().contains("wait until they are sent"), "{said}");
    assert!(!device.ok(&format!("order show {number}")).to_string().contains("More"));
}

#[test]
fn what_only_an_entry_attached_that_was_given_up_goes_thirty_days_later_and_nothing_else() {
    let mut van = Van::new();
    let [(given_up, of_given_up), (untold, of_untold), (refused, of_refused), (changed, of_changed)] =
        ["given up", "untold", "refused", "changed"].map(|letters| van.attaches(letters));
    let (shared, first) = van.attaches("shared");
    let (_, second) = van.attaches("shared");
    let (late, of_late) = van.attaches("late");
    let verdict = Verdict::Refused { findings: Vec::new() };
    van.becomes(of_given_up, EditState::Discarded { told: true });
    van.becomes(of_untold, EditState::Discarded { told: false });
    van.becomes(of_refused, EditState::Attention { verdict });
    van.becomes(first, EditState::Discarded { told: true });
    van.becomes(of_late, EditState::Accepted);
    // Changed before it was handed in again: it attaches nothing any more.
    let mut stored = van.reader().edit(of_changed).expect("reads").expect("it is there");
    stored.edit.parts[0].command = Note { id: FactId::new(Uuid::from_u128(9)), text: "None".into() }.into();
    van.store.commit(&[Write::Edit(stored.into())]).expect("commits");
    van.becomes(of_changed, EditState::Accepted);
    let all = [given_up, untold, refused, changed, shared, late];
    let are_here = |van: &Van| all.map(|content| van.has(content));

    van.days_pass(29);
    assert_eq!(are_here(&van), [true; 6], "not so soon");
    van.days_pass(2);
    assert_eq!(are_here(&van), [false, true, true, false, true, true]);
    van.days_pass(400);
    assert_eq!(are_here(&van), [false, true, true, false, true, true], "what may be referred to stays");
    // What was accepted long ago and not sent yet is still to be sent; and by the entry that stands.
    van.becomes(second, EditState::Accepted);
    let mut unsent = Vec::new();
    while let Some(next) = van.store.next_unsent(&unsent).expect("answers") {
        unsent.push((next.content, next.edit));
    }
    unsent.sort();
    let mut expected = [(refused, of_refused), (shared, second), (late, of_late)];
    expected.sort();
    assert_eq!(unsent, expected);
    // The server hears of it: then it is forgotten, too.
    van.becomes(of_untold, EditState::Discarded { told: true });
    van.days_pass(31);
    assert!(!van.has(untold));
}

#[test]
fn what_rots_in_a_photo_is_not_shown_and_comes_anew_where_the_server_has_it() {
    let mut van = Van::new();
    let (sent, by) = van.attaches("sent");
    let (unsent, _) = van.attaches("unsent");
    van.store.file_sent(sent, by).expect("commits");
    let conn = Connection::open(file(van.dir.path())).expect("opens");
    conn.execute_batch("UPDATE attachment_chunk SET bytes = CAST('X' || substr(bytes, 2) AS BLOB)")
        .expect("rots");
    for content in [sent, unsent] {
        assert_eq!(van.reader().file(content).expect("reads"), None, "it is not shown as it is");
    }
    let damage = van.store.look_for_damage(true).expect("looks");
    assert!(!damage.is_none());
    van.store.put_right(&damage, &[], Timestamp::from_unix_ms(van.now)).expect("commits");
    let here = |content| van.reader().file_here(content).expect("reads");
    assert_eq!((here(sent).whole, here(sent).stuck), (false, false), "it is fetched by whoever looks");
    assert_eq!(
        (here(unsent).whole, here(unsent).stuck),
        (true, true),
        "nobody else has it: it is kept as it is"
    );
    assert!(van.store.look_for_damage(true).expect("looks").is_none(), "it is told of once");
}
