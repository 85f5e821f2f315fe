//! The sync chip in each of its states, by name.

use chrono::Duration;
use waybill_client::desktop::widgets::sync_chip::{SyncDetail, SyncState, Waiting};

use super::names;

/// `None` for a word that is no state of the chip.
pub fn sync_state(name: &str) -> Option<SyncState> {
    Some(match name {
        "live" => SyncState::Live,
        "connecting" => SyncState::Connecting,
        "catching-up" => SyncState::CatchingUp,
        "offline" => SyncState::Offline { waiting: 0, since: None },
        "waiting" => SyncState::Offline { waiting: 3, since: Some(names().now() - Duration::minutes(279)) },
        "sending" => SyncState::Sending { done: 3, of: 12 },
        "needs-you" => SyncState::Attention { count: 2 },
        "signed-out" => SyncState::SignedOut { waiting: 5 },
        "problem" => SyncState::Problem {
            words: "The disk of this device is full. Make room on it: what you entered is safe.".into(),
        },
        "clock" => SyncState::Clock { off: "3 days ahead".into() },
        _ => return None,
    })
}

pub fn sync_detail() -> SyncDetail {
    let now = names().now();
    let waiting = [("Sold 3 × Oak chair", 12), ("Set the quantity of Dining table, extendable to 2", 4)];
    let waiting =
        waiting.map(|(words, ago)| Waiting { words: words.into(), at: now - Duration::minutes(ago) });
    SyncDetail {
        last_contact: Some(now - Duration::minutes(282)),
        waiting: waiting.into(),
        clock: None,
        version: "0.1.0".into(),
        diagnostics: String::new(),
    }
}
