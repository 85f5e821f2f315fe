//! Intake: edits come in, are judged, redone and written to the log in batches. `Core` and what it calls is
//! pure (no SQL, no clock); `pipeline` drives it over a log.

mod against;
mod cache;
mod clean;
mod complete;
mod core;
mod gather;
mod hands;
mod held;
mod judge;
mod land;
mod lanes;
mod partition;
mod past;
mod pipeline;
mod review;
mod room;
mod said;
mod solo;
mod turn;
mod waiting;
mod word;
mod world;

use std::sync::Arc;

use waybill_shared::{
    content::Content,
    edit::{Edit, EditKind, Verdict},
    finding::Finding,
    id::{DeviceId, EditId, Id, PersonId},
    kind::{DocAddr, DocKind},
    notes,
    review::Review,
    rules::roles::{Role, permits_ever},
    session::who::Withdrawn,
    time::Timestamp,
};

use crate::log::Noted;

pub use self::core::{Core, Prepared, Wanted};
pub use complete::number;
pub use gather::gather;
pub use pipeline::{Intake, IntakeStopped, Options, Submitted};
pub use solo::Solo;
pub use turn::Turn;
pub use waiting::Wait;
pub use waybill_shared::act::Named;

/// What a device hands in, in the order it handed it in.
#[derive(Clone, Debug)]
pub enum Submission {
    Edit(Handed),
    /// Its user gave the edit up.
    Discard {
        edit: EditId,
        device: DeviceId,
    },
    /// From somebody whose access was withdrawn: kept for a manager, whatever it is.
    Withdrawn {
        edit: Arc<Edit>,
        why: Withdrawn,
    },
    /// A manager's word on a held edit.
    Review(Reviewed),
    /// What is personal in a document goes.
    Erase {
        doc: DocAddr,
        at: Timestamp,
    },
}

/// A held edit as it is stored, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Reviewed {
    pub edit: Arc<Edit>,
    pub review: Review,
    /// The reviewer's.
    pub roles: Arc<[Role]>,
}

/// An edit, with what its device is believed.
#[derive(Clone, Debug)]
pub struct Handed {
    pub edit: Arc<Edit>,
    /// Of its person; `None` when the person is not enrolled on the device.
    pub roles: Option<Arc<[Role]>>,
    /// Of the approver it names, who must be enrolled on the device too.
    pub approver: Arc<[Role]>,
    pub looked_up: LookedUp,
}

/// What the server knows of those whom an edit names.
#[derive(Clone, Debug, Default)]
pub struct LookedUp {
    /// The device brings in what was before the business had this: it may book back as far as it likes.
    pub books_history: bool,
    /// Whom it names, of those whom the server does not know.
    pub strangers: Arc<[PersonId]>,
    /// Documents of terms that belong to no product and no customer.
    pub of_nothing: Arc<[DocAddr]>,
    /// What the edit names, each by the field it stands in, that nobody had made when it came: it is looked at again when
    /// the edit is judged, behind what was handed in before.
    pub open: Arc<[Named]>,
}

/// The documents that an edit names beside those that it works on. Terms belong to something, too, but what that is does
/// not follow from their id.
pub fn refers_to(edit: &Edit) -> Vec<Named> {
    edit.parts.iter().flat_map(|part| part.command.refers().docs).collect()
}

