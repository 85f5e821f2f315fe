//! Somebody with the token of a device and a program of their own, who says of the log what is not so.

use waybill_server::log::Log as _;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    protocol::{self, ClientFrame, encode, frame::Hello},
    session::store::Store as _,
};

use super::{
    World, accounts,
    dice::Dice,
    hand::Hand,
    network::{End, Packet},
    server::now,
    sim::{Event, Sim},
};

/// So long the liar waits for what the server says.
const LISTENS_MS: i64 = 1_000;

/// What is said of where the device stands.
#[derive(Clone, Debug)]
pub struct Lie {
    /// How far beyond the end of the log.
    beyond: u64,
    chain: Hash,
    /// With the proof that the device was given for where it does stand.
    own_proof: bool,
    keeps: bool,
}

impl Lie {
    pub fn thrown(dice: &mut Dice) -> Self {
        let beyond = *dice.pick(&[0, 1, 7, 100_000, u64::MAX / 4]).unwrap_or(&0);
        Self {
            beyond,
            chain: Hash([*dice.pick(&[0, 9, 255]).unwrap_or(&9); 32]),
            own_proof: dice.chance(50.0),
            keeps: dice.chance(70.0),
        }
    }
}

impl World {
    pub fn somebody_lies(&self, hand: &Hand, lie: &Lie) {
        self.sim().lies(hand.device, lie);
    }
}

impl Sim {
    fn lies(&mut self, device: usize, lie: &Lie) {
        let Some(process) = self.a_process() else { return };
        let head = now(self.server.log.head()).expect("in memory").cursor;
        let held = self.devices[device].disk.meta().expect("a disk of the simulation reads");
        let hello = ClientFrame::Hello(Hello {
            protocol: protocol::VERSION,
            version: "a liar".to_owned(),
            token: accounts::token(self.devices[device].id),
            company: Some(self.server.company),
            cursor: Some(Cursor { pos: head.pos + lie.beyond, chain: lie.chain }),
            proof: if lie.own_proof { held.proof } else { Some(vec![7; 24]) },
            loaded: None,
            scopes: held.scopes,
            gaining: None,
            unsure: 0,
            keeps: lie.keeps,
            counter: 0,
            names: 0,
            waiting: 0,
            commands: 1,
            clock: None,
        });
        let name = self.devices[device].name.clone();
        self.note(&name, || format!("is used by somebody who lies: {lie:?}"));
        let (stream, _) = self.network.open(device, process, self.now);
        self.server.opened(stream, process);
        let deeds = self.server.received(stream, &encode(&hello));
        self.do_all(deeds);
        let goes = Event::Arrives { stream, to: End::Server, packet: Packet::Closed };
        self.put(self.now.plus_ms(LISTENS_MS), goes);
    }
}
