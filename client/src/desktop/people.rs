//! Whose turn it is at the window: locking, switching, and each one's desk put away and taken out again.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::{Context, Ui};
use waybill_shared::id::PersonId;

use super::app::Window;
use super::carry_out::Pending;
use super::desk::Desk;
use super::intent::Intent;
use super::panels::choose_pin::{ChoosePinData, ChoosePinState, choose_pin_ui};
use super::panels::lock::{LockData, LockState, lock_ui};
use super::widgets::notice::Notices;
use crate::engine::{Request, SyncStatus};

/// Who sits at the window, and who does not now.
#[derive(Default)]
pub struct Seated {
    pub person: Option<PersonId>,
    others: BTreeMap<PersonId, Desk>,
    pub lock: LockState,
    /// Who is to give the PIN next.
    pub next: Option<PersonId>,
    pub choosing: Option<Choosing>,
    /// Somebody signs in who is not here yet, or forgot the PIN.
    pub somebody_new: bool,
    /// When the window was last touched, in its own seconds.
    touched: f64,
    time: f64,
}

/// A PIN is being chosen.
pub struct Choosing {
    pub must: bool,
    pub old: bool,
    pub state: ChoosePinState,
}

impl Seated {
    pub fn at(person: Option<PersonId>) -> Self {
        Self { person, ..Self::default() }
    }

    /// So many milliseconds from now.
    pub fn in_ms(&self, ms: u64) -> f64 {
        self.time + Duration::from_millis(ms).as_secs_f64()
    }
}

impl Window {
    /// Somebody else works here than before, or nobody: their desk is put away, and nothing of it stays in sight.
    pub(super) fn take_seat(&mut self, ctx: &Context) {
        let me = self.books.around().me;
        if me == self.seated.person {
            return;
        }
        let mut desk = Desk::new(&self.remembered, &self.books.around().roles);
        if let Some(known) = me.and_then(|me| self.seated.others.remove(&me)) {
            desk = known;
        }
        let left = std::mem::replace(&mut self.desk, desk);
        if let Some(person) = self.seated.person {
            left.remember(&mut self.remembered);
            self.seated.others.insert(person, left);
        }
        self.seated.person = me;
        self.seated.touched = self.seated.time;
        self.seated.lock = LockState::of(self.seated.next.take());
        self.notices = Notices::default();
        self.help = false;
        // What was typed into fields can be taken back with their memory.
        ctx.data_mut(|data| data.clear());
    }

    /// Locks when nobody has touched the window for as long as is said on this device. How long until then.
    pub(super) fn lock_when_idle(&mut self, ctx: &Context) -> Duration {
        let (time, touched) = ctx.input(|input| (input.time, !input.events.is_empty()));
        self.seated.time = time;
        if touched {
            self.seated.touched = time;
        }
        if !self.books.around().has_pin() {
            return Duration::MAX;
        }
        let allowed = f64::from(self.remembered.lock_after.minutes()) * 60.0;
        let left = self.seated.touched + allowed - time;
        if left <= 0.0 {
            // Asked once; the answer shows in who works here.
            self.seated.touched = time;
            self.ask(Request::Lock, Pending::Quiet);
        }
        Duration::try_from_secs_f64(left).unwrap_or_default() + Duration::from_millis(50)
    }

    pub(super) fn show_lock(&mut self, ui: &mut Ui, status: &SyncStatus) -> Option<Intent> {
        let around = self.books.around();
        let data = LockData {
            people: around.here.clone(),
            device: around.meta.device_name.clone(),
            company: around.settings.fields.company.clone(),
            trying: self.is_asked(|pending| matches!(pending, Pending::LetIn | Pending::Unlocked)),
            waiting: status.waiting as usize,
            time: ui.input(|input| input.time),
            sealed: false,
        };
        lock_ui(ui, &data, &mut self.seated.lock)
    }

    pub(super) fn show_choose_pin(&mut self, ui: &mut Ui) -> Option<Intent> {
        let saving = self.is_asked(|pending| matches!(pending, Pending::PinChosen));
        let (name, encrypts) = (self.books.around().my_name.clone(), self.books.around().encrypts);
        let choosing = self.seated.choosing.as_mut()?;
        let data = ChoosePinData { name, must: choosing.must, old: choosing.old, saving, encrypts };
        choose_pin_ui(ui, &data, &mut choosing.state)
    }

    /// A panel's wish about who works here.
    pub(super) fn person_intent(&mut self, intent: Intent) {
        match intent {
            Intent::Switch(person, pin) => self.ask(Request::Switch { person, pin }, Pending::LetIn),
            Intent::Unlock { admin, pin, person } => {
                self.ask(Request::Unlock { admin, pin, person }, Pending::Unlocked);
            }
            Intent::Lock if self.books.around().has_pin() => self.ask(Request::Lock, Pending::Quiet),
            Intent::Lock | Intent::ChoosePin => self.choose_pin(false, self.books.around().has_pin()),
            Intent::SetPin { old, new } => self.ask(Request::SetPin { old, new }, Pending::PinChosen),
            Intent::LeavePin => self.seated.choosing = None,
            // Whoever works here would be locked out by whoever joins.
            Intent::SignInHere if self.books.around().me.is_some() && !self.books.around().has_pin() => {
                self.notices.warn(
                    "Choose a PIN first: then you can switch back after somebody else has worked here.",
                );
                self.choose_pin(false, false);
            }
            Intent::SignInHere => {
                self.seated.somebody_new = true;
                self.signing_in = true;
                self.sign_in_error = None;
                self.sign_in.form.name.clear();
            }
            _ => {}
        }
    }

    pub(super) fn choose_pin(&mut self, must: bool, old: bool) {
        self.seated.choosing = Some(Choosing { must, old, state: ChoosePinState::default() });
    }

    fn is_asked(&self, what: impl Fn(&Pending) -> bool) -> bool {
        self.asked.iter().any(|asked| what(&asked.pending))
    }
}
