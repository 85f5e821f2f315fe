//! The frame around every panel: rail and top bar on wide windows, strip and bottom bar on narrow ones.

use chrono::NaiveDateTime;
use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Stroke, Ui};
use waybill_shared::id::PersonId;

use super::intent::Thing;
use super::place::Place;
use super::theme::{self, tokens};
use super::widgets::sync_chip::{self, SyncDetail, SyncState};
use super::widgets::{button, card, search_field};
use super::{keys, rail, top_bar};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One column, thumbs.
    Narrow,
    /// A rail of icons, one column.
    Middle,
    /// Rail with words; list and detail side by side.
    Wide,
}

impl Size {
    pub fn of(width: f32) -> Self {
        if width < 600.0 {
            Self::Narrow
        } else if width < 900.0 {
            Self::Middle
        } else {
            Self::Wide
        }
    }
}

/// What the frame shows around the panel.
#[derive(Clone, Debug)]
pub struct FrameData {
    pub place: Place,
    /// The places this person has, in order.
    pub places: Vec<Place>,
    /// Where their work begins.
    pub first: Place,
    pub person: String,
    pub role: String,
    pub device: String,
    pub sync: SyncState,
    pub detail: SyncDetail,
    pub attention: usize,
    /// Entries that wait for a manager, as far as it is known.
    pub held: usize,
    pub now: NaiveDateTime,
    /// What was found for the words in the search field.
    pub found: Vec<Found>,
    /// Others who have signed in on this device and can take over.
    pub here: Vec<(PersonId, String)>,
    /// Who works here has a PIN.
    pub has_pin: bool,
}

/// One result of the search over everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub small: String,
    pub kind: &'static str,
    pub thing: Thing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameAnswer {
    Go(Place),
    SignIn,
    /// Somebody signs in beside who works here.
    SignInHere,
    Lock,
    SwitchTo(PersonId),
    ChoosePin,
    SignOut,
    Help,
    Open(Thing),
}

/// Draws frame and panel; what was asked of the frame.
pub fn show(
    ui: &mut Ui,
    data: &FrameData,
    search: &mut String,
    panel: impl FnOnce(&mut Ui, Size),
) -> Option<FrameAnswer> {
    let size = Size::of(ui.available_width());
    let mut answer = pressed_keys(ui, data);
    touch(ui);
    match size {
        Size::Narrow => {
            Panel::top("strip").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
                ui.horizontal(|ui| {
                    answer = answer.or(top_bar::person_strip(ui, data));
                    let pressed = sync_chip::sync_strip(ui, &data.sync, &data.detail, data.now);
                    answer = answer.or(pressed.map(answer_of));
                });
            });
            Panel::bottom("places").frame(bar(ui, 0, 4)).show(ui, |ui| {
                answer = answer.or(rail::bottom_bar(ui, data));
            });
        }
        Size::Middle | Size::Wide => {
            let width = if size == Size::Wide { 148.0 } else { 56.0 };
            Panel::left("rail").frame(bar(ui, 8, 12)).resizable(false).exact_size(width).show(ui, |ui| {
                answer = answer.or(rail::rail(ui, data, size == Size::Wide));
            });
            Panel::top("bar").frame(bar(ui, 16, 8)).show(ui, |ui| {
                answer = answer.or(top_bar::top_bar(ui, data, search));
            });
        }
    }
    CentralPanel::default().frame(Frame::new().fill(tokens(ui).page)).show(ui, |ui| panel(ui, size));
    answer
}

/// One card and nothing else in the window, in its middle where there is room around it.
pub fn alone(ui: &mut Ui, id: &str, width: f32, contents: impl FnOnce(&mut Ui)) {
    touch(ui);
    let height_id = egui::Id::unique((id, "height"));
    CentralPanel::default().show(ui, |ui| {
        egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let height = ui.data(|data| data.get_temp::<f32>(height_id)).unwrap_or_default();
            let edge = if is_touch(ui) { theme::SPACE[2] } else { theme::SPACE[4] };
            ui.add_space(((ui.available_height() - height) / 2.0).max(edge));
            ui.vertical_centered(|ui| {
                ui.set_max_width((ui.available_width() - 24.0).min(width));
                let shown = card::card(ui, |ui| {
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        ui.spacing_mut().item_spacing.y = theme::SPACE[2];
                        contents(ui);
                    });
                });
                let shown = shown.response.rect.height();
                if (shown - height).abs() > 0.5 {
                    ui.data_mut(|data| data.insert_temp(height_id, shown));
                    ui.ctx().request_repaint();
                }
            });
            ui.add_space(edge);
        });
    });
}

