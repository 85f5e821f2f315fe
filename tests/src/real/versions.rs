//! The line between a device and a server that are not of the same version: the device says another protocol than it
//! was built with, and the server says what such a device never heard of.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use ciborium::Value;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use waybill_shared::protocol::{self, PATH};

pub struct Versions {
    address: SocketAddr,
    says: Arc<AtomicU16>,
}

impl Versions {
    pub fn to(server: SocketAddr) -> Versions {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let says = Arc::new(AtomicU16::new(protocol::VERSION));
        let said = Arc::clone(&says);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((device, _)) = listener.accept().await {
                    tokio::spawn(carry(device, server, Arc::clone(&said)));
                }
            });
        });
        Versions { address, says }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From its next connection on.
    pub fn device_is_of(&self, protocol: u16) {
        self.says.store(protocol, Ordering::SeqCst);
    }
}

/// As long as both sides want it.
async fn carry(device: TcpStream, server: SocketAddr, says: Arc<AtomicU16>) -> Option<()> {
    let device = tokio_tungstenite::accept_async(device).await.ok()?;
    let (server, _) = tokio_tungstenite::connect_async(format!("ws://{server}{PATH}")).await.ok()?;
    let ((to_device, from_device), (to_server, from_server)) = (device.split(), server.split());
    tokio::select! {
        () = pass(from_device, to_server, |frame| older(frame, says.load(Ordering::SeqCst))) => {}
        () = pass(from_server, to_device, newer) => {}
    }
    Some(())
}

async fn pass(
    mut from: impl Stream<Item = Result<Message, Error>> + Unpin,
    mut to: impl Sink<Message, Error = Error> + Unpin,
    mut changed: impl FnMut(&mut Value),
) {
    while let Some(Ok(message)) = from.next().await {
        let message = match message {
            Message::Binary(bytes) => {
                let mut frame: Value = ciborium::from_reader(&*bytes).expect("a frame is CBOR");
                changed(&mut frame);
                let mut bytes = Vec::new();
                ciborium::into_writer(&frame, &mut bytes).expect("in memory");
                Message::Binary(Bytes::from(bytes))
            }
            other => other,
        };
        if to.send(message).await.is_err() {
            break;
        }
    }
    let _ = to.close().await;
}

/// What a device says of itself.
fn older(frame: &mut Value, says: u16) {
    for (key, value) in contents(frame) {
        if key.as_text() == Some("protocol") {
            *value = says.into();
        }
    }
}

/// What a later version adds.
fn newer(frame: &mut Value) {
    let added = Value::Map(vec![(Value::from("level"), Value::from(3))]);
    if let Value::Map(frame) = frame
        && let Some((_, Value::Map(contents))) = frame.first_mut()
    {
        contents.push((Value::from("since_a_later_version"), added));
    }
}

fn contents(frame: &mut Value) -> impl Iterator<Item = &mut (Value, Value)> {
    let frame = frame.as_map_mut().and_then(|frame| frame.first_mut());
    frame.and_then(|(_, contents)| contents.as_map_mut()).into_iter().flatten()
}
