//! Sheets over an order: one small form for each thing that can be done with it.

mod about;
mod attach;
mod goods;
mod line;
mod look;
mod payment;
mod resolve;
mod words;

use std::path::PathBuf;

use egui::{Context, Ui};
use waybill_shared::id::{FactId, LineId};

pub use about::{AddressForm, ContactForm, WantedForm};
pub use attach::AttachForm;
pub use goods::{HandOverForm, NotDeliveredForm};
pub use line::{AddLineForm, LineForm};
pub use look::{LookForm, Seen};
pub use payment::PaymentForm;
pub use resolve::ResolveForm;
pub use words::WordsForm;

use super::data::{DetailLine, OrderDetail};
use super::files::FileRow;
use super::view::DetailState;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::pick::ProductHit;
use crate::desktop::widgets::sheet::{sheet, wide_sheet};
use crate::engine::Carrying;

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
    Resolve(ResolveForm),
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
    pub fn resolve(data: &OrderDetail) -> Self {
        Self::Resolve(ResolveForm::of(data))
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
            Self::Resolve(_) => "How is this resolved?".into(),
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
    let form = |ui: &mut Ui| match open {
        Sheet::Contact(form) => form.show(ui, data),
        Sheet::Address(form) => form.show(ui, data),
        Sheet::Wanted(form) => form.show(ui, data),
        Sheet::Line(form) => form.show(ui, data),
        Sheet::AddLine(form) => form.show(ui, data, products),
        Sheet::HandOver(form) => form.show(ui, data),
        Sheet::NotDelivered(form) => form.show(ui, data),
        Sheet::Payment(form) => form.show(ui, data),
        Sheet::Resolve(form) => form.show(ui, data),
        Sheet::Words(form) => form.show(ui, data),
        Sheet::Attach(form) => form.show(ui, data),
        Sheet::Look(form) => form.show(ui, data, carrying),
    };
    let (answer, closed) = if wide { wide_sheet(ui, &title, 760.0, form) } else { sheet(ui, &title, form) };
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
