//! Documents whose id follows from something else: a command works on the one that it belongs to.

use crate::{
    command::Command,
    finding::Finding,
    id::{NotesId, SettingsId},
    kind::DocAddr,
};

/// The notes of a thing are found by its id alone, by devices that never met and by whoever erases a customer; terms by
/// that of their product or customer; and there is one document of settings.
pub fn misplaced(command: &Command, addr: DocAddr) -> Option<Finding> {
    let (fits, what, remedy) = match command {
        Command::NotesWrite(write) => (
            DocAddr::from(NotesId::of(write.about)) == addr,
            "These are not the notes of what the note is about.",
            "Send it to the document whose id follows from that.",
        ),
        Command::SettingsCreate(_) | Command::SettingsSetField(_) | Command::SettingsSetLimit(_) => (
            DocAddr::from(SettingsId::ONLY) == addr,
            "There is one document of settings, and this is another.",
            "Send it to the id that the settings always have.",
        ),
        Command::ProductTermsSetCost(_) | Command::CustomerTermsSetCredit(_) => (
            is_derived(addr),
            "This is not the id of anything's terms.",
            "Send it to the id that follows from that of the product or customer.",
        ),
        Command::NotesTakeOut(_) | Command::NotesShow(_) => (
            is_derived(addr),
            "This is not the id of anything's notes.",
            "Send it to the id that follows from that of the order or customer.",
        ),
        _ => return None,
    };
    (!fits).then(|| Finding::malformed("document", what, remedy))
}

/// UUIDv5: made of another id.
fn is_derived(addr: DocAddr) -> bool {
    addr.id.get_version_num() == 5
}
