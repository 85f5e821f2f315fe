//! Paying at the till: how, how much was given, what goes back.

use egui::Ui;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::PaymentMethod;

use super::{TillData, TillState};
use crate::booked_at::channel;
use crate::desktop::drafts::SaleDraft;
use crate::desktop::intent::{Intent, Making};
use crate::desktop::theme;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, money, sheet};

#[derive(Clone, Debug)]
pub struct PayForm {
    method: PaymentMethod,
    given: String,
    total: Amount,
}

impl PayForm {
    pub fn of(total: Amount, currency: Currency) -> Self {
        Self { method: PaymentMethod::Cash, given: total.fixed(currency.places()), total }
    }
}

pub fn pay_ui(ui: &mut Ui, data: &TillData, state: &mut TillState) -> Option<Intent> {
    let form = state.pay.as_mut()?;
    let total = form.total;
    let (answer, closed) = sheet::sheet(ui, "Pay", |ui| {
        money::show_large(ui, total, data.currency);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for method in [PaymentMethod::Cash, PaymentMethod::Card, PaymentMethod::Voucher] {
                if button::choice(ui, form.method == method, &method.words(), "").clicked() {
                    form.method = method;
                }
            }
        });
        let mut given = Some(total);
        if form.method == PaymentMethod::Cash {
            let places = data.currency.places();
            given = money::parse(&form.given).filter(|given| *given >= total && given.places() <= places);
            let error = match money::parse(&form.given) {
                Some(given) if given >= total && given.places() > places => {
                    Some("That is finer than the smallest coin.")
                }
                _ => given.is_none().then_some("That is less than the total."),
            };
            Field { name: "Cash received", error, ..Default::default() }.show(ui, &mut form.given);
            round_amounts(ui, total, data.currency, &mut form.given);
            ui.horizontal(|ui| {
                ui.label(theme::strong("Change", theme::EMPHASIS));
                let back = given.map_or(Amount::ZERO, |given| given - total);
                money::show_large(ui, back, data.currency);
            });
        }
        sheet::buttons(ui, "Done", given.is_some()).map(|done| (done, given.unwrap_or(total)))
    });
    let method = form.method;
    match answer {
        Some((true, given)) => {
            let here = data.at.usual.as_ref()?;
            let sale = SaleDraft {
                lines: state.lines.clone(),
                method,
                given,
                channel: channel(here.kind).to_owned(),
                location: here.id,
                currency: data.currency,
            };
            // What is being sold stands until it is recorded.
            state.pay = None;
            Some(Intent::Make(Box::new(Making::Sale(sale))))
        }
        Some((false, _)) => {
            state.pay = None;
            None
        }
        None => {
            if closed {
                state.pay = None;
            }
            None
        }
    }
}

/// The notes a customer is likely to give.
fn round_amounts(ui: &mut Ui, total: Amount, currency: Currency, given: &mut String) {
    let places = currency.places();
    // Where there are no smaller coins, notes are of hundreds and thousands.
    let notes = if places == 0 { [500, 1000, 2000, 5000, 10_000, 20_000] } else { [5, 10, 20, 50, 100, 200] };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if button::plain(ui, "Exact", "").clicked() {
            *given = total.fixed(places);
        }
        for note in notes {
            let note = Amount::from_minor(note, 0);
            if note >= total && button::plain(ui, &note.fixed(places), "").clicked() {
                *given = note.fixed(places);
            }
        }
    });
}
