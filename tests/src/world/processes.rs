//! The server's processes: how they start, end and come back, and their intakes over the one log. What one prepares
//! another may overtake, and what one leaves on its way may land when it is gone.

use std::collections::{BTreeMap, BTreeSet};

use waybill_server::log::{CommitError, Log as _, memory::Fault};

use super::{
    intake::{Committed, Intake},
    ledger::Written,
    network::{End, StreamId},
    server::{Deed, Process, now},
    sim::{Event, Sim},
};

/// A process that is not told that the log went on looks after so long.
const LOOKS_AGAIN_MS: i64 = 1_000;

/// How often everybody is told where they stand, if the log went on by what is not for them.
const QUIET_MS: i64 = 30_000;

/// What happens to one process, if it still is the same.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happens {
    Prepares,
    Commits,
    /// It hears that another process wrote to the log.
    Hears,
    /// There was time to tell everybody where they stand.
    Quiet,
    /// It comes back.
    Starts,
}

impl Sim {
    /// From now on so many processes serve the one database.
    pub fn has_processes(&mut self, count: usize) {
        while self.server.processes.len() < count {
            self.server.processes.push(Process::default());
            self.start_process(self.server.processes.len() - 1);
        }
    }

    pub fn start_servers(&mut self) {
        (0..self.server.processes.len()).for_each(|process| self.start_process(process));
    }

    /// Unless it runs already. It knows nothing but what the log says.
    pub fn start_process(&mut self, process: usize) {
        if self.server.is_up(process) {
            return;
        }
        self.server.log.look();
        let dice = self.dice.split();
        let mut intake = Intake::new(&self.server.log, dice);
        intake.rewrite_all = self.rewrite_all;
        intake.allow(self.budget);
        intake.numbers_anyway = self.numbers_anyway;
        self.server.processes[process].intake = Some(intake);
        self.note(&name(process), || "starts".to_owned());
    }

    /// The machine they all run on goes down, the database with them.
    pub fn kill_servers(&mut self) {
        (0..self.server.processes.len()).for_each(|process| self.end_process(process));
        self.server.log.crash();
        self.ledger.journal.truncate(self.server.log.batches());
    }

    /// One process dies, the others go on. The database may still write what it had sent.
    pub fn kill_process(&mut self, process: usize) {
        let intake = self.server.processes[process].intake.as_mut();
        if let Some(written) = intake.and_then(Intake::leaves)
            && self.dice.chance(50.0)
        {
            let after = self.dice.between(0, 60);
            self.put(self.now.plus_ms(after), Event::Lands(written));
        }
        self.end_process(process);
    }

    /// It comes back after a while.
    pub fn process_returns(&mut self, process: usize, after_ms: i64) {
        self.put_of(process, after_ms, Happens::Starts);
    }

    fn end_process(&mut self, process: usize) {
        if !self.server.is_up(process) {
            return;
        }
        self.note(&name(process), || "dies".to_owned());
        for stream in self.server.dies(process) {
            let arrivals = self.network.close(stream, End::Server, self.now);
            self.put_all(arrivals);
        }
    }

    /// One that runs: what is done at the office goes to any of them.
    pub fn a_process(&mut self) -> Option<usize> {
        match self.server.up().as_slice() {
            [only] => Some(*only),
            several => self.dice.pick(several).copied(),
        }
    }

    /// At our address the other company's server answers, or ours again. Nothing may be on its way to the log.
    /// It knows the same tokens: nothing but the company tells it from ours.
    pub fn change_company(&mut self) {
        (0..self.server.processes.len()).for_each(|process| self.end_process(process));
        std::mem::swap(&mut self.server.company, &mut self.other.0);
        std::mem::swap(&mut self.server.log, &mut self.other.1);
        self.start_servers();
    }

    /// A copy of the database from some batches ago is put back.
    pub fn restore_log(&mut self, batches: usize) {
        self.kill_servers();
        self.server.log.restore(batches, self.now);
        self.ledger.journal.truncate(self.server.log.batches());
        self.ledger.log_restores += 1;
        self.log_changed = self.now;
        self.note("server", || format!("has its database put back by {batches} batches"));
        self.start_servers();
    }

    /// The last batches are gone, and nobody says so: those who look at the log notice.
    pub fn lose_from_log(&mut self, batches: usize) {
        self.server.log.lose(batches);
        self.ledger.journal.truncate(self.server.log.batches());
        self.ledger.log_restores += 1;
        self.note("server", || format!("has a database that lost its last {batches} batches"));
        for process in self.server.up() {
            self.tells_all(process);
        }
    }

    /// The log gives up its positions up to this one, if it goes so far.
    pub fn trim_log(&mut self, upto: u64) {
        let begins = now(self.server.log.trim(upto)).expect("in memory");
        self.note("server", || format!("has its log trimmed up to {upto}: {begins:?}"));
    }

    pub(super) fn put_of(&mut self, process: usize, after_ms: i64, what: Happens) {
        let boot = self.server.processes[process].boot;
        self.put(self.now.plus_ms(after_ms), Event::Of { process, boot, what });
    }

    pub(super) fn happens(&mut self, process: usize, what: Happens) {
        match what {
            Happens::Prepares => self.prepares(process),
            Happens::Commits => self.commits(process),
            Happens::Hears => self.tells_all(process),
            Happens::Quiet => {
                let deeds = self.server.quiet(process);
                self.do_all(deeds);
            }
            Happens::Starts => self.start_process(process),
        }
    }

    /// The log went on.
    fn tells_all(&mut self, process: usize) {
        let deeds = self.server.spread(process);
        self.do_all(deeds);
        if self.server.will_be_quiet(process) {
            self.put_of(process, QUIET_MS, Happens::Quiet);
        }
    }

