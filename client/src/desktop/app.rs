//! The window: asks the books what to show, draws it, and carries out what was asked.

use std::time::Duration;
use waybill_shared::settings;

use egui::{Context, Ui};
use waybill_shared::time::Timestamp;

use super::books::{Books, role_words};
use super::carry_out::Asked;
use super::desk::Desk;
use super::focus;
use super::frame::{self, FrameAnswer, FrameData};
use super::intent::{Intent, Wish};
use super::keys::{self, Action};
use super::panels::trouble::{Trouble, trouble_ui};
use super::panels::{set_up, sign_in, wiped};
use super::people::Seated;
use super::place::Place;
use super::remembered::Remembered;
use super::sync_state;
use super::widgets::key_help;
use super::widgets::notice::Notices;
use super::widgets::sync_chip::SyncDetail;
use crate::engine::{EngineHandle, LinkState, SyncStatus};

/// Relative times and overdue marks move on even when nothing happens.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

pub struct Window {
    pub(super) engine: EngineHandle,
    pub(super) books: Books,
    pub(super) remembered: Remembered,
    /// Of whoever works here now.
    pub(super) desk: Desk,
    /// Whose that is, and those of the others.
    pub(super) seated: Seated,
    pub(super) sign_in: sign_in::SignInState,
    pub(super) sign_in_error: Option<String>,
    /// Somebody is to sign in again, though a person is known here.
    pub(super) signing_in: bool,
    pub(super) help: bool,
    pub(super) notices: Notices<Wish>,
    pub(super) asked: Vec<Asked>,
    /// The file was found to be damaged.
    trouble: Option<Trouble>,
}

impl Window {
    pub fn with(engine: EngineHandle, books: Books, remembered: Remembered) -> Self {
        let mut sign_in = sign_in::SignInState::default();
        sign_in.form.server = remembered.server.clone();
        sign_in.form.name = remembered.name.clone();
        sign_in.form.device = remembered.device.clone();
        let desk = Desk::new(&remembered, &books.around().roles);
        let seated = Seated::at(books.around().me);
        Self {
            engine,
            books,
            remembered,
            desk,
            seated,
            sign_in,
            sign_in_error: None,
            signing_in: false,
            help: false,
            notices: Notices::default(),
            asked: Vec::new(),
            trouble: None,
        }
    }

    /// One pass: what happened meanwhile, what is shown, what was asked.
    pub fn show(&mut self, ui: &mut Ui, now: Timestamp) {
        let ctx = ui.ctx().clone();
        let status = self.engine.status();
        // After the status: what was answered before somebody else began to work here is taken in before that.
        self.take_answers(&ctx);
        if status.link == LinkState::Wiped {
            return wiped::wiped_ui(ui, status.wiped.as_deref().unwrap_or_default());
        }
        if let Some(words) = status.damaged {
            let dir = self.engine.dir();
            return trouble_ui(ui, self.trouble.get_or_insert_with(|| Trouble::new(words, dir)));
        }
        match self.books.refresh(status.revision, now) {
            Ok(None) => {}
            Ok(Some(rest)) => ctx.request_repaint_after(rest),
            Err(error) => self.notices.warn(error.0),
        }
        self.take_seat(&ctx);
        self.tend_files(&ctx);
        let around = self.books.around();
        let locks = around.me.is_some() && keys::pressed(&ctx, Action::Lock);
        let intent = if self.seated.choosing.is_some() {
            self.show_choose_pin(ui)
        } else if self.signing_in || around.me.is_none() && !around.locked {
            self.show_sign_in(ui, &status)
        } else if around.locked {
            self.show_lock(ui, &status)
        } else if self.is_to_be_set_up(&status) {
            self.show_set_up(ui)
        } else {
            self.show_places(ui, &status)
        };
        if let Some(intent) = locks.then_some(Intent::Lock).or(intent) {
            self.carry_out(&ctx, intent);
        }
        self.show_refusal(ui);
        if let Some(undo) = self.notices.show(&ctx) {
            self.carry_out(&ctx, Intent::Do(undo));
        }
        if self.help {
            let around = self.books.around();
            let places = Place::of(&around.may, &around.roles);
            self.help = key_help::key_help(ui, |action| keys::offered(action, &places, &around.may));
        }
        self.go_back(&ctx);
        if self.books.is_missing_rows() {
            ctx.request_repaint();
        }
        ctx.request_repaint_after(LOOK_AGAIN.min(self.lock_when_idle(&ctx)));
    }

    /// Esc that nothing above took: first out of a field, then out of what is opened.
    fn go_back(&mut self, ctx: &Context) {
        if !keys::pressed(ctx, Action::Back) {
            return;
        }
        if self.desk.opened && !ctx.text_edit_focused() {
            self.desk.opened = false;
        }
        focus::leave(ctx);
    }

