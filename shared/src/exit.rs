//! With which number the two programs end, so that a script can tell what to do next.

/// One number, one meaning, in both programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    Done,
    Failed,
    Usage,
    Unusable,
    NotReachable,
    NotAllowed,
    Unknown,
}

impl Exit {
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Unusable,
        Self::NotReachable,
        Self::NotAllowed,
        Self::Unknown,
    ];

    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unusable => 3,
            Self::NotReachable => 4,
            Self::NotAllowed => 5,
            Self::Unknown => 6,
        }
    }

    /// In JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "refused",
            Self::Usage => "usage",
            Self::Unusable => "file",
            Self::NotReachable => "connection",
            Self::NotAllowed => "not_allowed",
            Self::Unknown => "unknown",
        }
    }

    pub const fn means(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed: it was refused or went wrong, and was not done",
            Self::Usage => "usage: what was typed, or a setting, cannot be meant",
            Self::Unusable => "the file or the database of this machine cannot be used",
            Self::NotReachable => {
                "not reachable: the server or its database does not answer; what was entered here stays, and waits"
            }
            Self::NotAllowed => "not allowed: who asks for it may not do it, or is not signed in",
            Self::Unknown => {
                "unknown: it may have been done, or was and could not be said; look before you try again"
            }
        }
    }
}

/// All of them, a line each, as `--help` ends.
pub fn table() -> String {
    let line = |exit: &Exit| format!("  {}  {}", exit.code(), exit.means());
    let lines: Vec<String> = Exit::ALL.iter().map(line).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_means_one_thing() {
        for (at, exit) in (0..).zip(Exit::ALL) {
            assert_eq!(exit.code(), at);
        }
        assert_eq!(table().lines().count(), Exit::ALL.len() + 1);
    }
}
