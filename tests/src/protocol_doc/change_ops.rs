//! An Automerge change as the list of its operations, in the order in which they are hashed.

use automerge::{
    Change, ObjType, ScalarValue,
    legacy::{Key, ObjectId, OpId, OpType},
};

use super::diagnostic::quoted;

/// One line an operation: its number, the map it writes in, the key, the value; and what it replaces.
pub fn operations(bytes: &[u8]) -> Result<Vec<String>, String> {
    let change = Change::from_bytes(bytes.to_vec()).map_err(|error| error.to_string())?.decode();
    let author = change.actor_id.clone();
    let first = change.start_op.get();
    let name = |id: &OpId| {
        if *id.actor() == author { format!("@{}", id.counter()) } else { format!("@{}s", id.counter()) }
    };
    let mut lines = Vec::with_capacity(change.operations.len());
    for (number, op) in (first..).zip(&change.operations) {
        let map = match &op.obj {
            ObjectId::Root => "root".to_owned(),
            ObjectId::Id(id) => name(id),
        };
        let key = match &op.key {
            Key::Map(key) => quoted(key),
            Key::Seq(_) => return Err("documents hold no lists".to_owned()),
        };
        let value = match &op.action {
            OpType::Make(ObjType::Map) => "{}".to_owned(),
            OpType::Put(value) => scalar(value)?,
            _ => return Err("a change makes maps and puts values, nothing else".to_owned()),
        };
        let replaced: Vec<String> = op.pred.iter().map(name).collect();
        let replaced =
            if replaced.is_empty() { String::new() } else { format!("   replaces {}", replaced.join(", ")) };
        lines.push(format!("@{number:<4} {map:<6} {key} = {value}{replaced}"));
    }
    Ok(lines)
}

fn scalar(value: &ScalarValue) -> Result<String, String> {
    Ok(match value {
        ScalarValue::Bytes(bytes) => format!("h'{}'", hex::encode(bytes)),
        ScalarValue::Str(text) => quoted(text),
        ScalarValue::Int(int) => int.to_string(),
        ScalarValue::Boolean(value) => value.to_string(),
        ScalarValue::Null => "null".to_owned(),
        other => return Err(format!("documents hold no {other:?}")),
    })
}
