//! Forms for a line: change quantity, price and discount, take it off; and add one by searching.

use egui::Ui;
use waybill_shared::finding::Finding;
use waybill_shared::id::LineId;
use waybill_shared::money::Amount;
use waybill_shared::order::commands;
use waybill_shared::order::commands::{AddLine, RemoveLine, SetDiscount, SetPrice, SetQuantity};
use waybill_shared::order::{Discount, Line};
use waybill_shared::quantity::{Quantity, Unit};

use super::Answer;
use crate::desktop::focus;
use crate::desktop::intent::Wish;
use crate::desktop::limits::Above;
use crate::desktop::panels::change::discount;
use crate::desktop::panels::order::{DetailLine, OrderDetail};
use crate::desktop::pick::{Picker, ProductHit};
use crate::desktop::theme;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::sheet::buttons;
use crate::desktop::widgets::{button, money, quantity};

#[derive(Clone, Debug)]
pub struct LineForm {
    pub line: DetailLine,
    quantity: String,
    price: String,
    discount: String,
}

impl LineForm {
    pub fn of(line: &DetailLine) -> Self {
        let discount = match line.line.discount {
            Discount::None => String::new(),
            discount => discount.to_string(),
        };
        Self {
            quantity: line.line.unit.show(line.line.quantity),
            price: line.line.price.as_price(line.line.currency),
            discount,
            line: line.clone(),
        }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        let was = self.line.line.clone();
        if self.line.delivered.is_positive() {
            let delivered = quantity::figure(self.line.delivered, was.unit);
            ui.label(theme::caption(ui, format!("{delivered} of this line were handed over already.")));
        }
        let now_quantity = quantity::parse(&self.quantity, was.unit).filter(|q| q.is_positive());
        let typed = Line {
            quantity: now_quantity.unwrap_or(was.quantity),
            price: amount(&self.price).unwrap_or(was.price),
            discount: discount(&self.discount).unwrap_or(was.discount),
            ..was.clone()
        };
        let above = Above::of(&typed, Some(&was), &data.limits);
        let wrong = now_quantity.is_none().then_some("Give a number above zero, or take the line off.");
        let error = wrong.or(above.quantity.as_deref());
        let unit = if was.unit == Unit::Piece {
            "Quantity".to_owned()
        } else {
            format!("Quantity in {}", was.unit.symbol())
        };
        Field { name: &unit, error, ..Default::default() }.show(ui, &mut self.quantity);
        let mut now_price = Some(was.price);
        if data.may.run::<commands::SetPrice>() {
            now_price = amount(&self.price);
            let error = now_price.is_none().then_some(NO_AMOUNT).or(above.price.as_deref());
            let name = format!("Price in {}", was.currency);
            Field { name: &name, error, ..Default::default() }.show(ui, &mut self.price);
        }
        let mut now_discount = Some(was.discount);
        if data.may.run::<commands::SetDiscount>() {
            now_discount = discount(&self.discount);
            let wrong = now_discount.is_none().then_some("Give a percentage as 10%, or an amount as 2.50.");
            let error = wrong.or(above.discount.as_deref());
            let hint = "10% or 2.50";
            Field { name: "Discount", hint, error, ..Default::default() }.show(ui, &mut self.discount);
        }
        if data.may.run::<commands::RemoveLine>() && button::danger(ui, "Take this line off", "").clicked() {
            return Answer::done(remove(data, &self.line));
        }
        let (Some(quantity), Some(price), Some(discount)) = (now_quantity, now_price, now_discount) else {
            return if buttons(ui, "Save", false) == Some(false) { Answer::Close } else { Answer::Stay };
        };
        let ready = above.is_none();
        match buttons(ui, "Save", ready) {
            Some(false) => Answer::Close,
            Some(true) => match changes(data, &self.line, quantity, price, discount) {
                Some(wish) => Answer::done(wish),
                None => Answer::Close,
            },
            None => Answer::Stay,
        }
    }
}

const NO_AMOUNT: &str = "Give an amount, such as 12.50.";

