//! The file: one line that says what it is, then pieces, compressed and with a checksum.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

const MAGIC: &[u8] = b"Waybill backup 1\n";
const LONGEST: u32 = 1 << 30;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    Begin {
        program: String,
        taken: String,
        /// Of the tables.
        version: i64,
        /// Where the log stood.
        pos: i64,
    },
    /// Rows follow until a piece without bytes.
    Table {
        name: String,
        columns: Vec<String>,
    },
    Sequence {
        name: String,
        last: i64,
    },
    /// Without it the file is not whole.
    End {
        rows: u64,
    },
}

/// Written beside its place, and put there when it is whole.
pub struct Writer {
    file: zstd::stream::write::Encoder<'static, BufWriter<File>>,
    beside: PathBuf,
    place: PathBuf,
}

impl Writer {
    pub fn create(place: &Path) -> io::Result<Writer> {
        if place.try_exists()? {
            let words = "there is a file of this name already; give another, or move it away";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, words));
        }
        let mut beside = place.as_os_str().to_owned();
        beside.push(".unfinished");
        let beside = PathBuf::from(beside);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Customers and the hashes of passwords are in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = BufWriter::new(options.open(&beside)?);
        file.write_all(MAGIC)?;
        let mut file = zstd::stream::write::Encoder::new(file, 3)?;
        file.include_checksum(true)?;
        Ok(Writer { file, beside, place: place.to_owned() })
    }

    pub fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        self.bytes(&serde_json::to_vec(piece)?)
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(bytes)
    }

    pub fn finish(self) -> io::Result<u64> {
        let file = self.file.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size = file.metadata()?.len();
        std::fs::rename(&self.beside, &self.place)?;
        // The name is to be there after a power cut too.
        #[cfg(unix)]
        if let Some(dir) = self.place.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            File::open(dir)?.sync_all()?;
        }
        Ok(size)
    }
}

pub struct Reader {
    file: zstd::stream::read::Decoder<'static, BufReader<File>>,
}

impl Reader {
    pub fn open(path: &Path) -> io::Result<Reader> {
        let mut file = File::open(path)?;
        let mut magic = vec![0; MAGIC.len()];
        if file.read_exact(&mut magic).is_err() || magic != MAGIC {
            return Err(io::Error::other("this is no backup of Waybill, or of a newer one"));
        }
        Ok(Reader { file: zstd::stream::read::Decoder::new(file)? })
    }

    pub fn piece(&mut self) -> io::Result<Piece> {
        Ok(serde_json::from_slice(&self.bytes()?)?)
    }

    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > LONGEST {
            return Err(io::Error::other("it names more bytes than there can be"));
        }
        let mut bytes = Vec::new();
        (&mut self.file).take(length.into()).read_to_end(&mut bytes)?;
        if bytes.len() != length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }
}
