//! The program on a device: the production session on a simulated disk. It commits and syncs before it
//! sends or tells anyone; power may fail at any point between.

use waybill_shared::{
    command::Command,
    edit::{Override, Verdict},
    id::{DeviceId, EditId},
    kind::DocAddr,
    order::commands::OrderCommand,
    protocol::{
        self, ClientFrame, ServerFrame, batch,
        frame::{Entry, SavedDoc},
    },
    session::{
        self, Action, EnterError, Notice,
        store::{Store as _, Write},
    },
    time::Timestamp,
};

use super::{accounts, clock::Clock, dice::Dice, disk::Disk, network::StreamId};

pub const VERSION: &str = "0.1.0";

pub struct Device {
    pub name: String,
    pub id: DeviceId,
    pub disk: Disk,
    pub clock: Clock,
    /// `None` while the program does not run.
    pub session: Option<session::Device>,
    pub stream: Option<StreamId>,
    /// The protocol that its program speaks.
    pub speaks: u16,
    /// Which of the server's addresses it talks to.
    pub server: usize,
    /// Its user wants it to have a network.
    pub online: bool,
    /// A planted defect: what an edit was rewritten to is not taken in.
    pub ignores_rewritten: bool,
    /// A planted defect: what it sent to a log that is gone it does not send again.
    pub keeps_to_itself: bool,
    /// Its company removed everything from it, or it was told to go: nobody works on it any more.
    pub retired: bool,
    /// How often the log had been put back when it last said hello.
    pub greeted_at: u32,
    /// Nothing more fits on its disk.
    pub disk_full: bool,
    /// Of a hundred steps that write, in how many the power fails.
    pub power_fails: f64,
    /// How often it tried to connect in vain.
    pub attempts: u32,
    /// Which start of the program this is: calendar entries of an earlier one are void.
    pub boot: u32,
    pub notices: Vec<Notice>,
    /// Documents and changes that came down.
    pub brought: u64,
    /// Documents that came whole into its sight, and that went.
    pub revealed: u64,
    pub forgotten: u64,
    pub dice: Dice,
}

/// What a step leads to outside of the device.
#[derive(Default)]
pub struct Step {
    pub send: Vec<ClientFrame>,
    pub close: bool,
    /// The power failed in the middle of it.
    pub dark: bool,
    /// The disk was full: nothing of it happened, and the connection begins anew.
    pub full: bool,
    pub notices: Vec<Notice>,
}

/// What its user hears of something entered.
#[derive(Debug)]
pub enum Heard {
    /// Shown as done.
    Done(EditId),
    Refused(EnterError),
    /// The power failed: nothing was shown as done.
    Dark,
    /// The disk was full: nothing was shown as done, and the connection begins anew.
    Full,
}

/// What became of writes.
enum Saved {
    Synced,
    Dark,
    Full,
}

impl Device {
    pub fn new(name: &str, id: DeviceId, disk: Disk, dice: Dice) -> Self {
        Self {
            name: name.to_owned(),
            id,
            disk,
            clock: Clock::default(),
            session: None,
            stream: None,
            speaks: protocol::VERSION,
            server: 0,
            online: true,
            ignores_rewritten: false,
            keeps_to_itself: false,
            retired: false,
            greeted_at: 0,
            disk_full: false,
            power_fails: 0.0,
            attempts: 0,
            boot: 0,
            notices: Vec::new(),
            brought: 0,
            revealed: 0,
            forgotten: 0,
            dice,
        }
    }

    pub fn now(&self, now: Timestamp) -> Timestamp {
        self.clock.shows(now)
    }

    pub fn start(&mut self) {
        if self.retired {
            return;
        }
        self.boot += 1;
        self.attempts = 0;
        self.stream = None;
        self.session = Some(session::Device::new(&mut self.dice));
    }

    /// What was there is gone, or nobody may use it any more. Gives how many entries still waited.
    pub fn retire(&mut self, wiped: bool) -> u32 {
        let waited = self.disk.count_pending().unwrap_or(u32::MAX);
        self.retired = true;
        self.online = false;
        self.session = None;
        self.stream = None;
        self.boot += 1;
        if wiped {
            self.disk = Disk::default();
        }
        waited
    }

    /// The program ends at once; what was not synced may be gone.
    pub fn lose_power(&mut self) {
        let kept = self.dice.below(self.disk.unsynced() + 1);
        self.disk.lose_power(kept);
        self.session = None;
        self.stream = None;
        self.boot += 1;
    }

    pub fn opened(&mut self, now: Timestamp, log_restores: u32) -> Result<Step, String> {
        self.greeted_at = log_restores;
        let Some(session) = &mut self.session else { return Ok(Step::default()) };
        self.attempts = 0;
        let now = self.clock.shows(now);
        let mut hello =
            session.opened(now, accounts::token(self.id), VERSION, &self.disk).map_err(|error| error.0)?;
        if let ClientFrame::Hello(hello) = &mut hello {
            hello.protocol = self.speaks;
        }
        Ok(Step { send: vec![hello], ..Step::default() })
    }

    pub fn received(&mut self, now: Timestamp, frame: ServerFrame) -> Result<Step, String> {
        let now = self.clock.shows(now);
        self.counts(&frame);
        let frame = if self.ignores_rewritten { without_rewritten(frame) } else { frame };
        let Some(session) = &mut self.session else { return Ok(Step::default()) };
        let mut effects =
            session.received(now, frame, &self.disk, &mut self.dice).map_err(|error| error.0)?;
        if self.keeps_to_itself && effects.notices.contains(&Notice::Reset) {
            effects.writes.retain(|write| !matches!(write, Write::Edit(_)));
        }
        self.notices.extend(effects.notices.iter().cloned());
        match self.save(&effects.writes) {
            Saved::Synced => {
                let mut send = effects.send;
                send.extend(self.push(now)?);
                Ok(Step { send, close: effects.close, notices: effects.notices, ..Step::default() })
            }
            Saved::Dark => Ok(Step { dark: true, ..Step::default() }),
            Saved::Full => Ok(Step { full: true, ..Step::default() }),
        }
    }

