//! A reference to a photo, signature or paper; its bytes travel apart from the document.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    doc::Hash,
    edit::{Edit, Part},
    finding::Finding,
    id::PersonId,
    protocol::limits,
    time::Timestamp,
    view::View,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    /// SHA-256 of the whole content: where it is stored under.
    pub content: Hash,
    pub at: Timestamp,
    pub person: PersonId,
}

/// Characters of a name.
pub const NAME: usize = 200;

type IsIt = fn(&[u8]) -> bool;

/// What may be attached, by its first bytes, whatever its name says.
const KINDS: [(&str, IsIt); 4] = [
    ("image/jpeg", |bytes| bytes.starts_with(b"\xff\xd8\xff")),
    ("image/png", |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n")),
    ("image/webp", |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")),
    ("application/pdf", |bytes| bytes.starts_with(b"%PDF-")),
];

/// `None`: it is nothing that may be attached.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|(_, is_it)| is_it(bytes)).map(|(name, _)| *name)
}

pub fn is_media_type(name: &str) -> bool {
    KINDS.iter().any(|(known, _)| *known == name)
}

pub fn hash(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// How many chunks a content of this size has.
pub fn chunks(size: i64) -> u32 {
    let size = usize::try_from(size).unwrap_or(0);
    u32::try_from(size.div_ceil(limits::ATTACHMENT_CHUNK)).unwrap_or(u32::MAX)
}

/// What kind of file these bytes are, or what speaks against attaching them.
pub fn check(name: &str, bytes: &[u8], most: u64) -> Result<&'static str, Box<Finding>> {
    check_size(name, u64::try_from(bytes.len()).unwrap_or(u64::MAX), most)?;
    media_type(bytes).ok_or_else(|| {
        let what = format!("{name} is no photo or paper of a known kind.");
        Box::new(Finding::malformed("file", what, "Attach a JPEG, PNG or WebP picture, or a PDF."))
    })
}

/// The same of what is known before it is read.
pub fn check_size(name: &str, size: u64, most: u64) -> Result<(), Box<Finding>> {
    if size == 0 {
        let what = format!("{name} is empty.");
        return Err(Box::new(Finding::malformed("file", what, "Choose another one.")));
    }
    if size > most {
        let what = format!("{name} is larger than {}.", size_words(most));
        let remedy = "Take a smaller picture, or save it in a smaller size.";
        return Err(Box::new(Finding::malformed("file", what, remedy)));
    }
    Ok(())
}

/// `340 bytes`, `12 KiB`, `1.4 MiB`.
pub fn size_words(size: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match size {
        0..KIB => format!("{size} bytes"),
        KIB..MIB => format!("{} KiB", size / KIB),
        _ if size.is_multiple_of(MIB) => format!("{} MiB", size / MIB),
        // Whole tenths, rounded down: what is above a limit must not read as the limit.
        _ => format!("{}.{} MiB", size / MIB, size % MIB * 10 / MIB),
    }
}

/// The contents that an edit attaches, with their size and kind.
pub fn of_edit(edit: &Edit) -> impl Iterator<Item = (&Part, &crate::order::commands::Attach)> {
    edit.parts.iter().filter_map(|part| Some((part, part.command.get()?)))
}

/// The attachment of a document that has this content.
pub fn of_view(view: &View, content: Hash) -> Option<&Attachment> {
    let attachments = match view {
        View::Order(order) => &order.attachments,
        View::Customer(customer) => &customer.attachments,
        _ => return None,
    };
    attachments.values().find(|attachment| attachment.content == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_it_is_and_nothing_else_is_taken() {
        for (bytes, kind) in [
            (&b"\xff\xd8\xff\xe0 and more"[..], Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"<svg>", None),
            (b"MZ", None),
            (b"", None),
        ] {
            assert_eq!(media_type(bytes), kind, "{bytes:?}");
        }
        let said = |size: usize, most| check("door.jpg", &vec![0xff; size], most).map_err(|f| f.what);
        assert_eq!(said(0, 9), Err("door.jpg is empty.".to_owned()));
        assert_eq!(said(2049, 2048), Err("door.jpg is larger than 2 KiB.".to_owned()));
        assert_eq!(said(2048, 2048), Err("door.jpg is no photo or paper of a known kind.".to_owned()));
        assert_eq!((chunks(0), chunks(1), chunks(65_536), chunks(65_537)), (0, 1, 1, 2));
        for (size, words) in
            [(340, "340 bytes"), (12_700, "12 KiB"), (10 << 20, "10 MiB"), (1_500_000, "1.4 MiB")]
        {
            assert_eq!(size_words(size), words);
        }
    }
}
