//! A person at a device: what they do, and what they see.

use std::collections::BTreeMap;

use waybill_shared::{
    chain::Cursor,
    command::Command,
    edit::{EditKind, Override, Verdict},
    finding::Rule,
    id::{CustomerId, CustomerTermsId, EditId, FactId, LineId, LocationId, OrderId, PersonId},
    kind::DocAddr,
    money::Currency,
    order::{Contact, Order, Payment, PaymentMethod, PaymentState, Priority, Sale, commands::*},
    session::{
        Action, EnterError,
        store::{EditState, StoredEdit},
    },
    view::View,
};

use super::{
    World,
    device::Heard,
    disk::{Disk, File},
    goods::{customer, line, money, pieces},
    ledger::Entry,
};

#[derive(Clone)]
pub struct Hand {
    pub world: World,
    pub device: usize,
    pub person: PersonId,
}

/// A copy of a device's file.
#[derive(Clone)]
pub struct Backup(pub(super) File);

/// What came of doing something.
#[derive(Debug)]
pub enum Outcome {
    Done(EditId),
    Refused(Vec<Rule>),
    Dark,
    /// Told that the disk is full.
    Full,
}

impl Outcome {
    pub fn done(self) -> EditId {
        match self {
            Self::Done(id) => id,
            other => panic!("not done: {other:?}"),
        }
    }
}

impl Hand {
    pub(super) fn new(world: World, device: usize, person: PersonId) -> Self {
        Self { world, device, person }
    }

    pub fn tries(&self, commands: Vec<(DocAddr, Command)>, after: Vec<EditId>) -> Outcome {
        let kind = commands.first().map_or(EditKind::Requests, |(_, command)| command.kind());
        let action = Action { id: None, person: self.person, commands, after, overriding: None };
        let mut sim = self.world.sim();
        let now = sim.now;
        let stream = sim.devices[self.device].stream;
        let heard = sim.devices[self.device].enter(now, action);
        drop(sim);
        self.hears(heard, Some(kind), stream)
    }

    fn hears(
        &self,
        heard: Heard,
        new: Option<EditKind>,
        stream: Option<super::network::StreamId>,
    ) -> Outcome {
        let mut sim = self.world.sim();
        let name = sim.devices[self.device].name.clone();
        match heard {
            Heard::Done(id) => {
                let stored = sim.devices[self.device].disk.seen().stored(id).cloned();
                let words = stored.as_ref().map_or_else(String::new, |stored| stored.words.clone());
                let line = stored.map_or_else(String::new, |stored| super::words::edit(&stored.edit));
                sim.note(&name, || format!("enters {line}: {words}"));
                if let Some(kind) = new {
                    let entry = Entry {
                        device: self.device,
                        person: self.person,
                        kind,
                        words,
                        lost_with_file: false,
                    };
                    sim.ledger.entered(id, entry);
                }
                sim.push(self.device);
                Outcome::Done(id)
            }
            Heard::Refused(EnterError::Refused(findings)) => {
                Outcome::Refused(findings.into_iter().map(|finding| finding.rule).collect())
            }
            Heard::Refused(EnterError::Store(error)) => {
                sim.defect(&name, error.0);
                Outcome::Refused(vec![Rule::Defect])
            }
            Heard::Dark => {
                sim.went_dark(self.device, stream);
                Outcome::Dark
            }
            Heard::Full => {
                sim.disk_was_full(self.device);
                Outcome::Full
            }
        }
    }

    pub fn does(&self, on: impl Into<DocAddr>, command: impl Into<Command>) -> EditId {
        self.tries(vec![(on.into(), command.into())], Vec::new()).done()
    }

    // Orders.

    /// A telephone order for Weber of so many of something.
    pub fn creates_order(&self, goods: &str, count: i64) -> OrderId {
        self.creates_order_for("Weber", &[(goods, count)])
    }

