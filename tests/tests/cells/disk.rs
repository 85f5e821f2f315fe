//! A device of one person: an engine on its own data directory, and what can be read of that by whoever has it.

use std::{collections::BTreeSet, fs, path::Path};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tempfile::TempDir;
use waybill_client::engine::{self, Answer, Config, EngineHandle, Request, SignIn, Trust};
use waybill_shared::{doc::Hash, kind::DocAddr, session::store::Meta};
use waybill_tests::serving::PASSWORD;

use super::{scene::words_in, staff::Post};

pub struct Disk {
    pub post: &'static Post,
    dir: TempDir,
    engine: EngineHandle,
}

impl Disk {
    pub fn signed_in(post: &'static Post, url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config { dir: dir.path().to_owned(), online: true, listen: false };
        let engine = engine::start(config).unwrap();
        let sign_in = SignIn {
            server: url.to_owned(),
            name: post.name.to_owned(),
            password: PASSWORD.to_owned(),
            new_password: None,
            device: format!("{}'s", post.name),
            trust: Trust::default(),
            pin: None,
        };
        let answer = engine.ask(Request::SignIn(sign_in)).wait();
        assert!(matches!(answer, Answer::SignedIn { .. }), "{}: {answer:?}", post.name);
        Self { post, dir, engine }
    }

    /// Up to which position of the log everything is on it.
    pub fn stands_at(&self) -> Option<u64> {
        let body: Vec<u8> =
            self.file().query_row("SELECT body FROM meta", [], |row| row.get(0)).optional().unwrap()?;
        let meta: Meta = ciborium::from_reader(body.as_slice()).unwrap();
        meta.cursor.map(|cursor| cursor.pos)
    }

    /// Where a document stands on it, if it is there at all.
    pub fn heads(&self, addr: DocAddr) -> Option<Vec<Hash>> {
        let sql = "SELECT heads FROM document WHERE kind = ?1 AND id = ?2";
        let key = params![u8::from(addr.kind), addr.id.into_bytes()];
        let heads: Vec<u8> = self.file().query_row(sql, key, |row| row.get(0)).optional().unwrap()?;
        Some(heads.chunks_exact(32).map(|hash| Hash(hash.try_into().unwrap())).collect())
    }

    /// Which words stand anywhere in its files.
    pub fn words(&self) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        gather(self.dir.path(), &mut words);
        words
    }

    pub fn goes(self) {
        self.engine.stop();
    }

    fn file(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = Connection::open_with_flags(waybill_client::store::file(self.dir.path()), flags).unwrap();
        file.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        file
    }
}

fn gather(dir: &Path, words: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, words);
        } else if let Ok(bytes) = fs::read(&path) {
            words.append(&mut words_in(&bytes));
        }
    }
}
