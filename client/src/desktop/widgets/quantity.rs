//! How many: whole pieces, or thousandths shown as decimals, with the unit small and grey; and a stepper.

use egui::{Align, Layout, Response, TextEdit, Ui};

use crate::desktop::icons::Icon;
use crate::desktop::theme;
use crate::desktop::widgets::{button, money};

/// `3`, `1,200`, or for thousandths `2.5`.
pub fn figure(amount: i64, thousandths: bool) -> String {
    let sign = if amount < 0 { "−" } else { "" };
    let size = amount.unsigned_abs();
    if !thousandths {
        return format!("{sign}{}", money::grouped(&size.to_string()));
    }
    let whole = money::grouped(&(size / 1000).to_string());
    let rest = format!("{:03}", size % 1000);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Reads what a person typed, in pieces or with decimals for thousandths.
pub fn parse(text: &str, thousandths: bool) -> Option<i64> {
    let typed = money::parse(text)?;
    let scaled = if thousandths { typed.checked_mul(1000.into())? } else { typed };
    if scaled.fract().is_zero() { scaled.trunc().to_string().parse().ok() } else { None }
}

/// Right-aligned, with its unit behind it.
pub fn show(ui: &mut Ui, amount: i64, thousandths: bool, unit: &str) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if !unit.is_empty() {
            ui.label(theme::caption(ui, unit));
        }
        ui.label(figure(amount, thousandths))
    })
    .inner
}

/// Minus, the number, plus; stays within `0..=most`. True when it changed.
pub fn stepper(ui: &mut Ui, name: &str, amount: &mut i64, most: i64) -> bool {
    let before = *amount;
    ui.horizontal(|ui| {
        if button::icon(ui, Icon::Minus, &format!("One less {name}")).clicked() {
            *amount -= 1;
        }
        let mut text = amount.to_string();
        let field = TextEdit::singleline(&mut text).desired_width(44.0).align(egui::Align2::CENTER_CENTER);
        let response = ui.add(field);
        response.widget_info(|| {
            let mut info =
                egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("Quantity of {name}"));
            info.current_text_value = Some(amount.to_string());
            info
        });
        if response.changed() {
            *amount = text.trim().parse().unwrap_or(0);
        }
        if button::icon(ui, Icon::Plus, &format!("One more {name}")).clicked() {
            *amount += 1;
        }
    });
    *amount = (*amount).clamp(0, most);
    *amount != before
}
