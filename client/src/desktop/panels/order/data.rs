//! What the detail of an order shows, read from the document as this device has it.

use chrono::NaiveDate;
use waybill_shared::finding::Finding;
use waybill_shared::id::{FactId, LineId, OrderId, PersonId};
use waybill_shared::kind::DocAddr;
use waybill_shared::money::Amount;
use waybill_shared::order::amounts::Totals;
use waybill_shared::order::commands;
use waybill_shared::order::resolve::{self, WayOut};
use waybill_shared::order::status::{Fulfilment, MoneyState, OrderState, Status};
use waybill_shared::order::{Line, Order, Tax, amounts, status, timeline};
use waybill_shared::protocol::limits;
use waybill_shared::quantity::Quantity;
use waybill_shared::settings::{Limits, Settings};

use super::files::FileRow;
use crate::desktop::names::{May, Names};
use crate::desktop::panels::notes::NotesPart;
use crate::desktop::widgets::timeline::Entry;

#[derive(Clone, Debug)]
pub struct OrderDetail {
    pub id: OrderId,
    pub addr: DocAddr,
    pub order: Order,
    pub status: Status,
    pub lines: Vec<DetailLine>,
    pub totals: Totals,
    pub paid: Amount,
    pub open: Amount,
    pub timeline: Vec<(Entry, Option<FactId>)>,
    pub pending: PendingFields,
    pub next: Option<Next>,
    /// How a dispute can be ended by whoever looks.
    pub ways: Vec<WayOut>,
    pub may: May,
    pub salesperson: String,
    pub location: String,
    pub driver: String,
    /// Who can be given a round.
    pub drivers: Vec<(PersonId, String)>,
    pub today: NaiveDate,
    /// What a line may hold at most.
    pub limits: Limits,
    /// What is attached, as it stands on this device.
    pub files: Vec<FileRow>,
    /// Where this person may read them.
    pub notes: Option<NotesPart>,
    /// Bytes of one that the server takes.
    pub most_in_a_file: u64,
    /// How a line is taxed that is not of the catalogue, or why that is not known.
    pub standard: Result<Tax, Box<Finding>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DetailLine {
    pub id: LineId,
    pub line: Line,
    pub delivered: Quantity,
    pub total: Amount,
    pub pending: bool,
}

/// Which facts of the order hold a value that is not yet accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PendingFields {
    pub contact: bool,
    pub address: bool,
    pub wanted: bool,
    pub plan: bool,
    pub tags: bool,
    pub refs: bool,
}

/// The one next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    AddLine,
    Place,
    Confirm,
    HandOver,
    TakePayment,
    Resolve,
}

impl Next {
    pub fn words(self) -> &'static str {
        match self {
            Self::AddLine => "Add a line",
            Self::Place => "Place order",
            Self::Confirm => "Confirm",
            Self::HandOver => "Hand over",
            Self::TakePayment => "Take payment",
            Self::Resolve => "Resolve",
        }
    }

    fn is_for(self, may: &May) -> bool {
        match self {
            Self::AddLine => may.run::<commands::AddLine>(),
            Self::Place => may.run::<commands::Place>(),
            Self::Confirm => may.run::<commands::Confirm>(),
            Self::HandOver => may.run::<commands::HandOver>(),
            Self::TakePayment => may.run::<commands::TakePayment>(),
            // Its ways are looked at one by one.
            Self::Resolve => true,
        }
    }
}

