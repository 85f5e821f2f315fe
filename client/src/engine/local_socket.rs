//! The door for other programs of this device: requests and answers as lines of JSON over a local socket, so
//! that a command typed in a shell goes to the engine that runs.

use std::{path::Path, time::Duration};

use futures_util::FutureExt;
use interprocess::local_socket::{
    ListenerOptions, Name,
    tokio::{Listener, Stream, prelude::*},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use super::{
    ENDED,
    calls::Call,
    request::{Answer, Request},
};

/// A request is an edit at most, which is far smaller.
const LONGEST_LINE: u64 = 4 * 1024 * 1024;

/// The name of the socket that belongs to a data directory.
pub fn name(dir: &Path) -> std::io::Result<Name<'static>> {
    #[cfg(unix)]
    {
        use interprocess::local_socket::{GenericFilePath, ToFsName};
        // Socket paths are at most 107 bytes; a longer one is reached by a short name of its own.
        let path = dir.join("waybill.sock");
        let path = if path.as_os_str().len() <= 100 { path } else { short(dir)? };
        path.to_fs_name::<GenericFilePath>()
    }
    #[cfg(not(unix))]
    {
        use interprocess::local_socket::{GenericNamespaced, ToNsName};
        format!("waybill-{}", tag(dir)).to_ns_name::<GenericNamespaced>()
    }
}

#[cfg(unix)]
fn short(dir: &Path) -> std::io::Result<std::path::PathBuf> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let place = std::env::temp_dir().join(format!("waybill-{}", tag(dir)));
    match std::fs::DirBuilder::new().mode(0o700).create(&place) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Only a directory that belongs to whoever owns the data, and to nobody else.
    let (there, own) = (std::fs::symlink_metadata(&place)?, std::fs::metadata(dir)?);
    if !there.is_dir() || there.uid() != own.uid() || there.mode() & 0o077 != 0 {
        return Err(std::io::Error::other(format!("{} is not ours", place.display())));
    }
    Ok(place.join("waybill.sock"))
}

fn tag(dir: &Path) -> String {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, whole.as_os_str().as_encoded_bytes()).simple().to_string()
}

pub fn listen(dir: &Path) -> std::io::Result<Listener> {
    let options = ListenerOptions::new().name(name(dir)?).try_overwrite(true);
    #[cfg(unix)]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt;
        options.mode(0o600)
    };
    options.create_tokio()
}

/// Lets programs in until the engine ends, which `ends` tells by its sender being gone; gives those who still wait for
/// the answer that they are owed. When it returns, nobody finds the socket any more.
pub async fn serve(
    listener: Listener,
    calls: mpsc::WeakUnboundedSender<Call>,
    mut ends: watch::Receiver<()>,
) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = ends.changed() => break,
            came = listener.accept() => match came {
                Ok(stream) => {
                    callers.spawn(answer_all(stream, calls.clone(), ends.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a program of this device could not be let in");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = callers.join_next() => {}
        }
    }
    // Whoever knocked meanwhile is told too.
    while let Some(Ok(stream)) = listener.accept().now_or_never() {
        callers.spawn(answer_all(stream, calls.clone(), ends.clone()));
    }
    callers
}

async fn answer_all(stream: Stream, calls: mpsc::WeakUnboundedSender<Call>, mut ends: watch::Receiver<()>) {
    let mut reader = BufReader::new(&stream);
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut reader).take(LONGEST_LINE);
        let answer = tokio::select! {
            biased;
            read = limited.read_until(b'\n', &mut line) => match read {
                Ok(n) if n > 0 => match serde_json::from_slice::<Request>(&line) {
                    Ok(request) => ask(&calls, request).await,
                    Err(error) => Answer::Failed { words: format!("The request does not read: {error}.") },
                },
                _ => return,
            },
            // Whatever this one hands over from now on was not taken.
            _ = ends.changed() => Answer::Ending,
        };
        let Ok(mut bytes) = serde_json::to_vec(&answer) else { return };
        bytes.push(b'\n');
        if (&stream).write_all(&bytes).await.is_err() || answer == Answer::Ending {
            return;
        }
    }
}

async fn ask(calls: &mpsc::WeakUnboundedSender<Call>, request: Request) -> Answer {
    let Some(calls) = calls.upgrade() else { return Answer::Ending };
    let (reply, answer) = oneshot::channel();
    if calls.send(Call { request, reply }).is_err() {
        return Answer::Ending;
    }
    drop(calls);
    answer.await.unwrap_or_else(|_| Answer::Unknown { words: ENDED.to_owned() })
}
