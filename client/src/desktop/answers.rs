//! What the engine answered, and what the user reads of it.

use egui::{Context, Ui};
use waybill_shared::edit::Override;
use waybill_shared::finding::Finding;

use super::app::Window;
use super::carry_out::{Asked, Pending};
use super::intent::Thing;
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
            Answer::NotLetIn { words, remedy, .. } => self.notices.warn(format!("{words} {remedy}")),
            Answer::Failed { words } => match pending {
                Pending::SignedIn => self.sign_in_error = Some(words),
                _ => self.notices.warn(words),
            },
            Answer::Entered { .. } | Answer::Done | Answer::SignedIn { .. } | Answer::Status(_) => {
                self.done(pending);
            }
        }
    }

    fn done(&mut self, pending: Pending) {
        self.books.look_now();
        match pending {
            Pending::Said { words, undo } => self.notices.say(words, undo.map(|undo| *undo)),
            Pending::Made { thing, from, words, price } => {
                match from {
                    Place::NewOrder => self.new_order = new_order::NewOrderState::default(),
                    Place::Till => self.till = till::TillState::default(),
                    _ => {}
                }
                self.notices.say(words, None);
                if let Some((addr, price)) = price {
                    let commands = vec![(addr, price.into())];
                    self.ask(Request::Submit(Submit::new(commands)), Pending::Quiet);
                }
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
            Pending::Quiet => {}
        }
    }

    /// A new order is opened; the next can be begun with one key.
    fn show_made(&mut self, thing: Thing) {
        match thing {
            Thing::Order(id) => {
                self.remembered.place = Place::Orders;
                self.orders.selected = Some(id);
                self.detail = Default::default();
                self.opened = true;
            }
            Thing::Customer(id) => self.customers.selected = Some(id),
            Thing::Product(id) => self.products.selected = Some(id),
            Thing::Location(id) => self.locations.selected = Some(id),
        }
    }

    fn refused(&mut self, findings: Vec<Finding>, submit: Option<Submit>, pending: Pending) {
        if let Pending::SignedIn = pending {
            let said: Vec<_> = findings.iter().map(|f| format!("{} {}", f.what, f.remedy)).collect();
            self.sign_in_error = Some(said.join(" "));
            return;
        }
        let overridable = !findings.is_empty() && findings.iter().all(|f| f.rule.may_be_overridden());
        let may_override = overridable && submit.is_some() && sync_state::leads(&self.books.around().roles);
        self.refusal =
            Some(Refusal { findings, submit, after: pending, may_override, reason: String::new() });
    }

    pub(super) fn show_refusal(&mut self, ui: &mut Ui) {
        let Some(mut refusal) = self.refusal.take() else { return };
        match refusal.show(ui) {
            Said::Stay => self.refusal = Some(refusal),
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
