//! The line between a device and the server, on which answers can be lost while what is sent still arrives.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

pub struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    server: SocketAddr,
    /// From which push on of a connection nothing comes back; never where it is 0.
    deaf_from: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

/// What a device sends before its first push, waiting for the answer each time: the request for a socket, hello.
const BEFORE_PUSHES: usize = 2;

impl Wire {
    pub fn to(server: SocketAddr) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { server, deaf_from: AtomicUsize::new(0), open: Mutex::default() });
        let own = Arc::clone(&state);
        thread::spawn(move || listener.incoming().flatten().for_each(|device| carry(&own, device)));
        Wire { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// On every connection from now on, nothing comes back once its `nth` push is on its way.
    pub fn loses_answers_from_push(&self, nth: usize) {
        self.state.deaf_from.store(nth, Ordering::SeqCst);
    }

    /// The connections there are end; later ones lose nothing.
    pub fn is_mended(&self) {
        self.state.deaf_from.store(0, Ordering::SeqCst);
        for stream in self.state.open.lock().unwrap().drain(..) {
            // One that has ended already is as good.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// A connection as long as both sides want it; one that the server does not take is closed.
fn carry(state: &Arc<State>, device: TcpStream) {
    let Ok(server) = TcpStream::connect(state.server) else { return };
    let twice = |stream: &TcpStream| stream.try_clone().unwrap();
    state.open.lock().unwrap().extend([twice(&device), twice(&server)]);
    let deaf = Arc::new(AtomicBool::new(false));
    let (is_deaf, deaf_from) = (Arc::clone(&deaf), state.deaf_from.load(Ordering::SeqCst));
    let (from, to) = (twice(&device), twice(&server));
    thread::spawn(move || {
        pass(from, to, |nth| {
            if deaf_from > 0 && nth >= BEFORE_PUSHES + deaf_from {
                is_deaf.store(true, Ordering::SeqCst);
            }
            true
        });
    });
    thread::spawn(move || pass(server, device, |_| !deaf.load(Ordering::SeqCst)));
}

/// Hands on what comes; `hears` is told how many times something came, before it is handed on.
fn pass(mut from: TcpStream, mut to: TcpStream, hears: impl Fn(usize) -> bool) {
    let mut bytes = vec![0; 256 * 1024];
    for nth in 1.. {
        match from.read(&mut bytes) {
            Ok(count) if count > 0 => {
                if hears(nth) && to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            _ => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
