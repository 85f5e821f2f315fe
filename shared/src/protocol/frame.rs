//! Every frame. A frame is a map with its name as the only key.

use serde::{Deserialize, Serialize};

use super::{
    attachment::{Carried, Carry},
    question::{Answer, Question},
    range,
};
use crate::{
    chain::Cursor,
    digest::Digest,
    doc::Hash,
    edit::{Edit, Verdict},
    finding::Finding,
    id::{CompanyId, DeviceId, EditId, LocationId, PersonId},
    kind::DocAddr,
    review::Decided,
    rules::roles::Role,
    scope::{Scope, Scopes},
    texts,
    time::Timestamp,
};

/// From a client to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// Enrols a person on this device. Then `Hello` follows on the same socket.
    SignIn(SignIn),
    /// Opens the session.
    Hello(Hello),
    /// Edits to be judged, in the order of the device's counter. `turn`: how often the device was told on this
    /// socket to come later; what it sent before it heard of that is passed over, as it comes again.
    Push {
        edits: Vec<Edit>,
        #[serde(default, skip_serializing_if = "is_first")]
        turn: u32,
    },
    /// The user gave these refused or held edits up.
    Discard { edits: Vec<EditId> },
    /// The digest of this scope differs: the heads of each document, please.
    Heads { scope: Scope },
    /// These documents whole, please.
    Fetch { docs: Vec<DocAddr> },
    /// From a device that may only push: nothing waits on it any more.
    Done {},
    /// A person who is signed in on this device asks something that is in no document. The device gives the number,
    /// by which it knows the answer again.
    Ask { id: u32, person: PersonId, question: Question },
    /// Of a photo or paper. The device gives the number, by which it knows the answer again.
    Carry { id: u32, carry: Carry },
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub protocol: u16,
    pub name: String,
    /// Or, where there is a new password, the one-time code that an admin gave.
    pub password: String,
    /// Takes the place of a forgotten one; only with a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_password: Option<String>,
    pub device: DeviceId,
    /// What people call the device, as `Till 2`.
    pub device_name: String,
    pub version: String,
    /// A token that this device has or had for anybody. Without one nobody is added to a device that others are
    /// enrolled on: its socket speaks for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    pub token: Option<Vec<u8>>,
    /// Whose data the device holds; `None` before it was ever signed in. Another company's server refuses it
    /// before anybody is enrolled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
}

impl SignIn {
    /// What speaks against its texts, before any of it is looked up.
    pub fn check(&self) -> Option<Finding> {
        let Self { name, device_name, version, .. } = self;
        let texts = [("name", name), ("device_name", device_name), ("version", version)];
        texts.into_iter().find_map(|(field, text)| texts::check_field(field, text))
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignIn on {:?}", self.device)
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u16,
    pub version: String,
    /// From `SignedIn`: says which device this is and who is enrolled on it.
    #[serde(with = "serde_bytes")]
    pub token: Vec<u8>,
    /// Whose data the device holds. Another company's server does not know the token, and would take the device
    /// for one that was signed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// Where the device stands; `None` before its first sync is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// The server's proof that its log stood there, as it came with the cursor.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    pub proof: Option<Vec<u8>>,
    /// The last document of a first sync that was cut off, to go on after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded: Option<DocAddr>,
    /// Of which scopes the documents on the device are.
    #[serde(default, skip_serializing_if = "Scopes::is_empty")]
    pub scopes: Scopes,
    /// Scopes that it was given, whose documents have not all come yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaining: Option<Gaining>,
    /// Up to this position the log may speak of documents that were read before or after it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unsure: u64,
    /// `false`: a client that keeps no documents gets verdicts only, and sends edits without `made`.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub keeps: bool,
    /// The last counter that the device gave to an edit.
    #[serde(deserialize_with = "range::counter")]
    pub counter: u64,
    /// The version of the names it has.
    #[serde(default)]
    pub names: u64,
    /// Entries that wait on the device, for the list of devices.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "range::small")]
    pub waiting: u32,
    /// How many commands its program knows, as `protocol::COMMANDS`. Left out: those that PROTOCOL.md names.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub commands: u16,
    /// What the device's own clock shows, for the list of devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Timestamp>,
}

impl Hello {
    pub fn check(&self) -> Option<Finding> {
        texts::check_field("version", &self.version)
    }
}

impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hello at {:?}, counter {}", self.cursor, self.counter)
    }
}

const fn one() -> u16 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_one(value: &u16) -> bool {
    *value == 1
}

const fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_yes(value: &bool) -> bool {
    *value
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Scopes given to a device, and the last of their documents that it has saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaining {
    pub scopes: Scopes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded: Option<DocAddr>,
}

/// From the server to a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    SignedIn(SignedIn),
    Welcome(Welcome),
    /// The people and devices there are, and what the people on this device may do.
    Names(Names),
    /// What the people on this device may see from here on. What lies outside is dropped; the documents of scopes
    /// that were not held before follow.
    Scopes {
        scopes: Scopes,
    },
    /// Whole documents. `docs` is a batch of `SavedDoc`.
    Docs {
        #[serde(with = "serde_bytes")]
        docs: Vec<u8>,
        why: Why,
        /// No more follow.
        last: bool,
        /// Where the log stood when these were read.
        at: Cursor,
        /// That it stood there: of all documents, in a first sync or after a reset.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
        proof: Option<Vec<u8>>,
    },
    /// What happened next on the log. `entries` is a batch of `Entry`.
    Entries {
        #[serde(with = "serde_bytes")]
        entries: Vec<u8>,
        /// Where the device stands after it.
        upto: Cursor,
        /// That the log stood there.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
        proof: Option<Vec<u8>>,
        /// At the end of the log: the digests there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digests: Option<Vec<(Scope, Digest)>>,
    },
    /// Verdicts given before where the device stands, for edits that it sent again.
    Again {
        #[serde(with = "serde_bytes")]
        entries: Vec<u8>,
    },
    /// The heads of each document in a scope. `heads` is a batch of `DocHeads`.
    HeadsOf {
        scope: Scope,
        #[serde(with = "serde_bytes")]
        heads: Vec<u8>,
        at: Cursor,
    },
    /// Nothing was lost; send what has no verdict again after this time.
    RetryLater {
        after_ms: u32,
        words: String,
        /// Only these wait, everything else goes on; without any, all of it waits.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<EditId>,
    },
    /// This device is not to be used any more, and all that was entered on it is safe: everything on it goes.
    Wipe {
        /// Whose data it is, for the note that stays.
        by: String,
    },
    /// To the question of this number.
    Answer {
        id: u32,
        answer: Answer,
    },
    /// To what was carried under this number.
    Carried {
        id: u32,
        carried: Carried,
    },
    /// What was wrong; the server closes the socket after it.
    Fault(Fault),
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    #[serde(with = "serde_bytes")]
    pub token: Vec<u8>,
    pub person: PersonId,
    pub display: String,
    pub roles: Vec<Role>,
    /// Short, unique, the beginning of the numbers made on this device.
    pub device_code: String,
    /// Whose server this is. A device keeps the first it hears, and takes nothing from another.
    pub company: CompanyId,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn {:?} on {}", self.person, self.device_code)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    pub protocol: u16,
    /// Whose server this is; absent where `Hello` named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    pub time: Timestamp,
    pub next: Next,
    /// Where the log stands; absent when the device stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Cursor>,
    /// That it stood there, when nothing else follows; absent when the device handed in the same.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    pub proof: Option<Vec<u8>>,
    /// The sum of the digests there of all scopes that the device named, when nothing else follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The highest counter of this device that has a verdict. Above the device's own: its file is old.
    pub counter: u64,
    /// Bytes of one photo or paper that this server takes at most; absent where it is the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<u64>,
}

impl ServerFrame {
    /// Where a device will stand by this frame, and the place for the proof that the log stood there. Whoever sends it
    /// puts that in: what is not sent needs none.
    pub fn stand(&mut self) -> Option<(Cursor, &mut Option<Vec<u8>>)> {
        match self {
            Self::Docs { why: Why::First, at, proof, .. } | Self::Entries { upto: at, proof, .. } => {
                Some((*at, proof))
            }
            _ => None,
        }
    }
}

/// Why documents come whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A first sync, or after a reset.
    First,
    /// Scopes were gained.
    Gained,
    /// The device asked.
    Fetch,
}

/// What follows the welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// The device has everything.
    Nothing,
    /// The log from the device's cursor.
    Entries,
    /// All documents, then the log from where the first of them was read.
    Docs,
    /// The log is not the one the device knew: all documents anew, then it pushes again what it keeps.
    Reset,
    /// Nothing but verdicts: the access of the device, or of everybody on it, was withdrawn. It hands over what was
    /// entered on it before, and says when it is done.
    PushOnly,
    /// The same, and the log is not the one that the device knew: it hands over once more what it keeps, too.
    PushAgain,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    pub version: u64,
    /// People and devices are those whose names changed behind this version; without it all of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub since: u64,
    pub people: Vec<PersonName>,
    pub devices: Vec<DeviceName>,
    /// Who is enrolled on this device.
    pub here: Vec<Grant>,
    /// The company wants what devices keep encrypted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub encrypt: bool,
}

