//! That long work goes on, for whoever looks at it on a terminal.

use std::{
    io::{IsTerminal, Write, stderr},
    time::Duration,
};

use tokio::time::{Instant, interval};

use crate::progress;

/// Does the work; on a terminal one line tells how far it is and is gone at its end.
pub async fn during<T>(what: &str, work: impl Future<Output = T>) -> T {
    if !stderr().is_terminal() {
        return work.await;
    }
    let (began, before) = (Instant::now(), progress::done());
    let mut tick = interval(Duration::from_millis(200));
    let mut work = std::pin::pin!(work);
    let line = |text: &str| {
        let mut terminal = stderr().lock();
        let _ = write!(terminal, "\r\u{1b}[K{text}").and_then(|()| terminal.flush());
    };
    loop {
        tokio::select! {
            done = &mut work => {
                line("");
                return done;
            }
            _ = tick.tick() => {
                let seconds = began.elapsed().as_secs();
                match progress::done() - before {
                    0 => line(&format!("{what}, {seconds} s")),
                    done => line(&format!("{what}: {done} done, {seconds} s")),
                }
            }
        }
    }
}
