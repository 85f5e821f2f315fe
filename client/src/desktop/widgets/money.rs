//! Amounts as they are read: grouped in thousands, with the decimals of their currency, right-aligned, one sign per column head.

use egui::{Align, Layout, Response, Ui};
use waybill_shared::money::{Amount, Currency};
pub use waybill_shared::money::{figure, grouped, price, words};

use crate::desktop::theme::{self, tokens};

pub fn sign(currency: Currency) -> &'static str {
    currency.sign()
}

/// Draws an amount at the right edge of its place.
pub fn show(ui: &mut Ui, amount: Amount, currency: Currency) -> Response {
    right(ui, egui::RichText::new(figure(amount, currency)))
}

/// An amount large enough to be read across a counter.
pub fn show_large(ui: &mut Ui, amount: Amount, currency: Currency) -> Response {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.with_layout(Layout::right_to_left(Align::Max), |ui| {
            ui.label(theme::strong(figure(amount, currency), theme::FIGURE));
            ui.label(egui::RichText::new(sign(currency)).size(theme::EMPHASIS).color(tokens(ui).muted));
        });
    })
    .response
}

/// Reads what a person typed: `12`, `12.5`, `12,50`, `1,234`, `1,234.50`, `1.234,50`.
pub fn parse(text: &str) -> Option<Amount> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (minus, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let decimal_at = decimal_separator(text);
    let (whole, rest) = decimal_at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let groups: Vec<&str> = whole.split([',', '.']).collect();
    let first = groups.first()?;
    let grouped_rightly = groups.len() == 1
        || (1..=3).contains(&first.len()) && groups.iter().skip(1).all(|group| group.len() == 3);
    if !grouped_rightly || rest.contains([',', '.']) {
        return None;
    }
    format!("{minus}{}.{rest}", groups.concat()).trim_end_matches('.').parse().ok()
}

/// A point is a decimal point unless there are several; a comma is one unless three digits follow it.
fn decimal_separator(text: &str) -> Option<usize> {
    let at = text.rfind([',', '.'])?;
    let sign = text[at..].chars().next()?;
    let before = &text[..at];
    let other = before.contains([',', '.']) && !before.contains(sign);
    let alone = !before.contains([',', '.']);
    let groups = text.len() - at - 1 == 3 && sign == ',' && before != "0";
    (other || alone && !groups).then_some(at)
}

fn right(ui: &mut Ui, text: egui::RichText) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text)).inner
}
