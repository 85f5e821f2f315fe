//! From an HTTP request to a device's socket: the place it takes, and the task that writes to it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

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
use tokio::sync::mpsc;
use waybill_shared::protocol::limits;

use super::connection::Connection;
use crate::app::App;

/// Frames that wait for a socket that does not take them.
const OUTBOUND: usize = 8;

/// What a silent connection keeps ready to read into; it grows with what comes.
const READ: usize = 4 * 1024;

/// A socket that takes nothing for so long is closed. The device comes back and is simply behind.
pub const STUCK: Duration = Duration::from_secs(60);

pub async fn enter(
    State(app): State<Arc<App>>,
    Extension(ConnectInfo(peer)): Extension<ConnectInfo<SocketAddr>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if app.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    let Ok(place) = Arc::clone(&app.hub.places).try_acquire_owned() else {
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
                serve(app, peer, socket).await;
                drop(place);
            })
            .await;
    })
}

async fn serve(app: Arc<App>, peer: SocketAddr, socket: WebSocket) {
    let open = metrics::gauge!("waybill_connections");
    open.increment(1);
    let (sink, stream) = socket.split();
    let (out, frames) = mpsc::channel(OUTBOUND);
    let writing = tokio::spawn(write(sink, frames));
    Connection::new(app, peer.ip(), Outbound(out)).run(Inbound(stream)).await;
    // The connection's end of the channel is gone: what it sent last is still written.
    let _ = writing.await;
    open.decrement(1);
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut frames: mpsc::Receiver<Message>) {
    while let Some(message) = frames.recv().await {
        match tokio::time::timeout(STUCK, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    let _ = tokio::time::timeout(STUCK, sink.close()).await;
}

/// The way to the device.
pub struct Outbound(mpsc::Sender<Message>);

impl Outbound {
    /// `false`: the socket is gone, or takes nothing.
    pub async fn send(&self, frame: Vec<u8>) -> bool {
        self.message(Message::Binary(Bytes::from(frame))).await
    }

    /// Waits until the line has taken up all that was sent; `false`: the socket is gone, or takes nothing. May be
    /// dropped at any time.
    pub async fn is_free(&self) -> bool {
        self.0.reserve_many(OUTBOUND).await.is_ok()
    }

    pub async fn ping(&self) -> bool {
        self.message(Message::Ping(Bytes::new())).await
    }

    async fn message(&self, message: Message) -> bool {
        self.0.send_timeout(message, STUCK).await.is_ok()
    }
}

/// What comes from the device.
pub struct Inbound(SplitStream<WebSocket>);

pub enum Received {
    Frame(Bytes),
    /// Something that is no frame, as text.
    Other,
    /// A sign of life.
    Alive,
    Ended,
}

impl Inbound {
    /// May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Received {
        match self.0.next().await {
            Some(Ok(Message::Binary(bytes))) => Received::Frame(bytes),
            Some(Ok(Message::Text(_))) => Received::Other,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Received::Alive,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::Ended,
        }
    }
}
