//! Sheets over an order: one small form for each thing that can be done with it.

mod about;
mod attach;
mod goods;
mod line;
mod look;
mod payment;
mod words;

use std::path::PathBuf;

use egui::{Context, Modal, Ui};
use waybill_shared::id::{FactId, LineId};

pub use about::{AddressForm, ContactForm, WantedForm};
pub use attach::AttachForm;
pub use goods::{HandOverForm, NotDeliveredForm};
pub use line::{AddLineForm, LineForm};
pub use look::{LookForm, Seen};
pub use payment::PaymentForm;
pub use words::WordsForm;

use super::data::{DetailLine, OrderDetail};
use super::files::FileRow;
use super::view::DetailState;
use crate::desktop::frame::is_touch;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::pick::ProductHit;
use crate::desktop::theme;
use crate::desktop::widgets::button;
use crate::engine::Carrying;

/// As wide as a form is read well.
const WIDTH: f32 = 420.0;

#[derive(Clone, Debug)]
pub enum Sheet {
    Contact(ContactForm),
    Address(AddressForm),
    Wanted(WantedForm),
    Line(LineForm),
    AddLine(AddLineForm),
    HandOver(HandOverForm),
    NotDelivered(NotDeliveredForm),
    Payment(PaymentForm),
    Words(WordsForm),
    Attach(AttachForm),
    Look(LookForm),
}

/// What a form says after one frame.
pub enum Answer {
    Stay,
    Close,
    Done(Box<Wish>),
    /// It is over, and this is asked.
    Ask(Box<Intent>),
}

impl Answer {
    pub fn done(wish: Wish) -> Self {
        Self::Done(Box::new(wish))
    }
}

impl Sheet {
    pub fn contact(data: &OrderDetail) -> Self {
        Self::Contact(ContactForm::of(data))
    }
    pub fn address(data: &OrderDetail) -> Self {
        Self::Address(AddressForm::of(data))
    }
    pub fn wanted(data: &OrderDetail) -> Self {
        Self::Wanted(WantedForm::of(data))
    }
    pub fn line(line: &DetailLine) -> Self {
        Self::Line(LineForm::of(line))
    }
    pub fn add_line() -> Self {
        Self::AddLine(AddLineForm::empty())
    }
    pub fn hand_over(data: &OrderDetail) -> Self {
        Self::HandOver(HandOverForm::of(data))
    }
    pub fn not_delivered() -> Self {
        Self::NotDelivered(NotDeliveredForm::default())
    }
    pub fn payment(data: &OrderDetail) -> Self {
        Self::Payment(PaymentForm::of(data))
    }
    pub fn note() -> Self {
        Self::Words(WordsForm::note())
    }
    pub fn tag() -> Self {
        Self::Words(WordsForm::tag())
    }
    pub fn reference() -> Self {
        Self::Words(WordsForm::reference())
    }
    pub fn cancel() -> Self {
        Self::Words(WordsForm::cancel())
    }
    pub fn reverse(fact: FactId, what: &str) -> Self {
        Self::Words(WordsForm::reverse(fact, what))
    }

    /// With what was dropped on the window.
    pub fn attach(ctx: &Context, dropped: Vec<PathBuf>) -> Self {
        Self::Attach(AttachForm::of(ctx, dropped))
    }
    pub fn look(file: &FileRow) -> Self {
        Self::Look(LookForm::of(file))
    }

    /// What is typed in the product search, for the window to look up.
    pub fn product_words(&self) -> Option<&str> {
        match self {
            Self::AddLine(form) => Some(&form.picker.typed),
            _ => None,
        }
    }

