//! Customers and products as they are found by typing: by name, number or barcode.

use chrono::NaiveDate;
use egui::{Id, Key, Modifiers, Ui};
use waybill_shared::finding::{Finding, Rule};
use waybill_shared::id::{CustomerId, ProductId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::{Discount, Line, Tax};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings::Settings;

use super::focus;
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
    /// Today, in the currency of the business.
    pub price: Option<Amount>,
    pub currency: Currency,
    /// Or why it cannot be taxed.
    pub tax: Result<Tax, Box<Finding>>,
    /// What was typed is its whole number or barcode: Enter means this one.
    pub exact: bool,
}

impl ProductHit {
    pub fn of(row: &ProductRow, settings: &Settings, day: NaiveDate, typed: &str) -> Self {
        let currency = settings.fields.currency;
        let price = row.priced.price_on(day).filter(|price| price.currency == currency);
        let included = price.is_none_or(|price| price.tax_included);
        let tax = settings.tax(&row.tax_class, included);
        let typed = typed.trim();
        Self {
            id: row.id,
            number: row.number.clone(),
            name: row.name.clone(),
            unit: row.unit,
            price: price.map(|price| price.price),
            currency,
            tax,
            exact: !typed.is_empty()
                && (row.number.eq_ignore_ascii_case(typed) || row.barcodes.iter().any(|code| code == typed)),
        }
    }

    /// As it is sold today; or why it cannot be sold so.
    pub fn line(&self, quantity: Quantity, pos: i64) -> Result<Line, Box<Finding>> {
        let price = self.price.ok_or_else(|| {
            let what = format!("“{}” has no price in {} today.", self.name, self.currency);
            Finding::new(Rule::NotThere, what, "Set one first.")
        })?;
        self.line_at(price, self.currency, quantity, pos)
    }

    /// At another price than its own.
    pub fn line_at(
        &self,
        price: Amount,
        currency: Currency,
        quantity: Quantity,
        pos: i64,
    ) -> Result<Line, Box<Finding>> {
        let tax = self.tax.clone().map_err(|finding| {
            let what = format!("“{}” cannot be sold so. {}", self.name, finding.what);
            Finding { what, ..*finding }
        })?;
        Ok(Line {
            pos,
            product: Some(self.id),
            name: self.name.clone(),
            quantity,
            unit: self.unit,
            pack: None,
            pack_size: None,
            price,
            currency,
            discount: Discount::None,
            tax,
            lot: None,
            serial: None,
            note: None,
            removed: false,
        })
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
    /// Enter was pressed, and nothing fits what is typed.
    pub missed: bool,
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
                // The field keeps the keyboard also where nothing fits.
                if input.consume_key(Modifiers::NONE, Key::Enter) {
                    taken = (!choices.is_empty()).then_some(self.chosen);
                    self.missed = choices.is_empty() && !self.typed.trim().is_empty();
                }
            });
        }
        let field = search_field::search_field(ui, id, name, hint, &mut self.typed, width);
        let wanted = std::mem::take(&mut self.focus) && !focus::is_below_a_sheet(ui.ctx());
        if wanted || focus::claim(&field) {
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

#[cfg(test)]
mod tests {
    use waybill_shared::product::{Price, Product};
    use waybill_shared::settings::TaxClass;
    use waybill_shared::time::Timestamp;

    use super::*;

    /// Of class “books”, at 20 in this currency.
    fn hit(price: Option<&str>, classes: &[(&str, &str)]) -> ProductHit {
        let day = NaiveDate::default();
        let price = price.map(|code| Price {
            price: "20".parse().unwrap(),
            currency: code.parse().unwrap(),
            tax_included: true,
            from: day,
            at: Timestamp::default(),
            day,
            month: waybill_shared::time::Month::of(day),
            person: Default::default(),
            device: Default::default(),
        });
        let product = Product {
            fields: waybill_shared::product::Fields {
                name: "Atlas".into(),
                tax_class: "books".into(),
                ..Default::default()
            },
            prices: price.into_iter().map(|price| (Default::default(), price)).collect(),
            ..Default::default()
        };
        let class = |(key, rate): &(&str, &str)| {
            ((*key).to_owned(), TaxClass { name: (*key).into(), rate: rate.parse().unwrap() })
        };
        let settings = Settings { tax_classes: classes.iter().map(class).collect(), ..Default::default() };
        ProductHit::of(&ProductRow::of(Default::default(), &product, false), &settings, day, "")
    }

    #[test]
    fn a_line_is_priced_and_taxed_as_the_business_says_or_not_made() {
        let line = |hit: &ProductHit| hit.line(Quantity::new(1), 0).map_err(|finding| finding.what);
        let both = [("books", "7"), ("standard", "19")];
        let made = line(&hit(Some("EUR"), &both)).unwrap();
        assert_eq!((made.price.to_string(), made.tax.rate.to_string()), ("20".into(), "7".into()));
        for (price, classes, why) in [
            (None, &both[..], "“Atlas” has no price in EUR today."),
            (Some("USD"), &both[..], "“Atlas” has no price in EUR today."),
            (
                Some("EUR"),
                &both[1..],
                "“Atlas” cannot be sold so. There is no tax class “books”: the settings have standard.",
            ),
            (
                Some("EUR"),
                &[],
                "“Atlas” cannot be sold so. There is no tax class “books”: the settings have none yet.",
            ),
        ] {
            assert_eq!(line(&hit(price, classes)), Err(why.to_owned()));
        }
    }
}
