//! Draws revenue by day: thin axes, the numbers on hover, no legend.

use egui::Ui;
use egui_plot::{AxisHints, Bar, BarChart, GridMark, Plot};
use waybill_shared::money::{Amount, Currency};

use super::{ReportsData, RevenueDay};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::money;

/// What the names of the amounts take on the left, and one day below.
const AXIS: f32 = 48.0;
const LABEL: f32 = 64.0;

pub fn chart(ui: &mut Ui, data: &ReportsData, currency: Currency) {
    let t = tokens(ui);
    let days = data.days.clone();
    let labels = days.clone();
    let labels_count = days.len();
    let label = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| day_label(&labels, mark.value);
    let x = AxisHints::new_x()
        .formatter(label)
        .tick_label_color(t.muted)
        .tick_label_font(theme::font(theme::CAPTION, false))
        .label_spacing(egui::Rangef::new(28.0, 60.0));
    let y = AxisHints::new_y()
        .formatter(|mark, _| thousands(mark.value))
        .tick_label_color(t.muted)
        .tick_label_font(theme::font(theme::CAPTION, false))
        .min_thickness(AXIS);
    let bars: Vec<Bar> = days
        .iter()
        .enumerate()
        .map(|(at, day)| {
            let fill = if day.day == data.today { t.accent } else { t.accent.gamma_multiply(0.62) };
            Bar::new(at as f64, approximate(day.gross)).width(0.72).fill(fill).stroke(egui::Stroke::NONE)
        })
        .collect();
    // As many days are named as have room for their names.
    let room = ((ui.available_width() - AXIS) / LABEL).max(1.0) as usize;
    let step = days.len().div_ceil(room.min(8)).max(1);
    // Half the name of the last day stands right of its bar.
    let beside = LABEL / 3.0 / (ui.available_width() - AXIS).max(LABEL);
    let marks = move |_: egui_plot::GridInput| weeks(labels_count, step);
    let plot = Plot::new("revenue by day")
        .custom_x_axes(vec![x])
        .custom_y_axes(vec![y])
        .show_grid([false, true])
        .grid_color(t.line)
        .show_background(false)
        .show_crosshair(false)
        .x_grid_spacer(marks)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .include_y(0.0)
        .set_margin_fraction(egui::vec2(beside, 0.06))
        .label_formatter(|_| None)
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("Gross", bars).allow_hover(false));
        });
    let pointed = plot.response.hover_pos().map(|pos| plot.transform.value_from_position(pos).x.round());
    if let Some(day) = pointed.and_then(|at| day_at(&days, at)) {
        plot.response.on_hover_text_at_pointer(hover_words(day, currency));
    }
}

/// Marks under every `step`th day, counted back from the last.
fn weeks(count: usize, step: usize) -> Vec<GridMark> {
    let days = (0..count).rev().step_by(step);
    days.map(|at| GridMark { value: at as f64, step_size: step as f64 }).collect()
}

/// For the height of a bar only: every number that is read comes from the exact amount.
fn approximate(amount: Amount) -> f64 {
    amount.to_string().parse().unwrap_or(0.0)
}

fn day_at(days: &[RevenueDay], at: f64) -> Option<&RevenueDay> {
    let rounded = at.round();
    if (at - rounded).abs() > 0.01 || rounded < 0.0 {
        return None;
    }
    days.get(rounded as usize)
}

fn day_label(days: &[RevenueDay], at: f64) -> String {
    day_at(days, at).map(|day| day.day.format("%-d %b").to_string()).unwrap_or_default()
}

fn hover_words(day: &RevenueDay, currency: Currency) -> String {
    let date = day.day.format("%a %-d %b");
    let net = format!("\nNet {}", money::words(day.net, currency));
    format!("{date}\nGross {}{net}", money::words(day.gross, currency))
}

fn thousands(value: f64) -> String {
    let whole = value.abs().round() as u64;
    let minus = if value < -0.5 { "−" } else { "" };
    format!("{minus}{}", money::grouped(&whole.to_string()))
}
