//! How long the server waits for a client, and when it has a client come again: PROTOCOL.md tells them.

use std::time::Duration;

use super::{connection, question, socket};

pub const TABLE: &[(&str, Duration)] = &[
    ("a socket must have signed in and said hello", connection::UNTIL_GREETED),
    ("a silent socket is pinged after", connection::ASK_ALIVE),
    ("a socket that says nothing, not even pong, is closed after", connection::SILENT),
    ("a socket that takes nothing of what is sent to it is closed after", socket::STUCK),
    ("a client that is far from the end of the log hears where it stands within", connection::LONGEST_UNTOLD),
    ("an answer to `held.decide` comes, or `later`, within", question::PATIENCE),
    ("`retry_later` where the server cannot store just now", come_again(connection::COME_AGAIN_MS)),
    ("`retry_later` of what other devices still have to send", come_again(connection::LOOK_AGAIN_MS)),
    ("`retry_later` where a manager has to look at earlier entries first", come_again(connection::FULL_MS)),
    ("`retry_later` of an entry of a later version", come_again(waybill_shared::session::LATER_VERSION_MS)),
];

const fn come_again(ms: u32) -> Duration {
    Duration::from_millis(ms as u64)
}
