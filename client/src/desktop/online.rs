//! What the window heard from the server of things that are in no document: what is held, devices, sign-ins. Asked
//! again while a place shows it, and never kept.

use egui::Context;
use waybill_shared::id::{DeviceId, EditId, PersonId};
use waybill_shared::protocol::question::{
    Answer, DeviceQuestion, DeviceRow, HeldQuestion, PersonQuestion, Question, SessionQuestion, SessionRow,
};
use waybill_shared::review::{Decided, Decision, HeldEdit};

use super::app::Window;
use super::carry_out::Pending;
use super::names::Names;
use super::place::Place;
use super::sync_state;
use crate::engine::{LinkState, Request, SyncStatus};

/// While a place shows a list it is looked up again so often, and how many are held always.
const AGAIN: f64 = 20.0;
const COUNT_AGAIN: f64 = 60.0;

/// What somebody wants of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// The next page of the list that is shown.
    More(List),
    Decide {
        edit: EditId,
        attempt: u32,
        decision: Decision,
        reason: String,
    },
    Rename {
        device: DeviceId,
        name: String,
    },
    Revoke {
        device: DeviceId,
        name: String,
    },
    Restore {
        device: DeviceId,
        name: String,
    },
    End {
        person: PersonId,
        device: DeviceId,
        name: String,
    },
    Code {
        person: PersonId,
        name: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Held,
    Devices,
    Sessions,
}

/// Where an answer goes.
#[derive(Clone, Debug)]
pub enum About {
    Count,
    /// A page; the first one replaces what was there.
    Page {
        list: List,
        first: bool,
    },
    Decision(Decision),
    /// What is said when it is done.
    Devices(String),
    Code {
        name: String,
    },
}

/// A list as it was last heard.
#[derive(Clone, Debug)]
pub struct Heard<T, N> {
    pub rows: Vec<T>,
    /// The next page begins behind this.
    pub next: Option<N>,
    /// It was heard at least once.
    pub known: bool,
    /// Why it could not be heard again.
    pub trouble: Option<String>,
    at: Option<f64>,
}

impl<T, N> Default for Heard<T, N> {
    fn default() -> Self {
        Self { rows: Vec::new(), next: None, known: false, trouble: None, at: None }
    }
}

impl<T, N> Heard<T, N> {
    fn is_due(&self, now: f64) -> bool {
        self.at.is_none_or(|at| now - at > AGAIN)
    }

    fn take(&mut self, rows: Vec<T>, next: Option<N>, first: bool) {
        if first {
            self.rows.clear();
        }
        self.rows.extend(rows);
        (self.next, self.known, self.trouble) = (next, true, None);
    }