    fn prepares(&mut self, process: usize) {
        let Some(intake) = &mut self.server.processes[process].intake else { return };
        if intake.prepare(&self.server.log, self.now) {
            let after = self.dice.between(2, 25);
            self.put_of(process, after, Happens::Commits);
        }
    }

    /// These were told of another log.
    fn let_go(&mut self, over: BTreeSet<StreamId>) {
        self.do_all(over.into_iter().map(Deed::Close).collect());
    }

    /// The database may have its own mind about the next commit.
    fn trouble_the_log(&mut self, process: usize) {
        if self.dice.chance(self.log_fails) {
            let fault = match self.dice.below(3) {
                0 => Fault::Retry,
                1 => Fault::Unknown { written: true },
                _ => Fault::Unknown { written: false },
            };
            self.note(&name(process), || format!("its database: {fault:?}"));
            self.server.log.fail_next(fault);
        }
        if self.dice.chance(self.log_is_full) {
            self.note(&name(process), || "its disk is full".to_owned());
            self.server.log.fail_next(Fault::DiskFull);
        }
        if self.dice.chance(self.log_rejects)
            && let Some(intake) = &self.server.processes[process].intake
            && let Some(edit) = self.dice.pick(&intake.about_to_stand()).copied()
        {
            self.note(&name(process), || format!("its database will not have {}", super::words::short(edit)));
            self.server.log.rejects(edit);
            self.ledger.rejected.insert(edit);
        }
    }

    fn commits(&mut self, process: usize) {
        let (dies, before) = (self.dice.chance(self.dies_in_commit), self.dice.chance(50.0));
        if dies && before {
            let after = self.dice.between(50, 10_000);
            self.kill_process(process);
            return self.process_returns(process, after);
        }
        self.trouble_the_log(process);
        let Some(intake) = &mut self.server.processes[process].intake else { return };
        for addr in intake.about_to_move() {
            self.left.insert(addr, self.now);
        }
        match intake.commit(&self.server.log) {
            Committed::Again => self.put_of(process, 5, Happens::Commits),
            Committed::Void { over, moved } => {
                if moved {
                    self.note(&name(process), || "prepares anew: the log stands elsewhere".to_owned());
                    self.ledger.redone += 1;
                }
                self.let_go(over);
                self.put_of(process, 1, Happens::Prepares);
            }
            Committed::Later { streams, over } => {
                self.let_go(over);
                for stream in streams {
                    let deeds = self.server.retry_later(stream);
                    self.do_all(deeds);
                }
                self.put_of(process, 1, Happens::Prepares);
            }
            Committed::Done { batch, roles, settled, others_first, unwritten, script, twins } => {
                if let Some(batch) = batch {
                    self.written(process, Written { batch, roles });
                    if dies {
                        // Whoever handed it in hears nothing of it, and hands it in again, perhaps elsewhere.
                        self.end_process(process);
                        let after = self.dice.between(50, 10_000);
                        return self.process_returns(process, after);
                    }
                    self.tells_all(process);
                }
                let mut by_stream: BTreeMap<StreamId, Vec<_>> = BTreeMap::new();
                for (stream, edit, before) in settled {
                    if !before && !self.server.only_pushes(stream) {
                        continue;
                    }
                    by_stream.entry(stream).or_default().push(edit);
                }
                for edit in script {
                    self.script_hears(edit);
                }
                for edit in twins {
                    self.defect(
                        "server",
                        format!("takes another entry under the id {edit}, which is in use"),
                    );
                }
                for (stream, edits) in others_first {
                    let deeds = self.server.others_first(stream, edits);
                    self.do_all(deeds);
                }
                for (stream, said) in unwritten {
                    let deeds = self.server.unwritten(stream, said);
                    self.do_all(deeds);
                }
                for (stream, edits) in by_stream {
                    let deeds = self.server.said_before(stream, &edits);
                    self.do_all(deeds);
                }
                self.put_of(process, 0, Happens::Prepares);
            }
        }
    }

    /// Its process has ended.
    pub(super) fn lands(&mut self, written: Written) {
        if let Some(written) = self.takes(&written) {
            self.note("server", || "its database writes what a process left".to_owned());
            self.ledger.landed_late += 1;
            self.written(usize::MAX, written);
        }
    }

    /// As the database writes it, if it does. An answer that is lost makes no difference to that.
    pub(super) fn takes(&self, written: &Written) -> Option<Written> {
        let Written { batch, roles } = written;
        let landed = match now(self.server.log.commit(batch)) {
            Ok(landed) => Some(landed),
            Err(CommitError::Unknown(_)) => self.server.log.has_written(batch),
            Err(_) => None,
        };
        landed.map(|landed| Written { batch: landed.batch, roles: roles.clone() })
    }

    /// A batch is in the log; the other processes hear of it.
    pub(super) fn written(&mut self, by: usize, written: Written) {
        for entry in &written.batch.entries {
            let line = super::words::verdict(entry);
            self.note(&name(by), || line);
        }
        self.ledger.journal.push(written);
        for other in self.server.up().into_iter().filter(|other| *other != by) {
            // A notification may be lost.
            let after = if self.dice.chance(10.0) { LOOKS_AGAIN_MS } else { self.dice.between(0, 30) };
            self.put_of(other, after, Happens::Hears);
        }
    }
}

/// As it is called in stories.
fn name(process: usize) -> String {
    match process {
        0 => "server".to_owned(),
        usize::MAX => "database".to_owned(),
        nth => format!("server {}", nth + 1),
    }
}
