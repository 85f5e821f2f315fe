//! What the engine answered, and what the user reads of it.

use egui::{Context, Ui};
use waybill_shared::edit::Override;
use waybill_shared::finding::Finding;

use super::app::Window;
use super::carry_out::{Asked, Pending};
use super::intent::Thing;
use super::panels::lock::LockState;
use super::panels::{new_order, till};
use super::place::Place;
use super::refusal::{Answer as Said, Refusal};
use super::sync_state;
use crate::engine::{Answer, Request, Submit};

impl Window {
    /// Takes in what has been answered since the last pass.
    pub(super) fn take_answers(&mut self, ctx: &Context) {
        let mut waiting = Vec::new();
        for mut asked in std::mem::take(&mut self.asked) {
            match asked.reply.poll() {
                Some(answer) => self.answered(answer, asked.submit, asked.pending),
                None => waiting.push(asked),
            }
        }
        if !waiting.is_empty() {
            // An answer alone does not wake the window; a commit does, and mostly comes with it.
            ctx.request_repaint_after(std::time::Duration::from_millis(15));
        }
        self.asked.extend(waiting);
    }

    fn answered(&mut self, answer: Answer, submit: Option<Submit>, pending: Pending) {
        match answer {
            Answer::Refused { findings } => self.refused(findings, submit, pending),
            Answer::NotLetIn { words, remedy, wait_ms } => {
                self.not_let_in(format!("{words} {remedy}"), &pending, wait_ms);
            }
            // The engine of this window ends with it.
            Answer::Ending => {}
            Answer::Failed { words }
            | Answer::Away { words }
            | Answer::Declined { words }
            | Answer::TurnedAway { words }
            | Answer::Unusable { words }
            | Answer::Unknown { words } => match pending {
                Pending::SignedIn => self.sign_in_error = Some(words),
                Pending::LetIn | Pending::Unlocked | Pending::PinChosen => {
                    self.not_let_in(words, &pending, 0)
                }
                Pending::Online { about, me } => self.server_failed(&about, me, words),
                Pending::Fetched(content) => self.fetched(content, Some(words)),
                _ => self.notices.warn(words),
            },
            Answer::Answered(answer) => self.server_said(*answer, pending),
            Answer::SignedIn { person, choose_pin, .. } => {
                self.done(pending);
                // Who came by the password for want of the PIN chooses another.
                let has_one = self.books.around().here.iter().any(|one| one.id == person && one.pin);
                if choose_pin || self.seated.somebody_new && has_one {
                    self.choose_pin(choose_pin, false);
                }
                self.seated.somebody_new = false;
            }
            Answer::Entered { .. } | Answer::Done | Answer::Status(_) | Answer::Key(_) => self.done(pending),
        }
    }

    fn done(&mut self, pending: Pending) {
        self.books.look_now();
        match pending {
            Pending::Said { words, undo } => self.notices.say(words, undo.map(|undo| *undo)),
            Pending::Made { thing, from, words, change } => {
                match from {
                    Place::NewOrder => self.desk.new_order = new_order::NewOrderState::default(),
                    Place::Till => self.desk.till = till::TillState::sold(change),
                    _ => {}
                }
                self.notices.say(words, None);
                if let Some(thing) = thing {
                    self.show_made(thing);
                }
            }
            Pending::SignedIn => {
                self.signing_in = false;
                self.sign_in.form.password.clear();
                self.sign_in.form.code.clear();
                self.sign_in.form.with_code = false;
                self.sign_in.pressed = false;
            }
            Pending::PinChosen => {
                self.seated.choosing = None;
                self.notices.say("This is your PIN on this device from now on", None);
            }
            Pending::Unlocked => {
                self.seated.lock = LockState::of(self.seated.lock.chosen);
                self.seated.lock.told("You may try again.".into(), true, 0.0);
            }
            Pending::Fetched(content) => self.fetched(content, None),
            Pending::LetIn | Pending::Online { .. } | Pending::Quiet => {}
        }
    }

    /// A PIN was wrong, or was not looked at.
    fn not_let_in(&mut self, words: String, pending: &Pending, wait_ms: u64) {
        match (&mut self.seated.choosing, pending) {
            (Some(choosing), Pending::PinChosen) => {
                choosing.state.old.clear();
                choosing.state.said = Some(words);
            }
            (_, Pending::LetIn | Pending::Unlocked) => {
                let until = self.seated.in_ms(wait_ms);
                self.seated.lock.told(words, false, until);
            }
            _ => self.notices.warn(words),
        }
    }

    /// A new order is opened; the next can be begun with one key.
    fn show_made(&mut self, thing: Thing) {
        match thing {
            Thing::Order(id) => {
                self.desk.at = Some(Place::Orders);
                self.desk.orders.selected = Some(id);
                self.desk.detail = Default::default();
                self.desk.opened = true;
            }
            Thing::Customer(id) => self.desk.customers.selected = Some(id),
            Thing::Product(id) => self.desk.products.selected = Some(id),
            Thing::Location(id) => self.desk.locations.selected = Some(id),
        }
    }

    fn refused(&mut self, findings: Vec<Finding>, submit: Option<Submit>, pending: Pending) {
        let said =
            || findings.iter().map(|f| format!("{} {}", f.what, f.remedy)).collect::<Vec<_>>().join(" ");
        match pending {
            Pending::SignedIn => {
                self.sign_in_error = Some(said());
                return;
            }
            Pending::LetIn | Pending::Unlocked | Pending::PinChosen => {
                return self.not_let_in(said(), &pending, 0);
            }
            Pending::Online { about, me } => return self.server_failed(&about, me, said()),
            _ => {}
        }
        let overridable = !findings.is_empty() && findings.iter().all(|f| f.rule.may_be_overridden());
        let may_override = overridable && submit.is_some() && sync_state::leads(&self.books.around().roles);
        self.desk.refusal =
            Some(Refusal { findings, submit, after: pending, may_override, reason: String::new() });
    }

    pub(super) fn show_refusal(&mut self, ui: &mut Ui) {
        let Some(mut refusal) = self.desk.refusal.take() else { return };
        match refusal.show(ui) {
            Said::Stay => self.desk.refusal = Some(refusal),
            Said::Close => {}
            Said::LetPass => {
                let (Some(submit), Some(approver)) = (refusal.submit, self.books.around().me) else { return };
                let overriding = Some(Override { approver, reason: refusal.reason.trim().to_owned() });
                let submit = Submit { overriding, ..submit };
                let reply = self.engine.ask(Request::Submit(submit.clone()));
                self.asked.push(Asked { reply, submit: Some(submit), pending: refusal.after });
            }
        }
    }
}
