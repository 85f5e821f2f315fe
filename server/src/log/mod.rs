//! The log: documents, edits with their verdicts, changes and the feed of positions. One trait, held by
//! PostgreSQL in the server and by memory in the simulator; both pass the same contract tests.

mod beside;
mod ended;
pub mod memory;
pub mod postgres;

use std::{collections::BTreeMap, sync::Arc};

use waybill_shared::{
    chain::Cursor,
    content::Content,
    digest::Digest,
    doc::Hash,
    edit::{Edit, Verdict},
    generation::Leaves,
    id::{CustomerId, DeviceId, EditId, OrderId, PersonId},
    kind::DocAddr,
    numbers::Number,
    protocol::frame::{DocChange, DocHeads, Given, SavedDoc},
    review::{Decided, Review},
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::{FeedEntry, ScopesNow, Sees},
    time::Timestamp,
};

pub use beside::{Collision, Looked, MOST as MOST_BESIDE, Others, Written};
pub use ended::{Noted, Past};

use crate::reports::RowsChange;

/// Bytes that are read at once.
pub const PAGE: usize = 8 * 1024 * 1024;

/// The log as intake and fan-out need it.
pub trait Log: Send + Sync + 'static {
    fn head(&self) -> impl Future<Output = Result<Head, LogError>> + Send;

    /// Documents and edits by name. What is not there is left out.
    fn load(
        &self,
        docs: &[DocAddr],
        edits: &[EditId],
    ) -> impl Future<Output = Result<Loaded, LogError>> + Send;

    /// Which edits claimed these hashes, of those that do not stand.
    fn claims(&self, hashes: &[(DocAddr, Hash)])
    -> impl Future<Output = Result<Vec<Claim>, LogError>> + Send;

    /// What these customers owe on each order that counts, as `Owed::of` says.
    fn exposures(
        &self,
        customers: &[CustomerId],
    ) -> impl Future<Output = Result<Vec<(CustomerId, OrderId, Owed)>, LogError>> + Send;

    /// Which products and customers have these numbers, with the name of each.
    fn holders(
        &self,
        numbers: &[Number],
    ) -> impl Future<Output = Result<Vec<(Number, DocAddr, String)>, LogError>> + Send;

    /// Writes a batch whole, durably, or not at all: where it was prepared, or behind what others wrote since if it looked
    /// into nothing of that.
    fn commit(&self, batch: &Arc<Batch>) -> impl Future<Output = Result<Written, CommitError>> + Send;

    /// Whether the log has this position with this chain.
    fn has(&self, cursor: Cursor) -> impl Future<Output = Result<bool, LogError>> + Send;

    /// Whoever stood here in this epoch writes on. If the log does not hold that any more it has become another one:
    /// a new epoch begins, in which numbers wait, and `true` is said.
    fn is_another(&self, epoch: u64, stood: Cursor) -> impl Future<Output = Result<bool, LogError>> + Send;

    /// Gives up the positions up to this one, and tells where the log begins then; `None`: it does not go so far.
    /// Verdicts and changes stay, only who stands before can no longer read on.
    fn trim(&self, upto: u64) -> impl Future<Output = Result<Option<Cursor>, LogError>> + Send;

    /// What follows a position, in order, at most `limit` entries and about `PAGE` bytes.
    fn feed(&self, after: u64, limit: usize) -> impl Future<Output = Result<Vec<Fed>, LogError>> + Send;

    /// What somebody sees of what follows a position, up to another or not so far. `None`: that was trimmed.
    fn stretch(
        &self,
        after: u64,
        upto: u64,
        limit: usize,
        sees: &Sees,
    ) -> impl Future<Output = Result<Option<Stretch>, LogError>> + Send;

    /// The last verdicts of these edits as entries of the feed, also where their positions were trimmed.
    fn verdicts(
        &self,
        edits: &[EditId],
    ) -> impl Future<Output = Result<Vec<Arc<FeedEntry>>, LogError>> + Send;

    /// Whose documents these are now, of those that are there.
    fn scopes(&self, docs: &[DocAddr]) -> impl Future<Output = Result<ScopesNow, LogError>> + Send;

    /// Whole documents in these scopes by address, the first above `after`, at most `limit` and about `PAGE`
    /// bytes of them, and where the log stood.
    fn documents(
        &self,
        after: Option<DocAddr>,
        limit: usize,
        scopes: &Scopes,
    ) -> impl Future<Output = Result<Page, LogError>> + Send;

    /// These documents whole, of those that are in these scopes.
    fn fetch(&self, docs: &[DocAddr], scopes: &Scopes)
    -> impl Future<Output = Result<Page, LogError>> + Send;

    /// These documents whole, as they were at a position.
    fn as_of(
        &self,
        docs: &[DocAddr],
        pos: u64,
    ) -> impl Future<Output = Result<Vec<SavedDoc>, LogError>> + Send;

    fn heads(&self, scope: Scope) -> impl Future<Output = Result<(Vec<DocHeads>, Cursor), LogError>> + Send;

    /// What waits for a manager's review, the longest first: one edit, or at most `limit` behind a position.
    fn held(
        &self,
        edit: Option<EditId>,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Held>, LogError>> + Send;

    /// How many edits of a device, or of all, wait for a manager's review.
    fn count_held(&self, device: Option<DeviceId>) -> impl Future<Output = Result<u64, LogError>> + Send;

    /// What a manager decided of this edit.
    fn decided(&self, edit: EditId) -> impl Future<Output = Result<Option<Decided>, LogError>> + Send;

    /// The highest push counter of a device that has a verdict.
    fn counter(&self, device: DeviceId) -> impl Future<Output = Result<u64, LogError>> + Send;

    /// A server begins to work on it; how the last one ended, and what is not to be judged.
    fn opened(&self) -> impl Future<Output = Result<Past, LogError>> + Send;

    /// These edits are about to be judged; those named the time before may still be on their way into the log.
    fn in_work(&self, edits: &[Noted]) -> impl Future<Output = Result<(), LogError>> + Send;

    /// This edit is being judged alone now. Asked only while the server is careful.
    fn trying(&self, edit: Option<Noted>) -> impl Future<Output = Result<(), LogError>> + Send;

    /// Nothing is being judged or written: whatever ends the server now, no edit does.
    fn at_rest(&self) -> impl Future<Output = Result<(), LogError>> + Send;

    /// The server ends in order.
    fn closed(&self) -> impl Future<Output = Result<(), LogError>> + Send;
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub cursor: Cursor,
    pub digests: BTreeMap<Scope, Digest>,
    /// The last human number that the server gave.
    pub numbers: u64,
    /// It gives none until an admin has said which was the last.
    pub numbers_wait: bool,
    /// How often the log was found to be another one, and when it was last.
    pub epoch: u64,
    pub since: Option<Timestamp>,
}

