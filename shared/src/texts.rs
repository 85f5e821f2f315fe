//! What no text in a command may hold.

use ciborium::Value;
use serde::Serialize;

use crate::{finding::Finding, protocol::encode};

/// PostgreSQL keeps no text with a NUL in it, so no report could show it.
pub fn check(command: &impl Serialize) -> Option<Finding> {
    // Most commands have no zero byte at all, and most of those that have one have it in an id or a number.
    if !encode(command).contains(&0) {
        return None;
    }
    let value = Value::serialized(command).ok()?;
    nul("text", &value).map(|field| {
        let what = format!("The {field} holds a NUL character, which is no part of any text.");
        Finding::malformed(field, what, "Remove the character.")
    })
}

/// The field that holds one, by the name nearest to it.
fn nul<'a>(field: &'a str, value: &'a Value) -> Option<&'a str> {
    match value {
        Value::Text(text) => text.contains('\0').then_some(field),
        Value::Array(items) => items.iter().find_map(|item| nul(field, item)),
        Value::Map(entries) => entries.iter().find_map(|(key, value)| match key {
            Value::Text(name) if !name.contains('\0') => nul(name, value),
            key => nul(field, key).or_else(|| nul(field, value)),
        }),
        _ => None,
    }
}
