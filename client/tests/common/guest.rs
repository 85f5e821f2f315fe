//! A server that the test plays itself, and devices that are signed in on it.

use std::{
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use tokio_tungstenite::tungstenite::{Message, WebSocket, accept};
use uuid::Uuid;
use waybill_client::{
    engine::{self, Answer, Config, EngineHandle, LinkState, Request, SignIn, SyncStatus, Trust, now},
    pin::Pin,
};
use waybill_shared::{
    id::CompanyId,
    protocol::{
        ClientFrame, ServerFrame, codec,
        frame::{Fault, FaultCode, Hello, Next, SignedIn, Welcome},
        limits,
    },
    rules::roles::Role,
};

use super::{ANA, Device};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub const OURS: CompanyId = CompanyId::new(Uuid::from_u128(0xc1));
pub const THEIRS: CompanyId = CompanyId::new(Uuid::from_u128(0xc2));

pub struct Server {
    pub listener: TcpListener,
    pub company: CompanyId,
}

pub struct Guest(pub WebSocket<TcpStream>, CompanyId);

impl Server {
    pub fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").expect("a port"), company: OURS }
    }

    pub fn address(&self) -> String {
        self.listener.local_addr().expect("an address").to_string()
    }

    /// The next device that connects.
    pub fn guest(&self) -> Guest {
        self.listener.set_nonblocking(true).expect("settable");
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).expect("settable");
                    stream.set_read_timeout(Some(PATIENCE)).expect("settable");
                    return Guest(accept(stream).expect("a socket"), self.company);
                }
                Err(_) => {
                    assert!(Instant::now() < deadline, "nobody connected");
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
}

impl Guest {
    pub fn next(&mut self) -> ClientFrame {
        loop {
            match self.0.read().expect("a message in time") {
                Message::Binary(bytes) => {
                    return codec::decode(&bytes, limits::CLIENT_FRAME).expect("a frame");
                }
                Message::Close(_) => panic!("the device closed the socket"),
                _ => {}
            }
        }
    }

    /// `None`: the device has gone.
    pub fn hears(&mut self) -> Option<ClientFrame> {
        loop {
            match self.0.read().ok()? {
                Message::Binary(bytes) => return codec::decode(&bytes, limits::CLIENT_FRAME).ok(),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    pub fn send(&mut self, frame: &ServerFrame) {
        self.0.send(Message::Binary(codec::encode(frame).into())).expect("sends");
    }

    /// What the device said.
    pub fn welcome(&mut self) -> Hello {
        let ClientFrame::Hello(hello) = self.next() else { panic!("no hello") };
        self.send(&ServerFrame::Welcome(Welcome {
            protocol: 1,
            company: Some(self.1),
            time: now(),
            next: Next::Nothing,
            head: None,
            proof: None,
            digest: None,
            counter: 0,
            attachment: None,
        }));
        hello
    }

    pub fn sign_in(&mut self) -> Hello {
        let ClientFrame::SignIn(frame) = self.next() else { panic!("no sign-in") };
        assert_eq!((frame.name.as_str(), frame.device_name.as_str()), ("ana", "Till 1"));
        self.send(&ServerFrame::SignedIn(SignedIn {
            token: vec![7; 32],
            person: ANA,
            display: "Ana".into(),
            roles: vec![Role::Admin],
            device_code: "T1".into(),
            company: self.1,
        }));
        self.welcome()
    }

    /// Not a word more is said to it.
    pub fn is_left(&mut self) {
        let heard = self.0.read();
        assert!(matches!(heard, Ok(Message::Close(_)) | Err(_)), "{heard:?}");
    }

    pub fn fault(mut self, code: FaultCode, words: &str) {
        self.send(&ServerFrame::Fault(Fault { code, words: words.into() }));
        // Until the device has read it and gone.
        while self.0.read().is_ok() {}
    }
}

pub fn online(till: &Device) -> EngineHandle {
    engine::start(Config { dir: till.dir.clone(), online: true, listen: false }).expect("starts")
}

/// Ana signs in, and the device is live.
pub fn signed_in(till: &Device, server: &Server) -> (EngineHandle, Guest) {
    let engine = online(till);
    let guest = signs_in(&engine, server);
    (engine, guest)
}

pub fn signs_in(engine: &EngineHandle, server: &Server) -> Guest {
    let wanted = SignIn {
        server: server.address(),
        name: "ana".into(),
        password: "secret".into(),
        new_password: None,
        device: "Till 1".into(),
        trust: Trust::AsBefore,
        pin: Some(Pin("lighthouse".into())),
    };
    let reply = engine.ask(Request::SignIn(wanted));
    let mut guest = server.guest();
    guest.sign_in();
    assert!(matches!(reply.wait(), Answer::SignedIn { person: ANA, .. }));
    until(engine, |status| status.link == LinkState::Live);
    guest
}

pub fn until(engine: &EngineHandle, so: impl Fn(&SyncStatus) -> bool) -> SyncStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = engine.status();
        if so(&status) {
            return status;
        }
        assert!(Instant::now() < deadline, "it stayed {status:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
