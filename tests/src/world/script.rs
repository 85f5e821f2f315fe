//! A script at the office: it makes orders without keeping documents, so that the server gives their numbers, and
//! prints what it is told. Paper is not put back with a database. Now and then it lies, of days, attempts, counters and
//! people: nobody else notices, and what it lies of the books never stands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::Days;
use uuid::Uuid;
use waybill_server::intake::{Handed, LookedUp};
use waybill_shared::{
    command::Command,
    edit::{Edit, EditKind, Part},
    id::{DeviceId, EditId, Id, LocationId, OrderId, PersonId},
    money::Currency,
    order::commands::OrderCommand,
    order::{Address, Contact, Wanted, commands::Create},
    protocol::range,
    rules::roles::Role,
    time::{Booked, Month, Timestamp},
};

use super::dice::Dice;

/// Nobody ever made this person.
const STRANGER: PersonId = PersonId::new(Uuid::from_u128(0x5c03));

pub struct Script {
    counter: u64,
    /// Orders of which it was told nothing yet: it sends them again.
    waiting: BTreeMap<EditId, Edit>,
    /// What must never stand.
    lies: BTreeSet<EditId>,
    /// Lies that were accepted all the same.
    pub believed: BTreeSet<EditId>,
    /// Every number that it was told, and for which orders.
    pub printed: BTreeMap<String, BTreeSet<EditId>>,
    dice: Dice,
}

impl Script {
    pub fn new(dice: Dice) -> Self {
        Self {
            counter: 0,
            waiting: BTreeMap::new(),
            lies: BTreeSet::new(),
            believed: BTreeSet::new(),
            printed: BTreeMap::new(),
            dice,
        }
    }

    pub fn makes(&mut self, at: Timestamp) {
        self.counter += 1;
        let create = Create {
            number: String::new(),
            channel: "shop".to_owned(),
            location: LocationId::NIL,
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Contact::default(),
            delivery: Address::default(),
            wanted: Wanted::default(),
            lines: BTreeMap::new(),
        };
        let order = OrderId::fresh(at, &mut self.dice);
        let mut edit = Edit {
            id: EditId::fresh(at, &mut self.dice),
            kind: EditKind::Requests,
            person: PersonId::new(Uuid::from_u128(0x5c01)),
            device: DeviceId::new(Uuid::from_u128(0x5c02)),
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![Part { doc: order.into(), command: create.into(), at, made: None }],
            after: Vec::new(),
            overriding: None,
        };
        if self.dice.chance(30.0) {
            self.lie(&mut edit);
        }
        self.waiting.insert(edit.id, edit);
    }

    fn lie(&mut self, edit: &mut Edit) {
        let day = edit.booked.day;
        let stands = match self.dice.between(0, 6) {
            0 => {
                edit.booked = Booked::on(day - Days::new(2_000));
                false
            }
            1 => {
                edit.booked = Booked::on(day + Days::new(90));
                false
            }
            2 => {
                edit.booked = Booked { day, month: Month::numbered(202_613) };
                false
            }
            3 => {
                if let Some(Command::Order(OrderCommand::Create(create))) =
                    edit.parts.first_mut().map(|part| &mut part.command)
                {
                    create.salesperson = Some(STRANGER);
                }
                false
            }
            // These tell nothing of the books.
            4 => {
                edit.attempt = range::SMALL;
                true
            }
            _ => {
                edit.counter = range::COUNTER;
                true
            }
        };
        if !stands {
            self.lies.insert(edit.id);
        }
    }

    pub fn sends(&self) -> Vec<Handed> {
        let handed = |edit: &Edit| Handed {
            edit: Arc::new(edit.clone()),
            roles: Some([Role::Sales].into()),
            approver: Arc::default(),
            looked_up: LookedUp { strangers: [STRANGER].into(), ..LookedUp::default() },
        };
        self.waiting.values().map(handed).collect()
    }

    /// Others under the id of this one: with other words, and from another device with the same and with other words.
    pub fn twins(handed: &Handed) -> [Handed; 3] {
        let other = |device: Option<u128>, another: bool| {
            let mut twin = handed.clone();
            let edit = Arc::make_mut(&mut twin.edit);
            if let Some(device) = device {
                edit.device = DeviceId::new(Uuid::from_u128(device));
            }
            if another {
                edit.parts.iter_mut().for_each(|part| part.doc.id = Uuid::from_u128(0x5c04));
            }
            twin
        };
        [other(None, true), other(Some(0x5c03), false), other(Some(0x5c03), true)]
    }

    /// Its order has this number now; none if it was not accepted.
    pub fn hears(&mut self, edit: EditId, number: Option<String>) {
        if self.waiting.remove(&edit).is_some()
            && let Some(number) = number
        {
            if self.lies.contains(&edit) {
                self.believed.insert(edit);
            }
            self.printed.entry(number).or_default().insert(edit);
        }
    }

    pub fn waits(&self) -> usize {
        self.waiting.len()
    }

    /// Without the lies among them: after a restore such a one may be told to wait for a day, because what it names may
    /// still come.
    pub fn honest_waits(&self) -> usize {
        self.waiting.keys().filter(|id| !self.lies.contains(id)).count()
    }

    /// What the last sheet of paper says.
    pub fn last_printed(&self) -> u64 {
        let numbers = self.printed.keys().filter_map(|number| number.trim_start_matches("S-").parse().ok());
        numbers.max().unwrap_or(0)
    }
}
