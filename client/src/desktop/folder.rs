//! What a folder has that can be attached, and where a file is saved to.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use directories::UserDirs;
use waybill_shared::texts;

/// More than that nobody looks through: a narrower folder, or the file's own name.
const MOST: usize = 200;
const KINDS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "pdf"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub dir: PathBuf,
    pub parent: Option<PathBuf>,
    /// Files first, the newest before, because that is what was photographed just now; then folders by name.
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: PathBuf,
    pub name: String,
    /// `None` of a folder.
    pub size: Option<u64>,
    changed: Option<SystemTime>,
}

pub fn read(dir: &Path) -> Result<Folder, String> {
    let unreadable = |error| format!("The folder {} cannot be read: {error}.", dir.display());
    let mut entries: Vec<Entry> = std::fs::read_dir(dir)
        .map_err(unreadable)?
        .flatten()
        .filter_map(|found| entry(&found.path()))
        .collect();
    entries.sort_by(|a, b| {
        let folders_last = a.size.is_none().cmp(&b.size.is_none());
        let newest = if a.size.is_some() { b.changed.cmp(&a.changed) } else { std::cmp::Ordering::Equal };
        folders_last.then(newest).then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase()))
    });
    entries.truncate(MOST);
    Ok(Folder { dir: dir.to_owned(), parent: dir.parent().map(Path::to_owned), entries })
}

fn entry(path: &Path) -> Option<Entry> {
    let name = path.file_name()?.to_str()?.to_owned();
    // Where it points to, if it is a link.
    let meta = std::fs::metadata(path).ok()?;
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
    let wanted = meta.is_dir() || meta.is_file() && KINDS.contains(&kind.as_str());
    (wanted && !name.starts_with('.')).then(|| Entry {
        path: path.to_owned(),
        name,
        size: meta.is_file().then_some(meta.len()),
        changed: meta.modified().ok(),
    })
}

/// Where pictures mostly are.
pub fn of_pictures() -> PathBuf {
    let dirs = UserDirs::new();
    let dirs = dirs.as_ref();
    let pictures = dirs.and_then(UserDirs::picture_dir).filter(|dir| dir.is_dir());
    pictures.or(dirs.map(UserDirs::home_dir)).map_or_else(|| PathBuf::from("/"), Path::to_owned)
}

/// Where a file of this name is proposed to be saved: whatever it was called elsewhere, it is one name here.
pub fn to_save(name: &str) -> PathBuf {
    let dirs = UserDirs::new();
    let dirs = dirs.as_ref();
    let downloads = dirs.and_then(UserDirs::download_dir).filter(|dir| dir.is_dir());
    let dir = downloads.or(dirs.map(UserDirs::home_dir)).map_or_else(|| PathBuf::from("/"), Path::to_owned);
    dir.join(plain(name))
}

fn plain(name: &str) -> String {
    let is_odd = |c: char| texts::unseen(c.encode_utf8(&mut [0; 4])).is_some() || "/\\:*?\"<>|".contains(c);
    let name: String = name.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() { "attachment".to_owned() } else { name.to_owned() }
}

/// Writes a file that is not there yet.
pub fn save(to: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::io::Write;
    let written = std::fs::File::create_new(to).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!("{} is there already. Choose another name.", to.display())
        }
        std::io::ErrorKind::NotFound => {
            format!("There is no folder for {}. Choose another one.", to.display())
        }
        _ => format!("{} cannot be written: {error}.", to.display()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_offers_what_can_be_attached_the_newest_first_and_then_its_folders() {
        let dir = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "files carry the times of the same clock")]
        let now = SystemTime::now();
        for (name, age) in
            [("old.JPG", 90), ("new.png", 10), ("paper.pdf", 50), ("notes.txt", 1), (".hidden.png", 1)]
        {
            let file = std::fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(now - std::time::Duration::from_secs(age)).unwrap();
        }
        for name in ["zoo", "Albums", ".cache"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        let folder = read(dir.path()).unwrap();
        let names: Vec<&str> = folder.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["new.png", "paper.pdf", "old.JPG", "Albums", "zoo"]);
        assert!(read(&dir.path().join("gone")).unwrap_err().contains("gone cannot be read"));
    }

    #[test]
    fn a_name_from_elsewhere_leads_to_no_other_folder_and_nothing_is_written_over() {
        for (name, saved) in [
            ("door.jpg", "door.jpg"),
            ("../../.bashrc", "_.._.bashrc"),
            ("C:\\a|b?.png", "C__a_b_.png"),
            ("..", "attachment"),
            ("two\nlines.pdf", "two_lines.pdf"),
        ] {
            assert_eq!(plain(name), saved);
        }
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("door.jpg");
        save(&to, b"first").unwrap();
        assert!(save(&to, b"second").unwrap_err().contains("is there already"));
        assert_eq!(std::fs::read(&to).unwrap(), b"first");
        assert!(save(&dir.path().join("no").join("x"), b"").unwrap_err().contains("There is no folder"));
    }
}
