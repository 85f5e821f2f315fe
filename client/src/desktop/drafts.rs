//! An order or a sale as it stands on the screen before it is made, and the command that makes it.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_shared::id::{CustomerId, FactId, LineId, LocationId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::{Create, RecordSale};
use waybill_shared::order::{
    Address, Contact, Line, Payment, PaymentMethod, PaymentState, Sale, Wanted, amounts,
};

/// What becomes of what was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Place,
    /// Kept, to be placed later.
    Keep,
    /// Offered to the customer; placing it makes an order of it.
    Quote,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderDraft {
    pub customer: Option<(CustomerId, String)>,
    pub contact: Contact,
    pub delivery: Address,
    pub wanted: Wanted,
    pub lines: Vec<Line>,
    pub then: Then,
    pub channel: String,
    pub location: LocationId,
    pub currency: Currency,
}

impl OrderDraft {
    pub fn total(&self) -> Amount {
        total(&self.lines)
    }

    /// The command that makes it; whether it is also placed is the caller's second command.
    pub fn create(self, number: String, fresh: &mut dyn FnMut() -> Uuid) -> Create {
        let (customer, customer_name) = self.customer.unzip();
        Create {
            number,
            channel: self.channel,
            location: self.location,
            customer,
            customer_name,
            currency: self.currency,
            salesperson: None,
            quotation: self.then == Then::Quote,
            contact: self.contact,
            delivery: self.delivery,
            wanted: self.wanted,
            lines: keyed(self.lines, fresh),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct SaleDraft {
    pub lines: Vec<Line>,
    pub method: PaymentMethod,
    /// What the customer gave; with cash the rest goes back.
    pub given: Amount,
    pub channel: String,
    pub location: LocationId,
    pub currency: Currency,
}

impl SaleDraft {
    pub fn total(&self) -> Amount {
        total(&self.lines)
    }

    pub fn change(&self) -> Amount {
        let rest = self.given - self.total();
        if self.method == PaymentMethod::Cash && !rest.is_negative() { rest } else { Amount::ZERO }
    }

    pub fn record(self, receipt: String, fresh: &mut dyn FnMut() -> Uuid) -> RecordSale {
        let change = self.change();
        let payment = Payment {
            method: self.method,
            amount: self.total(),
            currency: self.currency,
            state: PaymentState::Taken,
            drawer: None,
            reference: None,
        };
        let payments = BTreeMap::from([(FactId::new(fresh()), payment)]);
        let sale = Sale {
            receipt,
            link: None,
            channel: self.channel,
            location: self.location,
            customer: None,
            customer_name: None,
            currency: self.currency,
            lines: keyed(self.lines, fresh),
            payments,
            change,
        };
        RecordSale { id: FactId::new(fresh()), sale }
    }
}

pub fn total(lines: &[Line]) -> Amount {
    lines.iter().map(|line| amounts::line(line).gross).sum()
}

fn keyed(lines: Vec<Line>, fresh: &mut dyn FnMut() -> Uuid) -> BTreeMap<LineId, Line> {
    lines.into_iter().map(|line| (LineId::new(fresh()), line)).collect()
}
