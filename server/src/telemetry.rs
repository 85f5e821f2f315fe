//! Logs and figures. Log lines carry ids and counts, never what people are called.

use std::io::{Stderr, stderr};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use waybill_shared::texts::SpelledOut;

use crate::settings::{LogFormat, Settings};

/// Log lines go to standard error, so that standard output stays for what scripts read. A second start in one
/// process (as in tests) keeps the first one's log.
pub fn start_log(settings: &Settings) {
    start(settings, &settings.log_level);
}

/// For commands that a person waits for: only what is a defect, since their answer says the rest.
pub fn start_quiet_log(settings: &Settings) {
    start(settings, "error,sqlx=off");
}

fn start(settings: &Settings, level: &str) {
    let filter = EnvFilter::new(level);
    // Where standard error is gone, a log line is no reason to end.
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(plain).log_internal_errors(false);
    let _ = match settings.log_format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// What a device says of itself must not steer the terminal it is read on.
fn plain() -> SpelledOut<Stderr> {
    SpelledOut(stderr())
}

/// Where every figure of this process is collected; `/metrics` renders it.
pub fn figures() -> PrometheusHandle {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    FIGURES
        .get_or_init(|| {
            let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
            // Only an empty list of buckets is refused.
            let builder = PrometheusBuilder::new().set_buckets(&buckets).unwrap_or_default();
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        })
        .clone()
}

fn describe() {
    metrics::describe_counter!("waybill_sign_ins_total", "Sign-ins by outcome");
    metrics::describe_counter!(
        "waybill_postgres_restarts_total",
        "Times that the private PostgreSQL had to be started again"
    );
    metrics::describe_counter!(
        "waybill_connections_turned_away_total",
        "Connections for which there was no room"
    );
    metrics::describe_counter!(
        "waybill_sockets_displaced_total",
        "Sockets that were closed because their device came in on more than it may have"
    );
    metrics::describe_counter!(
        "waybill_sql_defects_total",
        "Times that the database did not take a statement of this program, by SQLSTATE: somebody has to look"
    );
    metrics::describe_gauge!("waybill_database_connections", "Connections to PostgreSQL by state");
    metrics::describe_gauge!("waybill_draining", "1 while the server is stopping");
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::SpelledOut;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_device_says_does_not_steer_who_reads_the_log() {
        let paper = Paper::default();
        let writer = paper.clone();
        let log = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || SpelledOut(writer.clone()))
            .finish();
        tracing::subscriber::with_default(log, || {
            let said = "Till\u{1b}]0;x\u{7}\u{9b}2J";
            tracing::warn!(quoted = said, said = %said, "it says {said}");
        });
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains("Till"), "{written:?}");
        assert!(!written.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{written:?}");
    }
}
