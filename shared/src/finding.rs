//! What speaks against an edit. Rules return all they find; the panel shows them, the server rules on them.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{id::Id, texts, time::YEARS};

/// Which rule found something. The names are for ever: they stand in frames, files and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// An argument is not of the form it must have.
    Malformed,
    /// The person's roles do not permit this.
    NotPermitted,
    /// The value it replaces has changed meanwhile; both values are given.
    ChangedMeanwhile,
    /// What it speaks of is not in the document.
    NotThere,
    /// The step is not possible from the state the thing is in.
    WrongStep,
    /// An order without lines cannot be placed.
    NoLines,
    /// This channel needs a customer.
    NoCustomer,
    /// The customer's credit would be exceeded.
    OverCredit,
    /// The order is in another currency than the customer's credit, which so cannot tell of it.
    CreditCurrency,
    /// A quantity, price or discount is outside the limits in Settings.
    OutsideLimits,
    /// A day or an amount beyond what Settings take for likely. A fact is held for a manager.
    Implausible,
    /// The line was handed over already, in whole or part.
    LineLocked,
    /// The address is fixed once something was handed over.
    AddressLocked,
    /// Its id is that of another edit.
    IdInUse,
    /// Another product or customer has this number.
    NumberTaken,
    /// It needs an edit that was refused.
    NeedsRefused,
    /// It would write down what was erased.
    Erased,
    /// It is about what the people on this device may no longer see.
    OutOfSight,
    /// The document is of a kind or version this program does not write.
    Unsupported,
    /// It failed here for a defect of ours; it is kept and named in the log.
    Defect,
    /// A rule of a newer server.
    #[serde(other)]
    Unknown,
}

impl Rule {
    /// A manager may let an edit pass in spite of it, giving a reason.
    pub const fn may_be_overridden(self) -> bool {
        matches!(self, Self::OverCredit | Self::CreditCurrency | Self::Implausible)
    }
}

/// One thing that speaks against an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: Rule,
    /// The argument or field it is about, as `quantity` or `lines/2/price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// One sentence of what is so.
    pub what: String,
    /// One sentence of what puts it right.
    pub remedy: String,
    /// For `ChangedMeanwhile`: the value this edit would have replaced, and what stands there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
}

/// What is so and what puts it right, of all of them; nothing twice, though several parts of an edit may meet the same.
pub fn sentences(findings: &[Finding]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for finding in findings {
        let words = match finding.remedy.trim() {
            "" => finding.what.clone(),
            // Where the one is all there is to say.
            remedy if finding.what.contains(remedy) => finding.what.clone(),
            remedy => format!("{} {remedy}", finding.what),
        };
        if !said.contains(&words) {
            said.push(words);
        }
    }
    said
}

/// Both sides of a guarded value that changed meanwhile, as a person reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub yours: String,
    pub theirs: String,
}

impl Finding {
    pub fn new(rule: Rule, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { rule, field: None, what: what.into(), remedy: remedy.into(), conflict: None }
    }

    /// Names nothing of what it is about.
    pub fn out_of_sight(remedy: &str) -> Self {
        Self::new(Rule::OutOfSight, "What this is about is no longer yours to see.", remedy)
    }

    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub fn malformed(field: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Rule::Malformed, what, remedy).field(field)
    }

    pub fn changed(field: &str, yours: impl Into<String>, theirs: impl Into<String>) -> Self {
        let (yours, theirs) = (yours.into(), theirs.into());
        Self {
            conflict: Some(Conflict { yours: yours.clone(), theirs: theirs.clone() }),
            ..Self::new(
                Rule::ChangedMeanwhile,
                format!("The {field} was changed meanwhile: it is {theirs}, you set {yours}."),
                "Keep theirs, or set yours again.",
            )
            .field(field)
        }
    }
}

/// What is made has an id by the time it is judged: a client with documents gives it, for one without the
/// server does. Nothing stands under the nil one, which means “none” wherever an id may be missing.
pub fn check_id(field: &str, id: impl Id) -> Vec<Finding> {
    if id.uuid().is_nil() {
        return vec![Finding::malformed(field, "It has no id.", "Give it a fresh UUID.")];
    }
    Vec::new()
}

/// A day that somebody may write down.
pub fn check_day(field: &str, day: NaiveDate) -> Option<Finding> {
    let (first, last) = (YEARS.start(), YEARS.end());
    (!YEARS.contains(&day.year())).then(|| {
        let what = format!("{day} is no day that is written down here.");
        Finding::malformed(field, what, format!("Give a day in the years {first} to {last}."))
    })
}

/// More than this nobody reads: what is wrong with the first shows what is wrong with the rest.
pub const FINDINGS: usize = 20;

/// The first of them, the last of which says how many there are beside it.
pub fn first(mut findings: Vec<Finding>) -> Vec<Finding> {
    let more = findings.len().saturating_sub(FINDINGS);
    findings.truncate(FINDINGS);
    if let Some(last) = findings.last_mut().filter(|_| more > 0) {
        last.what.push_str(&format!(" (And {more} more.)"));
    }
    findings
}

/// A key of a map in a document, as a tag or a barcode: something, and not a book.
pub fn check_key(field: &str, key: &str) -> Vec<Finding> {
    if texts::looks_empty(key) || key.len() > 64 {
        let what = format!("The {field} is empty or longer than 64 characters.");
        return vec![Finding::malformed(field, what, "Give a short word.")];
    }
    Vec::new()
}

/// The name of a thing, without which it is not there. `what` is what people call it.
pub fn check_name(what: &str, name: &str) -> Vec<Finding> {
    if texts::looks_empty(name) {
        return vec![Finding::malformed("name", format!("The {what} has no name."), "Give it a name.")];
    }
    Vec::new()
}
