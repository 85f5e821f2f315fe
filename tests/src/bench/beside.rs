//! What the machine itself did while something was timed: how late a thread woke that only sleeps, and how long a
//! commit to the disk took that waits for nothing else.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use anyhow::anyhow;

const NAP: Duration = Duration::from_millis(5);
const BETWEEN_WRITES: Duration = Duration::from_millis(50);

pub struct Beside {
    over: Arc<AtomicBool>,
    sleeper: JoinHandle<Duration>,
    writer: JoinHandle<io::Result<Duration>>,
}

/// The longest of each.
pub struct Longest {
    pub late: Duration,
    pub fdatasync: Duration,
}

impl Beside {
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let mut file = File::create(dir.join("beside"))?;
        let asleep = Arc::clone(&over);
        let sleeper = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !asleep.load(Ordering::Relaxed) {
                let began = Instant::now();
                sleep(NAP);
                longest = longest.max(began.elapsed().saturating_sub(NAP));
            }
            longest
        });
        let writing = Arc::clone(&over);
        let writer = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !writing.load(Ordering::Relaxed) {
                let began = Instant::now();
                file.write_all(&[7; 4096])?;
                file.sync_data()?;
                longest = longest.max(began.elapsed());
                sleep(BETWEEN_WRITES);
            }
            Ok(longest)
        });
        Ok(Self { over, sleeper, writer })
    }

    pub fn stop(self) -> anyhow::Result<Longest> {
        self.over.store(true, Ordering::Relaxed);
        let late = self.sleeper.join().map_err(|_| anyhow!("the sleeping thread panicked"))?;
        let fdatasync = self.writer.join().map_err(|_| anyhow!("the writing thread panicked"))??;
        Ok(Longest { late, fdatasync })
    }
}
