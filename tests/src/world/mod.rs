//! A simulated company: devices, a server, a network and a clock, all of it from one seed, with builders and
//! expectations that read as prose.

pub mod accounts;
pub mod clock;
pub mod device;
pub mod dice;
pub mod disk;
mod goods;
pub mod hand;
mod intake;
pub mod ledger;
pub mod liar;
pub mod network;
pub mod newer;
mod notes;
mod processes;
pub mod script;
mod server;
pub mod sim;
pub mod story;
pub mod versions;
pub mod words;

use std::{
    cell::{RefCell, RefMut},
    rc::Rc,
};

pub use goods::{customer, line, money, pieces};
pub use hand::{Backup, Hand, Outcome};
use waybill_server::log::Log as _;
use waybill_shared::{
    doc::Doc,
    generation::Budget,
    id::{EditId, Id, LocationId, OrderId, PersonId},
    kind::DocAddr,
    order::Order,
    review::{Decision, Review},
    rules::roles::Role,
    session,
    session::store::Write,
    view::View,
};

use crate::checkers;
use device::Device;
use disk::Disk;
use sim::Sim;
use story::Story;
use versions::Version;

/// Things that may happen until everything is quiet; more is a livelock.
const PATIENCE: usize = 300_000;

#[derive(Clone)]
pub struct World(Rc<RefCell<Sim>>);

impl World {
    pub fn seeded(seed: u64) -> Self {
        Self::with_story(seed, Story::default())
    }

    pub fn with_story(seed: u64, story: Story) -> Self {
        Self(Rc::new(RefCell::new(Sim::seeded(seed, story))))
    }

