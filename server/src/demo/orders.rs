//! The life of one order: made, placed, confirmed, driven out whole or in parts, paid. Or not.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use waybill_shared::{
    id::{FactId, Id, LineId, LocationId, OrderId},
    money::{Amount, Currency},
    order::{
        Line, Payment, PaymentMethod, PaymentState, Priority, Wanted, amounts,
        commands::{
            AddLine, AssignDriver, Cancel, Confirm, Create, HandOver, NotDelivered, Note, Place, Reverse,
            SetPriority, SetQuantity, SetReference, Tag, TakePayment,
        },
        fact::NotDeliveredReason,
    },
    quantity::Quantity,
    rules::roles::Role,
    time::Timestamp,
};

use super::{
    dice::Dice,
    goods::{Company, line, lines, split, whole},
    script::{Hand, Script},
    setup::Buyer,
};

/// An order while its story is told.
struct Told<'a> {
    id: OrderId,
    company: &'a Company,
    buyer: &'a Buyer,
    /// Who took it.
    seller: Hand,
    lines: BTreeMap<LineId, Line>,
    /// When the last thing happened to it.
    at: Timestamp,
}

pub fn tell(script: &mut Script, dice: &mut Dice, company: &Company, day: NaiveDate) {
    let buyer = dice.favour(&company.buyers);
    let seller = company.people.one(if dice.chance(800) { Role::Sales } else { Role::Shop }, dice);
    let at = script.clock(day, dice.between(7 * 60 + 30, 17 * 60)).plus_ms(dice.between(0, 59_000));
    let mut told = Told {
        id: OrderId::fresh(at, dice),
        company,
        buyer,
        seller,
        lines: lines(dice, company, buyer.business, at),
        at,
    };
    let quotation = dice.chance(35);
    let wanted = workday(day, dice.between(1, 5));
    told.make(script, dice, quotation, wanted);
    told.talk(script, dice);
    // Some are never placed: given up, or still being thought over.
    if dice.chance(if quotation { 400 } else { 25 }) {
        if dice.chance(500) {
            told.then(script, dice, 600, told.seller, Cancel { reason: "Customer decided otherwise".into() });
        }
        return;
    }
    told.then(script, dice, 20, seller, Place {});
    if dice.chance(40) {
        told.change_of_mind(script, dice);
    }
    if !dice.chance(970) {
        let reason = (*dice.pick(&REASONS)).to_owned();
        told.then(script, dice, 900, seller, Cancel { reason });
        return;
    }
    told.then(script, dice, 150, seller, Confirm {});
    if dice.chance(30) {
        let service = company.people.one(Role::Service, dice);
        let reason = (*dice.pick(&REASONS)).to_owned();
        told.then(script, dice, 600, service, Cancel { reason });
        // The office was told too late: the customer had transferred the money already.
        if dice.chance(150) {
            let manager = company.people.one(Role::Manager, dice);
            told.pay(script, dice, manager, told.gross(), PaymentMethod::Transfer);
        }
        return;
    }
    let carrier = told.find_carrier(script, dice, wanted);
    told.deliver(script, dice, carrier, wanted);
}

