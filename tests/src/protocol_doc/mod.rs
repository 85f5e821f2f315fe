//! The examples of PROTOCOL.md, made of the real types with fixed ids, so that they cannot drift from the code.

mod arguments;
mod asks;
mod change_ops;
mod commands;
mod diagnostic;
mod formulas;
mod frames;
mod plain;
mod tables;
mod world;

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use waybill_shared::protocol::{decode, encode};

pub use diagnostic::diagnostic;

/// Stands in the document between two marker lines.
#[derive(Debug)]
pub struct Example {
    pub name: String,
    pub body: String,
    /// It is Markdown of its own.
    table: bool,
}

impl Example {
    fn new(name: impl Into<String>, body: impl Into<String>) -> Self {
        Self { name: name.into(), body: body.into(), table: false }
    }

    fn table(name: impl Into<String>, body: impl Into<String>) -> Self {
        Self { table: true, ..Self::new(name, body) }
    }

    /// A value as hex and in diagnostic notation; it comes back from its bytes as it was.
    fn cbor<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
        name: impl Into<String>,
        value: &T,
    ) -> Self {
        let bytes = encode(value);
        assert_eq!(decode::<T>(&bytes, bytes.len()).as_ref(), Ok(value), "it comes back as it was");
        Self::new(name, shown(&bytes))
    }
}

pub fn all() -> Vec<Example> {
    let mut all = frames::all();
    all.extend(commands::all());
    all.extend(formulas::all());
    all.extend(arguments::all());
    all.extend(asks::all());
    all.extend(plain::all());
    all.extend(tables::all());
    all
}

/// The document with every example as it is now. An error names a marker without an example, or an example
/// without its place.
pub fn filled(document: &str, examples: &[Example]) -> Result<String, String> {
    let mut by_name: BTreeMap<&str, &Example> =
        examples.iter().map(|example| (example.name.as_str(), example)).collect();
    let mut out = String::with_capacity(document.len());
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(name) = marker(line) else { continue };
        let example = by_name
            .remove(name)
            .ok_or_else(|| format!("PROTOCOL.md shows “{name}” twice, or there is no such example"))?;
        let (open, close) = if example.table { ("\n", "\n\n") } else { ("```text\n", "\n```\n") };
        out.push_str(open);
        out.push_str(&example.body);
        out.push_str(close);
        out.push_str("<!-- end -->\n");
        let closed = lines.by_ref().any(|line| line.trim() == "<!-- end -->");
        if !closed {
            return Err(format!("the example “{name}” has no <!-- end --> after it"));
        }
    }
    match by_name.into_keys().next() {
        Some(name) => Err(format!("PROTOCOL.md has no place for “{name}”: add <!-- example: {name} -->")),
        None => Ok(out),
    }
}

fn marker(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<!-- example: ")?.strip_suffix(" -->")
}

fn shown(cbor: &[u8]) -> String {
    let said = diagnostic(cbor).unwrap_or_else(|error| panic!("our own CBOR reads: {error}"));
    format!("{}\n\n{said}", hex_lines(cbor))
}

fn hex_lines(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(48).map(hex::encode).collect();
    lines.join("\n")
}
