//! What the device session keeps, and where: it reads through `Store` and says what to write; whoever runs
//! it commits all writes of one step in one transaction, then sends its frames.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    chain::Cursor,
    digest::Digest,
    doc::{Doc, Hash},
    edit::{Edit, Verdict},
    erasure,
    id::{EditId, Entropy},
    kind::DocAddr,
    money::Currency,
    numbers::Number,
    protocol::frame::{Gaining, Names},
    scope::{Scope, Scopes},
    time::{MAX_AHEAD_MS, Timestamp, off_words},
    view::View,
};

/// The local file could not be read. Its words go to the screen.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// What the session reads. Everything is as of the last commit.
pub trait Store {
    fn meta(&self) -> Result<Meta, StoreError>;
    fn names(&self) -> Result<Names, StoreError>;
    fn document(&self, addr: DocAddr) -> Result<Option<StoredDoc>, StoreError>;
    fn edit(&self, id: EditId) -> Result<Option<StoredEdit>, StoreError>;
    /// Pending edits with a counter above `after`, in the order of their counters, at most `limit`.
    fn pending(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError>;
    /// Pending edits with a part on this document, in the order of their counters.
    fn pending_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError>;
    /// How many edits are pending.
    fn count_pending(&self) -> Result<u32, StoreError>;
    /// Photos and papers attached here that the server does not have yet.
    fn unsent_files(&self) -> Result<u32, StoreError> {
        Ok(0)
    }
    /// Discarded edits that the server has not confirmed yet.
    fn untold_discards(&self) -> Result<Vec<EditId>, StoreError>;
    /// Accepted edits that are still kept, in the order of their counters: pushed again after a reset.
    fn kept(&self) -> Result<Vec<StoredEdit>, StoreError>;
    /// Edits of the needs-attention list, in the order of their counters.
    fn listed(&self) -> Result<Vec<StoredEdit>, StoreError>;
    /// Edits with `resend`, in the order of their counters, at most `limit`.
    fn to_resend(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError>;
    /// Address and heads of every confirmed document in a scope.
    fn heads(&self, scope: Scope) -> Result<Vec<(DocAddr, Vec<Hash>)>, StoreError>;
    /// Every document that the server has and that is in one of these scopes, with its own.
    fn in_scopes(&self, scopes: &Scopes) -> Result<Vec<(DocAddr, Scopes)>, StoreError>;
    /// Edits of the needs-attention list with a part on this document.
    fn listed_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError>;
    /// Edits in any state that tell something of this document, once it is erased.
    fn all_concerning(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError>;
    /// Documents not replaced since the last `Write::MarkStale`.
    fn stale(&self) -> Result<Vec<DocAddr>, StoreError>;
    /// What a customer may still owe and owes, by the shown documents: for the rule that judges credit.
    fn credit(
        &self,
        customer: crate::id::CustomerId,
        except: crate::id::OrderId,
    ) -> Result<Option<crate::rules::Credit>, StoreError>;
    /// The name of a shown product or customer that has this number, if it is another one.
    fn numbered(&self, number: &Number, besides: DocAddr) -> Result<Option<String>, StoreError>;
    /// The name of another shown product that is sold under this barcode.
    fn barcoded(&self, _barcode: &str, _besides: DocAddr) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
    /// How many shown products that are sold have prices, and none in this currency.
    fn without_price(&self, _currency: Currency) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// One row of what the device knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    pub device: crate::id::DeviceId,
    pub device_code: String,
    pub device_name: String,
    /// Whose data this is: the first that the device heard of; `None` before its first sign-in.
    pub company: Option<crate::id::CompanyId>,
    /// `None` before the first sync is complete.
    pub cursor: Option<Cursor>,
    /// The server's proof that its log stood there, or, while all documents are loaded, where that began. Handed back as
    /// it came.
    #[serde(with = "serde_bytes")]
    pub proof: Option<Vec<u8>>,
    /// The cursor that a first sync or reset under way will end with, and the last document it loaded.
    pub loading: Option<Loading>,
    /// The scopes whose documents are here; in a first sync, those that it is of.
    pub scopes: Scopes,
    /// Scopes that were given to this device and whose documents are not all here yet.
    pub gaining: Option<Gaining>,
    /// Up to this position the log may speak of documents that were read after it.
    pub unsure: u64,
    /// Counts up with every edit.
    pub counter: u64,
    /// The server's clock less this device's, in milliseconds.
    pub clock_offset: i64,
    /// What this device's own clock showed last under that offset: before it, somebody turned it back.
    pub clock_seen: Timestamp,
    /// The server's time at the last greeting: no true time is before it.
    pub clock_heard: Timestamp,
    /// The time of the last edit: the next one is later.
    pub last_at: Timestamp,
    /// The last numbers given to orders, receipts, products and customers, and the series that they count in. A restored device
    /// and each copy of one starts a new series.
    pub last_order: u64,
    pub last_receipt: u32,
    pub last_product: u64,
    pub last_customer: u64,
    /// The hash of that receipt: the next one holds it.
    pub receipt: Option<Hash>,
    pub series: u32,
    /// One digest for each of these scopes, over the confirmed documents.
    pub digests: Vec<(Scope, Digest)>,
    pub last_contact: Option<Timestamp>,
    /// Bytes of one photo or paper that the server takes at most, where it is not the usual.
    pub attachment: Option<u64>,
}

impl Meta {
    /// What time it is, by what this device's own clock shows and what it learnt from the server. Whatever asks for now
    /// or for today asks here.
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        let corrected = wall.plus_ms(self.clock_offset);
        // Turned back while nothing ran: most likely set right, so that what was learnt of it holds no more.
        let turned_back = wall.plus_ms(MAX_AHEAD_MS) < self.clock_seen
            || corrected.plus_ms(MAX_AHEAD_MS) < self.clock_heard;
        if turned_back { wall.max(self.clock_heard) } else { corrected }
    }

    /// The business's calendar day.
    pub fn today(&self, wall: Timestamp, zone: Tz) -> NaiveDate {
        self.now(wall).day(zone)
    }

    /// The server's time was heard.
    pub const fn learn(&mut self, wall: Timestamp, server: Timestamp) {
        self.clock_offset = server.since(wall);
        (self.clock_seen, self.clock_heard) = (wall, server);
    }

    /// The clock was set by so many milliseconds while this program ran, and shows `wall` now: time goes on as it did.
    pub const fn clock_was_set(&mut self, by: i64, wall: Timestamp) {
        self.clock_offset = self.clock_offset.saturating_sub(by);
        self.clock_seen = wall;
    }

    /// What the clock shows is remembered; one that was turned back, with what it is taken for from now on.
    pub fn look_at_clock(&mut self, wall: Timestamp) {
        let now = self.now(wall);
        if now == wall.plus_ms(self.clock_offset) {
            self.clock_seen = self.clock_seen.max(wall);
        } else {
            (self.clock_offset, self.clock_seen) = (now.since(wall), wall);
        }
    }

    /// How far this device's clock is off, where that is worth a word: `3 days ahead`.
    pub fn clock_off(&self, wall: Timestamp) -> Option<String> {
        off_words(wall.since(self.now(wall)))
    }

    pub fn most_in_a_file(&self) -> u64 {
        self.attachment.unwrap_or(crate::protocol::limits::ATTACHMENT_USUAL)
    }

    /// The scopes whose documents count here.
    pub fn counts(&self, scope: Scope) -> bool {
        self.scopes.contains(scope) || self.gaining.as_ref().is_some_and(|more| more.scopes.contains(scope))
    }

    /// The first sync, or a reset, is under way.
    pub fn is_loading(&self) -> bool {
        self.cursor.is_none()
    }

    /// Drawn, not counted: copies of one file know nothing of each other, and would all count the same.
    pub fn begin_series(&mut self, entropy: &mut dyn Entropy) {
        let mut drawn = [0; 2];
        entropy.fill(&mut drawn);
        self.series = match u32::from(u16::from_be_bytes(drawn)) {
            same if same == self.series || same == 0 => self.series.saturating_add(1),
            other => other,
        };
        (self.last_order, self.last_receipt, self.receipt) = (0, 0, None);
        (self.last_product, self.last_customer) = (0, 0);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loading {
    pub from: Cursor,
    pub loaded: Option<DocAddr>,
    /// Every document is being replaced, because the log is another.
    pub reset: bool,
}

/// A document as the local file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDoc {
    /// As the server said. None: it has not got the document, or the document left the scopes of this device and
    /// goes when nothing entered on it waits any more.
    pub scopes: Scopes,
    /// What the server has.
    pub confirmed: Vec<u8>,
    /// With the pending edits; `None` when there are none on it.
    pub shown: Option<Vec<u8>>,
}

/// An edit of this device and where it stands. Exactly one of these states at all times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredEdit {
    pub edit: Edit,
    pub state: EditState,
    /// When it came into this state.
    pub since: Timestamp,
    /// The log position of its verdict.
    pub pos: Option<u64>,
    /// It goes up once more, whatever was said of it: the server's log is not the one that said it. Until the
    /// answer it stays in its state.
    pub resend: bool,
    /// One sentence of what it does, for lists; made when it was entered.
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditState {
    /// Shown as done, not yet judged.
    Pending,
    Accepted,
    Rewritten,
    /// In the needs-attention list: refused, blocked or held, or it could not be run again on newer state.
    Attention {
        verdict: Verdict,
    },
    /// Given up by its user; `told` once the server has it.
    Discarded {
        told: bool,
    },
}

impl StoredEdit {
    /// Takes out what is personal, and what was said of it; `false`: there was nothing.
    pub fn clean(&mut self) -> bool {
        if !erasure::clean(&mut self.edit) {
            return false;
        }
        // Whoever waits for the server's word on it is told now why it is another entry.
        let words = if self.state == EditState::Pending { erasure::ERASED_HERE } else { erasure::ERASED };
        words.clone_into(&mut self.words);
        if let EditState::Attention { verdict } = &mut self.state {
            *verdict = verdict.saying(&[erasure::finding()]);
        }
        true
    }
}

impl EditState {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rewritten => "rewritten",
            Self::Attention { .. } => "attention",
            Self::Discarded { .. } => "discarded",
        }
    }
}

/// One thing to write. All writes of one step go into one transaction.
#[derive(Clone, Debug)]
pub enum Write {
    Meta(Box<Meta>),
    Names(Names),
    Document(Box<WriteDoc>),
    Edit(Box<StoredEdit>),
    /// Every document is to be replaced; those that are not by the end of it were not on the server.
    MarkStale,
    Forget(DocAddr),
}

/// A document with what lists and search need of it, so that nobody loads it twice.
#[derive(Clone, Debug)]
pub struct WriteDoc {
    pub addr: DocAddr,
    pub scopes: Scopes,
    /// What is confirmed came whole from the server: only this makes a stale document good again.
    pub replaced: bool,
    pub confirmed: Doc,
    pub shown: Option<Doc>,
    /// Of the shown document.
    pub view: View,
}

impl WriteDoc {
    pub fn heads(&self) -> &[Hash] {
        self.confirmed.heads()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        edit::{EditKind, Part},
        id::{DeviceId, OrderId, PersonId},
        order::commands::Cancel,
        time::Booked,
    };

