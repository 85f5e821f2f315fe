//! What no trying again mends: the database does not take this program's own statements, as after a table was
//! renamed or a right withdrawn. Devices are told to come again later, so somebody else has to be told.

use std::sync::{Mutex, PoisonError};

use crate::log::{CommitError, LogError};

#[derive(Debug, Default)]
pub struct Alarm {
    /// The SQLSTATE.
    on: Mutex<Option<String>>,
}

impl Alarm {
    pub fn on(&self) -> Option<String> {
        self.on.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// That something can be read puts nothing right yet.
    pub fn read<T>(&self, outcome: Result<T, LogError>) -> Result<T, LogError> {
        if let Err(LogError::Defect(state)) = &outcome {
            self.rings(state);
        }
        outcome
    }

    /// A batch was tried. Only one that was written puts it right.
    pub fn written(&self, error: Option<&CommitError>) {
        match error {
            None => *self.on.lock().unwrap_or_else(PoisonError::into_inner) = None,
            Some(CommitError::Defect(state)) => self.rings(state),
            Some(_) => {}
        }
    }

    /// Counted every time, told once.
    fn rings(&self, state: &str) {
        metrics::counter!("waybill_sql_defects_total", "sqlstate" => state.to_owned()).increment(1);
        let mut on = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        if on.as_deref() != Some(state) {
            tracing::error!(
                sqlstate = state,
                "the database does not take a statement of this program: no entry of any device is accepted \
                 until its tables and rights are those of this version"
            );
            *on = Some(state.to_owned());
        }
    }
}

/// Class 42: syntax, missing tables and columns, missing rights.
pub fn defect(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    code.starts_with("42").then(|| code.into_owned())
}

#[cfg(test)]
mod tests {
    use super::Alarm;
    use crate::log::CommitError;

    #[test]
    fn only_a_batch_that_was_written_ends_the_alarm() {
        let alarm = Alarm::default();
        alarm.written(Some(&CommitError::Defect("42P01".to_owned())));
        for outcome in [CommitError::Conflict, CommitError::DiskFull, CommitError::Retry("lost".to_owned())] {
            alarm.written(Some(&outcome));
            assert_eq!(alarm.on().as_deref(), Some("42P01"));
        }
        alarm.written(None);
        assert_eq!(alarm.on(), None);
    }
}
