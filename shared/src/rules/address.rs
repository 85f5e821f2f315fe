//! Documents whose id follows from something else: a command works on the one that it belongs to.

use crate::{finding::Finding, kind::DocAddr};

/// The document is made beside another one, by whose id it is found: by devices that never met, and by whoever erases a
/// customer. `whose`: what it belongs to, in words.
pub(crate) fn beside(addr: DocAddr, whose: &str, of: &str) -> Option<Finding> {
    // UUIDv5: made of another id.
    let is_derived = addr.id.get_version_num() == 5;
    (!is_derived).then(|| {
        let what = format!("This is not the id of anything's {whose}.");
        Finding::malformed("document", what, format!("Send it to the id that follows from that of the {of}."))
    })
}

/// There is one such document, and this is another.
pub(crate) fn only(addr: DocAddr, only: impl Into<DocAddr>, what: &str, remedy: &str) -> Option<Finding> {
    (addr != only.into()).then(|| Finding::malformed("document", what, remedy))
}
