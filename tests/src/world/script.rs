//! A script at the office: it makes orders without keeping documents, so that the server gives their numbers, and
//! prints what it is told. Paper is not put back with a database.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use uuid::Uuid;
use waybill_server::intake::Handed;
use waybill_shared::{
    edit::{Edit, EditKind, Part},
    id::{DeviceId, EditId, Id, LocationId, OrderId, PersonId},
    money::Currency,
    order::{Address, Contact, Wanted, commands::Create},
    rules::roles::Role,
    time::{Booked, Timestamp},
};

use super::dice::Dice;

pub struct Script {
    counter: u64,
    /// Orders of which it was told nothing yet: it sends them again.
    waiting: BTreeMap<EditId, Edit>,
    /// Every number that it was told, and for which orders.
    pub printed: BTreeMap<String, BTreeSet<EditId>>,
    dice: Dice,
}

impl Script {
    pub fn new(dice: Dice) -> Self {
        Self { counter: 0, waiting: BTreeMap::new(), printed: BTreeMap::new(), dice }
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
        let edit = Edit {
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
        self.waiting.insert(edit.id, edit);
    }

    pub fn sends(&self) -> Vec<Handed> {
        let handed = |edit: &Edit| Handed {
            edit: Arc::new(edit.clone()),
            roles: Some([Role::Sales].into()),
            approver: Arc::default(),
        };
        self.waiting.values().map(handed).collect()
    }

    /// Its order has this number now; none if it was not accepted.
    pub fn hears(&mut self, edit: EditId, number: Option<String>) {
        if self.waiting.remove(&edit).is_some()
            && let Some(number) = number
        {
            self.printed.entry(number).or_default().insert(edit);
        }
    }

    pub fn waits(&self) -> usize {
        self.waiting.len()
    }

    /// What the last sheet of paper says.
    pub fn last_printed(&self) -> u64 {
        let numbers = self.printed.keys().filter_map(|number| number.trim_start_matches("S-").parse().ok());
        numbers.max().unwrap_or(0)
    }
}