    fn show_sign_in(&mut self, ui: &mut Ui, status: &SyncStatus) -> Option<Intent> {
        if self.signing_in
            && !self.seated.somebody_new
            && status.link != LinkState::SignedOut
            && self.sign_in_error.is_none()
            && !self.is_signing_in()
        {
            self.signing_in = false;
        }
        let data = sign_in::SignInData {
            trying: self.is_signing_in(),
            error: self.sign_in_error.clone(),
            waiting: status.waiting as usize,
            can_go_back: self.books.around().me.is_some() || self.books.around().locked,
            wiped: status.wiped.clone(),
        };
        sign_in::sign_in_ui(ui, &data, &mut self.sign_in)
    }

    /// Everything that the server has is here, and the settings of the business are not. What is in the
    /// needs-attention list goes before: it may say why.
    fn is_to_be_set_up(&self, status: &SyncStatus) -> bool {
        status.complete && status.attention == 0 && !self.books.around().settings.exists()
    }

    fn show_set_up(&mut self, ui: &mut Ui) -> Option<Intent> {
        let around = self.books.around();
        let data = set_up::SetUpData {
            may: around.may.run::<settings::Create>(),
            saving: !self.asked.is_empty(),
            person: around.my_name.clone(),
            now: around.names.now,
        };
        set_up::set_up_ui(ui, &data, &mut self.desk.set_up)
    }

    fn show_places(&mut self, ui: &mut Ui, status: &SyncStatus) -> Option<Intent> {
        let data = self.frame_data(status);
        let place = data.place;
        if self.desk.shown != Some(place) {
            // What was looked for elsewhere stays there, and so does the keyboard.
            self.desk.shown = Some(place);
            self.desk.search.clear();
            focus::leave(ui.ctx());
        }
        self.look_online(ui.ctx(), place, status);
        let mut search = std::mem::take(&mut self.desk.search);
        let mut intent = None;
        let answer = frame::show(ui, &data, &mut search, |ui, size| {
            intent = match self.panel(ui, place, size, status) {
                Ok(intent) => intent,
                Err(error) => {
                    self.notices.warn(error.0);
                    None
                }
            };
        });
        self.desk.search = search;
        let asked = answer.and_then(|answer| match answer {
            FrameAnswer::Go(place) => Some(Intent::Go(place)),
            FrameAnswer::Open(thing) => Some(Intent::Open(thing)),
            FrameAnswer::SignOut => Some(Intent::SignOut),
            FrameAnswer::SignIn => {
                self.signing_in = true;
                None
            }
            FrameAnswer::SignInHere => Some(Intent::SignInHere),
            FrameAnswer::Lock => Some(Intent::Lock),
            FrameAnswer::SwitchTo(person) => {
                self.seated.next = Some(person);
                Some(Intent::Lock)
            }
            FrameAnswer::ChoosePin => Some(Intent::ChoosePin),
            FrameAnswer::Help => {
                self.help = true;
                None
            }
        });
        asked.or(intent)
    }

    fn frame_data(&mut self, status: &SyncStatus) -> FrameData {
        let waiting = self.books.waiting().map(<[_]>::to_vec).unwrap_or_default();
        let around = self.books.around();
        let places = Place::of(&around.may, &around.roles);
        let first = Place::first(&around.roles, status.attention > 0);
        let place = self.desk.at.filter(|place| places.contains(place)).unwrap_or(first);
        // What comes to need attention meanwhile leads nobody away.
        self.desk.at = Some(place);
        let found = self.books.find(&self.desk.search).unwrap_or_default();
        let around = self.books.around();
        FrameData {
            place,
            places,
            first,
            person: around.my_name.clone(),
            role: role_words(&around.roles),
            device: around.meta.device_name.clone(),
            sync: sync_state::of(status, around),
            detail: SyncDetail {
                last_contact: status.last_contact.map(|at| around.names.local(at)),
                clock: status.clock_words(),
                waiting,
                version: env!("CARGO_PKG_VERSION").into(),
                diagnostics: sync_state::diagnostics(status, around),
            },
            attention: status.attention as usize,
            held: usize::try_from(self.desk.online.count).unwrap_or(usize::MAX),
            now: around.names.now(),
            found,
            here: around
                .here
                .iter()
                .filter(|one| Some(one.id) != around.me)
                .map(|one| (one.id, one.name.clone()))
                .collect(),
            has_pin: around.has_pin(),
        }
    }
}

impl Window {
    /// What is remembered until the next time.
    pub fn save(&mut self, storage: &mut dyn eframe::Storage) {
        if self.engine.status().link == LinkState::Wiped {
            return Remembered::default().save(storage);
        }
        if self.seated.person.is_some() {
            self.desk.remember(&mut self.remembered);
        }
        self.remembered.save(storage);
    }
}
