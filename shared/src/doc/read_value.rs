//! Serde out of Automerge values: reads what `write_value` wrote, and skips what it does not know.

use std::fmt::Display;

use automerge::{ScalarValue, hydrate};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, Visitor, value::StringDeserializer},
    forward_to_deserialize_any,
};

/// A document that does not read as its kind. Only a defect of ours can cause it.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unreadable(String);

impl de::Error for Unreadable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

pub fn from_value<'de, T: Deserialize<'de>>(value: hydrate::Value) -> Result<T, Unreadable> {
    T::deserialize(ValueReader(value))
}

struct ValueReader(hydrate::Value);

impl<'de> Deserializer<'de> for ValueReader {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            hydrate::Value::Map(map) => visitor.visit_map(MapReader::new(map)),
            hydrate::Value::Scalar(scalar) => match scalar {
                ScalarValue::Bytes(bytes) => visitor.visit_byte_buf(bytes),
                ScalarValue::Str(text) => visitor.visit_str(&text),
                ScalarValue::Int(int) => visitor.visit_i64(int),
                ScalarValue::Uint(uint) => visitor.visit_u64(uint),
                ScalarValue::Boolean(value) => visitor.visit_bool(value),
                ScalarValue::Null => visitor.visit_unit(),
                ScalarValue::Timestamp(ms) => visitor.visit_i64(ms),
                ScalarValue::F64(_) | ScalarValue::Counter(_) | ScalarValue::Unknown { .. } => {
                    Err(Unreadable("documents hold no floats or counters".to_owned()))
                }
            },
            hydrate::Value::List(_) | hydrate::Value::Text(_) => {
                Err(Unreadable("documents hold no lists".to_owned()))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            hydrate::Value::Scalar(ScalarValue::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.0 {
            hydrate::Value::Scalar(ScalarValue::Str(text)) => {
                let name: StringDeserializer<Unreadable> = text.to_string().into_deserializer();
                visitor.visit_enum(name)
            }
            hydrate::Value::Map(map) => de::value::MapAccessDeserializer::new(MapReader::new(map))
                .deserialize_enum(name, variants, visitor),
            _ => Err(Unreadable(format!("{name} is neither text nor a map"))),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct MapReader {
    entries: std::vec::IntoIter<(String, hydrate::Value)>,
    value: Option<hydrate::Value>,
}

impl MapReader {
    fn new(map: hydrate::Map) -> Self {
        let mut map = map;
        let entries: Vec<_> = map.drain().map(|(key, value)| (key, value.value)).collect();
        Self { entries: entries.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for MapReader {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(KeyReader(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        let value = self.value.take().ok_or_else(|| Unreadable("a value before its key".to_owned()))?;
        seed.deserialize(ValueReader(value))
    }
}

/// A key is text; where an id is wanted it is that id's hexadecimal form.
pub(super) struct KeyReader(pub(super) String);

impl<'de> Deserializer<'de> for KeyReader {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.0)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let bytes = hex::decode(&self.0).map_err(|_| Unreadable(format!("key “{}” is not an id", self.0)))?;
        visitor.visit_byte_buf(bytes)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let name: StringDeserializer<Unreadable> = self.0.into_deserializer();
        visitor.visit_enum(name)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string byte_buf option unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}
