//! What the new order and the till are given for what is typed in them.

use waybill_client::desktop::drafts;
use waybill_client::desktop::panels::new_order::{NewOrderData, NewOrderState};
use waybill_client::desktop::panels::till::{PayForm, TillData, TillState};
use waybill_shared::money::Currency;
use waybill_shared::order::Line;

use super::{customers, place, products, today};

pub fn new_order(state: &NewOrderState) -> NewOrderData {
    NewOrderData {
        customers: customers(&state.customer.typed),
        products: products(&state.product.typed),
        contact: Default::default(),
        delivery: Default::default(),
        today: today(),
        currency: Currency::EUR,
        location: place(),
        channel: "shop".into(),
        no_customer: false,
        limits: Default::default(),
    }
}

pub fn till(state: &TillState) -> TillData {
    TillData {
        products: products(&state.product.typed),
        currency: Currency::EUR,
        location: place(),
        location_name: "Shop Lübeck".into(),
        channel: "shop".into(),
    }
}

pub fn pay(lines: &[Line]) -> PayForm {
    PayForm::of(drafts::total(lines), Currency::EUR)
}
