//! The tables of both databases, as numbered SQL files that are only ever added to: `postgres/` for the server,
//! `sqlite/` for the file on every device.

/// One step from one version of the tables to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The server's tables. The server runs what is missing at its start, under a lock.
pub const POSTGRES: &[Migration] = &[
    Migration { version: 1, name: "accounts", sql: include_str!("../postgres/0001_accounts.sql") },
    Migration { version: 2, name: "sync", sql: include_str!("../postgres/0002_sync.sql") },
    Migration { version: 3, name: "reports", sql: include_str!("../postgres/0003_reports.sql") },
    Migration { version: 4, name: "company", sql: include_str!("../postgres/0004_company.sql") },
    Migration { version: 5, name: "reset codes", sql: include_str!("../postgres/0005_reset_codes.sql") },
    Migration {
        version: 6,
        name: "set aside and settled",
        sql: include_str!("../postgres/0006_set_aside_and_settled.sql"),
    },
    Migration { version: 8, name: "held edits", sql: include_str!("../postgres/0008_held.sql") },
    Migration { version: 9, name: "trim", sql: include_str!("../postgres/0009_trim.sql") },
    Migration { version: 11, name: "another log", sql: include_str!("../postgres/0011_another_log.sql") },
    Migration { version: 12, name: "scopes", sql: include_str!("../postgres/0012_scopes.sql") },
    Migration { version: 13, name: "servers", sql: include_str!("../postgres/0013_servers.sql") },
    Migration { version: 14, name: "unlocked", sql: include_str!("../postgres/0014_unlocked.sql") },
    Migration { version: 15, name: "attachments", sql: include_str!("../postgres/0015_attachments.sql") },
    Migration { version: 16, name: "generations", sql: include_str!("../postgres/0016_generations.sql") },
    Migration { version: 17, name: "erasures", sql: include_str!("../postgres/0017_erasures.sql") },
    Migration { version: 18, name: "encrypt", sql: include_str!("../postgres/0018_encrypt.sql") },
    Migration {
        version: 19,
        name: "attachment claims",
        sql: include_str!("../postgres/0019_attachment_claims.sql"),
    },
    Migration { version: 20, name: "names", sql: include_str!("../postgres/0020_names.sql") },
    Migration { version: 21, name: "side by side", sql: include_str!("../postgres/0021_side_by_side.sql") },
    Migration { version: 22, name: "proofs", sql: include_str!("../postgres/0022_proofs.sql") },
    Migration { version: 24, name: "unpaced", sql: include_str!("../postgres/0024_unpaced.sql") },
    Migration { version: 26, name: "history", sql: include_str!("../postgres/0026_history.sql") },
    Migration { version: 28, name: "in use", sql: include_str!("../postgres/0028_in_use.sql") },
    Migration { version: 31, name: "numbers", sql: include_str!("../postgres/0031_numbers.sql") },
    Migration { version: 32, name: "clock", sql: include_str!("../postgres/0032_clock.sql") },
    Migration {
        version: 33,
        name: "views explained",
        sql: include_str!("../postgres/0033_views_explained.sql"),
    },
    Migration { version: 34, name: "left", sql: include_str!("../postgres/0034_left.sql") },
];

/// Servers that know the tables up to this step work on those of the last one too: what came after it only added to
/// them. Raised by a step that takes away or changes what such servers use, which waits until none of them runs.
pub const LEAST: i64 = 19;

/// The last step of the server's tables.
pub const LAST: i64 = POSTGRES[POSTGRES.len() - 1].version;

/// The tables of a device's file. The client runs what is missing when it opens the file.
pub const SQLITE: &[Migration] = &[
    Migration { version: 1, name: "device", sql: include_str!("../sqlite/0001_device.sql") },
    Migration { version: 2, name: "scopes", sql: include_str!("../sqlite/0002_scopes.sql") },
    Migration { version: 3, name: "attachments", sql: include_str!("../sqlite/0003_attachments.sql") },
    Migration { version: 4, name: "attached by", sql: include_str!("../sqlite/0004_attached_by.sql") },
    Migration { version: 11, name: "often", sql: include_str!("../sqlite/0011_often.sql") },
    Migration { version: 12, name: "sums", sql: include_str!("../sqlite/0012_sums.sql") },
    Migration { version: 13, name: "spare", sql: include_str!("../sqlite/0013_spare.sql") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up() {
        for list in [POSTGRES, SQLITE] {
            let versions: Vec<i64> = list.iter().map(|migration| migration.version).collect();
            assert!(versions.is_sorted_by(|before, after| before < after), "{versions:?}");
        }
    }

    #[test]
    fn the_last_tables_say_whose_servers_work_on_them() {
        assert!(LEAST <= LAST && POSTGRES.iter().any(|migration| migration.version == LEAST));
    }

    #[test]
    fn every_migration_has_a_name_and_statements() {
        for migration in POSTGRES.iter().chain(SQLITE) {
            assert!(!migration.name.is_empty(), "version {} has no name", migration.version);
            assert!(migration.sql.contains(';'), "{} holds no statement", migration.name);
        }
    }
}
