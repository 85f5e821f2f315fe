//! A random company: who works in it, and what they know of.

use std::collections::BTreeMap;

use waybill_shared::{
    id::{CustomerId, EditId, OrderId, ProductId},
    rules::roles::Role,
};

use crate::world::{Backup, Hand, World, accounts::ELSEWHERE, customer, dice::Dice};

pub struct Company {
    pub hands: Vec<Hand>,
    pub orders: Vec<OrderId>,
    pub products: Vec<ProductId>,
    pub customers: Vec<(CustomerId, String)>,
    pub backups: Vec<(usize, Backup)>,
    /// What was last entered on each device.
    pub last: BTreeMap<usize, EditId>,
    /// The rounds change all day: orders go from one driver to the next.
    pub reassigns: bool,
}

pub const GOODS: [&str; 5] = ["Oak chair", "Beech stool", "Ash table", "Pine shelf", "Elm desk"];

const STAFF: [(&str, &[Role]); 9] = [
    ("T", &[Role::Shop]),
    ("V", &[Role::Driver]),
    ("V", &[Role::Driver]),
    ("S", &[Role::Sales]),
    ("W", &[Role::Warehouse]),
    ("C", &[Role::Service]),
    ("T", &[Role::Shop, Role::Driver]),
    ("S", &[Role::Sales]),
    ("M", &[Role::Manager]),
];

/// Two to six devices; the first is an admin's.
pub fn found(world: &World, dice: &mut Dice) -> Company {
    let mut hands = vec![world.device("O1", &[Role::Admin])];
    let reassigns = dice.chance(30.0);
    if reassigns {
        hands.extend(["V8", "V9"].map(|code| world.driver(code)));
    }
    for nth in 1..=dice.between(1, if reassigns { 3 } else { 5 }) {
        let Some((letter, roles)) = dice.pick(&STAFF) else { continue };
        let hand = world.device(&format!("{letter}{nth}"), roles);
        if dice.chance(35.0) {
            world.sends_to(&hand, &[ELSEWHERE]);
        }
        hands.push(hand);
    }
    let customers =
        ["Weber", "Frank", "Lang"].map(|name| (customer(name), name.to_owned())).into_iter().collect();
    for (name, limit) in [("Weber", "120"), ("Frank", "300")] {
        if dice.chance(60.0)
            && let Some(admin) = hands.first()
        {
            admin.sets_credit(name, limit);
        }
    }
    // Days begin with a network, most of them.
    if dice.chance(80.0) {
        world.settle();
    }
    Company {
        hands,
        orders: Vec::new(),
        products: Vec::new(),
        customers,
        backups: Vec::new(),
        last: BTreeMap::new(),
        reassigns,
    }
}