    fn counts(&mut self, frame: &ServerFrame) {
        let count = |many: usize| many as u64;
        match frame {
            ServerFrame::Docs { docs, .. } => {
                self.brought += batch::unpack::<SavedDoc>(docs).map_or(0, |docs| count(docs.len()));
            }
            ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries } => {
                for entry in batch::unpack::<Entry>(entries).into_iter().flatten() {
                    self.brought += count(entry.changes.len() + entry.reveal.len());
                    self.revealed += count(entry.reveal.len());
                    self.forgotten += count(entry.forget.len());
                }
            }
            _ => {}
        }
    }

    /// A byte of an entry that waits rots, and is noticed before anything goes up. Receipts are left whole: one that is
    /// missing from its series is missing.
    pub fn an_entry_rots(&mut self, now: Timestamp) -> Result<Option<EditId>, String> {
        let now = self.clock.shows(now);
        let Some(session) = &mut self.session else { return Ok(None) };
        if self.disk_full {
            return Ok(None);
        }
        let mut waiting = self.disk.pending(0, usize::MAX).map_err(|error| error.0)?;
        let sells = |command: &Command| matches!(command, Command::Order(OrderCommand::RecordSale(_)));
        waiting.retain(|stored| !stored.edit.parts.iter().any(|part| sells(&part.command)));
        let Some(stored) = self.dice.pick(&waiting) else { return Ok(None) };
        let id = stored.edit.id;
        let docs = stored.edit.docs().collect();
        self.disk.rots(id);
        let writes = session.mend(now, &docs, false, &self.disk, &mut self.dice).map_err(|error| error.0)?;
        self.disk.commit(&writes);
        self.disk.sync();
        Ok(Some(id))
    }

    /// What waits to go up.
    pub fn pushes(&mut self, now: Timestamp) -> Result<Step, String> {
        let send = self.push(self.clock.shows(now))?;
        Ok(Step { send, ..Step::default() })
    }

    pub fn closed(&mut self) {
        self.stream = None;
        if let Some(session) = &mut self.session {
            session.closed();
        }
    }

    pub fn enter(&mut self, now: Timestamp, action: Action) -> Heard {
        let now = self.clock.shows(now);
        let Some(session) = &mut self.session else { return Heard::Dark };
        match session.enter(now, action, &self.disk, &mut self.dice) {
            Ok(entered) => self.tell(entered.id, &entered.writes),
            Err(error) => Heard::Refused(error),
        }
    }

    /// An entry of the needs-attention list once more.
    pub fn again(
        &mut self,
        now: Timestamp,
        id: EditId,
        changed: Option<Vec<(DocAddr, Command)>>,
        overriding: Option<Override>,
    ) -> Heard {
        let now = self.clock.shows(now);
        let Some(session) = &mut self.session else { return Heard::Dark };
        match session.again(now, id, changed, overriding, &self.disk, &mut self.dice) {
            Ok(entered) => self.tell(entered.id, &entered.writes),
            Err(error) => Heard::Refused(error),
        }
    }

    pub fn discard(&mut self, now: Timestamp, id: EditId) -> Heard {
        let now = self.clock.shows(now);
        let Some(session) = &mut self.session else { return Heard::Dark };
        match session.discard(now, id, &self.disk) {
            Ok(writes) => self.tell(id, &writes),
            Err(error) => Heard::Refused(error),
        }
    }

    fn tell(&mut self, id: EditId, writes: &[Write]) -> Heard {
        match self.save(writes) {
            Saved::Synced => Heard::Done(id),
            Saved::Dark => Heard::Dark,
            Saved::Full => Heard::Full,
        }
    }

    fn push(&mut self, now: Timestamp) -> Result<Vec<ClientFrame>, String> {
        let Some(session) = &mut self.session else { return Ok(Vec::new()) };
        session.push(now, &self.disk).map_err(|error| error.0)
    }

    /// The power may fail before the commit, before it is on the disk, or just after.
    fn save(&mut self, writes: &[Write]) -> Saved {
        if writes.is_empty() {
            return Saved::Synced;
        }
        if self.disk_full {
            return Saved::Full;
        }
        let fails = self.dice.chance(self.power_fails).then(|| self.dice.below(3));
        if fails == Some(0) {
            self.lose_power();
            return Saved::Dark;
        }
        self.disk.commit(writes);
        if fails == Some(1) {
            self.lose_power();
            return Saved::Dark;
        }
        self.disk.sync();
        if fails == Some(2) {
            self.lose_power();
            return Saved::Dark;
        }
        Saved::Synced
    }
}

fn without_rewritten(frame: ServerFrame) -> ServerFrame {
    let ServerFrame::Entries { entries, upto, proof, digests } = frame else { return frame };
    let mut kept: Vec<Entry> = batch::unpack(&entries).expect("the server's entries unpack");
    for entry in &mut kept {
        if entry.verdict.as_ref().is_some_and(|own| own.verdict == Verdict::Rewritten) {
            entry.changes.clear();
        }
    }
    ServerFrame::Entries { entries: batch::pack(&kept), upto, proof, digests }
}
