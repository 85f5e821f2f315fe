//! One WebSocket to a server, without a client behind it: frames, or whatever bytes a test wants to send.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Bytes, Message, protocol::WebSocketConfig},
};
use waybill_shared::protocol::{ClientFrame, ServerFrame, decode, encode, limits};

/// Small: thousands of them are open in a bench.
const READ: usize = 4 * 1024;

pub struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub up: Traffic,
    pub down: Traffic,
}

/// Frames of one direction and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub frames: u64,
    pub bytes: u64,
}

impl Traffic {
    fn count(&mut self, frame: &[u8]) {
        self.frames += 1;
        self.bytes += frame.len() as u64;
    }
}

impl Wire {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let config = WebSocketConfig::default().read_buffer_size(READ);
        let (socket, _) = tokio_tungstenite::connect_async_with_config(address, Some(config), true).await?;
        Ok(Self { socket, up: Traffic::default(), down: Traffic::default() })
    }

    pub async fn send(&mut self, frame: &ClientFrame) -> anyhow::Result<()> {
        self.send_bytes(encode(frame)).await
    }

    pub async fn send_bytes(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.up.count(&bytes);
        Ok(self.socket.send(Message::Binary(Bytes::from(bytes))).await?)
    }

    pub async fn send_text(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// The largest ping there is. What comes back is not read here.
    pub async fn ping(&mut self) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::Ping(Bytes::from_static(&[b'x'; 125]))).await?)
    }

    /// The next frame; `None` when the server closed the socket.
    pub async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    self.down.count(&bytes);
                    let frame = decode(&bytes, limits::SERVER_FRAME);
                    return Some(frame.unwrap_or_else(|bad| panic!("the server sent no frame: {bad}")));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }
}