    /// As it was heard at some time.
    pub fn of(rows: Vec<T>) -> Self {
        Self { rows, known: true, ..Self::default() }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Online {
    pub held: Heard<HeldEdit, u64>,
    /// How many are held.
    pub count: u64,
    pub devices: Heard<DeviceRow, u32>,
    pub sessions: Heard<SessionRow, u32>,
    /// A code that was just made, for whom, until it is put away.
    pub code: Option<(String, String)>,
    /// When they were counted last, by the window's clock.
    pub counted: Option<f64>,
}

impl Online {
    /// What was changed is looked up at once.
    fn look_again(&mut self) {
        (self.held.at, self.devices.at, self.sessions.at, self.counted) = (None, None, None, None);
    }
}

impl Window {
    /// Asks for what the place shows, as long as the server can be asked.
    pub(super) fn look_online(&mut self, ctx: &Context, place: Place, status: &SyncStatus) {
        let roles = &self.books.around().roles;
        if !sync_state::leads(roles) {
            self.desk.online = Online::default();
            return;
        }
        if status.link != LinkState::Live {
            // Back online, it is looked up at once.
            self.desk.online.look_again();
            return;
        }
        let now = ctx.input(|input| input.time);
        if self.desk.online.counted.is_none_or(|at| now - at > COUNT_AGAIN) {
            self.desk.online.counted = Some(now);
            self.question(HeldQuestion::Count {}.into(), About::Count);
        }
        match place {
            Place::Held if self.desk.online.held.is_due(now) => {
                self.desk.online.held.at = Some(now);
                let about = About::Page { list: List::Held, first: true };
                self.question(HeldQuestion::List { after: None }.into(), about);
            }
            Place::Devices => {
                if self.desk.online.devices.is_due(now) {
                    self.desk.online.devices.at = Some(now);
                    let about = About::Page { list: List::Devices, first: true };
                    self.question(DeviceQuestion::List { from: 0 }.into(), about);
                }
                if self.desk.online.sessions.is_due(now) {
                    self.desk.online.sessions.at = Some(now);
                    let about = About::Page { list: List::Sessions, first: true };
                    self.question(SessionQuestion::List { from: 0 }.into(), about);
                }
            }
            _ => {}
        }
    }

    pub(super) fn want(&mut self, want: Want) {
        let (question, about): (Question, About) = match want {
            Want::More(list) => {
                let online = &self.desk.online;
                let question = match list {
                    List::Held => HeldQuestion::List { after: online.held.next }.into(),
                    List::Devices => DeviceQuestion::List { from: online.devices.next.unwrap_or(0) }.into(),
                    List::Sessions => {
                        SessionQuestion::List { from: online.sessions.next.unwrap_or(0) }.into()
                    }
                };
                (question, About::Page { list, first: false })
            }
            Want::Decide { edit, attempt, decision, reason } => {
                // The same press twice is one decision.
                if self
                    .asked
                    .iter()
                    .any(|asked| matches!(asked.pending, Pending::Online { about: About::Decision(_), .. }))
                {
                    return;
                }
                (HeldQuestion::Decide { edit, attempt, decision, reason }.into(), About::Decision(decision))
            }
            Want::Rename { device, name } => {
                let said = format!("It is called {} now", name.trim());
                (DeviceQuestion::Rename { device, name }.into(), About::Devices(said))
            }
            Want::Revoke { device, name } => {
                let said = format!("{name} is shut out. What waits there is handed over, then it is wiped");
                (DeviceQuestion::Revoke { device }.into(), About::Devices(said))
            }
            Want::Restore { device, name } => {
                let said = format!("{name} may be used again");
                (DeviceQuestion::Restore { device }.into(), About::Devices(said))
            }
            Want::End { person, device, name } => {
                let said = format!("{name} is signed out there");
                (SessionQuestion::End { person, device: Some(device) }.into(), About::Devices(said))
            }
            Want::Code { person, name } => {
                (PersonQuestion::ResetCode { person }.into(), About::Code { name })
            }
        };
        self.question(question, about);
    }

    fn question(&mut self, question: Question, about: About) {
        let me = self.books.around().me;
        self.ask(Request::Ask { person: None, pins: Vec::new(), question }, Pending::Online { about, me });
    }

    pub(super) fn server_said(&mut self, answer: Answer, pending: Pending) {
        let Pending::Online { about, me } = pending else { return };
        if me != self.books.around().me {
            return;
        }
        match (about, answer) {
            (About::Count, Answer::Count(count)) => self.desk.online.count = count,
            (About::Page { first, .. }, Answer::Held(page)) => {
                self.desk.online.count = page.total;
                self.desk.online.held.take(page.entries, page.next, first);
            }
            (About::Page { first, .. }, Answer::Devices(page)) => {
                self.desk.online.devices.take(page.devices, page.next, first);
            }
            (About::Page { first, .. }, Answer::Sessions(page)) => {
                self.desk.online.sessions.take(page.sessions, page.next, first);
            }
            (About::Decision(decision), Answer::Decided(_)) => {
                self.notices.say(done(decision), None);
                self.desk.held.decided();
                self.desk.opened = false;
                self.desk.online.look_again();
            }
            (About::Decision(_), Answer::Meanwhile(decided)) => {
                self.notices.warn(format!(
                    "Somebody was faster: {} What you said changed nothing.",
                    decided_words(&decided, &self.books.around().names)
                ));
                self.desk.held.decided();
                self.desk.opened = false;
                self.desk.online.look_again();
            }
            (About::Devices(said), Answer::Done {} | Answer::Ended { .. }) => {
                self.notices.say(said, None);
                self.desk.devices.done();
                self.desk.online.look_again();
            }
            (About::Code { name }, Answer::Code { code }) => self.desk.online.code = Some((name, code)),
            _ => self.notices.warn("The server answered in a way that does not fit."),
        }
    }

    /// It was not answered, or this speaks against it. A list tells so where it stands; what somebody wanted is told
    /// to them.
    pub(super) fn server_failed(&mut self, about: &About, me: Option<PersonId>, words: String) {
        if me != self.books.around().me {
            return;
        }
        match about {
            About::Count => {}
            About::Page { list: List::Held, .. } => self.desk.online.held.trouble = Some(words),
            About::Page { list: List::Devices, .. } => self.desk.online.devices.trouble = Some(words),
            About::Page { list: List::Sessions, .. } => self.desk.online.sessions.trouble = Some(words),
            About::Decision(_) | About::Devices(_) | About::Code { .. } => {
                self.desk.online.look_again();
                self.notices.warn(words);
            }
        }
    }
}

fn done(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "Accepted: it counts from now on",
        Decision::Reverse => "Taken back: both stay in the books",
        Decision::Discard => "Discarded: whoever entered it reads why",
    }
}

/// “Ana Berg discarded it yesterday 14:03: a trial.”
fn decided_words(decided: &Decided, names: &Names) -> String {
    let did = match decided.decision {
        Decision::Accept => "accepted it",
        Decision::Reverse => "took it back",
        Decision::Discard => "discarded it",
    };
    let (by, at) = (names.person(decided.by), names.when(decided.at));
    match decided.reason.trim_end_matches('.') {
        "" => format!("{by} {did} {at}."),
        reason => format!("{by} {did} {at}: {reason}."),
    }
}
