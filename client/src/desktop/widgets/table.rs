//! A list of thousands of rows: only what is seen is drawn, the head stays, any column sorts, keys move.

use egui::{
    Align, EventFilter, Id, Key, Layout, Modifiers, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::columns::fit;
pub use super::columns::{Column, exact, number, share};
use crate::desktop::focus;
use crate::desktop::theme::{self, tokens};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sort {
    pub column: usize,
    pub falling: bool,
}

pub struct Table<'a> {
    pub id: Id,
    /// What a reader hears for the whole list.
    pub name: &'a str,
    pub columns: &'a [Column],
    pub rows: usize,
    pub selected: Option<usize>,
    pub sort: Option<Sort>,
    /// The height of a row; the head is left out when rows are cards.
    pub row_height: f32,
    pub head: bool,
    /// One press opens a row: where nothing is shown beside the list.
    pub press_opens: bool,
}

/// What the user did in this pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The row that is now the selected one.
    pub selected: Option<usize>,
    /// Enter, double click, or a tap on a card.
    pub opened: Option<usize>,
    pub sort: Option<Sort>,
}

impl Table<'_> {
    /// `describe` gives the row's name for readers and tests; `cell` draws one cell.
    pub fn show(
        self,
        ui: &mut Ui,
        describe: impl Fn(usize) -> String,
        mut cell: impl FnMut(&mut Ui, usize, usize),
    ) -> Answer {
        let mut answer = Answer::default();
        ui.spacing_mut().item_spacing.y = 0.0;
        let widths = fit(self.columns, ui.available_width() - 2.0 * self.edge());
        if self.head {
            self.draw_head(ui, &widths, &mut answer);
        }
        let place = ui.available_rect_before_wrap();
        let list = ui.interact(place, self.id, Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(Role::List, true, self.name));
        let moved = self.take_keys(ui, &list, place.height(), &mut answer);

        let height = self.row_height;
        let total = height * self.rows as f32;
        ScrollArea::vertical().id_salt(self.id).auto_shrink([false, false]).show_viewport(ui, |ui, view| {
            ui.set_height(total);
            let origin = ui.max_rect().min;
            let first = ((view.top() / height).floor().max(0.0) as usize).min(self.rows);
            let last = (((view.bottom() / height).ceil().max(0.0)) as usize).min(self.rows);
            if let Some(row) = moved {
                let top = origin.y + row as f32 * height;
                let rect = Rect::from_min_size(pos2(origin.x, top), vec2(ui.available_width(), height));
                ui.scroll_to_rect(rect, None);
            }
            for row in first..last {
                let rect = Rect::from_min_size(
                    pos2(origin.x, origin.y + row as f32 * height),
                    vec2(ui.max_rect().width(), height),
                );
                self.draw_row(ui, row, rect, &widths, &describe, &mut cell, &mut answer, &list);
            }
        });
        answer
    }

    fn draw_head(&self, ui: &mut Ui, widths: &[(usize, f32)], answer: &mut Answer) {
        let t = tokens(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::hover());
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line_strong));
        let mut x = rect.left() + self.edge();
        for &(index, width) in widths {
            let Some(column) = self.columns.get(index) else { continue };
            let place = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height()));
            x += width;
            if column.title.is_empty() {
                continue;
            }
            let sense = if column.sorts { Sense::click() } else { Sense::hover() };
            let response = ui.interact(place, self.id.with(("head", index)), sense);
            let sorted = self.sort.filter(|sort| sort.column == index);
            let arrow = match sorted {
                Some(Sort { falling: true, .. }) => " ↓",
                Some(_) => " ↑",
                None => "",
            };
            response.widget_info(|| match column.sorts {
                true => WidgetInfo::labeled(Role::Button, true, format!("Sort by {}", column.title)),
                false => WidgetInfo::labeled(Role::ColumnHeader, true, format!("{} column", column.title)),
            });
            let ink = if response.hovered() && column.sorts || sorted.is_some() { t.text } else { t.muted };
            let text = format!("{}{arrow}", column.title);
            let font = theme::font(theme::CAPTION, sorted.is_some());
            let mut job = egui::text::LayoutJob::simple_singleline(text, font, ink);
            job.wrap = egui::text::TextWrapping::truncate_at_width(width - 2.0 * PAD);
            let galley = ui.painter().layout_job(job);
            let left = if column.right { place.right() - PAD - galley.size().x } else { place.left() + PAD };
            ui.painter().galley(pos2(left, place.center().y - galley.size().y / 2.0), galley, ink);
            if column.sorts && response.clicked() {
                let falling = sorted.is_some_and(|sort| !sort.falling);
                answer.sort = Some(Sort { column: index, falling });
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one table, drawn in one place")]
    fn draw_row(
        &self,
        ui: &mut Ui,
        row: usize,
        rect: Rect,
        widths: &[(usize, f32)],
        describe: &impl Fn(usize) -> String,
        cell: &mut impl FnMut(&mut Ui, usize, usize),
        answer: &mut Answer,
        list: &Response,
    ) {
        let t = tokens(ui);
        let selected = self.selected == Some(row);
        // Rows are no stops of the Tab key: the list is one stop, arrows move within it.
        let response = ui.interact(rect, self.id.with(row), Sense::CLICK);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, describe(row)));
        if selected {
            ui.painter().rect_filled(rect, 0.0, t.accent_soft);
            let bar = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
            ui.painter().rect_filled(bar, 0.0, t.accent);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, t.page);
        }
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line));
        let mut x = rect.left() + self.edge();
        let pad = if self.head { PAD } else { CARD_PAD };
        for &(index, width) in widths {
            let Some(column) = self.columns.get(index) else { continue };
            let place =
                Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height())).shrink2(vec2(pad, 0.0));
            x += width;
            let layout = if column.right {
                Layout::right_to_left(Align::Center)
            } else {
                Layout::left_to_right(Align::Center)
            };
            let mut place_ui =
                ui.new_child(UiBuilder::new().max_rect(place).layout(layout).id_salt((row, index)));
            place_ui.shrink_clip_rect(place.expand2(vec2(2.0, 0.0)));
            place_ui.spacing_mut().item_spacing.x = theme::SPACE[0];
            place_ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
            cell(&mut place_ui, row, index);
        }
        if response.clicked() {
            list.request_focus();
            answer.selected = Some(row);
            if self.press_opens {
                answer.opened = Some(row);
            }
        }
        if response.double_clicked() {
            answer.opened = Some(row);
        }
    }

    /// Keys work while the list has the keyboard, or while nothing else has it.
    fn take_keys(&self, ui: &Ui, list: &Response, height: f32, answer: &mut Answer) -> Option<usize> {
        let free = ui.ctx().memory(|memory| memory.focused().is_none());
        if self.rows == 0 || focus::is_below_a_sheet(ui.ctx()) || !(list.has_focus() || free) {
            return None;
        }
        if list.has_focus() {
            let filter = EventFilter { vertical_arrows: true, ..Default::default() };
            ui.ctx().memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
        }
        let page = ((height / self.row_height) as usize).max(1);
        let last = self.rows - 1;
        let at = self.selected.map(|row| row.min(last));
        let target = ui.input_mut(|input| {
            let mut take = |key| input.consume_key(Modifiers::NONE, key);
            if take(Key::ArrowDown) {
                Some(at.map_or(0, |row| (row + 1).min(last)))
            } else if take(Key::ArrowUp) {
                Some(at.map_or(last, |row| row.saturating_sub(1)))
            } else if take(Key::PageDown) {
                Some(at.map_or(0, |row| (row + page).min(last)))
            } else if take(Key::PageUp) {
                Some(at.map_or(0, |row| row.saturating_sub(page)))
            } else if take(Key::Home) {
                Some(0)
            } else if take(Key::End) {
                Some(last)
            } else {
                if take(Key::Enter) {
                    answer.opened = at;
                }
                None
            }
        });
        if target.is_some() {
            answer.selected = target;
        }
        target
    }

    /// What stays free left of the first and right of the last column.
    fn edge(&self) -> f32 {
        if self.head { CARD_PAD - PAD } else { 0.0 }
    }
}

const PAD: f32 = 7.0;
/// Everything stands under the title of its list.
const CARD_PAD: f32 = 16.0;