impl Told<'_> {
    fn make(&mut self, script: &mut Script, dice: &mut Dice, quotation: bool, wanted: NaiveDate) {
        let channel = if self.company.people.who(Role::Shop).contains(&self.seller) {
            "shop"
        } else {
            dice.pick(&["phone", "phone", "web", "email"])
        };
        let window = dice.chance(300).then(|| dice.between(8, 15) * 60).and_then(|from| from.try_into().ok());
        let create = Create {
            number: String::new(),
            channel: channel.to_owned(),
            location: self.location(channel),
            customer: Some(self.buyer.id),
            customer_name: Some(self.buyer.name.clone()),
            currency: Currency::EUR,
            salesperson: None,
            quotation,
            contact: self.buyer.contact.clone(),
            delivery: self.buyer.address.clone(),
            wanted: Wanted { date: Some(wanted), from: window, to: window.map(|from: u16| from + 120) },
            lines: self.lines.clone(),
        };
        script.happens(self.at, self.seller, self.id, create);
    }

    fn location(&self, channel: &str) -> LocationId {
        let shops = self.company.people.who(Role::Shop);
        match shops.iter().position(|hand| *hand == self.seller) {
            Some(at) if channel == "shop" => {
                self.company.places.shops.get(at).copied().unwrap_or(self.company.places.warehouse)
            }
            _ => self.company.places.warehouse,
        }
    }

    /// Somebody does the next thing, at most so many minutes later and by daylight.
    fn then(
        &mut self,
        script: &mut Script,
        dice: &mut Dice,
        minutes: i64,
        by: Hand,
        command: impl Into<waybill_shared::command::Command>,
    ) {
        self.at = self.at.plus_ms(dice.between(40_000, minutes * 60_000));
        script.happens(self.at, by, self.id, command);
    }

    fn talk(&mut self, script: &mut Script, dice: &mut Dice) {
        if dice.chance(120) {
            let id = FactId::fresh(self.at, dice);
            let text = (*dice.pick(&NOTES)).to_owned();
            self.then(script, dice, 5, self.seller, Note { id, text });
        }
        if dice.chance(60) {
            let priority = *dice.pick(&[Priority::High, Priority::Urgent, Priority::Low]);
            self.then(script, dice, 5, self.seller, SetPriority { priority });
        }
        if self.buyer.business && dice.chance(200) {
            let value = format!("PO-{}", dice.between(1000, 9999));
            let set = SetReference { name: "their_order".to_owned(), value };
            self.then(script, dice, 5, self.seller, set);
        }
        if dice.chance(80) {
            let tag = (*dice.pick(&["fragile", "regular", "gift", "event", "cooled"])).to_owned();
            self.then(script, dice, 5, self.seller, Tag { tag });
        }
    }

    /// One more of something, or something more.
    fn change_of_mind(&mut self, script: &mut Script, dice: &mut Dice) {
        if dice.chance(500)
            && let Some((id, line)) = self.lines.iter_mut().next()
        {
            let was = line.quantity;
            let now = was + whole(line.unit, dice.between(1, 6));
            line.quantity = now;
            let set = SetQuantity { line: *id, was, now };
            self.then(script, dice, 60, self.seller, set);
            return;
        }
        let (id, line) = line(dice, self.company, self.buyer.business, self.at, 99);
        self.lines.insert(id, line.clone());
        self.then(script, dice, 60, self.seller, AddLine { id, line });
    }

    /// A driver, or the shop that it is fetched from.
    fn find_carrier(&mut self, script: &mut Script, dice: &mut Dice, wanted: NaiveDate) -> Hand {
        if !dice.chance(780) {
            return self.company.people.one(Role::Shop, dice);
        }
        let driver = self.company.people.one(Role::Driver, dice);
        let planner = self.company.people.one(Role::Warehouse, dice);
        self.at = self.at.max(script.clock(wanted, dice.between(6 * 60, 7 * 60)));
        let assign = AssignDriver { driver: Some(driver.person), round: None };
        script.happens(self.at, planner, self.id, assign);
        driver
    }

    fn deliver(&mut self, script: &mut Script, dice: &mut Dice, carrier: Hand, wanted: NaiveDate) {
        let mut day = wanted;
        self.at = self.at.max(script.clock(day, dice.between(8 * 60, 17 * 60)));
        if dice.chance(35) {
            let reason = *dice.pick(&NotDeliveredReason::ALL);
            let id = FactId::fresh(self.at, dice);
            let note = dice.chance(300).then(|| "Left a card.".to_owned());
            script.happens(self.at, carrier, self.id, NotDelivered { id, reason, note });
            if dice.chance(80) {
                return;
            }
            day = workday(day, 1);
            self.at = self.at.max(script.clock(day, dice.between(8 * 60, 17 * 60)));
        }
        let all: BTreeMap<LineId, Quantity> =
            self.lines.iter().map(|(id, line)| (*id, line.quantity)).collect();
        if all.len() > 1 && dice.chance(130) {
            let (first, rest) = split(dice, &self.lines);
            self.hand_over(script, dice, carrier, first);
            if dice.chance(60) {
                self.settle(script, dice, carrier, day);
                return;
            }
            let paid_before = dice.chance(200);
            if paid_before {
                self.settle(script, dice, carrier, day);
            }
            day = workday(day, dice.between(1, 3));
            self.at = self.at.max(script.clock(day, dice.between(8 * 60, 17 * 60)));
            self.hand_over(script, dice, carrier, rest);
            if !paid_before {
                self.settle(script, dice, carrier, day);
            }
            return;
        }
        let mut handed = all;
        // A crate more than was ordered: somebody has to look at it.
        if dice.chance(9)
            && let Some(quantity) = handed.values_mut().next()
        {
            *quantity += *quantity;
        }
        self.hand_over(script, dice, carrier, handed);
        self.settle(script, dice, carrier, day);
    }

    fn hand_over(
        &mut self,
        script: &mut Script,
        dice: &mut Dice,
        carrier: Hand,
        lines: BTreeMap<LineId, Quantity>,
    ) {
        let received_by = dice.chance(600).then(|| super::names::person(dice));
        let id = FactId::fresh(self.at, dice);
        let hand_over = HandOver { id, lines, shown: BTreeMap::new(), received_by, signature: None };
        self.then(script, dice, 3, carrier, hand_over);
    }

    /// Households pay at the door, houses by transfer when they get round to it.
    fn settle(&mut self, script: &mut Script, dice: &mut Dice, carrier: Hand, day: NaiveDate) {
        let gross = self.gross();
        if !self.buyer.business {
            let method = *dice.pick(&[PaymentMethod::Cash, PaymentMethod::Card, PaymentMethod::Card]);
            if dice.chance(12) {
                let slip = gross + Amount::from_minor(1000, 2);
                let wrong = self.pay(script, dice, carrier, slip, method);
                let id = FactId::fresh(self.at, dice);
                let reason = "Typed the wrong amount".to_owned();
                self.then(script, dice, 2, carrier, Reverse { id, fact: wrong, reason });
            }
            self.pay(script, dice, carrier, gross, method);
            return;
        }
        let manager = self.company.people.one(Role::Manager, dice);
        let due = workday(day, dice.between(3, 24));
        self.at = self.at.max(script.clock(due, dice.between(9 * 60, 11 * 60)));
        if dice.chance(70) {
            let half = gross.checked_mul(Amount::from_minor(5, 1)).unwrap_or_default().rounded(2);
            self.pay(script, dice, manager, half, PaymentMethod::Transfer);
            self.at = self.at.plus_ms(dice.between(3, 12) * 24 * 3_600_000);
            self.pay(script, dice, manager, gross - half, PaymentMethod::Transfer);
        } else if dice.chance(950) {
            self.pay(script, dice, manager, gross, PaymentMethod::Transfer);
        }
    }

    fn pay(
        &mut self,
        script: &mut Script,
        dice: &mut Dice,
        by: Hand,
        amount: Amount,
        method: PaymentMethod,
    ) -> FactId {
        let id = FactId::fresh(self.at, dice);
        if amount.is_zero() {
            return id;
        }
        let reference =
            (method == PaymentMethod::Transfer).then(|| format!("BANK-{:06}", dice.between(0, 999_999)));
        let payment = Payment {
            method,
            amount,
            currency: Currency::EUR,
            state: PaymentState::Taken,
            drawer: None,
            reference,
        };
        self.then(script, dice, 4, by, TakePayment { id, payment });
        id
    }

    fn gross(&self) -> Amount {
        self.lines.values().map(|line| amounts::line(line).gross).sum()
    }
}

/// So many days later that are not Sundays.
pub fn workday(mut day: NaiveDate, days: i64) -> NaiveDate {
    use chrono::{Datelike, Weekday};
    let mut left = days;
    while left > 0 {
        day = day.checked_add_days(Days::new(1)).unwrap_or(day);
        if day.weekday() != Weekday::Sun {
            left -= 1;
        }
    }
    day
}

const REASONS: [&str; 5] = [
    "Ordered twice by mistake",
    "Party was called off",
    "Found it cheaper elsewhere",
    "Wanted date no longer fits",
    "Customer closed for holidays",
];

const NOTES: [&str; 8] = [
    "Please ring twice, the bell is hard to hear.",
    "Deliver to the back door, the front is for guests.",
    "Empty crates to be taken back.",
    "Call half an hour before you come.",
    "Wants the invoice in two copies.",
    "Goods to the cellar, the key is at the bar.",
    "Gift: no prices on the paper, please.",
    "Birthday on Saturday, must not be late.",
];
