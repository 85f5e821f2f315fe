//! How many: whole pieces, or thousandths shown as decimals, with the unit small and grey; and a stepper.

use egui::{Align, Layout, Response, TextEdit, Ui};
use waybill_shared::quantity::{Quantity, Unit};

use crate::desktop::focus;
use crate::desktop::icons::Icon;
use crate::desktop::theme;
use crate::desktop::widgets::field::select_all;
use crate::desktop::widgets::{button, money};

/// `3`, `1,200`, `2.5`.
pub fn figure(quantity: Quantity, unit: Unit) -> String {
    let plain = unit.show(quantity);
    let (minus, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("−", rest));
    match plain.split_once('.') {
        Some((whole, rest)) => format!("{minus}{}.{rest}", money::grouped(whole)),
        None => format!("{minus}{}", money::grouped(plain)),
    }
}

/// Before the name of what is counted: `3 ×`, `2.5 kg`.
pub fn times(quantity: Quantity, unit: Unit) -> String {
    unit.times(&figure(quantity, unit))
}

/// Reads what a person typed in whole units: `3`, `2.5`, `2,5`; where weights have thousandths a comma
/// alone always stands before decimals.
pub fn parse(text: &str, unit: Unit) -> Option<Quantity> {
    if unit.places() > 0 && text.matches([',', '.']).count() == 1 {
        return unit.parse(&text.replace(',', ".")).ok();
    }
    unit.parse(&money::parse(text)?.to_string()).ok()
}

/// Right-aligned, with its unit behind it; pieces go without saying.
pub fn show(ui: &mut Ui, quantity: Quantity, unit: Unit) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if unit != Unit::Piece {
            ui.label(theme::caption(ui, unit.symbol()));
        }
        ui.label(figure(quantity, unit))
    })
    .inner
}

/// Minus, the number, plus, in whole units; stays within `0..=most`. `typed` holds what is being typed.
pub fn stepper(ui: &mut Ui, name: &str, typed: &mut String, unit: Unit, most: Quantity) -> Quantity {
    let one = unit.parse("1").unwrap_or(Quantity::new(1));
    let mut quantity = parse(typed, unit).unwrap_or(Quantity::ZERO);
    let mut set = None;
    ui.horizontal(|ui| {
        if button::icon(ui, Icon::Minus, &format!("Less of {name}")).clicked() {
            set = Some(quantity - one);
        }
        let label = format!("Quantity of {name}");
        let id = ui.make_persistent_id(&label);
        focus::enters(ui, id);
        let edit = TextEdit::singleline(typed).id(id).desired_width(52.0);
        let response = ui.add(edit.align(egui::Align2::CENTER_CENTER));
        ui.ctx().accesskit_node_builder(id, |node| node.set_label(label));
        if focus::claim(&response) {
            select_all(ui, id, typed);
        }
        if response.changed() {
            quantity = parse(typed, unit).unwrap_or(Quantity::ZERO);
        }
        if button::icon(ui, Icon::Plus, &format!("More of {name}")).clicked() {
            set = Some(quantity + one);
        }
    });
    let within = set.unwrap_or(quantity).clamp(Quantity::ZERO, most);
    if set.is_some() || within != quantity {
        *typed = unit.show(within);
    }
    within
}
