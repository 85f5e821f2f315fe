//! Somebody who enters without pause, as fast as it is saved: orders, each with a second line, placed and paid; or lines
//! and payments on one order that others work on too.

use std::collections::BTreeMap;

use waybill_client::{
    engine::{self, Answer, Config, EngineHandle, Remote, Request, Submit},
    store::Reader,
};
use waybill_shared::{
    command::Command,
    id::{EditId, LocationId},
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    order::{Address, Contact, Discount, Line, Payment, PaymentMethod, PaymentState, Tax, Wanted, commands},
    quantity::{Quantity, Unit},
};

use super::Device;

pub struct Clerk {
    door: Door,
    location: LocationId,
    /// The order that is worked on, and what comes next on it.
    order: Option<(DocAddr, Next)>,
    /// The one that everything is entered on.
    shared: Option<DocAddr>,
    /// What was said to be saved.
    pub entered: Vec<EditId>,
}

/// Each step falls when the one before is not there.
#[derive(Clone, Copy)]
enum Next {
    Line,
    Place,
    Pay,
    /// On an order of several, where each step stands alone.
    Shared,
}

enum Door {
    Here(EngineHandle),
    There(Remote),
}

impl Clerk {
    /// Through the engine that runs on the device, else through one of the clerk's own, which stays offline.
    pub fn at(device: &Device) -> Clerk {
        let location = Reader::open(device.path()).unwrap().locations().unwrap()[0].id;
        let door = Remote::connect(device.path()).map(Door::There).unwrap_or_else(|| {
            let config = Config { dir: device.path().to_owned(), online: false, listen: false };
            Door::Here(engine::start(config).unwrap())
        });
        Clerk { door, location, order: None, shared: None, entered: Vec::new() }
    }

    /// The same, for an order that the device knows.
    pub fn on(device: &Device, order: DocAddr) -> Clerk {
        Clerk { shared: Some(order), ..Clerk::at(device) }
    }

    /// An order for others to work on too, and the edit that made it.
    pub fn opens(mut self) -> (DocAddr, EditId) {
        assert!(self.enters());
        let (order, _) = self.order.take().expect("an order was begun");
        (order, self.goes()[0])
    }

    /// The next step, of four, of an order that comes to 20.00, of which 10.00 are paid. `false`: it was not said
    /// to be saved.
    pub fn enters(&mut self) -> bool {
        let command: (DocAddr, Command) =
            match self.shared.map(|order| (order, Next::Shared)).or(self.order.take()) {
                Some((order, Next::Shared)) => (order, self.next_on_shared()),
                Some((order, Next::Line)) => {
                    self.order = Some((order, Next::Place));
                    (order, commands::AddLine { id: engine::fresh_id(), line: repair(2) }.into())
                }
                Some((order, Next::Place)) => {
                    self.order = Some((order, Next::Pay));
                    (order, commands::Place {}.into())
                }
                Some((order, Next::Pay)) => (order, payment().into()),
                None => {
                    let order = engine::fresh(DocKind::Order);
                    self.order = Some((order, Next::Line));
                    (order, order_of_ten(self.location).into())
                }
            };
        let request = Request::Submit(Submit::new(vec![command]));
        let answer = match &self.door {
            Door::Here(engine) => engine.ask(request).wait(),
            Door::There(remote) => remote.ask(&request),
        };
        match answer {
            Answer::Entered { edit, .. } => {
                self.entered.push(edit);
                true
            }
            Answer::Failed { .. }
            | Answer::Away { .. }
            | Answer::Unusable { .. }
            | Answer::Unknown { .. }
            | Answer::Ending => false,
            other => panic!("the clerk was told {other:?}"),
        }
    }

    fn next_on_shared(&self) -> Command {
        match self.entered.len() % 2 {
            0 => commands::AddLine { id: engine::fresh_id(), line: repair(2) }.into(),
            _ => payment().into(),
        }
    }

    pub fn enters_times(mut self, times: usize) -> Vec<EditId> {
        for _ in 0..times {
            assert!(self.enters());
        }
        self.goes()
    }

    /// Lets go of the file; gives what was said to be saved.
    pub fn goes(self) -> Vec<EditId> {
        if let Door::Here(engine) = self.door {
            engine.stop();
        }
        self.entered
    }
}

fn repair(pos: i64) -> Line {
    Line {
        pos,
        product: None,
        name: "Repair".into(),
        quantity: Quantity::new(1),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(1000, 2),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

/// One repair, without a number.
pub fn order_of_ten(location: LocationId) -> commands::Create {
    commands::Create {
        number: String::new(),
        channel: "shop".into(),
        location,
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Contact::default(),
        delivery: Address::default(),
        wanted: Wanted::default(),
        lines: BTreeMap::from([(engine::fresh_id(), repair(1))]),
    }
}

fn payment() -> commands::TakePayment {
    commands::TakePayment {
        id: engine::fresh_id(),
        payment: Payment {
            method: PaymentMethod::Cash,
            amount: Amount::from_minor(1000, 2),
            currency: Currency::EUR,
            state: PaymentState::Taken,
            drawer: None,
            reference: None,
        },
    }
}
