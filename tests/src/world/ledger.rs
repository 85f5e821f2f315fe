//! What people entered, kept apart from everything under test: the checkers compare with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use waybill_server::{log::Batch, reports::Rows};
use waybill_shared::{
    edit::EditKind,
    id::{DeviceId, EditId, PersonId},
    kind::DocAddr,
    rules::roles::Role,
    time::Timestamp,
};

use super::newer::Wrote;

/// Something that was shown as done.
#[derive(Clone, Debug)]
pub struct Entry {
    pub device: usize,
    pub person: PersonId,
    pub kind: EditKind,
    pub words: String,
    /// Its device's file was put back to before it, so only the server may still know of it.
    pub lost_with_file: bool,
}

/// A batch that was written, and with which roles its edits were handed in.
pub struct Written {
    pub batch: Arc<Batch>,
    pub roles: BTreeMap<EditId, Vec<Role>>,
}

#[derive(Default)]
pub struct Ledger {
    pub entries: BTreeMap<EditId, Entry>,
    /// What users gave up.
    pub given_up: BTreeSet<EditId>,
    /// Entries whose bytes rotted before they were sent.
    pub rotted: BTreeSet<EditId>,
    pub journal: Vec<Written>,
    /// What went wrong that no user should ever see.
    pub defects: Vec<String>,
    /// How often the server's log was put back: numbers and verdicts given since are void.
    pub log_restores: u32,
    /// Devices whose file was put back or copied.
    pub files_restored: BTreeSet<DeviceId>,
    /// Edits that the server's database will not have.
    pub rejected: BTreeSet<EditId>,
    /// Since when the access of people and devices is withdrawn.
    pub withdrawn_people: BTreeMap<PersonId, Timestamp>,
    pub withdrawn_devices: BTreeMap<DeviceId, Timestamp>,
    /// What a server of a later version wrote, by its entries, and how the documents began that it made.
    pub newer: BTreeMap<EditId, Wrote>,
    pub begun: BTreeMap<DocAddr, Vec<u8>>,
    /// Entries of that server, also where something later took the place of what it wrote.
    pub by_newer: BTreeSet<EditId>,
    /// How often a device was turned away for its version.
    pub turned_away: u64,
    /// How often a batch was prepared anew because another process had written meanwhile.
    pub redone: u64,
    /// How often a batch came into the log after its process had ended.
    pub landed_late: u64,
    /// How often a device could not write.
    pub full_disks: u64,
}

impl Ledger {
    pub fn entered(&mut self, id: EditId, entry: Entry) {
        self.entries.insert(id, entry);
    }

    /// The report tables as the batches wrote them, row changes applied one after the other.
    pub fn reports(&self) -> Result<BTreeMap<DocAddr, Rows>, String> {
        let mut tables: BTreeMap<DocAddr, Rows> = BTreeMap::new();
        for written in &self.journal {
            for change in &written.batch.rows {
                let held = tables.entry(change.addr).or_default();
                if *held != *change.before {
                    return Err(format!("rows of {} change from what they are not", change.addr));
                }
                held.clone_from(&change.after);
            }
        }
        Ok(tables)
    }
}
