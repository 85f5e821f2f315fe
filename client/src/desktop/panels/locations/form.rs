//! The form that makes a location, and the small ones that change one.

use egui::Ui;
use waybill_shared::location::{Create, Field as Set, LocationKind};

use super::detail::set;
use super::{LocationDetail, LocationsState};
use crate::desktop::intent::{Intent, Making};
use crate::desktop::panels::address::AddressFields;
use crate::desktop::theme;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, sheet};

/// What is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Name,
    Code,
    Address,
}

#[derive(Clone, Debug, Default)]
pub struct LocationForm {
    /// `None` makes a location.
    target: Option<(Asked, Box<LocationDetail>)>,
    words: String,
    code: String,
    kind: LocationKind,
    address: AddressFields,
    /// Save was pressed once: what is missing is said from now on.
    pressed: bool,
}

impl LocationForm {
    pub fn change(data: &LocationDetail, asked: Asked) -> Self {
        let fields = &data.location.fields;
        Self {
            words: fields.name.clone(),
            code: fields.code.clone(),
            address: AddressFields::of(&data.location.address),
            target: Some((asked, Box::new(data.clone()))),
            ..Self::default()
        }
    }

    fn title(&self) -> &'static str {
        match self.target {
            None => "New location",
            Some((Asked::Name, _)) => "Name",
            Some((Asked::Code, _)) => "Code",
            Some((Asked::Address, _)) => "Address",
        }
    }

    /// `Some(None)` when it was left.
    fn show(&mut self, ui: &mut Ui) -> Option<Option<Intent>> {
        match self.target {
            None => {
                self.name(ui);
                self.code(ui);
                ui.label(theme::caption(ui, "Kind"));
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    for kind in LocationKind::ALL {
                        if button::choice(ui, self.kind == kind, &kind.words(), "").clicked() {
                            self.kind = kind;
                        }
                    }
                });
                self.address.show_place(ui);
            }
            Some((Asked::Name, _)) => self.name(ui),
            Some((Asked::Code, _)) => self.code(ui),
            Some((Asked::Address, _)) => self.address.show(ui),
        }
        let words = if self.target.is_none() { "Make location" } else { "Save" };
        if !sheet::buttons(ui, words, true)? {
            return Some(None);
        }
        self.pressed = true;
        self.intent().map(Some)
    }

    fn name(&mut self, ui: &mut Ui) {
        let missing = self.pressed && self.words.trim().is_empty();
        let error = missing.then_some("Give it a name that colleagues know, such as Harbour warehouse.");
        Field { name: "Name", error, ..Default::default() }.show(ui, &mut self.words);
    }

    fn code(&mut self, ui: &mut Ui) {
        let hint = "short, such as S1";
        Field { name: "Code", hint, width: 160.0, ..Default::default() }.show(ui, &mut self.code);
    }

    /// What the form asks for; `None` while something is missing.
    fn intent(&self) -> Option<Intent> {
        let (name, code) = (self.words.trim(), self.code.trim());
        let named = (!name.is_empty()).then(|| name.to_owned());
        let address = || self.address.is_right().then(|| self.address.address());
        let Some((asked, data)) = &self.target else {
            let create = Create { code: code.to_owned(), name: named?, kind: self.kind, address: address()? };
            return Some(Intent::Make(Box::new(Making::Location(create))));
        };
        let field = match asked {
            Asked::Name => Set::Name(named?),
            Asked::Code => Set::Code(code.to_owned()),
            Asked::Address => Set::Address(address()?),
        };
        Some(set(data, field, "Changed the location").into())
    }
}

pub fn form_ui(ui: &mut Ui, state: &mut LocationsState) -> Option<Intent> {
    let form = state.form.as_mut()?;
    let title = form.title();
    let (answer, closed) = sheet::sheet(ui, title, |ui| form.show(ui));
    if answer.is_some() || closed {
        state.form = None;
    }
    answer.flatten()
}
