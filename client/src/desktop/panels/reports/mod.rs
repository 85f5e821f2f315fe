//! Revenue by day as a chart, its figures as a table one key away.

mod chart;

use chrono::NaiveDate;
use egui::Ui;
use waybill_shared::money::{Amount, Currency};

use crate::desktop::frame::is_touch;
use crate::desktop::intent::Intent;
use crate::desktop::keys::{self, Action};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{button, card, empty_state, money};
use crate::revenue::Measure;

const MEASURES: [Measure; 3] = [Measure::Placed, Measure::Delivered, Measure::Paid];

fn words(measure: Measure) -> &'static str {
    match measure {
        Measure::Placed => "Placed",
        Measure::Delivered => "Delivered or sold",
        Measure::Paid => "Paid",
    }
}

fn means(measure: Measure) -> &'static str {
    match measure {
        Measure::Placed => "What was ordered, changed and cancelled, each on its own day.",
        Measure::Delivered => "What customers received, handed over or sold over the counter.",
        Measure::Paid => "Money taken, less money given back.",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevenueDay {
    pub day: NaiveDate,
    pub net: Amount,
    pub gross: Amount,
}

#[derive(Clone, Debug, Default)]
pub struct ReportsData {
    /// Every day of the span, also those without revenue, oldest first.
    pub days: Vec<RevenueDay>,
    pub currency: Option<Currency>,
    pub today: NaiveDate,
    /// What the figures are computed from, in words: `as this device knows it, 12:04`.
    pub source: String,
    /// Nothing is known yet.
    pub counting: bool,
}

#[derive(Clone, Debug, Default)]
pub struct ReportsState {
    pub measure: Measure,
    pub span: Span,
    pub figures: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    TwoWeeks,
    #[default]
    Month,
    Quarter,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::TwoWeeks, Self::Month, Self::Quarter];

    pub fn days(self) -> u64 {
        match self {
            Self::TwoWeeks => 14,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

const COLUMNS: [Column; 3] = [
    table::share("Day", 1.0).least(90.0).fixed(),
    table::number("Net", 130.0).least(88.0).fixed(),
    table::number("Gross", 130.0).least(88.0).fixed(),
];

pub fn reports_ui(ui: &mut Ui, data: &ReportsData, state: &mut ReportsState) -> Option<Intent> {
    let ctx = ui.ctx().clone();
    if keys::pressed(&ctx, Action::Figures) {
        state.figures = !state.figures;
    }
    egui::Frame::new().inner_margin(16).show(ui, |ui| {
        head(ui, data, state);
        let gross: Amount = data.days.iter().map(|day| day.gross).sum();
        if data.counting {
            empty_state::empty_state(ui, "Counting the revenue", "It is counted over every order.", None);
            return;
        }
        let Some(currency) = data.currency.filter(|_| !gross.is_zero()) else {
            let sentence =
                "As soon as something is ordered, sold or paid, its revenue appears here day by day.";
            empty_state::empty_state(ui, "No revenue in these days", sentence, None);
            return;
        };
        sums(ui, data, currency);
        ui.add_space(theme::SPACE[1]);
        let height = (ui.available_height() - 4.0).max(200.0);
        card::frame(ui).show(ui, |ui| {
            ui.set_min_height(height - 32.0);
            if state.figures { figures(ui, data, currency) } else { chart::chart(ui, data, currency) }
        });
    });
    None
}

fn head(ui: &mut Ui, data: &ReportsData, state: &mut ReportsState) {
    let title = |ui: &mut Ui| {
        ui.label(theme::strong("Revenue by day", theme::TITLE));
        ui.label(theme::caption(ui, &data.source));
    };
    // On a phone they stand under each other: beside the title the words would break where it ends.
    if is_touch(ui) {
        title(ui)
    } else {
        _ = ui.horizontal_wrapped(title)
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for measure in MEASURES {
            if button::choice(ui, state.measure == measure, words(measure), means(measure)).clicked() {
                state.measure = measure;
            }
        }
        ui.add_space(theme::SPACE[3]);
        for span in Span::ALL {
            let words = format!("{} days", span.days());
            if button::choice(ui, state.span == span, &words, "").clicked() {
                state.span = span;
            }
        }
        ui.add_space(theme::SPACE[3]);
        let words = if state.figures { "Show the chart" } else { "Show the figures" };
        if button::quiet(ui, words, &keys::tip(words, Action::Figures)).clicked() {
            state.figures = !state.figures;
        }
    });
    ui.label(theme::caption(ui, means(state.measure)));
}

fn sums(ui: &mut Ui, data: &ReportsData, currency: Currency) {
    let net: Amount = data.days.iter().map(|day| day.net).sum();
    let gross: Amount = data.days.iter().map(|day| day.gross).sum();
    let today = data.days.iter().find(|day| day.day == data.today).map(|day| day.gross).unwrap_or_default();
    let sums = [("Gross", gross), ("Net", net), ("Today, gross", today)];
    if is_touch(ui) {
        // Under each other: beside each other three large sums are wider than a phone.
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = 24.0;
            ui.spacing_mut().item_spacing.y = 0.0;
            for (name, amount) in sums {
                ui.horizontal(|ui| {
                    ui.label(theme::caption(ui, name));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.label(theme::strong(money::words(amount, currency), theme::EMPHASIS));
                    });
                });
            }
        });
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        for (name, amount) in sums {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(theme::caption(ui, name));
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 4.0;
                    ui.label(egui::RichText::new(money::sign(currency)).color(tokens(ui).muted));
                    ui.label(theme::strong(money::figure(amount, currency), theme::FIGURE));
                });
            });
        }
    });
}

fn figures(ui: &mut Ui, data: &ReportsData, currency: Currency) {
    let count = data.days.len();
    let table = Table {
        id: egui::Id::unique("revenue figures"),
        name: "Revenue by day",
        columns: &COLUMNS,
        rows: count,
        selected: None,
        sort: None,
        row_height: theme::ROW,
        head: true,
        press_opens: false,
    };
    // Newest first, as one looks for yesterday.
    let day = |row: usize| data.days.iter().rev().nth(row);
    let describe = |row: usize| {
        day(row)
            .map(|day| format!("{}, gross {}", day.day, money::figure(day.gross, currency)))
            .unwrap_or_default()
    };
    table.show(ui, describe, |ui, row, column| {
        let Some(day) = day(row) else { return };
        match column {
            0 => ui.label(day.day.format("%a %-d %b").to_string()),
            1 => ui.label(money::figure(day.net, currency)),
            _ => ui.label(money::figure(day.gross, currency)),
        };
    });
}
