//! A device in memory: it makes edits as a real one does, with true hashes.

use uuid::Uuid;
use waybill_shared::{
    command::Command,
    doc::{Actor, Doc},
    edit::{Edit, Part},
    id::{DeviceId, EditId, Entropy, Id, PersonId},
    kind::DocAddr,
    make::make,
    time::{Booked, Timestamp},
    view::View,
};

/// The same numbers for the same seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Seeded(pub u64);

impl Seeded {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    pub fn id<T: Id>(&mut self, at: Timestamp) -> T {
        T::fresh(at, self)
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.draw().to_be_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

/// A document as a device shows it.
#[derive(Clone)]
pub struct Page {
    pub addr: DocAddr,
    pub doc: Doc,
    pub view: View,
}

impl Page {
    pub fn blank(addr: impl Into<DocAddr>) -> Self {
        let addr = addr.into();
        let doc = Doc::new(addr.kind);
        let view = View::read(&doc).unwrap_or_else(|error| panic!("a skeleton reads: {error}"));
        Self { addr, doc, view }
    }
}

pub struct Scribe {
    pub device: DeviceId,
    pub person: PersonId,
    pub actor: Actor,
    pub counter: u64,
    /// Of the last edit.
    pub at: Timestamp,
    pub dice: Seeded,
}

impl Scribe {
    pub fn new(device: DeviceId, person: PersonId, at: Timestamp, seed: u64) -> Self {
        let mut dice = Seeded(seed);
        let actor = Actor::fresh(&mut dice);
        Self { device, person, actor, counter: 0, at, dice }
    }

    /// A device of nobody in particular.
    pub fn any(at: Timestamp, seed: u64) -> Self {
        let mut dice = Seeded(!seed);
        let (device, person) = (Uuid::from_u64_pair(dice.draw(), dice.draw()), dice.id(at));
        Self::new(DeviceId::new(device), person, at, seed)
    }

    /// Runs the command on the page and gives the edit to send; the page is then with it.
    pub fn edit(&mut self, page: &mut Page, command: impl Into<Command>) -> Edit {
        let command = command.into();
        self.counter += 1;
        self.at = self.at.plus_ms(1).max(page.doc.last_at().plus_ms(1));
        let mut edit = Edit {
            id: EditId::fresh(self.at, &mut self.dice),
            kind: command.kind(),
            person: self.person,
            device: self.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(self.at.utc().date_naive()),
            parts: Vec::with_capacity(1),
            after: Vec::new(),
            overriding: None,
        };
        let made = make(&page.doc, &page.view, &command, &edit.context(0, self.at), self.actor);
        let (written, made) = made.unwrap_or_else(|error| panic!("{} runs: {error}", command.name()));
        page.doc = written.doc;
        page.view = written.view;
        edit.parts.push(Part { doc: page.addr, command, at: self.at, made: Some(made) });
        edit
    }

    /// As a client that keeps no documents sends it.
    pub fn bare(&mut self, addr: impl Into<DocAddr>, command: impl Into<Command>) -> Edit {
        let command = command.into();
        self.counter += 1;
        self.at = self.at.plus_ms(1);
        Edit {
            id: EditId::fresh(self.at, &mut self.dice),
            kind: command.kind(),
            person: self.person,
            device: self.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(self.at.utc().date_naive()),
            parts: vec![Part { doc: addr.into(), command, at: self.at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    /// An edit made on an older page than the newest, which then has it too: as of a device that had not heard
    /// of what happened meanwhile.
    pub fn late_edit(&mut self, older: &Page, newest: &mut Page, command: impl Into<Command>) -> Edit {
        let mut own = older.clone();
        let edit = self.edit(&mut own, command);
        newest.doc.merge(&own.doc).unwrap_or_else(|error| panic!("it merges: {error}"));
        newest.view = View::read(&newest.doc).unwrap_or_else(|error| panic!("it reads: {error}"));
        edit
    }
}
