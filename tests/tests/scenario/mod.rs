//! What the stories on the simulated network begin with and look at.

use waybill_shared::{edit::Verdict, finding::Rule, id::OrderId};
use waybill_tests::world::{Hand, World};

/// A till and an office that know each other, and an order of three oak chairs that both see.
pub fn till_and_office(seed: u64) -> (World, Hand, Hand, OrderId) {
    let world = World::seeded(seed);
    let (till, office) = (world.shop_till("T1"), world.office("O1"));
    world.settle();
    let order = till.creates_order("Oak chair", 3);
    world.settle();
    (world, till, office, order)
}

pub fn rules(verdict: &Verdict) -> Vec<Rule> {
    verdict.findings().iter().map(|finding| finding.rule).collect()
}
