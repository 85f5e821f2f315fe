//! The other side of the local socket: an engine that runs in another program of this device.

use std::{
    io::{BufRead, BufReader, Write},
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
        let asked = stream.get_mut().write_all(&line).and_then(|()| stream.read_line(&mut answer));
        match asked {
            Ok(n) if n > 0 => serde_json::from_str(&answer).unwrap_or_else(|_| lost()),
            _ => lost(),
        }
    }
}
