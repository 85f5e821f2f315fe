//! The people of the demo company, one device each, and where they work.

use waybill_shared::{
    id::{DeviceId, Id, LocationId, PersonId},
    rules::roles::Role,
    time::Timestamp,
};

use super::{dice::Dice, script::Hand};

/// Every demo account has it.
pub const PASSWORD: &str = "waybill-demo";

#[derive(Clone, Debug)]
pub struct Colleague {
    /// What is typed at sign-in.
    pub sign_in: &'static str,
    pub name: &'static str,
    pub role: Role,
    /// Where they work.
    pub places: Vec<LocationId>,
    pub hand: Hand,
}

pub struct People {
    pub all: Vec<Colleague>,
}

#[rustfmt::skip]
const PEOPLE: [(&str, &str, Role); 13] = [
    ("admin",     "Ada Lindner",      Role::Admin),
    ("manager",   "Maren Vos",        Role::Manager),
    ("sales",     "Jonas Hofer",      Role::Sales),
    ("sales2",    "Sanne de Boer",    Role::Sales),
    ("service",   "Clara Pichler",    Role::Service),
    ("warehouse", "Tomasz Nowak",     Role::Warehouse),
    ("shop",      "Lotte Bakker",     Role::Shop),
    ("shop2",     "Mehmet Yıldız",    Role::Shop),
    ("driver",    "Bram Visser",      Role::Driver),
    ("driver2",   "Veronika Gruber",  Role::Driver),
    ("analyst",   "Felix Baumgartner", Role::Analyst),
    ("sales3",    "Elias Krüger",     Role::Sales),
    ("service2",  "Anouk Mulder",     Role::Service),
];

impl People {
    pub fn new(dice: &mut Dice, at: Timestamp) -> Self {
        let all = PEOPLE.iter().map(|(sign_in, name, role)| {
            let hand = Hand { person: PersonId::fresh(at, dice), device: DeviceId::fresh(at, dice) };
            Colleague { sign_in, name, role: *role, places: Vec::new(), hand }
        });
        Self { all: all.collect() }
    }

    /// The shop people each have a shop of their own; service looks after the orders of all places.
    pub fn place(&mut self, shops: &[LocationId], warehouse: LocationId) {
        let mut next = shops.iter().copied();
        for colleague in &mut self.all {
            colleague.places = match colleague.role {
                Role::Shop => next.next().into_iter().collect(),
                Role::Warehouse => vec![warehouse],
                Role::Service => [shops, &[warehouse]].concat(),
                _ => Vec::new(),
            };
        }
    }

    /// All who have the role. The table above has somebody for every role.
    pub fn who(&self, role: Role) -> Vec<Hand> {
        self.all.iter().filter(|person| person.role == role).map(|person| person.hand).collect()
    }

    pub fn one(&self, role: Role, dice: &mut Dice) -> Hand {
        *dice.pick(&self.who(role))
    }
}

/// Two shops, a warehouse, two vans.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    pub shops: [LocationId; 2],
    pub warehouse: LocationId,
    pub vans: [LocationId; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_somebody_of_every_role() {
        let people = People::new(&mut Dice::new(1), Timestamp::default());
        for role in Role::ALL {
            assert!(!people.who(role).is_empty(), "nobody is {}", role.words());
        }
    }
}
