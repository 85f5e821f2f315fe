//! Enumerations that a newer version may extend. A name that this version does not know is kept as it came
//! and shown as it is called: nothing that holds one becomes unreadable, and what is passed on stays the same.

use std::{borrow::Cow, fmt};

use serde::{Deserializer, de};

/// A name made by a newer version. A value of fixed size, so that whatever holds one can be copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Newer {
    /// Filled up with zeros, which no name holds.
    bytes: [u8; Self::LONGEST],
}

impl Newer {
    /// No name of any version is longer.
    pub const LONGEST: usize = 24;

    /// Small letters, digits and underscores; `None` for anything else.
    pub fn new(name: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(fits) {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self { bytes })
    }

    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default().trim_end_matches('\0')
    }

    /// As a person reads it: `charged back`.
    pub fn words(&self) -> String {
        self.name().replace('_', " ")
    }
}

impl fmt::Debug for Newer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name by `of`, which knows none that is not of the form of one.
pub fn read<'de, D: Deserializer<'de>, T>(deserializer: D, of: fn(&str) -> Option<T>) -> Result<T, D::Error> {
    struct Names<T>(fn(&str) -> Option<T>);
    impl<T> de::Visitor<'_> for Names<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a name of at most {} small letters, digits and underscores", Newer::LONGEST)
        }
        fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
            (self.0)(name).ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
        }
    }
    deserializer.deserialize_str(Names(of))
}

/// Words of a known variant, or of a newer one.
pub fn words(known: Result<&'static str, Newer>) -> Cow<'static, str> {
    known.map_or_else(|newer| Cow::Owned(newer.words()), Cow::Borrowed)
}

/// Declares an enumeration with the name of each variant, which is for ever (it stands in documents, frames
/// and reports), and its words on the screen.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $kind:ident {
            $($(#[$note:meta])* $variant:ident = $name:literal $words:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {
            $($(#[$note])* $variant,)+
            /// Of a newer version of Waybill.
            Newer($crate::open::Newer),
        }

        impl $kind {
            /// Those that this version knows.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// `None` for what is not of the form of a name.
            pub fn of(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => $crate::open::Newer::new(name).map(Self::Newer),
                }
            }

            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Newer(newer) => newer.name(),
                }
            }

            pub fn words(self) -> std::borrow::Cow<'static, str> {
                $crate::open::words(match self {
                    $(Self::$variant => Ok($words),)+
                    Self::Newer(newer) => Err(newer),
                })
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::open::read(deserializer, Self::of)
            }
        }
    };
}

pub(crate) use open_enum;