fn amount(typed: &str) -> Option<Amount> {
    money::parse(typed).filter(|amount| !amount.is_negative())
}

/// One edit of the parts that differ, each guarded by the value that was seen.
fn changes(
    data: &OrderDetail,
    line: &DetailLine,
    quantity: Quantity,
    price: Amount,
    discount: Discount,
) -> Option<Wish> {
    let (id, was) = (line.id, &line.line);
    let mut parts = Vec::new();
    let mut back = Vec::new();
    let mut said = Vec::new();
    if quantity != was.quantity {
        parts.push((data.addr, SetQuantity { line: id, was: was.quantity, now: quantity }.into()));
        back.push((data.addr, SetQuantity { line: id, was: quantity, now: was.quantity }.into()));
        said.push(format!("{} {}", quantity::times(quantity, was.unit), was.name));
    }
    if price != was.price {
        parts.push((data.addr, SetPrice { line: id, was: was.price, now: price }.into()));
        back.push((data.addr, SetPrice { line: id, was: price, now: was.price }.into()));
        said.push(format!("at {}", money::words(price, was.currency)));
    }
    if discount != was.discount {
        parts.push((data.addr, SetDiscount { line: id, was: was.discount, now: discount }.into()));
        back.push((data.addr, SetDiscount { line: id, was: discount, now: was.discount }.into()));
        said.push(format!("discount {discount}"));
    }
    let wish = Wish::all(parts, format!("Changed to {}", said.join(", ")));
    (!wish.parts.is_empty()).then(|| wish.undo(back, format!("{} is as before", was.name)))
}

fn remove(data: &OrderDetail, line: &DetailLine) -> Wish {
    let again = AddLine { id: LineId::NIL, line: Line { removed: false, ..line.line.clone() } };
    Wish::new(data.addr, RemoveLine { line: line.id }, format!("Took off {}", line.line.name))
        .undo(vec![(data.addr, again.into())], format!("{} is back", line.line.name))
}

#[derive(Clone, Debug)]
pub struct AddLineForm {
    pub picker: Picker,
    taken: Option<ProductHit>,
    free: bool,
    name: String,
    quantity: String,
    price: String,
}

impl AddLineForm {
    pub fn empty() -> Self {
        let picker = Picker { focus: true, ..Picker::default() };
        Self {
            picker,
            taken: None,
            free: false,
            name: String::new(),
            quantity: "1".into(),
            price: String::new(),
        }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail, products: &[ProductHit]) -> Answer {
        if self.free {
            Field { name: "What it is", ..Default::default() }.show(ui, &mut self.name);
        } else if let Some(hit) = &self.taken {
            ui.label(theme::strong(&hit.name, theme::EMPHASIS));
            ui.label(theme::caption(ui, &hit.number));
        } else {
            let choices: Vec<_> = products.iter().map(ProductHit::choice).collect();
            let id = egui::Id::unique("product of a new line");
            let hint = "Name, number or barcode";
            if let Some(hit) =
                self.picker.show(ui, id, "Product", hint, &choices).and_then(|at| products.get(at))
            {
                let own = hit.price.filter(|_| hit.currency == data.order.currency());
                self.price = own.map(|price| price.as_price(hit.currency)).unwrap_or_default();
                self.taken = Some(hit.clone());
                focus::first_again(ui.ctx());
            }
            if button::quiet(ui, "Something that is not in the catalogue", "").clicked() {
                self.name = std::mem::take(&mut self.picker.typed);
                self.free = true;
                focus::first_again(ui.ctx());
            }
        }
        let chosen = self.free || self.taken.is_some();
        let unit = self.taken.as_ref().map_or(Unit::Piece, |hit| hit.unit);
        let quantity = quantity::parse(&self.quantity, unit).filter(|q| q.is_positive());
        let price = amount(&self.price);
        let line = self.line(data, quantity.unwrap_or_default(), price.unwrap_or_default());
        let above = line.as_ref().map(|line| Above::of(line, None, &data.limits)).unwrap_or_default();
        if chosen && let Err(finding) = &line {
            let words = format!("{} {}", finding.what, finding.remedy);
            let text = egui::RichText::new(words).color(theme::tokens(ui).bad.ink);
            ui.add(egui::Label::new(text).wrap());
        }
        if chosen {
            let error = quantity.is_none().then_some("Give a number above zero.");
            let error = error.or(above.quantity.as_deref());
            Field { name: "Quantity", width: 120.0, error, ..Default::default() }
                .show(ui, &mut self.quantity);
            let currency = data.order.currency();
            let name = format!("Price in {currency}");
            let wrong = price.is_none() && !self.price.trim().is_empty();
            let error = wrong.then_some(NO_AMOUNT).or(above.price.as_deref());
            Field { name: &name, width: 120.0, error, ..Default::default() }.show(ui, &mut self.price);
        }
        let named = self.taken.is_some() || !self.name.trim().is_empty();
        let whole = line.ok().filter(|_| quantity.is_some() && price.is_some());
        let ready = chosen && named && whole.is_some() && above.is_none();
        let pressed = buttons(ui, "Add", ready);
        match (pressed, whole) {
            (Some(false), _) => Answer::Close,
            (Some(true), Some(line)) => {
                let said = format!("Added {} {}", quantity::times(line.quantity, unit), line.name);
                Answer::done(Wish::new(data.addr, AddLine { id: LineId::NIL, line }, said))
            }
            _ => Answer::Stay,
        }
    }