    pub fn creates_order_for(&self, who: &str, goods: &[(&str, i64)]) -> OrderId {
        let id = self.world.fresh_order();
        self.does(id, self.new_order(customer(who), who, goods));
        id
    }

    pub fn new_order(&self, who: CustomerId, name: &str, goods: &[(&str, i64)]) -> Create {
        let lines: BTreeMap<LineId, _> = goods
            .iter()
            .zip(1_i64..)
            .map(|((goods, count), pos)| {
                let mut line = line(goods, *count);
                line.pos = pos;
                (LineId::new(self.world.fresh_order().into()), line)
            })
            .collect();
        Create {
            number: String::new(),
            channel: "telephone".to_owned(),
            location: self.place(),
            customer: Some(who),
            customer_name: Some(name.to_owned()),
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Contact::default(),
            delivery: Default::default(),
            wanted: Default::default(),
            lines,
        }
    }

    /// An order for Weber at another place.
    pub fn creates_for(&self, place: LocationId, goods: &str, count: i64) -> OrderId {
        let id = self.world.fresh_order();
        let mut create = self.new_order(customer("Weber"), "Weber", &[(goods, count)]);
        create.location = place;
        self.does(id, create);
        id
    }

    /// How many documents and changes of others ever came down to this device.
    pub fn brought(&self) -> u64 {
        self.world.sim().devices[self.device].brought
    }

    /// Where the person works.
    pub fn place(&self) -> LocationId {
        let sim = self.world.sim();
        sim.accounts.locations(self.person).first().copied().unwrap_or(LocationId::NIL)
    }

    pub fn sets_quantity(&self, order: OrderId, goods: &str, now: i64) -> EditId {
        let (line, held) = self.line(order, goods);
        self.does(order, SetQuantity { line, was: held.quantity, now: pieces(now) })
    }

    pub fn sets_price(&self, order: OrderId, goods: &str, now: &str) -> EditId {
        let (line, held) = self.line(order, goods);
        self.does(order, SetPrice { line, was: held.price, now: money(now) })
    }

    pub fn adds(&self, order: OrderId, goods: &str, count: i64) -> EditId {
        self.does(order, AddLine { id: LineId::NIL, line: line(goods, count) })
    }

    pub fn places(&self, order: OrderId) -> EditId {
        self.does(order, Place {})
    }

    pub fn confirms(&self, order: OrderId) -> EditId {
        self.does(order, Confirm {})
    }

    pub fn cancels(&self, order: OrderId) -> EditId {
        self.does(order, Cancel { reason: "the customer called".into() })
    }

    pub fn sets_priority(&self, order: OrderId, priority: Priority) -> EditId {
        self.does(order, SetPriority { priority })
    }

    pub fn tags(&self, order: OrderId, tag: &str) -> EditId {
        self.does(order, Tag { tag: tag.into() })
    }

    pub fn notes(&self, order: OrderId, text: &str) -> EditId {
        self.does(order, Note { id: FactId::NIL, text: text.into() })
    }

    pub fn takes_payment(&self, order: OrderId, amount: &str) -> EditId {
        self.does(order, TakePayment { id: FactId::NIL, payment: cash(amount) })
    }

    pub fn hands_over(&self, order: OrderId, goods: &str, count: i64) -> EditId {
        let (line, _) = self.line(order, goods);
        self.does(
            order,
            HandOver {
                id: FactId::NIL,
                lines: BTreeMap::from([(line, pieces(count))]),
                shown: Default::default(),
                received_by: None,
                signature: None,
            },
        )
    }

    pub fn gives_to_driver(&self, order: OrderId, driver: &Hand) -> EditId {
        self.does(order, AssignDriver { driver: Some(driver.person), round: None })
    }

    /// A sale over the counter, paid in cash.
    pub fn sells(&self, goods: &str, count: i64) -> OrderId {
        let id = self.world.fresh_order();
        let amount = waybill_shared::order::amounts::line(&line(goods, count)).gross;
        self.does(id, counter_sale(goods, count, &amount.to_string(), self));
        id
    }

