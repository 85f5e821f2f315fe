//! Numbers from outside that are kept: none is read that would not fit where it is kept, so that what is hashed is
//! what is stored.

use serde::{Deserialize, Deserializer, de};

/// The highest attempt of an edit, and the most that a device may say waits on it: a column of four bytes.
pub const SMALL: u32 = i32::MAX as u32;

/// The highest push counter: every language reads it without loss, and it fits a column of eight bytes.
pub const COUNTER: u64 = (1 << 53) - 1;

/// For `#[serde(deserialize_with)]`: 0 to `SMALL`.
pub fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(u32::deserialize(deserializer)?, SMALL)
}

/// For `#[serde(deserialize_with)]`: 0 to `COUNTER`.
pub fn counter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(u64::deserialize(deserializer)?, COUNTER)
}

fn within<N: Copy + Ord + std::fmt::Display, E: de::Error>(number: N, most: N) -> Result<N, E> {
    if number <= most { Ok(number) } else { Err(E::custom(format!("{number} is above {most}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Kept {
        #[serde(deserialize_with = "small")]
        attempt: u32,
        #[serde(deserialize_with = "counter")]
        counter: u64,
    }

    #[test]
    fn what_would_not_fit_is_not_read() {
        for (attempt, counter, fits) in [
            (0, 0, true),
            (u64::from(SMALL), COUNTER, true),
            (u64::from(SMALL) + 1, 0, false),
            (u64::from(u32::MAX), 0, false),
            (0, COUNTER + 1, false),
            (0, u64::MAX, false),
        ] {
            let sent = std::collections::BTreeMap::from([("attempt", attempt), ("counter", counter)]);
            let bytes = crate::protocol::encode(&sent);
            let read = crate::protocol::decode::<Kept>(&bytes, bytes.len());
            assert_eq!(read.is_ok(), fits, "attempt {attempt}, counter {counter}");
            if let Ok(kept) = read {
                assert_eq!((u64::from(kept.attempt), kept.counter), (attempt, counter));
            }
        }
    }
}
