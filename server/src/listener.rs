//! Taking connections: a bounded number, each with bounded time to say what it wants. A device's socket leaves
//! this room when it becomes a WebSocket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Extension};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Plain HTTP connections at once; they are short, and only tools and devices on their way in have them.
const ROOM: usize = 512;
/// Those who are being told that there is no room; further ones are closed without words.
const ANTEROOM: usize = 64;
const UNTIL_ASKED: Duration = Duration::from_secs(10);
const UNTIL_ANSWERED: Duration = Duration::from_secs(60);

const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\
    Content-Type: text/plain\r\nContent-Length: 37\r\n\r\ntoo many connections; try again soon\n";

/// Serves until the server stops, and returns when every plain connection has ended.
pub async fn listen(listener: TcpListener, routes: Router, draining: CancellationToken) {
    let room = Arc::new(Semaphore::new(ROOM));
    let anteroom = Arc::new(Semaphore::new(ANTEROOM));
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = draining.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, or a client that was gone at once: others must still be served.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            metrics::counter!("waybill_connections_turned_away_total").increment(1);
            if let Ok(place) = Arc::clone(&anteroom).try_acquire_owned() {
                open.spawn(async move {
                    turn_away(stream).await;
                    drop(place);
                });
            }
            continue;
        };
        let routes = routes.clone();
        let draining = draining.clone();
        open.spawn(async move {
            serve(stream, peer, routes, draining).await;
            drop(place);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// Says why, and takes in what was asked meanwhile: closing a socket with unread bytes would take the answer back.
async fn turn_away(mut stream: TcpStream) {
    let told = async {
        stream.write_all(NO_ROOM).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    // Whoever does not read in time loses only words.
    let _ = tokio::time::timeout(Duration::from_secs(2), told).await;
}

async fn serve(stream: TcpStream, peer: SocketAddr, routes: Router, draining: CancellationToken) {
    // Verdicts are small and waited for.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = TowerToHyperService::new(routes.layer(Extension(ConnectInfo(peer))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(UNTIL_ASKED)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::time::timeout(UNTIL_ANSWERED, async {
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = draining.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.as_mut().await
    });
    match ended.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended early"),
        Err(_) => tracing::debug!("a connection took too long"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_for_a_full_house_are_as_long_as_they_say() {
        let text = std::str::from_utf8(NO_ROOM).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{} bytes", body.len());
    }
}