#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub docs: Vec<StoredDoc>,
    pub edits: Vec<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDoc {
    pub addr: DocAddr,
    pub heads: Vec<Hash>,
    pub version: u32,
    pub snap_version: u32,
    /// Its generation was opened at this version.
    pub opened: u32,
    /// The snapshot with the changes after it: it loads as one.
    pub saved: Vec<u8>,
}

/// An edit that has a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub edit: EditId,
    pub attempt: u32,
    pub device: DeviceId,
    pub verdict: Verdict,
    pub pos: u64,
    /// What that attempt said, where it is known.
    pub content: Option<Content>,
}

/// An edit that waits for a manager's review.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub known: Known,
    /// As it was judged.
    pub edit: Arc<Edit>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub doc: DocAddr,
    pub hash: Hash,
    /// As it stands now.
    pub by: Known,
}

/// Everything that one batch of edits leads to. Written in one transaction.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Where the log stood when it was prepared.
    pub before: Cursor,
    pub after: Head,
    pub looked: Looked,
    /// The scopes whose digest it moved, and by how much.
    pub moved: BTreeMap<Scope, Digest>,
    pub at: Timestamp,
    pub entries: Vec<NewEntry>,
    pub docs: Vec<DocUpdate>,
    pub counters: BTreeMap<DeviceId, u64>,
    pub rows: Vec<RowsChange>,
}

/// One new log position.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub cursor: Cursor,
    pub edit: EditId,
    pub attempt: u32,
    pub device: DeviceId,
    pub verdict: Verdict,
    /// `None`: the verdict is on an edit that is stored already, or was never seen.
    pub judged: Option<Judged>,
    /// The manager's word that led to the verdict.
    pub review: Option<Review>,
    /// Of one that opens a generation: the document whole.
    pub changes: Vec<DocChange>,
    /// It opens the next generation of the one document that it changes.
    pub opens: Option<Leaves>,
    /// Documents whose scopes it changed, with what they were before.
    pub moved: Vec<(DocAddr, Scopes)>,
    /// Hashes that the device claimed and that do not stand.
    pub claims: Vec<(DocAddr, Hash)>,
    /// What the chain covers: each part's document and change, where it stands.
    pub covered: Vec<(DocAddr, Option<Hash>)>,
}

