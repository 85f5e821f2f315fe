//! Customers and products as they are found by typing: by name, number or barcode.

use chrono::NaiveDate;
use egui::{Id, Key, Modifiers, Ui};
use waybill_shared::id::{CustomerId, ProductId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::{Discount, Line, Tax};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings::Settings;

use super::theme::{self, tokens};
use super::widgets::{money, search_field};
use crate::store::{CustomerRow, ProductRow};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerHit {
    pub id: CustomerId,
    pub number: String,
    pub name: String,
    pub town: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductHit {
    pub id: ProductId,
    pub number: String,
    pub name: String,
    pub unit: Unit,
    pub price: Option<Amount>,
    pub currency: Currency,
    pub tax: Tax,
    /// What was typed is its whole number or barcode: Enter means this one.
    pub exact: bool,
}

impl ProductHit {
    pub fn of(row: &ProductRow, settings: &Settings, day: NaiveDate, typed: &str) -> Self {
        let price = row.priced.price_on(day);
        let class = row.tax_class.clone();
        let rate = settings.tax_classes.get(&class).map(|class| class.rate).unwrap_or_default();
        let typed = typed.trim();
        Self {
            id: row.id,
            number: row.number.clone(),
            name: row.name.clone(),
            unit: row.unit,
            price: price.map(|price| price.price),
            currency: price.map_or(settings.fields.currency, |price| price.currency),
            tax: Tax { class, rate, included: price.is_some_and(|price| price.tax_included) },
            exact: !typed.is_empty()
                && (row.number.eq_ignore_ascii_case(typed) || row.barcodes.iter().any(|code| code == typed)),
        }
    }

    pub fn line(&self, quantity: Quantity, pos: i64) -> Line {
        Line {
            pos,
            product: Some(self.id),
            name: self.name.clone(),
            quantity,
            unit: self.unit,
            pack: None,
            pack_size: None,
            price: self.price.unwrap_or_default(),
            currency: self.currency,
            discount: Discount::None,
            tax: self.tax.clone(),
            lot: None,
            serial: None,
            note: None,
            removed: false,
        }
    }

    fn right(&self) -> String {
        self.price.map_or_else(|| "no price".into(), |price| money::words(price, self.currency))
    }
}

/// A search field with its results below; arrows choose, Enter takes.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    pub typed: String,
    pub chosen: usize,
    pub focus: bool,
}

/// One result as the picker draws it.
pub struct Choice<'a> {
    pub name: &'a str,
    pub small: String,
    pub right: String,
}

impl Picker {
    pub fn clear(&mut self) {
        *self = Self { focus: true, ..Self::default() };
    }

    /// The index of the result that was taken by Enter or by a click.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        id: Id,
        name: &str,
        hint: &str,
        choices: &[Choice<'_>],
    ) -> Option<usize> {
        let width = ui.available_width();
        let had_focus = ui.ctx().memory(|memory| memory.has_focus(id));
        let mut taken = None;
        if had_focus {
            let last = choices.len().saturating_sub(1);
            self.chosen = self.chosen.min(last);
            ui.input_mut(|input| {
                if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
                    self.chosen = (self.chosen + 1).min(last);
                }
                if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
                    self.chosen = self.chosen.saturating_sub(1);
                }
                if !choices.is_empty() && input.consume_key(Modifiers::NONE, Key::Enter) {
                    taken = Some(self.chosen);
                }
            });
        }
        let field = search_field::search_field(ui, id, name, hint, &mut self.typed, width);
        if std::mem::take(&mut self.focus) {
            field.request_focus();
        }
        if field.changed() {
            self.chosen = 0;
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (at, choice) in choices.iter().enumerate() {
                if row(ui, id.with(at), choice, had_focus && at == self.chosen) {
                    taken = Some(at);
                }
            }
        });
        taken
    }
}

impl From<&CustomerRow> for CustomerHit {
    fn from(row: &CustomerRow) -> Self {
        Self { id: row.id, number: row.number.clone(), name: row.name.clone(), town: row.city.clone() }
    }
}

impl CustomerHit {
    pub fn choice(&self) -> Choice<'_> {
        Choice { name: &self.name, small: self.number.clone(), right: self.town.clone() }
    }
}

impl ProductHit {
    pub fn choice(&self) -> Choice<'_> {
        Choice { name: &self.name, small: self.number.clone(), right: self.right() }
    }
}

/// One result; true when it was pressed.
pub fn row(ui: &mut Ui, id: Id, choice: &Choice<'_>, chosen: bool) -> bool {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y.max(34.0);
    let (_, rect) = ui.allocate_space(egui::vec2(ui.available_width(), height));
    let response = ui.interact(rect, id, egui::Sense::CLICK);
    response.widget_info(|| {
        let words = format!("{} {} {}", choice.name, choice.small, choice.right);
        egui::WidgetInfo::selected(egui::Role::ListItem, true, chosen, words.trim())
    });
    let ground = if chosen {
        t.accent_soft
    } else if response.hovered() {
        t.line
    } else {
        egui::Color32::TRANSPARENT
    };
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, theme::CORNER, ground);
    let y = rect.center().y;
    let right = painter.layout_no_wrap(choice.right.clone(), theme::font(theme::BODY, false), t.text);
    let small = painter.layout_no_wrap(choice.small.clone(), theme::font(theme::CAPTION, false), t.muted);
    let room = rect.width() - right.size().x - small.size().x - 40.0;
    let mut job = egui::text::LayoutJob::simple_singleline(
        choice.name.to_owned(),
        theme::font(theme::BODY, false),
        t.text,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(40.0));
    let name = painter.layout_job(job);
    let left = rect.left() + 10.0;
    let name_end = left + name.size().x;
    painter.galley(egui::pos2(left, y - name.size().y / 2.0), name, t.text);
    painter.galley(egui::pos2(name_end + 8.0, y - small.size().y / 2.0), small, t.muted);
    painter.galley(egui::pos2(rect.right() - 10.0 - right.size().x, y - right.size().y / 2.0), right, t.text);
    response.clicked()
}
