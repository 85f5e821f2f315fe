//! Everything that belongs to the company is removed from this device, and a plain note stays. Each file is
//! overwritten before it goes: what a disk keeps of a file that is only unlinked can be read again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// What stays, for whoever finds the device.
const NOTE: &str = "WIPED.txt";

/// There while it is being done: what was cut off is finished at the next start. Holds whose data it was.
const BEGUN: &str = "waybill.wiping";

/// The lock holds nothing, and is held.
const LOCK: &str = "waybill.lock";

const BLOCK: usize = 64 * 1024;

/// Nothing may have the file open for writing any more.
pub fn wipe(dir: &Path, by: &str) -> io::Result<String> {
    let begun = dir.join(BEGUN);
    write_durably(&begun, by)?;
    let mut entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    // Without it an encrypted file is as good as gone.
    entries.sort_by_key(|entry| entry.file_name() != crate::pin::FILE);
    for entry in entries {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(is_ours);
        if ours && entry.file_type()?.is_file() {
            overwrite(&entry.path())?;
            fs::remove_file(entry.path())?;
        }
    }
    let whose = if by.trim().is_empty() { "The company".to_owned() } else { by.trim().to_owned() };
    let words = format!(
        "{whose} has removed its data from this device. Everything that was entered here had been sent before. To \
         use the device again, sign in."
    );
    write_durably(&dir.join(NOTE), &format!("{words}\n"))?;
    fs::remove_file(&begun)?;
    // Whether a directory can be told to be on the disk depends on the system.
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
    Ok(words)
}

/// One that was cut off, finished.
pub fn finish(dir: &Path) -> io::Result<()> {
    match fs::read_to_string(dir.join(BEGUN)) {
        Ok(by) => wipe(dir, &by).map(drop),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// That the device was wiped, and by whose word, until somebody signs in on it again.
pub fn note(dir: &Path) -> Option<String> {
    fs::read_to_string(dir.join(NOTE)).ok().map(|words| words.trim().to_owned())
}

pub fn forget_note(dir: &Path) {
    // If it cannot be removed it is shown once more, to nobody's harm.
    let _ = fs::remove_file(dir.join(NOTE));
}

/// The database with its logs and the copies made before upgrades, what the window remembers, and what it saved of
/// a file that it could not open.
fn is_ours(name: &str) -> bool {
    let of_database = name.starts_with("waybill.") && name != LOCK && name != BEGUN;
    let saved = name.starts_with("unsent") && name.ends_with(".json");
    of_database || name.starts_with("window.ron") || saved
}

pub fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    let zeros = [0; BLOCK];
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        file.write_all(&zeros[..count])?;
        left -= count as u64;
    }
    file.sync_all()?;
    file.set_len(0)?;
    file.sync_all()
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn everything_of_ours_goes_also_where_it_was_cut_off_and_what_is_not_ours_stays() {
        let dir = tempfile::tempdir().unwrap();
        let there = [
            "waybill.db",
            "waybill.db-wal",
            "waybill.v1.db",
            "waybill.pins",
            "waybill.old",
            "window.ron",
            "unsent-2.json",
            LOCK,
        ];
        for name in there.iter().chain(&["letter.odt"]) {
            fs::write(dir.path().join(name), "Weber Interiors").unwrap();
        }
        // Held open by a panel: through it nothing is to be read any more either.
        let held = File::open(dir.path().join("waybill.db")).unwrap();
        // Cut off after it had begun.
        fs::write(dir.path().join(BEGUN), "Oak & Ash").unwrap();
        finish(dir.path()).unwrap();
        assert_eq!(names(dir.path()), [NOTE, "letter.odt", LOCK]);
        assert_eq!(held.metadata().unwrap().len(), 0);
        assert!(note(dir.path()).unwrap().starts_with("Oak & Ash has removed its data"));
        forget_note(dir.path());
        finish(dir.path()).unwrap();
        assert_eq!((note(dir.path()), names(dir.path())), (None, vec!["letter.odt".into(), LOCK.into()]));
    }
}