    pub fn sets_credit(&self, who: &str, limit: &str) -> EditId {
        let command =
            waybill_shared::customer::SetCreditLimit { limit: Some(money(limit)), currency: Currency::EUR };
        self.does(CustomerTermsId::of(customer(who)), command)
    }

    // The needs-attention list.

    pub fn redoes(&self, id: EditId) -> Outcome {
        self.redoes_with(id, None, None)
    }

    pub fn redoes_with(
        &self,
        id: EditId,
        changed: Option<Vec<(DocAddr, Command)>>,
        overriding: Option<Override>,
    ) -> Outcome {
        let mut sim = self.world.sim();
        let now = sim.now;
        let stream = sim.devices[self.device].stream;
        let heard = sim.devices[self.device].again(now, id, changed, overriding);
        drop(sim);
        self.hears(heard, None, stream)
    }

    pub fn discards(&self, id: EditId) -> Outcome {
        let mut sim = self.world.sim();
        let now = sim.now;
        let stream = sim.devices[self.device].stream;
        let heard = sim.devices[self.device].discard(now, id);
        // Given up even when the power failed before it was said: it may have been written down.
        if !matches!(heard, Heard::Refused(_)) {
            sim.ledger.given_up.insert(id);
        }
        drop(sim);
        self.hears(heard, None, stream)
    }

    pub fn attention(&self) -> Vec<(EditId, Verdict)> {
        let sim = self.world.sim();
        let listed = sim.devices[self.device].disk.seen().edits().filter_map(|stored| match &stored.state {
            EditState::Attention { verdict } => Some((stored.edit.id, verdict.clone())),
            _ => None,
        });
        listed.collect()
    }

    pub fn stored(&self, id: EditId) -> StoredEdit {
        let sim = self.world.sim();
        sim.devices[self.device].disk.seen().stored(id).cloned().expect("an edit of this device")
    }