impl Names {
    /// All of them, for a device that had these.
    pub fn on(mut self, mut had: Self) -> Self {
        if std::mem::take(&mut self.since) == 0 {
            return self;
        }
        had.people.retain(|old| self.people.iter().all(|new| new.id != old.id));
        had.devices.retain(|old| self.devices.iter().all(|new| new.id != old.id));
        had.people.append(&mut self.people);
        had.devices.append(&mut self.devices);
        Self { people: had.people, devices: had.devices, ..self }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    pub id: PersonId,
    pub name: String,
    pub roles: Vec<Role>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceName {
    pub id: DeviceId,
    pub code: String,
    pub name: String,
}

/// What a person may do on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub person: PersonId,
    pub roles: Vec<Role>,
    pub locations: Vec<LocationId>,
    /// When an admin last said that this person may try the PIN on this device again. Counts once, however often it
    /// is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlocked: Option<Timestamp>,
}

/// A whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedDoc {
    pub doc: DocAddr,
    pub scopes: Scopes,
    #[serde(with = "serde_bytes")]
    pub saved: Vec<u8>,
}

/// One position of the log, as one device may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 0 where nothing was written: the verdict is for this one push alone.
    pub pos: u64,
    pub edit: EditId,
    /// Only for an edit of this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<OwnVerdict>,
    /// What to take in; what is outside the device's scopes is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<DocChange>,
    /// Documents that came into the device's scopes, whole, as they are at the end of this step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveal: Vec<SavedDoc>,
    /// Documents that left the device's scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<DocAddr>,
    /// What was personal in these was erased, whoever may see them: it goes from what was entered on them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<DocAddr>,
}

impl Entry {
    /// Nothing but what was said of an edit.
    pub fn said(pos: u64, edit: EditId, verdict: OwnVerdict) -> Self {
        let (changes, reveal, forget, erased) = Default::default();
        Self { pos, edit, verdict: Some(verdict), changes, reveal, forget, erased }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnVerdict {
    pub attempt: u32,
    pub verdict: Verdict,
    /// Of one that was held and stands now: what a manager decided, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The human numbers that the server gave, because the client left them to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
}

impl OwnVerdict {
    pub fn new(attempt: u32, verdict: Verdict) -> Self {
        Self { attempt, verdict, decided: None, given: Vec::new() }
    }
}

/// The number of an order, or of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub part: u16,
    pub number: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocChange {
    pub part: u16,
    pub doc: DocAddr,
    /// The generation of the document that it belongs to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// Of the document after the entry; none where they are as they were.
    #[serde(default, skip_serializing_if = "Scopes::is_empty")]
    pub scopes: Scopes,
    pub hash: Hash,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocHeads {
    pub doc: DocAddr,
    pub heads: Vec<Hash>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub code: FaultCode,
    /// One sentence of what was wrong, one of what to do.
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// Bytes that are no frame, or a frame above its limits.
    BadFrame,
    /// A frame that does not belong here, as a push before the hello.
    OutOfPlace,
    /// An older protocol than the server serves, or a newer one than it knows.
    Version,
    /// The name or password is wrong.
    SignInRefused,
    /// Too many attempts; wait.
    Throttled,
    /// The token is not known, or was ended: sign in again.
    SignedOut,
    /// The device holds another company's data. Nothing was looked at, and nothing changed.
    OtherCompany,
    /// The edit names a device or person that this socket does not speak for.
    Forged,
    /// The server is closing, or cannot serve now.
    Unavailable,
    #[serde(other)]
    Unknown,
}

impl ClientFrame {
    pub const NAMES: &'static [&'static str] =
        &["sign_in", "hello", "push", "discard", "heads", "fetch", "done", "ask", "carry"];
}

impl ServerFrame {
    pub const NAMES: &'static [&'static str] = &[
        "signed_in",
        "welcome",
        "names",
        "scopes",
        "docs",
        "entries",
        "again",
        "heads_of",
        "retry_later",
        "wipe",
        "answer",
        "carried",
        "fault",
    ];
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_first(turn: &u32) -> bool {
    *turn == 0
}
