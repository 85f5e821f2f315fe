//! Serde into Automerge values: how a struct is laid out in a document. Maps and scalars only; an absent
//! option is an absent key; ids are bytes; keys are text.
#![allow(
    clippy::disallowed_types,
    reason = "Automerge's map value is made from a HashMap; it writes it by sorted key"
)]

use std::{collections::HashMap, fmt::Display};

use automerge::{ScalarValue, hydrate};
use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

/// A value that documents cannot hold: lists, floats.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unwritable(String);

impl ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<hydrate::Value, Unwritable> {
    value.serialize(ValueWriter)
}

struct ValueWriter;

fn scalar(value: impl Into<ScalarValue>) -> Result<hydrate::Value, Unwritable> {
    Ok(hydrate::Value::Scalar(value.into()))
}

fn no_lists<T>() -> Result<T, Unwritable> {
    Err(Unwritable("documents hold no lists".to_owned()))
}

macro_rules! ints {
    ($($name:ident $int:ty)*) => {$(
        fn $name(self, value: $int) -> Result<hydrate::Value, Unwritable> { scalar(i64::from(value)) }
    )*};
}

impl Serializer for ValueWriter {
    type Ok = hydrate::Value;
    type Error = Unwritable;
    type SerializeSeq = Impossible<Self::Ok, Unwritable>;
    type SerializeTuple = Impossible<Self::Ok, Unwritable>;
    type SerializeTupleStruct = Impossible<Self::Ok, Unwritable>;
    type SerializeTupleVariant = Impossible<Self::Ok, Unwritable>;
    type SerializeMap = MapWriter;
    type SerializeStruct = MapWriter;
    type SerializeStructVariant = MapWriter;

    ints! { serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64
    serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 }

    fn serialize_u64(self, value: u64) -> Result<Self::Ok, Unwritable> {
        i64::try_from(value).map_err(|_| Unwritable(format!("{value} is too large"))).and_then(scalar)
    }
    fn serialize_bool(self, value: bool) -> Result<Self::Ok, Unwritable> {
        scalar(value)
    }
    fn serialize_f32(self, _: f32) -> Result<Self::Ok, Unwritable> {
        Err(Unwritable("documents hold no floats".to_owned()))
    }
    fn serialize_f64(self, _: f64) -> Result<Self::Ok, Unwritable> {
        Err(Unwritable("documents hold no floats".to_owned()))
    }
    fn serialize_char(self, value: char) -> Result<Self::Ok, Unwritable> {
        scalar(value.to_string())
    }
    fn serialize_str(self, value: &str) -> Result<Self::Ok, Unwritable> {
        scalar(value)
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<Self::Ok, Unwritable> {
        scalar(value.to_vec())
    }
    fn serialize_none(self) -> Result<Self::Ok, Unwritable> {
        scalar(ScalarValue::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Unwritable> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Self::Ok, Unwritable> {
        scalar(ScalarValue::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Self::Ok, Unwritable> {
        scalar(ScalarValue::Null)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Self::Ok, Unwritable> {
        scalar(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Unwritable> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Unwritable> {
        let mut map = HashMap::new();
        map.insert(variant.to_owned(), value.serialize(self)?);
        Ok(hydrate::Value::Map(map.into()))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Unwritable> {
        no_lists()
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unwritable> {
        no_lists()
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwritable> {
        no_lists()
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        no_lists()
    }
    fn serialize_map(self, _: Option<usize>) -> Result<MapWriter, Unwritable> {
        Ok(MapWriter::default())
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapWriter, Unwritable> {
        Ok(MapWriter::default())
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<MapWriter, Unwritable> {
        Ok(MapWriter { variant: Some(variant), ..MapWriter::default() })
    }
    fn is_human_readable(&self) -> bool {
        false
    }
}

#[derive(Default)]
struct MapWriter {
    entries: HashMap<String, hydrate::Value>,
    key: Option<String>,
    variant: Option<&'static str>,
}

impl MapWriter {
    fn put<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), Unwritable> {
        let value = value.serialize(ValueWriter)?;
        if value != hydrate::Value::Scalar(ScalarValue::Null) {
            self.entries.insert(key, value);
        }
        Ok(())
    }

    fn finish(self) -> hydrate::Value {
        let map = hydrate::Value::Map(self.entries.into());
        match self.variant {
            None => map,
            Some(name) => hydrate::Value::Map(HashMap::from([(name.to_owned(), map)]).into()),
        }
    }
}

impl ser::SerializeMap for MapWriter {
    type Ok = hydrate::Value;
    type Error = Unwritable;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        match key.serialize(ValueWriter)? {
            hydrate::Value::Scalar(ScalarValue::Str(text)) => self.key = Some(text.to_string()),
            hydrate::Value::Scalar(ScalarValue::Bytes(bytes)) => self.key = Some(hex::encode(bytes)),
            _ => return Err(Unwritable("a key is text or an id".to_owned())),
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let key = self.key.take().ok_or_else(|| Unwritable("a value without its key".to_owned()))?;
        self.put(key, value)
    }
    fn end(self) -> Result<hydrate::Value, Unwritable> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for MapWriter {
    type Ok = hydrate::Value;
    type Error = Unwritable;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.put(key.to_owned(), value)
    }
    fn end(self) -> Result<hydrate::Value, Unwritable> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for MapWriter {
    type Ok = hydrate::Value;
    type Error = Unwritable;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.put(key.to_owned(), value)
    }
    fn end(self) -> Result<hydrate::Value, Unwritable> {
        Ok(self.finish())
    }
}