    #[test]
    fn whoever_waits_for_an_entry_of_who_was_erased_is_told_before_the_server_says_anything() {
        let at = Timestamp::from_unix_ms(1_763_600_000_000);
        let cancel = Cancel { reason: "She rang and does not want it".to_owned() };
        let part = Part { doc: OrderId::new(Uuid::nil()).into(), command: cancel.into(), at, made: None };
        let edit = Edit {
            id: EditId::new(Uuid::nil()),
            kind: EditKind::Requests,
            person: PersonId::new(Uuid::nil()),
            device: DeviceId::new(Uuid::nil()),
            counter: 1,
            attempt: 0,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![part],
            after: Vec::new(),
            overriding: None,
        };
        let words = "Cancelled: She rang and does not want it · order T1-7".to_owned();
        let stored = |state| StoredEdit {
            edit: edit.clone(),
            state,
            since: at,
            pos: None,
            resend: false,
            words: words.clone(),
        };
        let mut waits = stored(EditState::Pending);
        assert!(waits.clean());
        assert!(
            waits.words.contains("This customer was erased") && !waits.words.contains("She"),
            "{}",
            waits.words
        );
        let mut stands = stored(EditState::Accepted);
        assert!(stands.clean());
        assert_eq!(stands.words, erasure::ERASED);
    }
}
