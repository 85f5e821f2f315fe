//! The places: as a rail on the left of wide windows, as four buttons at the foot of narrow ones.

use egui::{Align2, Popup, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::frame::{FrameAnswer, FrameData};
use super::icons::{self, Icon};
use super::keys;
use super::place::Place;
use super::theme::{self, tokens};
use super::widgets::button;

/// Icons, with words where there is room.
pub fn rail(ui: &mut Ui, data: &FrameData, words: bool) -> Option<FrameAnswer> {
    let mut answer = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    for &place in data.places.iter().filter(|place| **place != Place::Settings) {
        answer = answer.or(entry(ui, data, place, words));
    }
    ui.with_layout(egui::Layout::bottom_up(egui::Align::Min), |ui| {
        answer = answer.or(entry(ui, data, Place::Settings, words));
    });
    answer
}

/// Four places; the fourth opens the others.
pub fn bottom_bar(ui: &mut Ui, data: &FrameData) -> Option<FrameAnswer> {
    let mut answer = None;
    // Where their work begins; else what they make, or look up.
    let second = [data.first, Place::NewOrder, Place::Till, Place::Customers]
        .into_iter()
        .filter(|place| !matches!(place, Place::Orders | Place::Attention))
        .find(|place| data.places.contains(place));
    let shown: Vec<Place> =
        [Some(Place::Orders), second, Some(Place::Attention)].into_iter().flatten().collect();
    let width = ui.available_width() / (shown.len() + 1) as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for &place in &shown {
            let badge = if place == Place::Attention { data.attention } else { 0 };
            if tab(ui, place.icon(), place.words(), data.place == place, width, badge).clicked() {
                answer = Some(FrameAnswer::Go(place));
            }
        }
        let elsewhere = !shown.contains(&data.place);
        let more = tab(ui, Icon::More, "More", elsewhere, width, 0);
        Popup::menu(&more).show(|ui| {
            ui.set_min_width(220.0);
            ui.spacing_mut().interact_size.y = theme::TOUCH;
            for &place in data.places.iter().filter(|place| !shown.contains(place)) {
                if button::menu_item(ui, place.words(), "", "").clicked() {
                    answer = Some(FrameAnswer::Go(place));
                }
            }
            if button::menu_item(ui, "Sign out", "", "").clicked() {
                answer = Some(FrameAnswer::SignOut);
            }
        });
    });
    answer
}

fn entry(ui: &mut Ui, data: &FrameData, place: Place, words: bool) -> Option<FrameAnswer> {
    let t = tokens(ui);
    let here = data.place == place;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, place.words()));
    let ground = if here {
        t.accent_soft
    } else if response.hovered() || response.has_focus() {
        t.page
    } else {
        t.surface
    };
    ui.painter().rect_filled(rect, theme::CORNER, ground);
    if response.has_focus() {
        let line = egui::Stroke::new(2.0, t.accent);
        ui.painter().rect_stroke(rect, theme::CORNER, line, egui::StrokeKind::Inside);
    }
    let ink = if here { t.accent } else { t.muted };
    let center = pos2(rect.left() + 20.0, rect.center().y);
    icons::paint(ui.painter(), place.icon(), Rect::from_center_size(center, vec2(18.0, 18.0)), ink);
    if words {
        let ink = if here { t.text } else { t.muted };
        let font = theme::font(theme::BODY, here);
        ui.painter().text(
            pos2(rect.left() + 38.0, rect.center().y),
            Align2::LEFT_CENTER,
            place.words(),
            font,
            ink,
        );
    }
    let count = match place {
        Place::Attention => data.attention,
        Place::Held => data.held,
        _ => 0,
    };
    if count > 0 {
        let at = if words {
            pos2(rect.right() - 14.0, rect.center().y)
        } else {
            pos2(rect.right() - 9.0, rect.top() + 9.0)
        };
        badge(ui, at, count);
    }
    let clicked = response.clicked();
    response.on_hover_text(keys::tip(place.words(), place.action()));
    clicked.then_some(FrameAnswer::Go(place))
}

fn tab(ui: &mut Ui, icon: Icon, words: &str, here: bool, width: f32, count: usize) -> Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 52.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, words));
    let ink = if here { t.accent } else { t.muted };
    let center = pos2(rect.center().x, rect.top() + 17.0);
    icons::paint(ui.painter(), icon, Rect::from_center_size(center, vec2(22.0, 22.0)), ink);
    let font = theme::font(theme::CAPTION, here);
    ui.painter().text(pos2(rect.center().x, rect.bottom() - 12.0), Align2::CENTER_CENTER, words, font, ink);
    if count > 0 {
        badge(ui, pos2(rect.center().x + 16.0, rect.top() + 10.0), count);
    }
    response
}

fn badge(ui: &Ui, center: egui::Pos2, count: usize) {
    let t = tokens(ui);
    let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let galley = ui.painter().layout_no_wrap(text, theme::font(11.0, true), t.warn.ink);
    let rect = Rect::from_center_size(center, vec2((galley.size().x + 10.0).max(18.0), 18.0));
    ui.painter().rect_filled(rect, 9.0, t.warn.ground);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, t.warn.ink);
}
