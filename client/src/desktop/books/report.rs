//! Revenue is counted over every order: on a thread of its own, so that the window never waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use chrono::Days;
use waybill_shared::order::Order;

use super::Books;
use crate::desktop::panels::reports::{ReportsData, ReportsState, RevenueDay};
use crate::revenue::Revenue;
use crate::store::Reader;

/// Changes within this time are counted together.
const AT_MOST_EVERY: Duration = Duration::from_secs(3);

pub struct Report {
    dir: PathBuf,
    counted: Option<(u64, Instant, Revenue)>,
    counting: Option<(u64, Receiver<Result<Revenue, String>>)>,
    pub trouble: Option<String>,
}

impl Report {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), counted: None, counting: None, trouble: None }
    }

    /// Starts and takes in counting as needed; true while a count is under way. `wake` is called with how long it is until
    /// there is something to do again.
    fn keep_counted(&mut self, revision: u64, wake: impl Fn(Duration) + Send + 'static) -> bool {
        if let Some((at, receiver)) = &self.counting {
            match receiver.try_recv() {
                Ok(Ok(revenue)) => {
                    self.counted = Some((*at, Instant::now(), revenue));
                    self.counting = None;
                }
                Ok(Err(words)) => {
                    self.trouble = Some(words);
                    self.counting = None;
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => self.counting = None,
            }
        }
        let rest = match &self.counted {
            None => self.trouble.is_none().then_some(Duration::ZERO),
            Some((at, when, _)) => (*at != revision).then(|| AT_MOST_EVERY.saturating_sub(when.elapsed())),
        };
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            // Nothing else may lead to another look: what was counted before the last change would stay.
            wake(rest);
        } else if rest.is_some() {
            let (sender, receiver) = channel();
            let dir = self.dir.clone();
            let counting = std::thread::Builder::new().name("waybill-revenue".into()).spawn(move || {
                // Nobody listens any more when the window was closed meanwhile.
                let _ = sender.send(count(&dir));
                wake(Duration::ZERO);
            });
            if counting.is_ok() {
                self.counting = Some((revision, receiver));
            }
        }
        self.counting.is_some()
    }
}

fn count(dir: &Path) -> Result<Revenue, String> {
    let reader = Reader::open(dir).map_err(|error| error.to_string())?;
    let mut revenue = Revenue::default();
    reader.every::<Order>(|_, order| revenue.add(&order)).map_err(|error| error.0)?;
    Ok(revenue)
}

impl Books {
    /// `wake` is called with how long it is until there is something new to look at.
    pub fn revenue(
        &mut self,
        state: &ReportsState,
        wake: impl Fn(Duration) + Send + 'static,
    ) -> &ReportsData {
        let counting = self.report.keep_counted(self.revision, wake);
        let (today, currency) = (self.today(), self.currency());
        let days = match &self.report.counted {
            None => Vec::new(),
            Some((_, _, revenue)) => (0..state.span.days())
                .rev()
                .filter_map(|back| today.checked_sub_days(Days::new(back)))
                .map(|day| {
                    let brought = revenue.day(state.measure, currency, day);
                    RevenueDay { day, net: brought.net, gross: brought.gross }
                })
                .collect(),
        };
        let counting = counting && self.report.counted.is_none() && self.report.trouble.is_none();
        let source = match &self.report.trouble {
            Some(words) => words.clone(),
            None if counting => String::new(),
            None => "from every order on this device".to_owned(),
        };
        self.reports = ReportsData { days, currency: Some(currency), today, source, counting };
        &self.reports
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_since_the_last_count_is_counted_though_nothing_else_happens() {
        let (sender, woken) = channel();
        let wake = move |after| sender.send(after).unwrap_or_default();
        let counted = Some((1, Instant::now(), Revenue::default()));
        let mut report = Report { counted, ..Report::new(Path::new("nowhere")) };
        assert!(!report.keep_counted(1, wake.clone()), "nothing changed");
        assert!(woken.try_recv().is_err());
        assert!(!report.keep_counted(2, wake), "it was counted just now");
        let after = woken.try_recv().expect("it is looked at again");
        assert!(after > Duration::ZERO && after <= AT_MOST_EVERY, "{after:?}");
    }
}
