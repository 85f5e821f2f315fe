//! Batches: many small things compressed as one, which is where compression gains.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    codec::{BadFrame, decode, encode},
    limits,
};

/// CBOR, then zstd. Below this size it travels as it is, marked by its first byte.
const WORTH_IT: usize = 512;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

pub fn pack<T: Serialize>(items: &[T]) -> Vec<u8> {
    let plain = encode(&items);
    if plain.len() >= WORTH_IT
        && let Ok(mut packed) = zstd::bulk::compress(&plain, 3)
    {
        packed.insert(0, ZSTD);
        return packed;
    }
    let mut marked = vec![PLAIN];
    marked.extend_from_slice(&plain);
    marked
}

pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, BadFrame> {
    match bytes.split_first() {
        Some((&PLAIN, rest)) => decode(rest, limits::BATCH_UNPACKED),
        Some((&ZSTD, rest)) => {
            let plain = zstd::bulk::decompress(rest, limits::BATCH_UNPACKED)
                .map_err(|_| BadFrame::Malformed("the batch does not unpack".to_owned()))?;
            decode(&plain, limits::BATCH_UNPACKED)
        }
        _ => Err(BadFrame::Malformed("the batch has no known mark".to_owned())),
    }
}
