//! From an HTTP request to a device's socket: the place it takes, and the task that writes to it. What waits for a peer
//! who does not read is bounded in bytes, whatever it is.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::{
        ConnectInfo, Extension, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use waybill_shared::protocol::limits;

use super::connection::Connection;
use crate::{app::App, callers::Caller};

/// Frames that wait for a socket that does not take them.
const OUTBOUND: usize = 8;

/// What waits for it in bytes, before the hello and after. A larger frame waits until nothing else does.
const BYTES: u32 = 4 * 1024 * 1024;
const BYTES_BEFORE: u32 = 32 * 1024;

/// Answers to pings that wait for it. With so many nothing is read until it has taken them.
const PONGS: u32 = 64;
const PONGS_BEFORE: u32 = 4;

/// What a silent connection keeps ready to read into; it grows with what comes.
const READ: usize = 4 * 1024;

/// A socket that takes nothing for so long is closed. The device comes back and is simply behind.
pub const STUCK: Duration = Duration::from_secs(60);

/// One whose device came back on newer ones has so long to take why.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

pub async fn enter(
    State(app): State<Arc<App>>,
    Extension(ConnectInfo(peer)): Extension<ConnectInfo<SocketAddr>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if app.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    let place = Arc::clone(&app.hub.places).try_acquire_owned().ok();
    let Some((place, caller)) = place.zip(app.hub.callers.enter(peer.ip())) else {
        metrics::counter!("waybill_connections_turned_away_total").increment(1);
        return (StatusCode::SERVICE_UNAVAILABLE, "too many connections; try again soon\n").into_response();
    };
    let most = limits::CLIENT_FRAME;
    let tasks = app.tasks.clone();
    let upgrade = upgrade.read_buffer_size(READ).max_message_size(most).max_frame_size(most);
    upgrade.on_upgrade(move |socket| async move {
        // In a task that an orderly stop waits for.
        let _ = tasks
            .spawn(async move {
                serve(app, peer, caller, socket).await;
                drop(place);
            })
            .await;
    })
}

async fn serve(app: Arc<App>, peer: SocketAddr, caller: Caller, socket: WebSocket) {
    let open = metrics::gauge!("waybill_connections");
    open.increment(1);
    let (sink, stream) = socket.split();
    let (out, frames) = mpsc::channel(OUTBOUND);
    let line = Arc::new(Line { pongs: AtomicU32::new(0), asked: Notify::new(), taken: Notify::new() });
    let mut writing = tokio::spawn(write(sink, frames, Arc::clone(&line)));
    let inbound = Inbound { stream, line: Arc::clone(&line) };
    let displaced = Connection::new(app, peer.ip(), caller, Outbound::new(out, line)).run(inbound).await;
    // The connection's end of the channel is gone: what it sent last is still written.
    if displaced {
        if tokio::time::timeout(LAST_WORDS, &mut writing).await.is_err() {
            writing.abort();
        }
    } else {
        let _ = writing.await;
    }
    open.decrement(1);
}

/// The answers to pings are queued by the WebSocket itself, behind what it could not write yet.
struct Line {
    /// So many may be queued.
    pongs: AtomicU32,
    /// They are to be written.
    asked: Notify,
    /// The line has taken everything.
    taken: Notify,
}

/// A message with its share of the bytes that may wait.
type Waiting = (Message, OwnedSemaphorePermit);

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut frames: mpsc::Receiver<Waiting>,
    line: Arc<Line>,
) {
    loop {
        let written = tokio::select! {
            biased;
            frame = frames.recv() => match frame {
                // Its share is free when the line has taken it.
                Some((message, _share)) => tokio::time::timeout(STUCK, sink.send(message)).await,
                None => break,
            },
            () = line.asked.notified() => tokio::time::timeout(STUCK, sink.flush()).await,
        };
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
        line.pongs.store(0, Ordering::Release);
        line.taken.notify_one();
    }
    let _ = tokio::time::timeout(STUCK, sink.close()).await;
}

/// The way to the device.
pub struct Outbound {
    frames: mpsc::Sender<Waiting>,
    line: Arc<Line>,
    room: Arc<Semaphore>,
    bytes: u32,
    pongs: u32,
}

impl Outbound {
    fn new(frames: mpsc::Sender<Waiting>, line: Arc<Line>) -> Self {
        let (bytes, pongs) = (BYTES_BEFORE, PONGS_BEFORE);
        Self { frames, line, room: Arc::new(Semaphore::new(bytes as usize)), bytes, pongs }
    }

    /// It is known who is there: more may wait for them.
    pub fn greeted(&mut self) {
        self.room.add_permits((BYTES - self.bytes) as usize);
        (self.bytes, self.pongs) = (BYTES, PONGS);
    }

    /// `false`: the socket is gone, or takes nothing.
    pub async fn send(&self, frame: Vec<u8>) -> bool {
        self.message(Message::Binary(Bytes::from(frame))).await
    }

    /// Waits until the line has taken up all that was sent; `false`: the socket is gone, or takes nothing. May be
    /// dropped at any time.
    pub async fn is_free(&self) -> bool {
        tokio::select! {
            room = self.room.acquire_many(self.bytes) => room.is_ok(),
            () = self.frames.closed() => false,
        }
    }

    /// Few answers to pings wait for the line, so that more may be read.
    pub fn owes_little(&self) -> bool {
        self.line.pongs.load(Ordering::Acquire) < self.pongs
    }

    /// Waits until the line has taken them; `false`: the socket is gone, or takes nothing. May be dropped at any time.
    pub async fn relieved(&self) -> bool {
        self.line.asked.notify_one();
        tokio::select! {
            () = self.line.taken.notified() => true,
            () = self.frames.closed() => false,
        }
    }

    pub async fn ping(&self) -> bool {
        self.message(Message::Ping(Bytes::new())).await
    }

    async fn message(&self, message: Message) -> bool {
        let size = match &message {
            Message::Binary(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            _ => 0,
        };
        let sent = tokio::time::timeout(STUCK, async {
            let share = Arc::clone(&self.room).acquire_many_owned(size.min(self.bytes)).await.ok()?;
            self.frames.send((message, share)).await.ok()
        });
        matches!(sent.await, Ok(Some(())))
    }
}

/// What comes from the device.
pub struct Inbound {
    stream: SplitStream<WebSocket>,
    line: Arc<Line>,
}

pub enum Received {
    Frame(Bytes),
    /// Something that is no frame, as text.
    Other,
    /// More than a frame may have. Nothing can be read behind it.
    TooLarge,
    /// A sign of life.
    Alive,
    Ended,
}

impl Inbound {
    /// May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Received {
        match self.stream.next().await {
            Some(Ok(Message::Binary(bytes))) => Received::Frame(bytes),
            Some(Ok(Message::Text(_))) => Received::Other,
            Some(Ok(Message::Ping(_))) => {
                self.line.pongs.fetch_add(1, Ordering::AcqRel);
                Received::Alive
            }
            Some(Ok(Message::Pong(_))) => Received::Alive,
            Some(Err(error)) if is_capacity(&error) => Received::TooLarge,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::Ended,
        }
    }
}

fn is_capacity(error: &axum::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref());
    matches!(source, Some(tungstenite::Error::Capacity(_)))
}
