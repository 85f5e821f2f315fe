//! From what a panel asks to what the engine is asked, and from its answer to what the user reads.

use std::path::Path;

use egui::Context;
use waybill_shared::command::Command;
use waybill_shared::doc::Hash;
use waybill_shared::id::PersonId;
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::Place as PlaceOrder;
use waybill_shared::product::SetPrice;

use super::app::Window;
use super::drafts::Then;
use super::intent::{Intent, Making, SignIn, Thing, Wish};
use super::online::About;
use super::panels::booked_at::PlaceForm;
use super::place::Place;
use super::theme;
use crate::booked_at::Deed;
use crate::engine::{self, Reply, Request, Submit, Trust};

/// What is to follow when the engine has answered.
#[derive(Clone, Debug)]
pub enum Pending {
    /// Say it, and offer to take it back.
    Said {
        words: String,
        undo: Option<Box<Wish>>,
    },
    /// A document was made from a panel, which can now be emptied.
    Made {
        thing: Option<Thing>,
        from: Place,
        words: String,
        /// What goes back over the counter.
        change: Option<(Amount, Currency)>,
    },
    SignedIn,
    /// The PIN of whoever begins to work here.
    LetIn,
    /// An admin's word that somebody may try again.
    Unlocked,
    PinChosen,
    /// Where the server's answer goes.
    Online {
        about: About,
        /// Who asked: somebody else is not told.
        me: Option<PersonId>,
    },
    /// What is looked at is brought.
    Fetched(Hash),
    Quiet,
}

/// A question to the engine that is not yet answered.
pub struct Asked {
    pub reply: Reply,
    /// What was entered, to be entered again with a manager's word if it is refused.
    pub submit: Option<Submit>,
    pub pending: Pending,
}

impl Window {
    pub(super) fn carry_out(&mut self, ctx: &Context, intent: Intent) {
        match intent {
            Intent::Go(place) => {
                self.desk.at = Some(place);
                self.desk.opened = false;
            }
            Intent::Open(thing) => self.open(thing),
            Intent::Do(wish) => self.wish(wish),
            Intent::Make(making) => self.make(*making),
            Intent::Redo(edit) => {
                let said = Pending::Said { words: "Set again".into(), undo: None };
                self.ask(Request::Again { edit, changed: None, overriding: None, pins: Vec::new() }, said);
            }
            Intent::Change(edit, commands) => {
                let said = Pending::Said { words: "Changed and set".into(), undo: None };
                self.ask(
                    Request::Again { edit, changed: Some(commands), overriding: None, pins: Vec::new() },
                    said,
                );
            }
            Intent::Discard(edit) => {
                let said = Pending::Said { words: "Discarded".into(), undo: None };
                self.ask(Request::Discard { edit }, said);
            }
            Intent::DiscardAll(edits) => {
                for edit in edits {
                    self.ask(Request::Discard { edit }, Pending::Quiet);
                }
            }
            Intent::Strike(damaged) => self.ask(Request::Strike { damaged }, Pending::Quiet),
            Intent::OpenHeld(edit) => {
                self.desk.held.selected = Some(edit);
                self.desk.opened = true;
            }
            Intent::OpenDevice(device) => {
                self.desk.devices.selected = Some(device);
                self.desk.opened = true;
            }
            Intent::Online(want) => self.want(want),
            Intent::PutCodeAway => self.desk.online.code = None,
            Intent::SignIn(form) => self.sign_in(form),
            Intent::SignOut => self.ask(Request::SignOut, Pending::Quiet),
            Intent::GoBack => {
                self.signing_in = false;
                self.seated.somebody_new = false;
            }
            Intent::AskPlace(deed) => {
                self.desk.place = Some(PlaceForm::of(deed, self.books.around().booked_at(deed)));
            }
            Intent::BookAt { deed, location, keep } => {
                if deed == Deed::Order {
                    self.desk.new_order.at = Some(location);
                }
                if keep {
                    self.ask(Request::BookAt { deed, location }, Pending::Quiet);
                }
            }
            Intent::Theme(choice) => {
                self.remembered.theme = choice;
                theme::choose(ctx, choice);
            }
            Intent::Copy(text) => {
                ctx.copy_text(text);
                self.notices.say("Copied", None);
            }
            Intent::Attach { addr, paths } => self.attach(ctx, addr, paths),
            Intent::SaveFile { file, name, to } => self.save_file(ctx, &file, name, to),
            Intent::ExportUnsent => self.export(),
            Intent::LockAfter(span) => self.remembered.lock_after = span,
            person => self.person_intent(person),
        }
    }

    fn open(&mut self, thing: Thing) {
        match thing {
            Thing::Order(id) => {
                self.desk.at = Some(Place::Orders);
                if self.desk.orders.selected != Some(id) {
                    self.desk.detail = Default::default();
                }
                self.desk.orders.selected = Some(id);
            }
            Thing::Customer(id) => {
                self.desk.at = Some(Place::Customers);
                self.desk.customers.selected = Some(id);
            }
            Thing::Product(id) => {
                self.desk.at = Some(Place::Products);
                self.desk.products.selected = Some(id);
            }
            Thing::Location(id) => {
                self.desk.at = Some(Place::Locations);
                self.desk.locations.selected = Some(id);
            }
        }
        self.desk.opened = true;
    }