impl OrderDetail {
    /// `confirmed` is what the server has accepted; what differs from it waits.
    pub fn of(
        id: OrderId,
        addr: DocAddr,
        order: &Order,
        confirmed: Option<&Order>,
        names: &Names,
        may: May,
    ) -> Self {
        let nothing = Order::default();
        let known = confirmed.unwrap_or(&nothing);
        let status = status::of(order);
        let delivered = status::delivered(order);
        let sold = order.sale().map(|(_, _, sale)| &sale.lines);
        let lines = order
            .live_lines()
            .into_iter()
            .chain(sold.into_iter().flatten().map(|(id, line)| (*id, line)))
            .map(|(id, line)| DetailLine {
                id,
                line: line.clone(),
                delivered: delivered.get(&id).copied().unwrap_or_default(),
                total: amounts::line(line).gross,
                pending: known.lines.get(&id) != Some(line)
                    && known.sale().and_then(|(_, _, sale)| sale.lines.get(&id)) != Some(line),
            })
            .collect::<Vec<_>>();
        let open = amounts::open(order);
        let mut ways = resolve::ways(order);
        ways.retain(|out| out.needs().iter().all(|command| may.send(command)));
        let steps = steps(&status, !lines.is_empty(), open);
        let next = steps.iter().copied().find(|next| next.is_for(&may));
        let driver = order.plan.driver.map(|id| names.person(id).to_owned()).unwrap_or_default();
        Self {
            id,
            addr,
            timeline: entries(order, known, names),
            pending: PendingFields {
                contact: order.contact != known.contact,
                address: order.delivery != known.delivery,
                wanted: order.wanted != known.wanted,
                plan: order.plan != known.plan,
                tags: order.tags != known.tags,
                refs: order.refs != known.refs,
            },
            totals: amounts::total(order),
            paid: amounts::paid(order),
            open,
            next: if ways.is_empty() { next } else { Some(Next::Resolve) },
            ways,
            may,
            salesperson: order
                .head
                .as_ref()
                .map(|head| names.person(head.salesperson).to_owned())
                .unwrap_or_default(),
            location: order.location().map(|id| names.location(id).to_owned()).unwrap_or_default(),
            driver,
            drivers: names.drivers.iter().map(|id| (*id, names.person(*id).to_owned())).collect(),
            today: names.today(),
            limits: Limits::default(),
            files: Vec::new(),
            notes: None,
            most_in_a_file: limits::ATTACHMENT_USUAL,
            standard: Settings::default().standard_tax(),
            order: order.clone(),
            status,
            lines,
        }
    }

    /// Without the ways out that `may` does not let somebody take.
    #[must_use]
    pub fn with_ways(mut self, may: impl Fn(&WayOut) -> bool) -> Self {
        self.ways.retain(|out| may(out));
        if self.ways.is_empty() && self.next == Some(Next::Resolve) {
            self.next = None;
        }
        self
    }

    pub fn is_sale(&self) -> bool {
        self.order.sale().is_some()
    }

    /// Lines, address and the like can still be changed by request.
    pub fn is_open(&self) -> bool {
        !self.is_sale() && !matches!(self.status.order, OrderState::Cancelled | OrderState::Closed)
    }

    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.order.tags.iter().filter(|(_, set)| **set).map(|(tag, _)| tag.as_str())
    }

    /// What is still to be handed over, line by line.
    pub fn to_hand_over(&self) -> impl Iterator<Item = (&DetailLine, Quantity)> {
        self.lines
            .iter()
            .map(|line| (line, line.line.quantity - line.delivered))
            .filter(|(_, open)| open.is_positive())
    }
}

/// What comes next, and where not everybody may do that, what comes next for the others: who stands at the door with the
/// goods hands them over, also where nobody has confirmed the order yet.
fn steps(status: &Status, has_lines: bool, open: Amount) -> &'static [Next] {
    match status.order {
        OrderState::Draft | OrderState::Quoted if !has_lines => &[Next::AddLine],
        OrderState::Draft | OrderState::Quoted => &[Next::Place],
        OrderState::Placed if status.fulfilment == Fulfilment::Open => &[Next::Confirm, Next::HandOver],
        OrderState::Placed | OrderState::Confirmed if status.fulfilment != Fulfilment::Delivered => {
            &[Next::HandOver]
        }
        OrderState::Placed | OrderState::Confirmed
            if open > Amount::ZERO && !matches!(status.money, MoneyState::Paid | MoneyState::Overpaid) =>
        {
            &[Next::TakePayment]
        }
        _ => &[],
    }
}

/// Newest first; an event that the accepted document does not tell of waits to be sent.
fn entries(order: &Order, known: &Order, names: &Names) -> Vec<(Entry, Option<FactId>)> {
    let told = |order: &Order| timeline::named(order, |id| names.person(id).to_owned());
    let accepted = told(known);
    let mut entries: Vec<_> = told(order)
        .into_iter()
        .map(|event| {
            let pending = !accepted.iter().any(|known| {
                known.at == event.at && known.person == event.person && known.words == event.words
            });
            let entry = Entry {
                when: names.when(event.at),
                device: names.device(event.device).to_owned(),
                words: event.words,
                person: names.person(event.person).to_owned(),
                pending,
                reversed: event.reversed,
            };
            (entry, event.fact)
        })
        .collect();
    entries.reverse();
    entries
}
