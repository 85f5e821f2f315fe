//! Values of the domain as columns, and back.

use uuid::Uuid;
use waybill_shared::{
    digest::Digest,
    doc::Hash,
    edit::Verdict,
    generation::Why,
    id::{DeviceId, EditId},
    kind::DocAddr,
    protocol::{decode, encode, frame::Given, limits},
    review::{Decided, Decision},
    time::Timestamp,
};

use crate::log::{Known, LogError};

/// Addresses as two columns, for UNNEST.
#[derive(Default)]
pub struct Addrs {
    pub kinds: Vec<i16>,
    pub ids: Vec<Uuid>,
}

impl Addrs {
    pub fn of<'a>(addrs: impl IntoIterator<Item = &'a DocAddr>) -> Self {
        let mut columns = Self::default();
        for addr in addrs {
            columns.push(addr);
        }
        columns
    }

    pub fn push(&mut self, addr: &DocAddr) {
        self.kinds.push(kind(addr));
        self.ids.push(addr.id);
    }
}

pub fn kind(addr: &DocAddr) -> i16 {
    i16::from(u8::from(addr.kind))
}

/// A number as its column. One that does not fit is never stored as another: the chain covers it as it is.
pub fn number(value: u64) -> Result<i64, sqlx::Error> {
    i64::try_from(value).map_err(|_| no_column(value))
}

pub fn small(value: u32) -> Result<i32, sqlx::Error> {
    i32::try_from(value).map_err(|_| no_column(value))
}

/// The number of a part.
pub fn tiny(value: u16) -> Result<i16, sqlx::Error> {
    i16::try_from(value).map_err(|_| no_column(value))
}

fn no_column(value: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Encode(format!("{value} does not fit its column").into())
}

/// A position to read behind or up to: no log goes further than its column.
pub fn position(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// How many rows are read at most.
pub fn most(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub fn addr(kind: i16, id: Uuid) -> Result<DocAddr, LogError> {
    let code = u8::try_from(kind).map_err(|_| unreadable(format!("document kind {kind}")))?;
    Ok(DocAddr::new(code.into(), id))
}

pub fn why(name: &str) -> Why {
    if name == Why::Erased.name() { Why::Erased } else { Why::Grown }
}

pub fn hash(bytes: &[u8]) -> Result<Hash, LogError> {
    bytes.try_into().map(Hash).map_err(|_| unreadable(format!("a hash of {} bytes", bytes.len())))
}

pub fn heads(bytes: &[u8]) -> Result<Vec<Hash>, LogError> {
    bytes.chunks(32).map(hash).collect()
}

pub fn joined(heads: &[Hash]) -> Vec<u8> {
    heads.iter().flat_map(|head| head.0).collect()
}

pub fn digest(bytes: &[u8]) -> Result<Digest, LogError> {
    let bytes: [u8; 16] =
        bytes.try_into().map_err(|_| unreadable(format!("a digest of {} bytes", bytes.len())))?;
    Ok(Digest(u128::from_be_bytes(bytes)))
}

/// The verdict whole, where it says more than its name.
pub fn told(verdict: &Verdict) -> Option<Vec<u8>> {
    match verdict {
        Verdict::Accepted | Verdict::Rewritten | Verdict::Discarded { by: None } => None,
        Verdict::Refused { .. }
        | Verdict::Blocked { .. }
        | Verdict::Held { .. }
        | Verdict::Discarded { by: Some(_) } => Some(encode(verdict)),
    }
}

pub fn verdict(name: &str, told: Option<&[u8]>) -> Result<Verdict, LogError> {
    match (name, told) {
        ("accepted", _) => Ok(Verdict::Accepted),
        ("rewritten", _) => Ok(Verdict::Rewritten),
        (_, Some(told)) => decode(told, limits::CLIENT_FRAME).map_err(|bad| unreadable(bad.to_string())),
        ("discarded", None) => Ok(Verdict::GIVEN_UP),
        // Its words were erased; what was said of it stays.
        ("refused", None) => Ok(Verdict::Refused { findings: Vec::new() }),
        ("held", None) => Ok(Verdict::Held { findings: Vec::new() }),
        ("blocked", None) => Ok(Verdict::Blocked { by: EditId::NIL, findings: Vec::new() }),
        (other, None) => Err(unreadable(format!("the verdict {other}"))),
    }
}

pub type KnownRow = (Uuid, i32, Uuid, String, Option<Vec<u8>>, i64);

/// What was handed in is told apart.
pub fn known((edit, attempt, device, name, told, pos): KnownRow) -> Result<Known, LogError> {
    Ok(Known {
        edit: EditId::new(edit),
        attempt: attempt.unsigned_abs(),
        device: DeviceId::new(device),
        verdict: verdict(&name, told.as_deref())?,
        pos: pos.unsigned_abs(),
        content: None,
    })
}

/// The numbers that the server gave.
pub fn given(numbers: &[Given]) -> Option<Vec<u8>> {
    (!numbers.is_empty()).then(|| encode(&numbers))
}

pub fn given_back(bytes: Option<&[u8]>) -> Result<Vec<Given>, LogError> {
    match bytes {
        Some(bytes) => decode(bytes, limits::CLIENT_FRAME).map_err(|bad| unreadable(bad.to_string())),
        None => Ok(Vec::new()),
    }
}

pub fn decided(row: Option<DecidedRow>) -> Result<Option<Decided>, LogError> {
    let Some((name, by, reason, at)) = row else { return Ok(None) };
    let decision = Decision::named(&name).ok_or_else(|| unreadable(format!("the decision {name}")))?;
    Ok(Some(Decided { decision, by: by.into(), at: Timestamp::from_unix_ms(at), reason }))
}

pub type DecidedRow = (String, Uuid, String, i64);

pub fn unreadable(what: impl Into<String>) -> LogError {
    LogError::Unreadable(what.into())
}
