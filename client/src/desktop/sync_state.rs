//! The engine's status as the sync chip says it, and the diagnostics that a helper asks for.

use waybill_shared::rules::roles::Role;

use super::books::{Around, role_words};
use super::widgets::sync_chip::SyncState;
use crate::engine::{LinkState, SyncStatus};

/// The most pressing first: what is broken, what needs a person, what is under way, how things are.
pub fn of(status: &SyncStatus, around: &Around) -> SyncState {
    let waiting = status.waiting as usize;
    if let Some(words) = &status.trouble {
        return SyncState::Problem { words: words.trim_end_matches('.').to_owned() };
    }
    if status.link == LinkState::SignedOut {
        return SyncState::SignedOut { waiting };
    }
    if status.attention > 0 {
        return SyncState::Attention { count: status.attention as usize };
    }
    if let Some(sending) = status.sending {
        return SyncState::Sending { done: sending.done as usize, of: sending.of as usize };
    }
    // What waits goes before: it is not safe yet, and the popover says both.
    if let Some(off) = status.clock.clone().filter(|_| waiting == 0) {
        return SyncState::Clock { off };
    }
    match status.link {
        LinkState::Live => SyncState::Live,
        LinkState::Wiped => SyncState::SignedOut { waiting },
        LinkState::CatchingUp => SyncState::CatchingUp,
        // While a device without network tries again and again, it is offline, not coming and going.
        LinkState::Connecting if status.reason.is_none() => SyncState::Connecting,
        _ => SyncState::Offline { waiting, since: status.waiting_since.map(|at| around.names.local(at)) },
    }
}

/// Holds no names of customers: it is meant to be sent to somebody.
pub fn diagnostics(status: &SyncStatus, around: &Around) -> String {
    let meta = &around.meta;
    let contact = status.last_contact.map_or_else(|| "never".to_owned(), |at| format!("{at:?}"));
    let lines = [
        format!("Waybill {}", env!("CARGO_PKG_VERSION")),
        format!("system {} {}", std::env::consts::OS, std::env::consts::ARCH),
        format!("device {} {}", meta.device_code, meta.device),
        format!("roles {}", role_words(&around.roles)),
        format!("link {:?}, last contact {contact}", status.link),
        format!("waiting {}, needs attention {}", status.waiting, status.attention),
        format!("revision {}, counter {}", status.revision, meta.counter),
        format!("clock offset {} ms", meta.clock_offset),
        format!("reason {}", status.reason.as_deref().unwrap_or("none")),
        format!("trouble {}", status.trouble.as_deref().unwrap_or("none")),
    ];
    lines.join("\n")
}

pub fn leads(roles: &[Role]) -> bool {
    roles.iter().any(|role| role.leads())
}
