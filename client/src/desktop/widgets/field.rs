//! A text field with its name above and, when something is wrong, one sentence below that says what to do. It takes the
//! keyboard where it is the first of a sheet, or the first with an error, and keeps it at Enter.

use egui::text::{CCursor, CCursorRange};
use egui::{Response, TextEdit, Ui};

use crate::desktop::focus;
use crate::desktop::theme::{self, tokens};

#[derive(Default)]
pub struct Field<'a> {
    pub name: &'a str,
    pub hint: &'a str,
    pub error: Option<&'a str>,
    pub password: bool,
    pub rows: usize,
    /// Zero takes the whole width.
    pub width: f32,
}

impl Field<'_> {
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = theme::SPACE[0];
            // The same id with and without an error: the keyboard stays where it is.
            let id = ui.make_persistent_id(self.name);
            let name = ui.label(theme::caption(ui, self.name));
            let width = if self.width > 0.0 { self.width } else { ui.available_width() };
            if self.rows <= 1 {
                focus::enters(ui, id);
            }
            let edit = if self.rows > 1 {
                TextEdit::multiline(text).desired_rows(self.rows)
            } else {
                TextEdit::singleline(text)
            };
            let edit = edit
                .id(id)
                .hint_text(self.hint)
                .password(self.password)
                .desired_width(width)
                .min_size(egui::vec2(0.0, ui.spacing().interact_size.y))
                .align(if self.rows > 1 { egui::Align2::LEFT_TOP } else { egui::Align2::LEFT_CENTER });
            let response = match self.error {
                None => ui.add(edit),
                Some(_) => {
                    let t = tokens(ui);
                    ui.scope(|ui| {
                        ui.visuals_mut().widgets.inactive.bg_stroke = egui::Stroke::new(1.5, t.bad.ink);
                        ui.add(edit)
                    })
                    .inner
                }
            }
            .labelled_by(name.id);
            let wrong = self.error.is_some() && focus::is_wrong_one(ui.ctx());
            if wrong {
                response.request_focus();
            }
            // Come to by Tab, what stands in it is replaced by what is typed, as in any form.
            let came =
                response.gained_focus() && !response.changed() && !response.is_pointer_button_down_on();
            if focus::claim(&response) || wrong || came && self.rows <= 1 {
                select_all(ui, id, text);
            }
            if let Some(error) = self.error {
                ui.label(egui::RichText::new(error).size(theme::CAPTION).color(tokens(ui).bad.ink));
            }
            response
        })
        .inner
    }
}

pub fn field(ui: &mut Ui, name: &str, text: &mut String) -> Response {
    Field { name, ..Default::default() }.show(ui, text)
}

/// Gives the field the keyboard once, with everything selected.
pub fn enter_once(ui: &Ui, response: &Response, text: &str, done: &mut bool) {
    if !std::mem::replace(done, true) {
        response.request_focus();
        select_all(ui, response.id, text);
    }
}

/// What stands in the field is replaced by what is typed next.
pub fn select_all(ui: &Ui, id: egui::Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let range = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}