    /// Or why there can be none: it is not known how it is taxed.
    fn line(&self, data: &OrderDetail, quantity: Quantity, price: Amount) -> Result<Line, Box<Finding>> {
        let pos = data.lines.iter().map(|line| line.line.pos).max().unwrap_or(0) + 1;
        let currency = data.order.currency();
        match &self.taken {
            Some(hit) => hit.line_at(price, currency, quantity, pos),
            None => Ok(Line {
                pos,
                product: None,
                name: self.name.trim().to_owned(),
                quantity,
                unit: Unit::Piece,
                pack: None,
                pack_size: None,
                price,
                currency,
                discount: Discount::None,
                tax: match data.lines.first() {
                    Some(first) => first.line.tax.clone(),
                    None => data.standard.clone()?,
                },
                lot: None,
                serial: None,
                note: None,
                removed: false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_shared::order::{Order, Tax};

    use super::*;
    use crate::desktop::names::{May, Names};

    #[test]
    fn free_text_is_taxed_as_the_order_is_or_in_the_standard_class_and_never_silently_not() {
        let names = Names {
            people: Default::default(),
            devices: Default::default(),
            locations: Default::default(),
            drivers: Default::default(),
            zone: chrono_tz::UTC,
            now: Default::default(),
        };
        let order = Order::default();
        let id = Default::default();
        let addr = waybill_shared::kind::DocAddr::from(waybill_shared::id::OrderId::NIL);
        let detail = OrderDetail::of(id, addr, &order, None, &names, May::default());
        let form = AddLineForm { free: true, name: "Advice".into(), ..AddLineForm::empty() };
        let taxed = |data: &OrderDetail| {
            let line = form.line(data, Quantity::new(1), Amount::from_minor(20, 0));
            line.map(|line| line.tax.rate.to_string()).map_err(|finding| finding.what)
        };
        assert_eq!(
            taxed(&detail),
            Err("There is no tax class “standard”: the settings have none yet.".to_owned())
        );
        let standard = Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true };
        let mut detail = OrderDetail { standard: Ok(standard), ..detail };
        assert_eq!(taxed(&detail), Ok("19".to_owned()));
        let mut first = form.line(&detail, Quantity::new(1), Amount::ZERO).unwrap();
        first.tax.rate = Amount::from_minor(7, 0);
        detail.lines.push(DetailLine {
            id: LineId::NIL,
            line: first,
            delivered: Quantity::ZERO,
            total: Amount::ZERO,
            pending: false,
        });
        assert_eq!(taxed(&detail), Ok("7".to_owned()));
    }
}