    pub fn state(&self, id: EditId) -> &'static str {
        self.stored(id).state.name()
    }

    // What the screen shows.

    pub fn sees(&self, order: OrderId) -> Order {
        match self.view(order) {
            Some(View::Order(order)) => *order,
            _ => Order::default(),
        }
    }

    pub fn view(&self, addr: impl Into<DocAddr>) -> Option<View> {
        self.world.sim().devices[self.device].disk.seen().view(addr.into()).cloned()
    }

    /// These words stand in what the device holds: in its documents, with their past, or in what was entered on it.
    pub fn disk_tells(&self, words: &str) -> bool {
        let sim = self.world.sim();
        sim.devices[self.device].disk.seen().tells(words)
    }

    pub fn line(&self, order: OrderId, goods: &str) -> (LineId, waybill_shared::order::Line) {
        let order = self.sees(order);
        let found = order.live_lines().into_iter().find(|(_, line)| line.name == goods);
        found.map(|(id, line)| (id, line.clone())).expect("the order has such a line")
    }

    // The device.

    /// Its documents are being replaced, or loaded for the first time.
    pub fn is_loading(&self) -> bool {
        self.world.sim().devices[self.device].disk.seen().meta().loading.is_some()
    }

    /// Where on the log it stands.
    pub fn stands_at(&self) -> Option<Cursor> {
        self.world.sim().devices[self.device].disk.seen().meta().cursor
    }

    pub fn goes_offline(&self) {
        let mut sim = self.world.sim();
        sim.devices[self.device].online = false;
        sim.hang_up(self.device);
    }

    /// The first address it was given is that of this process; it connects anew.
    pub fn talks_to(&self, process: usize) {
        let mut sim = self.world.sim();
        sim.hang_up(self.device);
        sim.devices[self.device].server = process;
        sim.wake(self.device, 1);
    }

    pub fn goes_online(&self) {
        let mut sim = self.world.sim();
        if sim.devices[self.device].retired {
            return;
        }
        sim.devices[self.device].online = true;
        sim.wake(self.device, 1);
    }

    /// Nothing arrives any more, though the device does not know it yet.
    pub fn loses_the_network(&self) {
        self.world.sim().part(self.device);
    }

    pub fn finds_the_network(&self) {
        let mut sim = self.world.sim();
        sim.network.join(self.device);
        sim.wake(self.device, 1);
    }

    /// Its program is replaced by one that speaks this protocol.
    pub fn is_updated(&self, speaks: u16) {
        self.world.sim().update_device(self.device, speaks);
    }

    pub fn restarts(&self) {
        let mut sim = self.world.sim();
        sim.device_loses_power(self.device);
        sim.start_device(self.device);
    }

    /// Nobody works on it any more.
    pub fn is_retired(&self) -> bool {
        self.world.sim().devices[self.device].retired
    }

    /// From now on the device has a defect: what its edits were rewritten to is not taken in.
    pub fn ignores_rewritten(&self) {
        self.world.sim().devices[self.device].ignores_rewritten = true;
    }

    /// From now on the device has a defect: what it sent to a log that is gone it does not send again.
    pub fn keeps_to_itself(&self) {
        self.world.sim().devices[self.device].keeps_to_itself = true;
    }

    /// A byte of an entry that waits rots; it is noticed when the program starts again. `None`: nothing waits.
    pub fn has_an_entry_rot(&self) -> Option<EditId> {
        let mut sim = self.world.sim();
        sim.device_loses_power(self.device);
        sim.start_device(self.device);
        let now = sim.now;
        let id = match sim.devices[self.device].an_entry_rots(now) {
            Ok(id) => id?,
            Err(words) => {
                sim.ledger.defects.push(words);
                return None;
            }
        };
        let name = sim.devices[self.device].name.clone();
        sim.note(&name, || format!("has {} rot", super::words::short(id)));
        sim.ledger.rotted.insert(id);
        Some(id)
    }

    /// The disk of the device fills up, or has room again.
    pub fn fills_the_disk(&self, full: bool) {
        self.world.sim().devices[self.device].disk_full = full;
    }

    pub fn backup(&self) -> Backup {
        Backup(self.world.sim().devices[self.device].disk.file())
    }

    /// The device's file is put back to an older one.
    pub fn is_put_back(&self, backup: &Backup) {
        let mut sim = self.world.sim();
        sim.device_loses_power(self.device);
        let name = sim.devices[self.device].name.clone();
        sim.note(&name, || "has an older file put back".to_owned());
        sim.devices[self.device].disk = Disk::from(backup.0.clone());
        let id = sim.devices[self.device].id;
        sim.ledger.files_restored.insert(id);
        let sim = &mut *sim;
        for (id, entry) in &mut sim.ledger.entries {
            let elsewhere = sim.devices.iter().any(|device| device.disk.seen().stored(*id).is_some());
            entry.lost_with_file |= !elsewhere;
        }
        // Whoever puts a backup back can begin again.
        sim.devices[self.device].retired = false;
        sim.start_device(self.device);
    }

    pub fn with_clock(self, skew_ms: i64, drift: i64) -> Self {
        self.world.sim().devices[self.device].clock = super::clock::Clock { skew_ms, drift };
        self
    }
}

pub fn cash(amount: &str) -> Payment {
    Payment {
        method: PaymentMethod::Cash,
        amount: money(amount),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    }
}

pub fn counter_sale(goods: &str, count: i64, amount: &str, by: &Hand) -> RecordSale {
    RecordSale {
        id: FactId::NIL,
        sale: Sale {
            receipt: String::new(),
            link: None,
            channel: "shop".to_owned(),
            location: by.place(),
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines: BTreeMap::from([(LineId::new(by.world.fresh_order().into()), line(goods, count))]),
            payments: BTreeMap::from([(FactId::new(by.world.fresh_order().into()), cash(amount))]),
            change: money("0"),
        },
    }
}