/// Two columns that scroll on their own; the left one takes `share` of the width.
pub fn halves(ui: &mut Ui, id: &str, share: f32, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    let width = (ui.available_width() * share).round();
    let ground = Frame::new().fill(tokens(ui).surface);
    Panel::left(egui::Id::unique(id)).frame(ground).resizable(false).exact_size(width).show(ui, left);
    CentralPanel::default().frame(Frame::new().fill(tokens(ui).page)).show(ui, right);
}

/// Lists stand on the surface, wherever they are.
pub fn ground(ui: &Ui) {
    ui.painter().rect_filled(ui.max_rect(), 0.0, tokens(ui).surface);
}

/// The title of a list with its search and perhaps the button that makes one; true when that was pressed.
pub fn list_head(ui: &mut Ui, title: &str, hint: &str, typed: &mut String, make: Option<&str>) -> bool {
    let touch = is_touch(ui);
    let name = format!("Search {}", title.to_lowercase());
    let id = egui::Id::unique(("search in", title));
    let mut pressed = false;
    Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(title, theme::TITLE));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                pressed = make.is_some_and(|words| button::plain(ui, words, "").clicked());
                if !touch {
                    let width = (ui.available_width() - 8.0).min(240.0);
                    search_field::search_field(ui, id, &name, hint, typed, width);
                }
            });
        });
        if touch {
            let width = ui.available_width();
            search_field::search_field(ui, id, &name, hint, typed, width);
        }
    });
    pressed
}

/// A bar at the foot of a panel for its one next step.
pub fn foot(ui: &mut Ui, id: &str, contents: impl FnOnce(&mut Ui)) {
    Panel::bottom(egui::Id::unique(id)).frame(bar(ui, 16, 10)).resizable(false).show(ui, contents);
}

/// The part of a panel that scrolls, with its margin.
pub fn body(ui: &mut Ui, id: &str, contents: impl FnOnce(&mut Ui)) {
    let margin = if Size::of(ui.ctx().content_rect().width()) == Size::Narrow { 12 } else { 16 };
    egui::ScrollArea::vertical().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin::same(margin)).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = theme::SPACE[2];
            contents(ui);
        });
    });
}

/// A part that scrolls and grows no wider than is read well.
pub fn column(ui: &mut Ui, id: &str, width: f32, contents: impl FnOnce(&mut Ui)) {
    body(ui, id, |ui| {
        ui.vertical(|ui| {
            ui.set_max_width(width.min(ui.available_width()));
            contents(ui);
        });
    });
}

/// True where a thumb must hit.
pub fn is_touch(ui: &Ui) -> bool {
    ui.spacing().interact_size.y > theme::ROW
}

/// Gives controls the height of thumbs on narrow windows.
pub fn touch(ui: &mut Ui) {
    if Size::of(ui.available_width()) == Size::Narrow {
        ui.spacing_mut().interact_size.y = theme::TOUCH;
        ui.spacing_mut().button_padding.y = 8.0;
    }
}

fn bar(ui: &Ui, x: i8, y: i8) -> Frame {
    let t = tokens(ui);
    Frame::new().fill(t.surface).stroke(Stroke::NONE).inner_margin(Margin::symmetric(x, y))
}

pub(super) fn answer_of(pressed: sync_chip::Pressed) -> FrameAnswer {
    match pressed {
        sync_chip::Pressed::OpenAttention => FrameAnswer::Go(Place::Attention),
        sync_chip::Pressed::SignIn => FrameAnswer::SignIn,
    }
}

fn pressed_keys(ui: &mut Ui, data: &FrameData) -> Option<FrameAnswer> {
    let ctx = ui.ctx().clone();
    if keys::pressed(&ctx, keys::Action::Search) {
        ctx.memory_mut(|memory| memory.request_focus(top_bar::search_id()));
        return None;
    }
    if keys::pressed(&ctx, keys::Action::Help) {
        return Some(FrameAnswer::Help);
    }
    data.places.iter().copied().find(|place| keys::pressed(&ctx, place.action())).map(FrameAnswer::Go)
}
