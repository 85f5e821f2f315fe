//! The leaves of a value that travels, and what to put in their place.

use ciborium::Value;

/// One place in a value: numbers, texts, bytes and truths, and the keys that are ids.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// As `edits/0/counter`.
    pub name: String,
    path: Vec<Step>,
    was: Value,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The so-manieth of an array, or value of a map.
    Value(usize),
    /// The so-manieth key of a map.
    Key(usize),
}

pub fn leaves(value: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(value, String::new(), &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, name: String, path: &mut Vec<Step>, found: &mut Vec<Leaf>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") };
    match value {
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                path.push(Step::Value(nth));
                walk(item, below(&nth.to_string()), path, found);
                path.pop();
            }
        }
        Value::Map(entries) => {
            for (nth, (key, value)) in entries.iter().enumerate() {
                let part = key.as_text().map_or_else(|| format!("#{nth}"), str::to_owned);
                if key.as_text().is_none() {
                    path.push(Step::Key(nth));
                    walk(key, below(&format!("{part} (key)")), path, found);
                    path.pop();
                }
                path.push(Step::Value(nth));
                walk(value, below(&part), path, found);
                path.pop();
            }
        }
        leaf => found.push(Leaf { name, path: path.clone(), was: leaf.clone() }),
    }
}

/// The place below these keys; numbers count in arrays.
pub fn child(value: &Value, keys: &[&str]) -> Option<Leaf> {
    let (mut at, mut path) = (value, Vec::new());
    for key in keys {
        let nth = match at {
            Value::Array(_) => key.parse().ok()?,
            Value::Map(entries) => entries.iter().position(|(name, _)| name.as_text() == Some(key))?,
            _ => return None,
        };
        path.push(Step::Value(nth));
        at = match at {
            Value::Array(items) => items.get(nth)?,
            Value::Map(entries) => &entries.get(nth)?.1,
            _ => return None,
        };
    }
    Some(Leaf { name: keys.join("/"), path, was: at.clone() })
}

pub fn replaced(value: &Value, leaf: &Leaf, by: Value) -> Value {
    let mut whole = value.clone();
    let mut at = &mut whole;
    for step in &leaf.path {
        at = match (at, step) {
            (Value::Array(items), Step::Value(nth)) => &mut items[*nth],
            (Value::Map(entries), Step::Value(nth)) => &mut entries[*nth].1,
            (Value::Map(entries), Step::Key(nth)) => &mut entries[*nth].0,
            (other, step) => panic!("no {step:?} in {other:?}"),
        };
    }
    *at = by;
    whole
}

impl Leaf {
    /// Values at the edge of what its kind can hold, and some of another kind.
    pub fn extremes(&self) -> Vec<Value> {
        let numbers = [
            0,
            -1,
            i128::from(i32::MAX),
            i128::from(i32::MAX) + 1,
            i128::from(u32::MAX),
            (1 << 53) - 1,
            1 << 53,
            i128::from(i64::MAX),
            i128::from(i64::MAX) + 1,
            i128::from(u64::MAX),
            i128::from(i64::MIN),
        ];
        let number = |number: i128| Value::Integer(number.try_into().expect("CBOR holds it"));
        let long = "x".repeat(10_000);
        let texts = [
            "",
            " ",
            "\0",
            "a\0b",
            "\u{1b}[2J",
            "\u{202e}gpj",
            "two\nlines",
            "-1",
            "1e99",
            "0001-01-01",
            "9999-12-31",
            "+262142-12-31",
            "-262143-01-01",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
            "99999999999999999999999999999999999999999",
            &long,
        ];
        let text = |text: &str| Value::Text(text.to_owned());
        match &self.was {
            Value::Integer(_) => numbers.into_iter().map(number).chain([text("1"), Value::Null]).collect(),
            Value::Text(_) => texts.into_iter().map(text).chain([number(1), Value::Null]).collect(),
            Value::Bytes(_) => [vec![], vec![0; 16], vec![0xff; 16], vec![0; 32], vec![7; 5_000]]
                .into_iter()
                .map(Value::Bytes)
                .chain([text("x"), Value::Null])
                .collect(),
            Value::Bool(is) => vec![Value::Bool(!is), number(2), Value::Null],
            _ => vec![number(0), Value::Null],
        }
    }
}