    pub fn line_id(&self) -> Option<LineId> {
        match self {
            Self::Line(form) => Some(form.line.id),
            _ => None,
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Contact(_) => "Contact".into(),
            Self::Address(_) => "Deliver to".into(),
            Self::Wanted(_) => "When it is wanted".into(),
            Self::Line(form) => form.line.line.name.clone(),
            Self::AddLine(_) => "Add a line".into(),
            Self::HandOver(_) => "Hand over".into(),
            Self::NotDelivered(_) => "Not delivered".into(),
            Self::Payment(_) => "Take a payment".into(),
            Self::Words(form) => form.title().into(),
            Self::Attach(_) => "Attach to this order".into(),
            Self::Look(form) => form.file.name.clone(),
        }
    }
}

pub fn show(
    ui: &mut Ui,
    data: &OrderDetail,
    state: &mut DetailState,
    products: &[ProductHit],
    carrying: Option<Carrying>,
) -> Option<Intent> {
    let open = state.sheet.as_mut()?;
    let title = open.title();
    let wide = matches!(open, Sheet::Look(_) | Sheet::HandOver(_));
    let width = if wide { 760.0 } else { WIDTH };
    let (answer, closed) = wide_sheet(ui, &title, width, |ui| match open {
        Sheet::Contact(form) => form.show(ui, data),
        Sheet::Address(form) => form.show(ui, data),
        Sheet::Wanted(form) => form.show(ui, data),
        Sheet::Line(form) => form.show(ui, data),
        Sheet::AddLine(form) => form.show(ui, data, products),
        Sheet::HandOver(form) => form.show(ui, data),
        Sheet::NotDelivered(form) => form.show(ui, data),
        Sheet::Payment(form) => form.show(ui, data),
        Sheet::Words(form) => form.show(ui, data),
        Sheet::Attach(form) => form.show(ui, data),
        Sheet::Look(form) => form.show(ui, data, carrying),
    });
    match answer {
        Answer::Stay if closed => state.sheet = None,
        Answer::Stay => {}
        Answer::Close => state.sheet = None,
        Answer::Done(wish) => {
            state.sheet = None;
            return Some(Intent::Do(*wish));
        }
        Answer::Ask(intent) => {
            state.sheet = None;
            return Some(*intent);
        }
    }
    None
}

/// A sheet over the panel; also true when it was closed by Esc or a press beside it.
pub fn sheet<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    wide_sheet(ui, title, WIDTH, contents)
}

fn wide_sheet<R>(ui: &mut Ui, title: &str, width: f32, contents: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let size = ui.spacing().clone();
    let room = ui.ctx().content_rect();
    // A phone has no room to leave free.
    let (inner, beside) = if is_touch(ui) { (12_i8, 28.0) } else { (20, 64.0) };
    let answer = Modal::new(egui::Id::unique("sheet"))
        .frame(egui::Frame::popup(ui.style()).inner_margin(inner))
        .show(ui.ctx(), |ui| {
            *ui.spacing_mut() = size;
            ui.set_width((room.width() - beside).min(width));
            ui.set_max_height(room.height() - 48.0);
            ui.add(egui::Label::new(theme::strong(title, theme::TITLE)).truncate());
            ui.add_space(theme::SPACE[0]);
            contents(ui)
        });
    let closed = answer.should_close();
    (answer.inner, closed)
}

/// The two buttons at the foot of a form: true for the primary one, also by Ctrl+Enter.
pub fn buttons(ui: &mut Ui, words: &str, ready: bool) -> Option<bool> {
    buttons_or(ui, words, "Cancel", ready)
}

/// The same where *Cancel* would be read as the step itself.
pub fn buttons_or(ui: &mut Ui, words: &str, other: &str, ready: bool) -> Option<bool> {
    let by_key = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
    let mut pressed = (by_key && ready).then_some(true);
    ui.add_space(theme::SPACE[1]);
    let height = ui.spacing().interact_size.y.max(36.0);
    let row = egui::vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if button::primary_sized(ui, words, "Ctrl+Enter", egui::vec2(140.0, height), ready).clicked() {
            pressed = Some(true);
        }
        if button::plain(ui, other, "Esc").clicked() {
            pressed = Some(false);
        }
    });
    pressed
}

/// True when Enter was pressed in this one-line field.
pub fn entered(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}