    pub fn sim(&self) -> RefMut<'_, Sim> {
        self.0.borrow_mut()
    }

    /// A till in a shop with somebody who sells.
    pub fn shop_till(&self, code: &str) -> Hand {
        self.device(code, &[Role::Shop])
    }

    /// A driver with a device in the van.
    pub fn driver(&self, code: &str) -> Hand {
        self.device(code, &[Role::Driver])
    }

    /// A manager at the office.
    pub fn office(&self, code: &str) -> Hand {
        self.device(code, &[Role::Manager])
    }

    /// A new device, already signed in, with one person on it.
    pub fn device(&self, code: &str, roles: &[Role]) -> Hand {
        let mut sim = self.sim();
        let person = sim.accounts.add_person(&format!("{} of {code}", roles[0].words()), roles);
        let id = sim.accounts.add_device(code);
        sim.accounts.enrol(person, id);
        let mut disk = Disk::default();
        let meta = session::store::Meta {
            device: id,
            device_code: code.to_owned(),
            device_name: code.to_owned(),
            ..session::store::Meta::default()
        };
        let names = sim.accounts.names(id);
        disk.commit(&[Write::Meta(meta.into()), Write::Names(names)]);
        disk.sync();
        let dice = sim.dice.split();
        sim.devices.push(Device::new(code, id, disk, dice));
        let device = sim.devices.len() - 1;
        sim.start_device(device);
        sim.tell_names();
        drop(sim);
        Hand::new(self.clone(), device, person)
    }

    /// A second device that runs from a copy of the first one's file.
    pub fn copy_of(&self, original: &Hand, name: &str) -> Hand {
        let backup = original.backup();
        let mut sim = self.sim();
        let id = sim.devices[original.device].id;
        let dice = sim.dice.split();
        sim.devices.push(Device::new(name, id, Disk::from(backup.0), dice));
        sim.ledger.files_restored.insert(id);
        let device = sim.devices.len() - 1;
        sim.start_device(device);
        drop(sim);
        Hand::new(self.clone(), device, original.person)
    }

    /// Documents are made anew after so many changes, and then keep so much of their history.
    pub fn documents_may_grow(&self, changes: u32, kept: usize) {
        self.sim().allow(Budget { changes, kept, ..Budget::default() });
    }

    /// Lets so much time pass.
    pub fn wait(&self, ms: i64) {
        let until = self.sim().now.plus_ms(ms);
        let mut sim = self.sim();
        while sim.next_at().is_some_and(|at| at <= until) {
            sim.step();
        }
        sim.now = until;
    }

    /// Lets time pass until something is so.
    pub fn wait_until(&self, is_so: impl Fn() -> bool) {
        for _ in 0..PATIENCE {
            if is_so() {
                return;
            }
            assert!(self.sim().step(), "nothing more happens, and it is not so");
        }
        panic!("it is not so after {PATIENCE} things happened");
    }

    /// Everything that is under way comes to its end, with everyone connected as they are.
    pub fn settle(&self) {
        if let Err(words) = self.quiet() {
            panic!("{words}");
        }
    }

    pub fn quiet(&self) -> Result<(), String> {
        for _ in 0..PATIENCE {
            if !self.sim().step() {
                return Ok(());
            }
        }
        Err(format!("not quiet after {PATIENCE} things happened"))
    }

    pub fn server_crashes(&self) {
        let mut sim = self.sim();
        sim.kill_servers();
        sim.start_servers();
    }

    /// So many processes serve the one database. Devices go on with the one they talk to, and move over when it dies.
    pub fn has_servers(&self, count: usize) {
        self.sim().has_processes(count);
    }

    /// One of several processes dies. What it had sent to the database may still be written.
    pub fn a_server_dies(&self, process: usize) {
        self.sim().kill_process(process);
    }

    /// A server of a later version beside ours writes what this one does not know.
    pub fn a_newer_server_writes(&self) {
        self.sim().newer_writes();
    }

    /// One of the processes is replaced by another version of the program.
    pub fn a_server_is_updated(&self, process: usize, version: Version) {
        self.sim().update_process(process, version, 500);
    }

    /// It is back, and knows nothing but what the log says.
    pub fn the_server_returns(&self, process: usize) {
        self.sim().start_process(process);
    }

    /// The server's database is put back to what it was some batches ago.
    pub fn server_is_put_back(&self, batches: usize) {
        self.sim().restore_log(batches);
    }

    /// The server's database loses the last batches while the server runs, as when a replica without them took over.
    pub fn server_loses(&self, batches: usize) {
        self.sim().lose_from_log(batches);
    }

    /// A script makes an order, for which the server gives the number.
    pub fn script_makes_an_order(&self) {
        let mut sim = self.sim();
        let now = sim.now;
        sim.script.makes(now);
        sim.script_sends();
    }

    /// If the server's numbers wait, an admin looks at what was printed last and says so; the script tries again.
    pub fn admin_confirms_the_last_number(&self) {
        let mut sim = self.sim();
        let waits = sim::now(sim.server.log.head()).expect("in memory").numbers_wait;
        let last = sim.script.last_printed();
        if waits {
            sim.note("office", || format!("confirms that {last} was the last number"));
            sim.server.log.confirm_numbers(last);
        }
        sim.script_sends();
    }

    /// From now on the server has a defect: it gives numbers without waiting for anybody's word.
    pub fn server_gives_numbers_anyway(&self) {
        let mut sim = self.sim();
        sim.numbers_anyway = true;
        sim.server.intakes().for_each(|intake| intake.numbers_anyway = true);
    }

    /// The server gives up all positions of its log but the last so many.
    pub fn server_trims_all_but(&self, kept: u64) {
        let mut sim = self.sim();
        let head = sim::now(waybill_server::log::Log::head(&*sim.server.log)).expect("in memory").cursor;
        sim.trim_log(head.pos.saturating_sub(kept));
    }

    /// Another company's server answers at the address, or, the second time, ours again.
    pub fn the_address_changes_hands(&self) {
        self.sim().change_company();
    }

    /// At the office somebody is given other roles; devices that are online hear of it.
    pub fn changes_roles(&self, hand: &Hand, roles: &[Role]) {
        let mut sim = self.sim();
        sim.accounts.set_roles(hand.person, roles);
        let name = sim.devices[hand.device].name.clone();
        sim.note(&name, || format!("its person is now {roles:?}"));
        sim.tell_names();
    }

    /// Somebody is dismissed; whatever their devices still hand over is held.
    pub fn dismisses(&self, hand: &Hand) {
        let mut sim = self.sim();
        sim.accounts.dismiss(hand.person);
        let now = sim.now;
        sim.ledger.withdrawn_people.entry(hand.person).or_insert(now);
        let name = sim.accounts.name(hand.person).to_owned();
        sim.note("office", || format!("dismisses {name}"));
        sim.tell_names();
    }

    /// A device was lost: it hands over what it has, and is wiped.
    pub fn shuts_out(&self, hand: &Hand) {
        let mut sim = self.sim();
        let device = sim.devices[hand.device].id;
        sim.accounts.shut_out(device);
        let now = sim.now;
        sim.ledger.withdrawn_devices.entry(device).or_insert(now);
        let name = sim.devices[hand.device].name.clone();
        sim.note("office", || format!("shuts {name} out"));
        sim.tell_names();
    }

    /// Somebody else works on the device too, with these roles.
    pub fn joins(&self, hand: &Hand, name: &str, roles: &[Role]) -> Hand {
        let mut sim = self.sim();
        let person = sim.accounts.add_person(name, roles);
        let device = sim.devices[hand.device].id;
        sim.accounts.enrol(person, device);
        sim.tell_names();
        drop(sim);
        Hand::new(self.clone(), hand.device, person)
    }

    /// What waits for a manager, the longest first.
    pub fn held(&self) -> Vec<EditId> {
        let held = sim::now(self.sim().server.log.held(None, 0, usize::MAX)).expect("in memory");
        held.into_iter().map(|held| held.known.edit).collect()
    }

    /// At the office a manager decides on a held entry.
    pub fn decides(&self, by: &Hand, edit: EditId, decision: Decision, reason: &str) {
        let mut sim = self.sim();
        let held = sim::now(sim.server.log.held(Some(edit), 0, 1)).expect("in memory").pop();
        let Some(held) = held else { return };
        let review = Review {
            edit,
            attempt: held.known.attempt,
            decision,
            reviewer: by.person,
            reason: reason.to_owned(),
        };
        let roles = sim.accounts.roles(by.person).to_vec();
        sim.note("office", || format!("decides: {} {}", decision.name(), words::short(edit)));
        let Some(process) = sim.a_process() else { return };
        let deeds = sim.server.review(process, review, &roles);
        sim.do_all(deeds);
    }

    /// At the office the personal data in a document is erased.
    pub fn erases(&self, doc: impl Into<DocAddr>) {
        let mut sim = self.sim();
        let (doc, at) = (doc.into(), sim.now);
        sim.note("office", || format!("erases what is personal in {doc}"));
        let Some(process) = sim.a_process() else { return };
        let deeds = sim.server.erase(process, doc, at);
        sim.do_all(deeds);
    }

    /// At the office somebody is sent to other places.
    pub fn sends_to(&self, hand: &Hand, places: &[LocationId]) {
        let mut sim = self.sim();
        sim.accounts.set_locations(hand.person, places);
        let name = sim.devices[hand.device].name.clone();
        sim.note(&name, || format!("its person now works at {places:?}"));
        sim.tell_names();
    }

    /// Somebody works on this device too, or no more.
    pub fn signs_in(&self, person: PersonId, hand: &Hand) {
        let mut sim = self.sim();
        let device = sim.devices[hand.device].id;
        sim.accounts.enrol(person, device);
        let (name, who) = (sim.devices[hand.device].name.clone(), sim.accounts.name(person).to_owned());
        sim.note(&name, || format!("{who} works on it too"));
        sim.tell_names();
    }

    pub fn signs_out(&self, person: PersonId, hand: &Hand) {
        let mut sim = self.sim();
        let device = sim.devices[hand.device].id;
        sim.accounts.sign_out(person, device);
        let (name, who) = (sim.devices[hand.device].name.clone(), sim.accounts.name(person).to_owned());
        sim.note(&name, || format!("{who} works on it no more"));
        sim.tell_names();
    }

    /// The server writes every edit as another change than its device made.
    pub fn server_rewrites_everything(&self, on: bool) {
        self.sim().rewrite_all(on);
    }

    /// A document as the server has it.
    pub fn server_view(&self, addr: impl Into<DocAddr>) -> View {
        View::read(&self.server_doc(addr.into())).expect("the server's document reads")
    }

    /// How often the server made a document anew.
    pub fn generation(&self, addr: impl Into<DocAddr>) -> u32 {
        self.server_doc(addr.into()).generation()
    }

    fn server_doc(&self, addr: DocAddr) -> Doc {
        let saved = self.sim().server.log.all_documents().into_iter().find(|saved| saved.doc == addr);
        saved.map_or_else(
            || Doc::new(addr.kind),
            |saved| Doc::load(addr.kind, &saved.saved).expect("the server's document loads"),
        )
    }

    pub fn server_order(&self, order: OrderId) -> Order {
        match self.server_view(order) {
            View::Order(order) => *order,
            other => panic!("a {} is no order", other.kind()),
        }
    }

    /// All invariants hold, now that everything is quiet.
    pub fn expect_all_is_well(&self) {
        self.settle();
        let wrong = checkers::check(&self.sim());
        assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), self.sim().story.lines().join("\n"));
    }

    fn fresh_order(&self) -> OrderId {
        let mut sim = self.sim();
        let now = sim.now;
        OrderId::fresh(now, &mut sim.dice)
    }
}