    pub(super) fn wish(&mut self, wish: Wish) {
        let pending = Pending::Said { words: wish.said, undo: wish.undo };
        let submit = Submit { contents: wish.contents, ..Submit::new(wish.parts) };
        self.ask(Request::Submit(submit), pending);
    }

    fn make(&mut self, making: Making) {
        // The same press twice must not make two of it.
        if self.asked.iter().any(|asked| matches!(asked.pending, Pending::Made { .. })) {
            return;
        }
        let mut fresh = || waybill_shared::id::Id::uuid(engine::fresh_id::<waybill_shared::id::LineId>());
        match making {
            Making::Order(draft) => {
                let addr = engine::fresh(DocKind::Order);
                let then = draft.then;
                let words = match then {
                    Then::Place => "Placed the order",
                    Then::Keep => "Kept as a draft",
                    Then::Quote => "Made the quotation",
                };
                let mut commands: Vec<(DocAddr, Command)> =
                    vec![(addr, draft.create(String::new(), &mut fresh).into())];
                if then == Then::Place {
                    commands.push((addr, PlaceOrder {}.into()));
                }
                let thing = Some(Thing::Order(addr.id.into()));
                let from = Place::NewOrder;
                self.submit(commands, Pending::Made { thing, from, words: words.into(), change: None });
            }
            Making::Sale(draft) => {
                let addr = engine::fresh(DocKind::Order);
                let (change, currency) = (draft.change(), draft.currency);
                let command = draft.record(String::new(), &mut fresh);
                let (words, change) = ("Sold".into(), Some((change, currency)));
                let pending = Pending::Made { thing: None, from: Place::Till, words, change };
                self.submit(vec![(addr, command.into())], pending);
            }
            Making::Customer(create) => {
                let addr = engine::fresh(DocKind::Customer);
                let (thing, from) = (Some(Thing::Customer(addr.id.into())), Place::Customers);
                let words = format!("Made {}", create.name);
                self.submit(vec![(addr, create.into())], Pending::Made { thing, from, words, change: None });
            }
            Making::Location(create) => {
                let addr = engine::fresh(DocKind::Location);
                let (thing, from) = (Some(Thing::Location(addr.id.into())), Place::Locations);
                let words = format!("Made {}", create.name);
                self.submit(vec![(addr, create.into())], Pending::Made { thing, from, words, change: None });
            }
            Making::Product { create, price } => {
                let addr = engine::fresh(DocKind::Product);
                let (thing, from) = (Some(Thing::Product(addr.id.into())), Place::Products);
                let words = format!("Made {}", create.name);
                let today = self.books.today();
                // One entry: all of it, or nothing.
                let mut all: Vec<(DocAddr, Command)> = vec![(addr, create.into())];
                all.extend(price.map(|price| (addr, SetPrice { from: today, ..price }.into())));
                self.submit(all, Pending::Made { thing, from, words, change: None });
            }
        }
    }

    fn sign_in(&mut self, form: SignIn) {
        self.remembered.server = form.server.clone();
        self.remembered.name = form.name.clone();
        self.remembered.device = form.device.clone();
        self.sign_in_error = None;
        let SignIn { server, name, password, with_code, code, device, authority } = form;
        let trust = match authority.as_deref().map(str::trim).filter(|file| !file.is_empty()) {
            None => Trust::AsBefore,
            Some(file) => match engine::trust::read(Path::new(file)) {
                Ok(trust) => trust,
                Err(error) => {
                    self.sign_in_error = Some(format!("The file {file} cannot be used. {error}"));
                    return;
                }
            },
        };
        let (password, new_password) = if with_code { (code, Some(password)) } else { (password, None) };
        let sign_in = engine::SignIn { server, name, password, new_password, device, trust, pin: None };
        self.ask(Request::SignIn(sign_in), Pending::SignedIn);
    }

    pub(super) fn is_signing_in(&self) -> bool {
        self.asked.iter().any(|asked| matches!(asked.pending, Pending::SignedIn))
    }

    fn submit(&mut self, commands: Vec<(DocAddr, Command)>, pending: Pending) {
        self.ask(Request::Submit(Submit::new(commands)), pending);
    }

    pub(super) fn ask(&mut self, request: Request, pending: Pending) {
        let submit = match &request {
            Request::Submit(submit) => Some(submit.clone()),
            _ => None,
        };
        self.asked.push(Asked { reply: self.engine.ask(request), submit, pending });
    }

    fn export(&mut self) {
        let to = crate::store::free_name(self.engine.dir());
        match crate::store::export_unsent(self.engine.dir(), &to, engine::now()) {
            Ok(exported) => self.notices.say(exported.words(&to), None),
            Err(error) => self.notices.warn(error.to_string()),
        }
    }
}
