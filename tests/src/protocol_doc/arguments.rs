//! Which arguments a command has, and which of them it cannot do without: read off the types that decode them, and found
//! by leaving each away.

use std::{cell::RefCell, collections::BTreeSet};
use waybill_shared::order::commands::OrderCommand;

use ciborium::Value;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor, value::Error},
    forward_to_deserialize_any,
};
use waybill_shared::{command::Command, finding::Rule};

use super::{Example, commands};

/// Of every command: what it needs, and what may be left away.
pub fn all() -> Vec<Example> {
    let lines: Vec<String> = commands::every()
        .into_iter()
        .map(|command| {
            let (needs, may) = told(&command);
            let words = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
            let may = if may.is_empty() { String::new() } else { format!("\n    may have {}", words(&may)) };
            let needs = if needs.is_empty() { "nothing".to_owned() } else { words(&needs) };
            format!("{}\n    needs {needs}{may}", command.name())
        })
        .collect();
    vec![Example::new("arguments", lines.join("\n"))]
}

fn told(command: &Command) -> (BTreeSet<String>, BTreeSet<String>) {
    let Ok(Value::Map(entries)) = Value::serialized(command) else { panic!("a command is a map") };
    let Some((name, arguments)) = entries.first() else { panic!("a command has a name") };
    let (mut needs, mut may) = (BTreeSet::new(), BTreeSet::new());
    may.extend(arguments_of(command.name()));
    let mut paths = Vec::new();
    places(arguments, &mut Vec::new(), &mut paths);
    for path in paths {
        let mut without = arguments.clone();
        take_away(&mut without, &path);
        let named: Vec<&str> = path.iter().map(|step| step.1.as_str()).collect();
        let named = named.join("/");
        if is_good(&Value::Map(vec![(name.clone(), without)])) {
            may.insert(named);
        } else {
            may.remove(&named);
            needs.insert(named);
        }
    }
    (needs, may)
}

fn is_good(command: &Value) -> bool {
    let Ok(mut command) = command.deserialized::<Command>() else { return false };
    // What the server gives to a client that keeps no documents.
    command.complete(&mut uuid::Uuid::now_v7);
    if let Command::Order(OrderCommand::RecordSale(record)) = &mut command
        && record.sale.receipt.is_empty()
    {
        "S-000001".clone_into(&mut record.sale.receipt);
    }
    !command.check().iter().any(|finding| finding.rule == Rule::Malformed)
}

/// Where a step leads, and what it is called: a key that is an id is any.
type Step = (usize, String);

fn places(value: &Value, path: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    let Value::Map(entries) = value else { return };
    for (nth, (key, value)) in entries.iter().enumerate() {
        path.push((nth, key.as_text().unwrap_or("*").to_owned()));
        if key.as_text().is_some() {
            all.push(path.clone());
        }
        places(value, path, all);
        path.pop();
    }
}

fn take_away(value: &mut Value, path: &[Step]) {
    let (Value::Map(entries), Some(((nth, _), rest))) = (value, path.split_first()) else { return };
    if rest.is_empty() {
        entries.remove(*nth);
    } else {
        take_away(&mut entries[*nth].1, rest);
    }
}

/// The names of its arguments.
fn arguments_of(command: &'static str) -> Vec<String> {
    let seen = RefCell::new(Vec::new());
    // It ends with what it was to find out.
    let _ = Command::deserialize(Probe { variant: Some(command), seen: &seen });
    seen.into_inner()
}

/// The names of a choice.
pub fn choices<'de, T: Deserialize<'de>>() -> Vec<String> {
    let seen = RefCell::new(Vec::new());
    let _ = T::deserialize(Probe { variant: None, seen: &seen });
    seen.into_inner()
}

/// Notes what a type would read.
struct Probe<'a> {
    /// Which of the choices is gone into.
    variant: Option<&'static str>,
    seen: &'a RefCell<Vec<String>>,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("seen"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.seen.borrow_mut().extend(fields.iter().map(|field| (*field).to_owned()));
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.variant.is_some() {
            return visitor.visit_enum(self);
        }
        self.seen.borrow_mut().extend(variants.iter().map(|variant| (*variant).to_owned()));
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Probe<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = self.variant.unwrap_or_default();
        Ok((seed.deserialize(name.into_deserializer())?, Self { variant: None, ..self }))
    }
}

impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
    }
}
