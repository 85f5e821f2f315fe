//! The other side of the local socket: an engine that runs in another program of this device.

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    path::Path,
    sync::Mutex,
};

use interprocess::local_socket::{Stream, prelude::*};

use super::{
    local_socket::name,
    request::{Answer, Request},
};

#[derive(Debug)]
pub struct Remote {
    stream: Mutex<BufReader<Stream>>,
}

impl Remote {
    /// `None` when no engine listens there.
    pub fn connect(dir: &Path) -> Option<Self> {
        let stream = Stream::connect(name(dir).ok()?).ok()?;
        Some(Self { stream: Mutex::new(BufReader::new(stream)) })
    }

    pub fn ask(&self, request: &Request) -> Answer {
        let lost = || {
            Answer::Unknown {
            words: "The Waybill that runs on this device did not answer. Whether it was saved shows in its lists."
                .to_owned(),
        }
        };
        let Ok(mut stream) = self.stream.lock() else { return lost() };
        let Ok(mut line) = serde_json::to_vec(request) else { return lost() };
        line.push(b'\n');
        let mut answer = String::new();
        // Also where nothing could be handed over: it may have been said before that nothing would be.
        let handed_over = stream.get_mut().write_all(&line);
        match (stream.read_line(&mut answer), handed_over) {
            (Ok(n), _) if n > 0 => serde_json::from_str(&answer).unwrap_or_else(|_| lost()),
            // A line that did not arrive whole was not carried out.
            (_, Err(_)) => Answer::Ending,
            // So the system says of what lay there unread when the other side ended.
            (Err(error), _) if error.kind() == ErrorKind::ConnectionReset => Answer::Ending,
            _ => lost(),
        }
    }
}