#[derive(Clone, Debug)]
pub struct Judged {
    pub edit: Arc<Edit>,
    /// The edit as CBOR.
    pub body: Vec<u8>,
    /// What was handed in; none where it is not to be told of any more.
    pub content: Option<Content>,
    /// The numbers that the server gave.
    pub given: Vec<Given>,
}

impl NewEntry {
    pub fn person(&self) -> Option<PersonId> {
        self.judged.as_ref().map(|judged| judged.edit.person)
    }

    pub fn given(&self) -> &[Given] {
        self.judged.as_ref().map_or(&[], |judged| &judged.given)
    }

    pub fn counter(&self) -> u64 {
        self.judged.as_ref().map_or(0, |judged| judged.edit.counter)
    }
}

#[derive(Clone, Debug)]
pub struct DocUpdate {
    pub addr: DocAddr,
    pub scopes: Scopes,
    pub heads: Vec<Hash>,
    pub generation: u32,
    pub version: u32,
    pub snap_version: u32,
    /// Its generation was opened at this version.
    pub opened: u32,
    /// Written when it is new and every few changes.
    pub snapshot: Option<Vec<u8>>,
}

/// One position of the log, with where one stands after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fed {
    pub cursor: Cursor,
    pub entry: Arc<FeedEntry>,
}

/// What somebody sees of a stretch of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub entries: Vec<Arc<FeedEntry>>,
    /// Where it ends, whether or not that is seen.
    pub upto: Cursor,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub docs: Vec<SavedDoc>,
    /// Where the log stood when they were read.
    pub at: Cursor,
    /// No more follow.
    pub last: bool,
}

impl Page {
    /// Those of the documents asked for that did not fit any more.
    pub fn rest(&self, asked: &[DocAddr]) -> Vec<DocAddr> {
        let given = self.docs.last().filter(|_| !self.last);
        let behind = given.and_then(|last| asked.iter().position(|addr| *addr == last.doc));
        behind.map_or_else(Vec::new, |at| asked[at + 1..].to_vec())
    }
}

/// Each once, in their order.
pub fn each_once(docs: &[DocAddr]) -> Vec<DocAddr> {
    let mut seen = std::collections::BTreeSet::new();
    docs.iter().copied().filter(|addr| seen.insert(*addr)).collect()
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the log cannot be reached: {0}")]
    Unavailable(String),
    #[error("the log holds what this version cannot read: {0}")]
    Unreadable(String),
    /// The database does not take what this program asks: its SQLSTATE.
    #[error("a defect of this program, or of its rights in the database (SQLSTATE {0})")]
    Defect(String),
}

#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The log does not go on from where the batch was prepared, or is far beyond: forget what is cached and prepare it
    /// again.
    #[error("the log moved meanwhile")]
    Conflict,
    /// What the batch looked into was changed by these: forget that, and prepare it again.
    #[error("others changed what it rests on")]
    Collision(Box<Collision>),
    /// A newer server changed the tables so that this program must not write to them.
    #[error("the tables are a newer Waybill's")]
    Outdated,
    /// Nothing was written. The same batch may be tried again.
    #[error("not written, to be tried again: {0}")]
    Retry(String),
    /// It may have been written or not: ask `has` for its last position.
    #[error("the answer to the commit was lost: {0}")]
    Unknown(String),
    #[error("the disk is full")]
    DiskFull,
    /// Nothing was written: the database does not take this program's own statements, whatever is in them. Its
    /// SQLSTATE. The same batch may be tried again, once somebody mended that.
    #[error("not written, for a defect of this program or of its rights in the database (SQLSTATE {0})")]
    Defect(String),
    /// Nothing was written, and whether for something in it or for the database itself is not to be told from
    /// this answer. The same batch may be tried again: as long as it is the same, it is refused.
    #[error("not written, for a reason that may be in it: {0}")]
    Unclear(String),
    /// The database will not have something in it: trying again leads to the same.
    #[error("refused by the database: {0}")]
    Rejected(String),
}
