//! One connection to the server: frames in, frames out, until one side ends it.

use std::time::Duration;

use super::trust;
use futures_util::{SinkExt, Stream, StreamExt};
use tokio::{
    sync::mpsc,
    time::{interval, timeout},
};
use tokio_tungstenite::{
    connect_async_tls_with_config,
    tungstenite::{Error, Message, http::StatusCode, protocol::WebSocketConfig},
};
use waybill_shared::protocol::{ClientFrame, ServerFrame, codec, limits};

const CONNECT: Duration = Duration::from_secs(15);
/// A ping goes out so often; a connection on which nothing comes in for `SILENCE` is dead.
const PING: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(50);

const LAST_WORDS: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub enum Event {
    Opened,
    Frame(Box<ServerFrame>),
    /// The last event of a socket, in the user's words.
    Closed(String),
}

/// Ends the connection when it is dropped, after what was sent.
#[derive(Debug)]
pub struct Socket {
    /// Events of earlier sockets may still be under way: theirs have another number.
    pub number: u64,
    frames: mpsc::UnboundedSender<ClientFrame>,
}

impl Socket {
    /// `authority`: whom the server's certificate has to come from, as PEM.
    pub fn open(
        number: u64,
        address: String,
        authority: Option<String>,
        events: mpsc::Sender<(u64, Event)>,
    ) -> Self {
        let (frames, outbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let words = run(number, &address, authority.as_deref(), &events, outbox).await;
            // Nobody listens any more when the engine is ending.
            let _ = events.send((number, Event::Closed(words))).await;
        });
        Self { number, frames }
    }

    pub fn send(&self, frame: ClientFrame) {
        // A socket that has closed says so by its last event.
        let _ = self.frames.send(frame);
    }
}

async fn run(
    number: u64,
    address: &str,
    authority: Option<&str>,
    events: &mpsc::Sender<(u64, Event)>,
    mut outbox: mpsc::UnboundedReceiver<ClientFrame>,
) -> String {
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(limits::SERVER_FRAME);
    config.max_frame_size = Some(limits::SERVER_FRAME);
    let connector = match trust::connector(authority) {
        Ok(connector) => connector,
        Err(words) => return words,
    };
    let connecting = connect_async_tls_with_config(address, Some(config), true, connector);
    let connected = timeout(CONNECT, connecting).await;
    let socket = match connected {
        Ok(Ok((socket, _))) => socket,
        Ok(Err(error)) => return unreachable_words(&error),
        Err(_) => return "The server did not answer in time.".to_owned(),
    };
    if events.send((number, Event::Opened)).await.is_err() {
        return String::new();
    }
    let (mut sink, stream) = socket.split();
    let write = async {
        let mut ping = interval(PING);
        ping.tick().await;
        loop {
            let message = tokio::select! {
                frame = outbox.recv() => match frame {
                    Some(frame) => Message::Binary(codec::encode(&frame).into()),
                    None => {
                        let _ = sink.close().await;
                        return "The connection was ended.".to_owned();
                    }
                },
                _ = ping.tick() => Message::Ping(Default::default()),
            };
            if sink.send(message).await.is_err() {
                // The server may have said why before it closed: that is still to be read.
                tokio::time::sleep(LAST_WORDS).await;
                return LOST.to_owned();
            }
        }
    };
    tokio::select! {
        words = write => words,
        words = read(number, stream, events) => words,
    }
}

async fn read(
    number: u64,
    mut stream: impl Stream<Item = Result<Message, Error>> + Unpin,
    events: &mpsc::Sender<(u64, Event)>,
) -> String {
    loop {
        match timeout(SILENCE, stream.next()).await {
            Err(_) | Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return LOST.to_owned(),
            Ok(Some(Ok(Message::Binary(bytes)))) => match codec::decode(&bytes, limits::SERVER_FRAME) {
                Ok(frame) => {
                    if events.send((number, Event::Frame(Box::new(frame)))).await.is_err() {
                        return String::new();
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the server sent what is no frame");
                    return "The server speaks another language: bring this program up to date.".to_owned();
                }
            },
            Ok(Some(Ok(_))) => {}
        }
    }
}

const LOST: &str = "The connection to the server was lost.";

fn unreachable_words(error: &Error) -> String {
    if let Some(words) = trust::words(error) {
        return words;
    }
    match error {
        Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed => {
            "The server cannot be reached.".to_owned()
        }
        Error::Http(response) if response.status() == StatusCode::UPGRADE_REQUIRED => {
            "The server is to be reached with TLS only: write https:// in its address.".to_owned()
        }
        Error::Http(response) => {
            format!("There is no Waybill server at this address (it answered {}).", response.status())
        }
        other => format!("The server cannot be reached: {other}."),
    }
}
