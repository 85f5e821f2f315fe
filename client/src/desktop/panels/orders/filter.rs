//! Filter chips: combined freely, or-ed within a group, and-ed between groups; a set can be saved by name.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use waybill_shared::id::PersonId;
use waybill_shared::order::status::OrderState;

use crate::desktop::widgets::table::Sort;
use crate::store::{OrderFilter, OrderQuery, OrderSort};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Chip {
    Due,
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

impl Chip {
    pub const ALL: [Self; 17] = [
        Self::Due,
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
            Self::Due => "Due today",
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

    fn filters(self, me: PersonId) -> Vec<OrderFilter> {
        match self {
            Self::Drafts => {
                vec![OrderFilter::State(OrderState::Draft), OrderFilter::State(OrderState::Quoted)]
            }
            Self::Due => vec![OrderFilter::Due],
            Self::Placed => vec![OrderFilter::State(OrderState::Placed)],
            Self::Confirmed => vec![OrderFilter::State(OrderState::Confirmed)],
            Self::Disputed => vec![OrderFilter::State(OrderState::Disputed)],
            Self::Closed => vec![OrderFilter::State(OrderState::Closed)],
            Self::Cancelled => vec![OrderFilter::State(OrderState::Cancelled)],
            Self::ToDeliver => vec![OrderFilter::ToDeliver],
            Self::Delivered => vec![OrderFilter::Delivered],
            Self::Unpaid => vec![OrderFilter::NotPaid],
            Self::Paid => vec![OrderFilter::Paid],
            Self::Overdue => vec![OrderFilter::Overdue],
            Self::Today => vec![OrderFilter::Within(0, 0)],
            Self::Tomorrow => vec![OrderFilter::Within(1, 1)],
            Self::ThisWeek => vec![OrderFilter::Within(0, 6)],
            Self::Mine => vec![OrderFilter::Salesperson(me)],
            Self::Waiting => vec![OrderFilter::Pending],
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

    /// The newest first, unless a column was pressed.
    pub fn query(&self, sort: Option<Sort>, today: NaiveDate, me: PersonId) -> OrderQuery {
        let column = sort.map_or(OrderSort::Created, |sort| match sort.column {
            0 => OrderSort::Number,
            1 => OrderSort::Customer,
            2 => OrderSort::Wanted,
            3 => OrderSort::Total,
            4 => OrderSort::Marks,
            _ => OrderSort::Created,
        });
        OrderQuery {
            filters: self.chips.iter().flat_map(|chip| chip.filters(me)).collect(),
            customer: None,
            typed: self.words.clone(),
            sort: column,
            descending: sort.is_none_or(|sort| sort.falling),
            today,
        }
    }

    /// How the chips read as a name: `Overdue, Not paid`.
    pub fn words_of_chips(&self) -> String {
        self.chips.iter().map(|chip| chip.words()).collect::<Vec<_>>().join(", ")
    }
}
