//! Amounts as they are read: grouped in thousands, with the decimals of their currency, right-aligned, one sign per column head.

use egui::{Align, Layout, Response, Ui};
use waybill_shared::money::{Amount, Currency};

use crate::desktop::theme::{self, tokens};

/// `1,234.50`, with a real minus sign.
pub fn figure(amount: Amount, currency: Currency) -> String {
    written(&amount.fixed(currency.places()))
}

/// A price for one, which may be finer than the smallest coin: `0.0125`.
pub fn price(amount: Amount, currency: Currency) -> String {
    written(&amount.as_price(currency))
}

fn written(plain: &str) -> String {
    let (minus, plain) = match plain.strip_prefix('-') {
        Some(rest) if rest.contains(|c: char| ('1'..='9').contains(&c)) => ("−", rest),
        Some(rest) => ("", rest),
        None => ("", plain),
    };
    match plain.split_once('.') {
        Some((whole, coins)) => format!("{minus}{}.{coins}", grouped(whole)),
        None => format!("{minus}{}", grouped(plain)),
    }
}

/// `€ 1,234.50`, where no column head carries the sign.
pub fn words(amount: Amount, currency: Currency) -> String {
    format!("{} {}", sign(currency), figure(amount, currency))
}

/// The sign of a currency, or its code where the sign would be unclear.
pub fn sign(currency: Currency) -> &'static str {
    match currency.code() {
        "EUR" => "€",
        "GBP" => "£",
        "USD" => "$",
        "PLN" => "zł",
        "CZK" => "Kč",
        other => other,
    }
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

pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn right(ui: &mut Ui, text: egui::RichText) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text)).inner
}
