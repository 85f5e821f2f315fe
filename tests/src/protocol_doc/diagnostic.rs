//! CBOR in diagnostic notation (RFC 8949, section 8), broken into lines where it grows long.

use ciborium::Value;

/// Longer than this, a map or an array gets a line for each of its items.
const LINE: usize = 100;

/// The one CBOR value in these bytes, for a person to read.
pub fn diagnostic(cbor: &[u8]) -> Result<String, String> {
    let mut rest = cbor;
    let value: Value = ciborium::from_reader(&mut rest).map_err(|error| error.to_string())?;
    if !rest.is_empty() {
        return Err(format!("{} bytes follow the value", rest.len()));
    }
    Ok(printed(&value, 0))
}

fn printed(value: &Value, depth: usize) -> String {
    let flat = flat(value);
    if depth * 2 + flat.len() <= LINE {
        return flat;
    }
    let (open, close, items) = match value {
        Value::Array(items) => ('[', ']', items.iter().map(|item| printed(item, depth + 1)).collect()),
        Value::Map(entries) => ('{', '}', entries.iter().map(|entry| entry_of(entry, depth + 1)).collect()),
        _ => return flat,
    };
    let items: Vec<String> = items;
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let lines: Vec<String> = items.iter().map(|item| format!("{inner}{item}")).collect();
    format!("{open}\n{}\n{outer}{close}", lines.join(",\n"))
}

fn entry_of((key, value): &(Value, Value), depth: usize) -> String {
    let key = flat(key);
    let room_taken = key.len() + 2;
    let on_one_line = flat(value);
    if depth * 2 + room_taken + on_one_line.len() <= LINE {
        return format!("{key}: {on_one_line}");
    }
    format!("{key}: {}", broken(value, depth))
}

/// Over several lines if it can be, because with its key it does not fit on one.
fn broken(value: &Value, depth: usize) -> String {
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(|item| printed(item, depth + 1)).collect(),
        Value::Map(entries) => entries.iter().map(|entry| entry_of(entry, depth + 1)).collect(),
        _ => return flat(value),
    };
    let (open, close) = if matches!(value, Value::Array(_)) { ('[', ']') } else { ('{', '}') };
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let lines: Vec<String> = items.iter().map(|item| format!("{inner}{item}")).collect();
    format!("{open}\n{}\n{outer}{close}", lines.join(",\n"))
}

fn flat(value: &Value) -> String {
    match value {
        Value::Integer(integer) => i128::from(*integer).to_string(),
        Value::Bytes(bytes) => format!("h'{}'", hex::encode(bytes)),
        Value::Text(text) => quoted(text),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::Float(float) => float.to_string(),
        Value::Tag(tag, value) => format!("{tag}({})", flat(value)),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flat).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", flat(key), flat(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => "simple".to_owned(),
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_the_standard_writes_them() {
        // Of the examples in RFC 8949, appendix A.
        for (cbor, said) in [
            ("1903e8", "1000"),
            ("3903e7", "-1000"),
            ("4401020304", "h'01020304'"),
            ("62225c", "\"\\\"\\\\\""),
            ("8301820203820405", "[1, [2, 3], [4, 5]]"),
            ("a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"),
            ("f4", "false"),
            ("f6", "null"),
        ] {
            let bytes = hex::decode(cbor).expect("hex");
            assert_eq!(diagnostic(&bytes).as_deref(), Ok(said));
        }
        assert!(diagnostic(&[0x01, 0x02]).is_err(), "two values are not one");
    }
}
