//! A file that is to be attached, read once: what an entry says of it, and its bytes.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use waybill_shared::{attachment, finding::Finding, order::commands::Attach, texts};

use crate::engine;

#[derive(Clone, Debug)]
pub struct ToAttach {
    pub attach: Attach,
    pub bytes: Arc<[u8]>,
}

/// Nothing of it is read where its size or its nature speak against it. What does names the file and says what to do.
pub fn read(path: &Path, most: u64) -> Result<ToAttach, Box<Finding>> {
    let name = name(path)?;
    of_bytes(name, bytes(path, most)?, most)
}

/// What is made here, as a signature.
pub fn of_bytes(name: String, bytes: Vec<u8>, most: u64) -> Result<ToAttach, Box<Finding>> {
    let media_type = attachment::check(&name, &bytes, most)?;
    let name = texts::file_name(&name);
    let attach = Attach {
        id: engine::fresh_id(),
        name,
        media_type: media_type.to_owned(),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        content: attachment::hash(&bytes),
    };
    Ok(ToAttach { attach, bytes: bytes.into() })
}

pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Box<Finding>> {
    let shown = path.display().to_string();
    let unreadable = |error: io::Error| {
        let (what, remedy) = match error.kind() {
            io::ErrorKind::NotFound => {
                (format!("There is no file {shown}."), "Look at its name and folder once more.")
            }
            io::ErrorKind::PermissionDenied => {
                (format!("{shown} may not be read."), "Allow it to be read, or copy it to another folder.")
            }
            _ => (format!("{shown} cannot be read: {error}."), "Copy it to this computer and try again."),
        };
        Box::new(Finding::malformed("file", what, remedy))
    };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    // Opening something else, as a pipe, may wait for ever.
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder" } else { "no ordinary file" };
        let what = format!("{shown} is {what}.");
        return Err(Box::new(Finding::malformed("file", what, "Choose a file.")));
    }
    attachment::check_size(&shown, meta.len(), most)?;
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    Ok(bytes)
}

fn name(path: &Path) -> Result<String, Box<Finding>> {
    let wrong = |what: String| Box::new(Finding::malformed("file", what, "Give it a shorter, plain name."));
    let shown = path.display();
    let Some(name) = path.file_name() else {
        let what = format!("{shown} names no file.");
        return Err(Box::new(Finding::malformed("file", what, "Choose a file.")));
    };
    let name = name.to_str().ok_or_else(|| wrong(format!("The name of {shown} cannot be written.")))?;
    let name = texts::file_name(name);
    if name.is_empty() {
        return Err(wrong(format!("The name of {shown} cannot be read.")));
    }
    if name.chars().count() > attachment::NAME {
        return Err(wrong(format!("The name {name} is longer than {} characters.", attachment::NAME)));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_attached_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().expect("a directory");
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            path
        };
        let long = format!("{}.png", "n".repeat(210));
        for (path, what, remedy) in [
            (put("nothing.jpg", b""), "nothing.jpg is empty", "Choose another one"),
            (put("large.jpg", &[0xff; 2049]), "large.jpg is larger than 2 KiB", "smaller"),
            (put("words.jpg", b"words"), "words.jpg is no photo or paper", "JPEG, PNG or WebP"),
            (dir.path().join("gone.jpg"), "There is no file", "once more"),
            (dir.path().to_owned(), "is a folder", "Choose a file"),
            (dir.path().join(".."), "names no file", "Choose a file"),
            (put(&long, b"\x89PNG\r\n\x1a\n"), "longer than 200 characters", "shorter"),
        ] {
            let said = read(&path, 2048).expect_err("it is not taken");
            assert!(said.what.contains(what) && said.remedy.contains(remedy), "{path:?}: {said:?}");
        }
        let taken = read(&put("door.png", b"\x89PNG\r\n\x1a\n"), 2048).expect("it is taken").attach;
        assert_eq!(
            (taken.name.as_str(), taken.media_type.as_str(), taken.size),
            ("door.png", "image/png", 8)
        );
        let odd =
            read(&put("two\nlines\u{202e}.png", b"\x89PNG\r\n\x1a\n"), 2048).expect("it is taken").attach;
        assert_eq!(odd.name, "two lines.png", "it loses what is not seen");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let pipe = dir.path().join("pipe.jpg");
        std::os::unix::net::UnixListener::bind(&pipe).expect("something that is no file");
        assert!(read(&pipe, 2048).is_err_and(|said| said.what.contains("no ordinary file")));
    }
}
