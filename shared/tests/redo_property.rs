//! Random histories of several devices and one server, on one order: offline work, stale bases, restarts,
//! copied device files, lost answers. Whatever happens, all come to hold the same, and nothing that was
//! entered is lost.

#[path = "domain/common.rs"]
mod common;
#[path = "redo_property/device.rs"]
mod device;
#[path = "redo_property/server.rs"]
mod server;
#[path = "redo_property/work.rs"]
mod work;

use proptest::prelude::*;
use waybill_shared::{doc::Doc, edit::EditKind, id::EditId, kind::DocKind, view::View};

use common::*;
use device::{Device, Ledger};
use server::Server;
use work::{Work, work};

const DEVICES: usize = 3;

#[derive(Clone, Debug)]
enum Event {
    Work(usize, Work),
    /// Sends what is pending; `redundant` adds an ancestor to the deps that says nothing new.
    Push {
        device: usize,
        redundant: bool,
    },
    /// Reads so many entries of the log.
    Pull(usize, usize),
    /// The program is closed and opened again.
    Restart(usize),
    /// The device's file is copied onto another device, which may go on as the same actor: it should not.
    Copy {
        from: usize,
        to: usize,
        same_actor: bool,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let device = 0..DEVICES;
    prop_oneof![
        10 => (device.clone(), work()).prop_map(|(device, work)| Event::Work(device, work)),
        3 => (device.clone(), any::<bool>())
            .prop_map(|(device, redundant)| Event::Push { device, redundant }),
        3 => (device.clone(), 1_usize..12).prop_map(|(device, entries)| Event::Pull(device, entries)),
        1 => device.clone().prop_map(Event::Restart),
        1 => (device.clone(), device, any::<bool>())
            .prop_map(|(from, to, same_actor)| Event::Copy { from, to, same_actor }),
    ]
}

struct World {
    server: Server,
    devices: Vec<Device>,
    ledger: Ledger,
    actors: u64,
}

impl World {
    /// An order that everybody knows, placed.
    fn new() -> Self {
        let desk = Desk::placed();
        let server = Server::new(&desk.doc);
        let devices = (0..DEVICES).map(|n| Device::new(&desk.doc, n, actor(100 + n as u64))).collect();
        Self { server, devices, ledger: Ledger::default(), actors: 200 }
    }

    fn actor(&mut self) -> waybill_shared::doc::Actor {
        self.actors += 1;
        actor(self.actors)
    }

    fn happens(&mut self, event: &Event) {
        match event {
            Event::Work(device, work) => self.devices[*device].does(work, &mut self.ledger),
            Event::Push { device, redundant } => self.push(*device, *redundant),
            Event::Pull(device, entries) => self.pull(*device, *entries),
            Event::Restart(device) => {
                let actor = self.actor();
                self.devices[*device].restart(actor);
            }
            Event::Copy { from, to, same_actor } if from != to => {
                let actor = if *same_actor { self.devices[*from].actor } else { self.actor() };
                self.copy(*from, *to, actor);
            }
            Event::Copy { .. } => {}
        }
    }

    fn push(&mut self, device: usize, redundant: bool) {
        for sent in self.devices[device].outbox(redundant) {
            self.server.takes(&sent);
        }
    }

    fn pull(&mut self, device: usize, entries: usize) {
        let fresh = self.actor();
        self.devices[device].reads(&self.server.log, entries, fresh);
    }

    /// What only the overwritten device knew is gone with its file.
    fn copy(&mut self, from: usize, to: usize, actor: waybill_shared::doc::Actor) {
        let copy = self.devices[from].copied(to, actor);
        let lost = std::mem::replace(&mut self.devices[to], copy);
        let known: Vec<EditId> = self.devices.iter().flat_map(Device::unsettled).collect();
        for id in lost.unsettled() {
            if !known.contains(&id) && !self.server.accepted(id) {
                self.ledger.forget(id);
            }
        }
    }

    fn settle(&mut self) {
        for _ in 0..12 {
            for device in 0..DEVICES {
                self.push(device, false);
                self.pull(device, usize::MAX);
            }
            let read = self.server.log.len();
            if self.devices.iter().all(|device| device.pending.is_empty() && device.cursor == read) {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    fn check(&self) {
        let truth = View::read(&self.server.head).expect("reads");
        let again = Doc::load(DocKind::Order, &self.server.head.save()).expect("loads");
        assert_eq!(View::read(&again).expect("reads"), truth, "the server's own copy reads the same");
        for device in &self.devices {
            assert_eq!(device.confirmed.heads(), self.server.head.heads(), "device {}", device.n);
            assert_eq!(device.view, truth, "device {} shows what is agreed", device.n);
            assert_eq!(device.shown.heads(), device.confirmed.heads(), "device {}", device.n);
        }
        for (id, entered) in self.ledger.iter() {
            let accepted = self.server.accepted(*id);
            let listed: Vec<_> = self.devices.iter().filter_map(|device| device.listed.get(id)).collect();
            match entered.kind() {
                EditKind::Facts => {
                    assert!(accepted, "a fact is never refused: {entered:?}");
                    assert!(entered.there(&truth), "a fact is in the document: {entered:?}");
                }
                EditKind::Requests => {
                    assert!(accepted || !listed.is_empty(), "neither accepted nor listed: {entered:?}");
                    assert!(!accepted || listed.is_empty(), "both accepted and listed: {entered:?}");
                }
            }
            for findings in listed {
                assert!(!findings.is_empty(), "it is listed with what speaks against it: {entered:?}");
                for finding in findings {
                    assert!(
                        finding.rule != waybill_shared::finding::Rule::ChangedMeanwhile
                            || finding.conflict.is_some(),
                        "both values are shown: {finding:?}"
                    );
                    assert_ne!(finding.rule, waybill_shared::finding::Rule::Defect, "{finding:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_come_to_hold_the_same_and_nothing_is_lost(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new();
        for event in &events {
            world.happens(event);
        }
        world.settle();
        world.check();
    }
}
