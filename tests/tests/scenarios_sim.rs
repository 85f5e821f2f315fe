//! Stories on the simulated network, with the production sessions, rules and intake.

use waybill_tests::world::World;

#[test]
fn two_devices_and_a_server_come_to_the_same() {
    let world = World::seeded(7);
    let till = world.shop_till("T1");
    let office = world.office("O1");
    world.settle();
    let order = till.creates_order("Oak chair", 3);
    world.settle();
    office.sets_quantity(order, "Oak chair", 5);
    world.settle();
    assert_eq!(till.line(order, "Oak chair").1.quantity.count(), 5);
    assert_eq!(till.sees(order), office.sees(order));
    assert_eq!(till.sees(order), world.server_order(order));
    world.expect_all_is_well();
}
