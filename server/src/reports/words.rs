//! The words that stand in the report tables. They are for ever: other people's queries name them.

use waybill_shared::{
    open::Newer,
    order::{
        PaymentMethod, PaymentState, Priority,
        status::{Fulfilment, MoneyState, OrderState},
    },
    quantity::Unit,
};

use super::column::Word;

pub const fn order_state(state: OrderState) -> Word {
    Word::Borrowed(match state {
        OrderState::Draft => "draft",
        OrderState::Quoted => "quoted",
        OrderState::Placed => "placed",
        OrderState::Confirmed => "confirmed",
        OrderState::Cancelled => "cancelled",
        OrderState::Closed => "closed",
        OrderState::Disputed => "disputed",
    })
}

pub const fn fulfilment(state: Fulfilment) -> Word {
    Word::Borrowed(match state {
        Fulfilment::Open => "open",
        Fulfilment::PartDelivered => "part_delivered",
        Fulfilment::Delivered => "delivered",
    })
}

pub const fn money_state(state: MoneyState) -> Word {
    Word::Borrowed(match state {
        MoneyState::Unpaid => "unpaid",
        MoneyState::Pending => "pending",
        MoneyState::PartPaid => "part_paid",
        MoneyState::Paid => "paid",
        MoneyState::Overpaid => "overpaid",
        MoneyState::Refunded => "refunded",
    })
}

pub fn method(method: PaymentMethod) -> Word {
    Word::Borrowed(match method {
        PaymentMethod::Cash => "cash",
        PaymentMethod::Card => "card",
        PaymentMethod::Transfer => "transfer",
        PaymentMethod::Voucher => "voucher",
        PaymentMethod::Other => "other",
        PaymentMethod::Newer(newer) => return of_newer(newer),
    })
}

pub fn payment_state(state: PaymentState) -> Word {
    Word::Borrowed(match state {
        PaymentState::Pending => "pending",
        PaymentState::Authorised => "authorised",
        PaymentState::Taken => "taken",
        PaymentState::Failed => "failed",
        PaymentState::Newer(newer) => return of_newer(newer),
    })
}

pub fn priority(priority: Priority) -> Word {
    Word::Borrowed(match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Urgent => "urgent",
        Priority::Newer(newer) => return of_newer(newer),
    })
}

pub fn unit(unit: Unit) -> Word {
    Word::Borrowed(match unit {
        Unit::Piece => "piece",
        Unit::Kilogram => "kilogram",
        Unit::Metre => "metre",
        Unit::Litre => "litre",
        Unit::Hour => "hour",
        Unit::Newer(newer) => return of_newer(newer),
    })
}

/// What a newer version wrote stands in the tables as it calls it.
fn of_newer(newer: Newer) -> Word {
    Word::Owned(newer.name().to_owned())
}
