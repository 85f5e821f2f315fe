//! What the new order and the till are given for what is typed in them.

use waybill_client::booked_at::BookedAt;
use waybill_client::desktop::drafts;
use waybill_client::desktop::panels::new_order::{NewOrderData, NewOrderState};
use waybill_client::desktop::panels::till::{PayForm, TillData, TillState};
use waybill_client::store::LocationRow;
use waybill_shared::id::LocationId;
use waybill_shared::location::LocationKind;
use waybill_shared::money::Currency;
use waybill_shared::order::Line;

use super::{customers, products, today, uuid};

pub fn new_order(state: &NewOrderState) -> NewOrderData {
    NewOrderData {
        customers: customers(&state.customer.typed),
        products: products(&state.product.typed),
        contact: Default::default(),
        delivery: Default::default(),
        today: today(),
        currency: Currency::EUR,
        at: at_the_shop(),
        channel: "shop".into(),
        no_customer: false,
        limits: Default::default(),
    }
}

pub fn till(state: &TillState) -> TillData {
    TillData { products: products(&state.product.typed), currency: Currency::EUR, at: at_the_shop() }
}

fn at_the_shop() -> BookedAt {
    let row = |n, code: &str, name: &str, kind| LocationRow {
        id: LocationId::new(uuid(n)),
        code: code.into(),
        name: name.into(),
        kind,
        closed: false,
        pending: false,
    };
    let places = vec![
        row(1, "S1", "Shop Lübeck", LocationKind::Shop),
        row(2, "W1", "Harbour warehouse", LocationKind::Warehouse),
        row(3, "V1", "Van 1", LocationKind::Van),
    ];
    BookedAt { usual: places.first().cloned(), places }
}

pub fn pay(lines: &[Line]) -> PayForm {
    PayForm::of(drafts::total(lines), Currency::EUR)
}
