//! The door for other programs of this device: requests and answers as lines of JSON over a local socket, so
//! that a command typed in a shell goes to the engine that runs.

use std::path::Path;

use interprocess::local_socket::{
    ListenerOptions, Name,
    tokio::{Listener, Stream, prelude::*},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot},
};

use super::{
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

pub async fn serve(listener: Listener, calls: mpsc::WeakUnboundedSender<Call>) {
    loop {
        match listener.accept().await {
            Ok(stream) => {
                tokio::spawn(answer_all(stream, calls.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a program of this device could not be let in");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer_all(stream: Stream, calls: mpsc::WeakUnboundedSender<Call>) {
    let mut reader = BufReader::new(&stream);
    loop {
        let mut line = Vec::new();
        match (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
            Ok(n) if n > 0 => {}
            _ => return,
        }
        let answer = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => ask(&calls, request).await,
            Err(error) => Answer::Failed { words: format!("The request does not read: {error}.") },
        };
        let Ok(mut bytes) = serde_json::to_vec(&answer) else { return };
        bytes.push(b'\n');
        if (&stream).write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn ask(calls: &mpsc::WeakUnboundedSender<Call>, request: Request) -> Answer {
    let ending = || Answer::Failed { words: "Waybill is just ending: try again.".to_owned() };
    let Some(calls) = calls.upgrade() else { return ending() };
    let (reply, answer) = oneshot::channel();
    if calls.send(Call { request, reply }).is_err() {
        return ending();
    }
    drop(calls);
    answer.await.unwrap_or_else(|_| ending())
}
