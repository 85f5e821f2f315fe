//! Filter chips: combined freely, or-ed within a group, and-ed between groups; a set can be saved by name.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use waybill_shared::id::PersonId;
use waybill_shared::order::status::{Fulfilment, MoneyState, OrderState};

use super::OrderRow;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Chip {
    Drafts,
    Placed,
    Confirmed,
    Disputed,
    Closed,
    Cancelled,
    ToDeliver,
    Delivered,
    Unpaid,
    Paid,
    Overdue,
    Today,
    Tomorrow,
    ThisWeek,
    Mine,
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Order,
    Goods,
    Money,
    Day,
    Mine,
    Waiting,
}

impl Chip {
    pub const ALL: [Self; 16] = [
        Self::Overdue,
        Self::Today,
        Self::Tomorrow,
        Self::ThisWeek,
        Self::Drafts,
        Self::Placed,
        Self::Confirmed,
        Self::Disputed,
        Self::Closed,
        Self::Cancelled,
        Self::ToDeliver,
        Self::Delivered,
        Self::Unpaid,
        Self::Paid,
        Self::Mine,
        Self::Waiting,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::Drafts => "Drafts",
            Self::Placed => "Placed",
            Self::Confirmed => "Confirmed",
            Self::Disputed => "Disputed",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
            Self::ToDeliver => "To deliver",
            Self::Delivered => "Delivered",
            Self::Unpaid => "Not paid",
            Self::Paid => "Paid",
            Self::Overdue => "Overdue",
            Self::Today => "Today",
            Self::Tomorrow => "Tomorrow",
            Self::ThisWeek => "Next 7 days",
            Self::Mine => "Mine",
            Self::Waiting => "Waits to be sent",
        }
    }

    fn group(self) -> Group {
        match self {
            Self::Drafts
            | Self::Placed
            | Self::Confirmed
            | Self::Disputed
            | Self::Closed
            | Self::Cancelled => Group::Order,
            Self::ToDeliver | Self::Delivered => Group::Goods,
            Self::Unpaid | Self::Paid => Group::Money,
            Self::Overdue | Self::Today | Self::Tomorrow | Self::ThisWeek => Group::Day,
            Self::Mine => Group::Mine,
            Self::Waiting => Group::Waiting,
        }
    }

    fn fits(self, row: &OrderRow, today: NaiveDate, me: PersonId) -> bool {
        let within = |days: u64| today.checked_add_days(Days::new(days));
        match self {
            Self::Drafts => matches!(row.order, OrderState::Draft | OrderState::Quoted),
            Self::Placed => row.order == OrderState::Placed,
            Self::Confirmed => row.order == OrderState::Confirmed,
            Self::Disputed => row.order == OrderState::Disputed,
            Self::Closed => row.order == OrderState::Closed,
            Self::Cancelled => row.order == OrderState::Cancelled,
            Self::ToDeliver => row.goods != Fulfilment::Delivered && row.order != OrderState::Cancelled,
            Self::Delivered => row.goods == Fulfilment::Delivered,
            Self::Unpaid => {
                !matches!(row.money, MoneyState::Paid | MoneyState::Overpaid | MoneyState::Refunded)
            }
            Self::Paid => matches!(row.money, MoneyState::Paid | MoneyState::Overpaid),
            Self::Overdue => row.overdue(today),
            Self::Today => row.wanted == Some(today),
            Self::Tomorrow => row.wanted.is_some() && row.wanted == within(1),
            Self::ThisWeek => row.wanted.is_some_and(|day| day >= today && Some(day) <= within(6)),
            Self::Mine => row.salesperson == Some(me),
            Self::Waiting => row.pending,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Filter {
    pub words: String,
    pub chips: BTreeSet<Chip>,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SavedFilter {
    pub name: String,
    pub chips: BTreeSet<Chip>,
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.words.trim().is_empty() && self.chips.is_empty()
    }

    pub fn toggle(&mut self, chip: Chip) {
        if !self.chips.remove(&chip) {
            self.chips.insert(chip);
        }
    }

    /// The chips alone; words are searched by the store.
    pub fn fits(&self, row: &OrderRow, today: NaiveDate, me: PersonId) -> bool {
        let groups: BTreeSet<Group> = self.chips.iter().map(|chip| chip.group()).collect();
        groups
            .into_iter()
            .all(|group| self.chips.iter().any(|chip| chip.group() == group && chip.fits(row, today, me)))
    }

    /// How the chips read as a name: `Overdue, Not paid`.
    pub fn words_of_chips(&self) -> String {
        self.chips.iter().map(|chip| chip.words()).collect::<Vec<_>>().join(", ")
    }
}