/// The people beside its author that an edit names, each by the field it stands in.
pub fn named(edit: &Edit) -> impl Iterator<Item = (&'static str, PersonId)> + '_ {
    edit.parts.iter().flat_map(|part| part.command.refers().people)
}

impl Submission {
    pub fn edit_id(&self) -> EditId {
        match self {
            Self::Edit(handed) => handed.edit.id,
            Self::Discard { edit, .. } => *edit,
            Self::Withdrawn { edit, .. } => edit.id,
            Self::Review(reviewed) => reviewed.edit.id,
            Self::Erase { doc, .. } => EditId::derived(doc.id, b"erase"),
        }
    }

    /// What judging it looks into, or writes.
    pub fn docs(&self) -> Vec<DocAddr> {
        let mut docs: Vec<DocAddr> = match self {
            Self::Erase { doc, .. } => vec![*doc],
            // Of what was erased nothing is noted, so it is looked at.
            _ => self.edit().into_iter().flat_map(|edit| edit.docs().chain(notes::abouts(edit))).collect(),
        };
        docs.extend(self.open());
        docs
    }

    /// What it names that nobody had made when it came.
    fn open(&self) -> impl Iterator<Item = DocAddr> + '_ {
        let open = match self {
            Self::Edit(handed) => &*handed.looked_up.open,
            _ => &[],
        };
        open.iter().map(|named| named.doc)
    }

    /// The edit itself, unless it is only given up.
    pub fn edit(&self) -> Option<&Edit> {
        match self {
            Self::Edit(handed) => Some(&*handed.edit),
            Self::Discard { .. } | Self::Erase { .. } => None,
            Self::Withdrawn { edit, .. } => Some(&**edit),
            Self::Review(reviewed) => Some(&*reviewed.edit),
        }
    }

    /// What is handed in, by which the same is known again.
    fn content(&self) -> Option<Content> {
        match self {
            Self::Edit(Handed { edit, .. }) | Self::Withdrawn { edit, .. } => Some(Content::of(edit)),
            Self::Discard { .. } | Self::Review(_) | Self::Erase { .. } => None,
        }
    }

    /// Whose edit it is.
    fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Discard { device, .. } => Some(*device),
            _ => self.edit().map(|edit| edit.device),
        }
    }

    /// Whose author may at all; or anybody's flood of what is refused would make each batch one of its own.
    fn may_change_settings(&self) -> bool {
        let (edit, roles) = match self {
            Self::Edit(Handed { edit, roles: Some(roles), .. }) => (edit, roles),
            Self::Review(Reviewed { edit, roles, .. }) => (edit, roles),
            _ => return false,
        };
        let mut of_settings = edit.parts.iter().filter(|part| part.doc.kind == DocKind::Settings);
        of_settings.any(|part| permits_ever(roles, &part.command))
    }

    /// A request is refused, unless its author's access was withdrawn.
    fn may_be_held(&self) -> bool {
        match self {
            Self::Edit(handed) => handed.edit.kind == EditKind::Facts,
            Self::Withdrawn { .. } => true,
            Self::Discard { .. } | Self::Review(_) | Self::Erase { .. } => false,
        }
    }

    /// Whose turn it takes while it waits: what a manager decides, and what the server does itself, is no device's.
    fn lane(&self) -> Option<DeviceId> {
        match self {
            Self::Review(_) | Self::Erase { .. } => None,
            Self::Edit(_) | Self::Discard { .. } | Self::Withdrawn { .. } => self.device(),
        }
    }

    /// As it is noted while it is judged; what is kept or given up is not, and neither is what a manager asks for
    /// once.
    fn noted(&self) -> Option<Noted> {
        match self {
            Self::Edit(Handed { edit, .. }) => Some(Noted { edit: edit.id, attempt: edit.attempt }),
            Self::Discard { .. } | Self::Withdrawn { .. } | Self::Review(_) | Self::Erase { .. } => None,
        }
    }
}

/// What became of a submission. The verdict itself stands in the feed, at the position.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Judged just now.
    Judged { pos: u64 },
    /// It has its verdict already; a review finds it reviewed, or sent again meanwhile.
    Again { pos: u64 },
    /// What was personal in the document is gone.
    Erased,
    /// What speaks against the review. Nothing was written.
    Declined { findings: Vec<Finding> },
    /// This is said of it to whoever handed it in, and nothing was written: its id is another edit's.
    Unwritten { attempt: u32, verdict: Verdict },
    /// The database cannot take it now. Nothing is lost: the device sends it again.
    Later,
    /// The log became another one since the connection was told of it: what this rests on may be gone. Nothing is
    /// lost: the device connects again and hears what it has to send.
    AnotherLog,
    /// It is not judged yet. Nothing is lost: the device sends it again, and everything else goes on.
    Waits(Wait),
}

impl Settled {
    /// What was thought to stand behind a position is so much further on.
    pub fn stands_further(&mut self, from: u64, by: u64) {
        match self {
            Self::Judged { pos } | Self::Again { pos } if *pos > from => *pos += by,
            _ => {}
        }
    }
}
