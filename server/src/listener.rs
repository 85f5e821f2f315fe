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
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::callers::Callers;

/// Plain HTTP connections at once; they are short, and only tools and devices on their way in have them.
/// One address has a quarter of them at most. A shop behind one address comes back at once all the same: each of its
/// devices needs a place for a moment only.
const ROOM: usize = 512;
/// Those who are being told that there is no room; further ones are closed without words.
const ANTEROOM: usize = 64;
const UNTIL_ASKED: Duration = Duration::from_secs(10);
const UNTIL_ANSWERED: Duration = Duration::from_secs(60);

const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\
    Content-Type: text/plain\r\nContent-Length: 37\r\n\r\ntoo many connections; try again soon\n";

/// To whoever speaks plainly where TLS is spoken.
const SPEAKS_TLS: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade, close\r\n\
    Content-Type: text/plain\r\nContent-Length: 51\r\n\r\nthis server speaks TLS: write https:// in its name\n";

/// What a TLS connection begins with.
const HANDSHAKE: [u8; 1] = [0x16];

/// Serves until the server stops, and returns when every plain connection has ended.
pub async fn listen(
    listener: TcpListener,
    routes: Router,
    tls: Option<TlsAcceptor>,
    draining: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(ROOM));
    let callers = Callers::of(ROOM);
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
        let place = Arc::clone(&room).try_acquire_owned().ok();
        let Some(place) = place.zip(callers.enter(peer.ip())) else {
            metrics::counter!("waybill_connections_turned_away_total").increment(1);
            // Words that are not encrypted would say something else to whoever expects TLS.
            if tls.is_none()
                && let Ok(place) = Arc::clone(&anteroom).try_acquire_owned()
            {
                open.spawn(async move {
                    tell(stream, NO_ROOM).await;
                    drop(place);
                });
            }
            continue;
        };
        let routes = routes.clone();
        let (tls, draining) = (tls.clone(), draining.clone());
        open.spawn(async move {
            begin(stream, peer, routes, tls, draining).await;
            drop(place);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// Says why, and takes in what was asked meanwhile: closing a socket with unread bytes would take the answer back.
async fn tell(mut stream: TcpStream, words: &[u8]) {
    let told = async {
        stream.write_all(words).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    // Whoever does not read in time loses only words.
    let _ = tokio::time::timeout(Duration::from_secs(2), told).await;
}

/// With TLS first, where that is spoken.
async fn begin(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    tls: Option<TlsAcceptor>,
    draining: CancellationToken,
) {
    // Verdicts are small and waited for.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(tls) = tls else { return serve(stream, peer, routes, draining).await };
    let begun = tokio::time::timeout(UNTIL_ASKED, async {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1) if first != HANDSHAKE => Err(stream),
            _ => Ok(tls.accept(stream).await),
        }
    });
    let begun = tokio::select! {
        begun = begun => begun,
        () = draining.cancelled() => return,
    };
    match begun {
        Ok(Ok(Ok(stream))) => serve(stream, peer, routes, draining).await,
        Ok(Ok(Err(error))) => tracing::debug!(%error, %peer, "a connection did not come to speak TLS"),
        Ok(Err(plain)) => tell(plain, SPEAKS_TLS).await,
        Err(_) => tracing::debug!("a connection took too long to begin"),
    }
}

async fn serve<S>(stream: S, peer: SocketAddr, routes: Router, draining: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
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
    fn words_that_are_written_out_are_as_long_as_they_say() {
        for words in [NO_ROOM, SPEAKS_TLS] {
            let text = std::str::from_utf8(words).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{} bytes", body.len());
        }
    }
}
