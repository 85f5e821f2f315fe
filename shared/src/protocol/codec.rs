//! Frames to bytes and back. Decoding is for bytes from anyone: bounded in size, depth and memory.

use serde::{Serialize, de::DeserializeOwned};

use super::limits;

/// What is wrong with bytes that should be a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("the frame has {size} bytes, {limit} are allowed")]
    TooLarge { size: usize, limit: usize },
    #[error("the frame is not one complete CBOR value of a known form: {0}")]
    Malformed(String),
    #[error("{0} bytes follow the frame")]
    Trailing(usize),
}

pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    // Writing to a Vec cannot fail, and no type of ours refuses to be serialised.
    let written = ciborium::into_writer(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, BadFrame> {
    if bytes.len() > limit {
        return Err(BadFrame::TooLarge { size: bytes.len(), limit });
    }
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, limits::NESTING)
        .map_err(|error| BadFrame::Malformed(words(&error)))?;
    if rest.is_empty() { Ok(value) } else { Err(BadFrame::Trailing(rest.len())) }
}

fn words(error: &ciborium::de::Error<std::io::Error>) -> String {
    use ciborium::de::Error;
    match error {
        Error::Io(_) => "it ends too early".to_owned(),
        Error::Syntax(at) => format!("syntax at byte {at}"),
        Error::Semantic(Some(at), what) => format!("{what} (at byte {at})"),
        Error::Semantic(None, what) => what.clone(),
        Error::RecursionLimitExceeded => "it nests too deep".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::Cursor,
        id::CompanyId,
        protocol::{ClientFrame, ServerFrame, frame::*},
        scope::Scope,
    };

    #[test]
    fn frames_come_back_as_they_were_and_the_greeting_is_small() {
        let hello = ClientFrame::Hello(Hello {
            protocol: 1,
            version: "0.1.0".into(),
            token: vec![7; 32],
            company: Some(CompanyId::NIL),
            cursor: Some(Cursor::START),
            proof: Some(vec![1; 24]),
            loaded: None,
            scopes: vec![Scope::Everyone, Scope::Office, Scope::Shops].into(),
            gaining: None,
            unsure: 0,
            keeps: true,
            counter: 70_000,
            names: 3,
            waiting: 0,
            commands: 1,
            clock: None,
        });
        let welcome = ServerFrame::Welcome(Welcome {
            protocol: 1,
            company: None,
            time: crate::time::Timestamp::from_unix_ms(1_763_600_000_000),
            next: Next::Nothing,
            head: None,
            proof: None,
            digest: Some(Default::default()),
            counter: 70_000,
            attachment: None,
        });
        let (up, down) = (encode(&hello), encode(&welcome));
        assert_eq!(decode::<ClientFrame>(&up, limits::CLIENT_FRAME), Ok(hello));
        assert_eq!(decode::<ServerFrame>(&down, limits::SERVER_FRAME), Ok(welcome));
        assert!(up.len() + down.len() < 320, "{} + {} bytes", up.len(), down.len());
    }

    #[test]
    fn bytes_that_are_no_frame_are_named_so() {
        let good = encode(&ClientFrame::Heads { scope: Scope::Office });
        let nested = [vec![0x81; 5000], vec![0]].concat();
        let huge_array = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for bytes in
            [&good[..good.len() - 1], &[good.clone(), vec![0]].concat(), &nested, &huge_array, b"", b"\xa1"]
        {
            assert!(decode::<ClientFrame>(bytes, limits::CLIENT_FRAME).is_err(), "{bytes:02x?}");
        }
    }
}
