//! Versions of the program beside each other. All run the code under test; what tells them apart is done on the line:
//! which protocol a device says it speaks, which a process serves, and which commands it has never heard of. What a
//! later version writes into the log is in `newer`.

use std::{borrow::Cow, ops::RangeInclusive};

use ciborium::Value;
use waybill_shared::protocol::{LEAST, VERSION};

use super::{device::Device, sim::Sim};

/// What of the program one of the server's processes runs.
#[derive(Clone, Debug)]
pub struct Version {
    /// The protocols that it serves.
    pub serves: RangeInclusive<u16>,
    /// A command that it does not know yet.
    pub lacks: Option<&'static str>,
}

impl Default for Version {
    fn default() -> Self {
        Self { serves: LEAST..=VERSION, lacks: None }
    }
}

impl Version {
    /// The protocol that to the code under test is what this one is to this version.
    pub fn as_here(&self, protocol: u16) -> u16 {
        match protocol {
            older if older < *self.serves.start() => LEAST - 1,
            newer if newer > *self.serves.end() => VERSION + 1,
            _ => VERSION,
        }
    }

    /// A frame as this version reads it: a command that it lacks has a name that nobody here knows.
    pub fn reads<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(lacks) = self.lacks else { return Cow::Borrowed(bytes) };
        let Ok(mut frame) = ciborium::from_reader::<Value, _>(bytes) else { return Cow::Borrowed(bytes) };
        rename(&mut frame, lacks);
        let mut renamed = Vec::with_capacity(bytes.len());
        ciborium::into_writer(&frame, &mut renamed).expect("in memory");
        Cow::Owned(renamed)
    }
}

fn rename(value: &mut Value, name: &str) {
    match value {
        Value::Map(entries) => {
            for (key, value) in entries {
                if key.as_text() == Some(name) {
                    *key = Value::from(format!("later.{name}"));
                }
                rename(value, name);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|value| rename(value, name)),
        _ => {}
    }
}

/// So long after something was updated a device may hear what was said before.
const ON_ITS_WAY_MS: i64 = 10_000;

impl Sim {
    /// A process is stopped, and comes back as this version.
    pub fn update_process(&mut self, process: usize, version: Version, after_ms: i64) {
        self.kill_process(process);
        self.note("office", || format!("updates server {} to {version:?}", process + 1));
        self.server.processes[process].version = version;
        self.updated = self.now;
        self.process_returns(process, after_ms);
    }

    /// The program on a device is replaced, with all its files kept.
    pub fn update_device(&mut self, device: usize, speaks: u16) {
        self.devices[device].speaks = speaks;
        self.updated = self.now;
        if !self.devices[device].retired {
            self.device_loses_power(device);
            self.start_device(device);
        }
    }

    /// Everybody is served, and knows every command.
    pub fn update_all(&mut self) {
        for process in 0..self.server.processes.len() {
            // A program is replaced only by starting another.
            self.kill_process(process);
            self.server.processes[process].version = Version { serves: LEAST..=VERSION + 1, lacks: None };
            self.start_process(process);
        }
        self.updated = self.now;
    }

    /// What the device speaks is not served where it is told so.
    pub(super) fn is_of_another_version(&self, device: usize) -> bool {
        let Device { server, speaks, .. } = &self.devices[device];
        let lately = self.updated.plus_ms(ON_ITS_WAY_MS) > self.now;
        lately || !self.server.processes[*server].version.serves.contains(speaks)
    }
}
