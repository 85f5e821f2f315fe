//! How an order stands, said once: the goods first, the rest only where it differs from what one expects. What is
//! finished is quiet.

use egui::Ui;
use waybill_shared::order::status::{Fulfilment, MoneyState, OrderState, Status};

use crate::desktop::theme;
use crate::desktop::widgets::chip::{Mood, small_chip};
use crate::store::OrderRow;

/// One word of how an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// `None` where nobody has to look: it is written in grey.
    pub mood: Option<Mood>,
    pub words: &'static str,
}

/// The most important first.
pub fn marks(status: &Status) -> Vec<Mark> {
    of(status.order, status.fulfilment, status.money)
}

impl OrderRow {
    pub fn marks(&self) -> Vec<Mark> {
        of(self.state, self.goods, self.money)
    }
}

/// Nothing is to be delivered or paid of what was never agreed, or is off again.
pub fn is_agreed(state: OrderState) -> bool {
    !matches!(state, OrderState::Draft | OrderState::Quoted | OrderState::Cancelled)
}

pub fn of(order: OrderState, goods: Fulfilment, money: MoneyState) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut say = |mood, words| marks.push(Mark { mood, words });
    let agreed = is_agreed(order);
    if order == OrderState::Disputed {
        say(Some(Mood::Bad), order.words());
    } else if !agreed {
        say((order != OrderState::Cancelled).then_some(Mood::Neutral), order.words());
    }
    match goods {
        Fulfilment::PartDelivered => say(Some(Mood::Warn), goods.words()),
        Fulfilment::Delivered if agreed => say(None, goods.words()),
        // It was to stay where it is.
        Fulfilment::Delivered => say(Some(Mood::Warn), goods.words()),
        Fulfilment::Open => match order {
            OrderState::Placed => say(Some(Mood::Warn), order.words()),
            OrderState::Closed => say(None, order.words()),
            _ if agreed => say(Some(Mood::Neutral), goods.words()),
            _ => {}
        },
    }
    let due = agreed && goods == Fulfilment::Delivered;
    let expected = if due { MoneyState::Paid } else { MoneyState::Unpaid };
    if money != expected {
        let mood = match money {
            MoneyState::Paid => Mood::Good,
            MoneyState::Unpaid | MoneyState::PartPaid | MoneyState::Pending => Mood::Warn,
            MoneyState::Overpaid => Mood::Bad,
            MoneyState::Refunded => Mood::Neutral,
        };
        say(Some(mood), money.words());
    }
    marks
}

/// As many as fit: where there is not room for all, what is quiet goes first.
pub fn row(ui: &mut Ui, marks: &[Mark]) {
    let (room, gap) = (ui.available_width(), ui.spacing().item_spacing.x);
    let width = |mark: &Mark| {
        let font = theme::font(theme::CAPTION, false);
        let ink = egui::Color32::PLACEHOLDER;
        let words = ui.painter().layout_no_wrap(mark.words.to_owned(), font, ink).size().x;
        words + if mark.mood.is_some() { 20.0 } else { 0.0 } + gap
    };
    let mut fitting = marks.to_vec();
    while fitting.len() > 1 && fitting.iter().map(width).sum::<f32>() > room + gap {
        let is = |mood: Option<Mood>| fitting.iter().position(|mark| mark.mood == mood);
        let quiet = is(None).or_else(|| is(Some(Mood::Neutral)));
        fitting.remove(quiet.unwrap_or(fitting.len() - 1));
    }
    // Read from the left wherever they stand.
    if ui.layout().prefer_right_to_left() {
        fitting.reverse();
    }
    for mark in fitting {
        match mark.mood {
            Some(mood) => drop(small_chip(ui, mood, mark.words)),
            None => drop(ui.label(theme::caption(ui, mark.words))),
        }
    }
}
