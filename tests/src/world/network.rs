//! The network: streams between a device and the server that delay, die and come back. Frames keep their
//! order inside one stream and none across streams: what was sent on one that was cut may arrive beside or after
//! what the next one carries, and so a second time.

use std::collections::BTreeMap;

use waybill_shared::time::Timestamp;

use super::dice::Dice;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Device,
    Server,
}

/// What arrives at an end of a stream.
#[derive(Clone, Debug)]
pub enum Packet {
    Opened,
    Frame(Vec<u8>),
    Closed,
}

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub least_delay_ms: i64,
    pub most_delay_ms: i64,
    /// Of a hundred frames, how many take their stream with them.
    pub loss: f64,
    /// Of a hundred pushes, how many are sent twice.
    pub doubles: f64,
}

pub const FINE: Weather = Weather { least_delay_ms: 5, most_delay_ms: 30, loss: 0.0, doubles: 0.0 };

struct Stream {
    device: usize,
    /// Which of the server's processes it goes to.
    process: usize,
    /// When the last thing sent to each end arrives: what is sent later arrives later.
    last: [Timestamp; 2],
    open: [bool; 2],
    /// Cut on the way: nothing that is sent from now on arrives.
    cut: bool,
}

/// An arrival to put on the calendar.
pub struct Arrival {
    pub at: Timestamp,
    pub stream: StreamId,
    pub to: End,
    pub packet: Packet,
}

pub struct Network {
    pub weather: Weather,
    streams: BTreeMap<StreamId, Stream>,
    /// Devices that reach nobody.
    parted: Vec<usize>,
    next: u64,
    dice: Dice,
}

impl Network {
    pub fn new(dice: Dice) -> Self {
        Self { weather: FINE, streams: BTreeMap::new(), parted: Vec::new(), next: 0, dice }
    }

    pub fn device_of(&self, stream: StreamId) -> Option<usize> {
        self.streams.get(&stream).map(|stream| stream.device)
    }

    pub fn process_of(&self, stream: StreamId) -> Option<usize> {
        self.streams.get(&stream).map(|stream| stream.process)
    }

    pub fn reaches(&self, device: usize) -> bool {
        !self.parted.contains(&device)
    }

    /// Whether what is pushed now goes out twice.
    pub fn doubles(&mut self) -> bool {
        self.dice.chance(self.weather.doubles)
    }

    /// A stream to one of the server's processes. Both ends learn of it when the first packet arrives.
    pub fn open(&mut self, device: usize, process: usize, now: Timestamp) -> (StreamId, Vec<Arrival>) {
        self.next += 1;
        let id = StreamId(self.next);
        let stream = Stream { device, process, last: [now, now], open: [true, true], cut: false };
        self.streams.insert(id, stream);
        let mut arrivals = self.send(id, End::Server, Packet::Opened, now);
        let there = arrivals.first().map_or(now, |arrival| arrival.at);
        arrivals.extend(self.send(id, End::Device, Packet::Opened, there));
        (id, arrivals)
    }

    /// Sends to an end. A lost packet takes the stream with it: each end notices in its own time.
    pub fn send(&mut self, id: StreamId, to: End, packet: Packet, now: Timestamp) -> Vec<Arrival> {
        let lost = self.dice.chance(self.weather.loss);
        let delay = self.dice.between(self.weather.least_delay_ms, self.weather.most_delay_ms);
        let Some(stream) = self.streams.get_mut(&id) else { return Vec::new() };
        let from = match to {
            End::Device => End::Server,
            End::Server => End::Device,
        };
        if stream.cut || !stream.open[from as usize] {
            return Vec::new();
        }
        if lost || self.parted.contains(&stream.device) {
            return self.cut(id, now);
        }
        let at = now.plus_ms(delay).max(stream.last[to as usize]);
        stream.last[to as usize] = at;
        vec![Arrival { at, stream: id, to, packet }]
    }

    /// The stream dies on the way. What was sent before may still arrive, or not.
    pub fn cut(&mut self, id: StreamId, now: Timestamp) -> Vec<Arrival> {
        let after = [self.dice.between(1, 3_000), self.dice.between(1, 3_000)];
        let Some(stream) = self.streams.get_mut(&id) else { return Vec::new() };
        if std::mem::replace(&mut stream.cut, true) {
            return Vec::new();
        }
        [End::Device, End::Server]
            .into_iter()
            .map(|to| Arrival { at: now.plus_ms(after[to as usize]), stream: id, to, packet: Packet::Closed })
            .collect()
    }

    /// One end closes: it hears nothing more, the other end hears of it after what was sent.
    pub fn close(&mut self, id: StreamId, by: End, now: Timestamp) -> Vec<Arrival> {
        let Some(stream) = self.streams.get_mut(&id) else { return Vec::new() };
        stream.open[by as usize] = false;
        let other = match by {
            End::Device => End::Server,
            End::Server => End::Device,
        };
        let at = now.plus_ms(self.weather.most_delay_ms).max(stream.last[other as usize]);
        vec![Arrival { at, stream: id, to: other, packet: Packet::Closed }]
    }

    /// Whether something still arrives at this end; a `Closed` is the last that does.
    pub fn arrives(&mut self, id: StreamId, to: End, packet: &Packet) -> bool {
        let Some(stream) = self.streams.get_mut(&id) else { return false };
        if !stream.open[to as usize] {
            return false;
        }
        if matches!(packet, Packet::Closed) {
            stream.open[to as usize] = false;
            if stream.open == [false, false] {
                self.streams.remove(&id);
            }
        }
        true
    }

    /// The device reaches nobody until `join`.
    pub fn part(&mut self, device: usize, now: Timestamp) -> Vec<Arrival> {
        if !self.parted.contains(&device) {
            self.parted.push(device);
        }
        let streams: Vec<_> = self.streams_of(device);
        streams.into_iter().flat_map(|id| self.cut(id, now)).collect()
    }

    pub fn join(&mut self, device: usize) {
        self.parted.retain(|parted| *parted != device);
    }

    fn streams_of(&self, device: usize) -> Vec<StreamId> {
        self.streams.iter().filter(|(_, stream)| stream.device == device).map(|(id, _)| *id).collect()
    }
}
