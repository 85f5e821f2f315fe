//! The form for money that changed hands.

use egui::Ui;
use waybill_shared::id::FactId;
use waybill_shared::money::Amount;
use waybill_shared::order::commands::TakePayment;
use waybill_shared::order::{Payment, PaymentMethod, PaymentState};

use super::Answer;
use crate::desktop::intent::Wish;
use crate::desktop::panels::address::part;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::theme;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::sheet::buttons;
use crate::desktop::widgets::{button, money};

#[derive(Clone, Debug)]
pub struct PaymentForm {
    amount: String,
    method: PaymentMethod,
    reference: String,
    /// More than is owed, and asked about: the same once more takes it.
    asked: Option<Amount>,
}

impl PaymentForm {
    /// What is still owed, in cash.
    pub fn of(data: &OrderDetail) -> Self {
        let amount = if data.open > Amount::ZERO {
            data.open.fixed(data.order.currency().places())
        } else {
            String::new()
        };
        Self { amount, method: PaymentMethod::Cash, reference: String::new(), asked: None }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        let currency = data.order.currency();
        ui.horizontal(|ui| {
            ui.label(theme::strong("Owed", theme::EMPHASIS));
            money::show_large(ui, data.open, currency);
        });
        let amount = money::parse(&self.amount)
            .filter(|amount| !amount.is_zero() && amount.places() <= currency.places());
        let wrong = amount.is_none() && !self.amount.trim().is_empty();
        let error = wrong.then(|| {
            let one = Amount::from_minor(1250, 2).fixed(currency.places());
            format!("Give the amount, such as {one}; with a minus for money given back.")
        });
        let error = error.as_deref();
        let name = format!("Amount in {currency}");
        Field { name: &name, error, ..Default::default() }.show(ui, &mut self.amount);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for method in PaymentMethod::ALL {
                if button::choice(ui, self.method == method, &method.words(), "").clicked() {
                    self.method = method;
                }
            }
        });
        if self.method != PaymentMethod::Cash {
            let hint = "the terminal's or the bank's own number";
            Field { name: "Reference", hint, ..Default::default() }.show(ui, &mut self.reference);
        }
        let above =
            amount.map(|amount| amount - data.open.max(Amount::ZERO)).filter(|more| *more > Amount::ZERO);
        let asks = above.filter(|_| self.asked == amount);
        if let Some(more) = asks {
            let words = format!("This is {} more than is owed.", money::words(more, currency));
            ui.label(egui::RichText::new(words).color(theme::tokens(ui).warn.ink));
        }
        let words = if asks.is_some() { "Take it all the same" } else { "Take payment" };
        match (buttons(ui, words, amount.is_some()), amount) {
            (Some(false), _) => Answer::Close,
            (Some(true), Some(_)) if above.is_some() && asks.is_none() => {
                self.asked = amount;
                Answer::Stay
            }
            (Some(true), Some(amount)) => {
                let payment = Payment {
                    method: self.method,
                    amount,
                    currency,
                    state: PaymentState::Taken,
                    drawer: None,
                    reference: part(&self.reference),
                };
                let said = payment.done();
                Answer::done(Wish::new(data.addr, TakePayment { id: FactId::NIL, payment }, said))
            }
            _ => Answer::Stay,
        }
    }
}
