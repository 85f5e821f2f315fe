//! Stories on the simulated network of a customer whose personal data is erased: it is nowhere any more, it does not
//! come back, and the books keep their amounts.

use uuid::Uuid;
use waybill_shared::{
    customer::{self, ContactNote, Customer},
    erasure,
    finding::Rule,
    id::{CustomerId, FactId, OrderId},
    order::{Contact, commands::SetContact, status},
    rules::roles::Role,
    view::View,
};
use waybill_tests::world::{Hand, Outcome, World, customer};

const NAME: &str = "Wilhelmina Grünspan";

/// A customer with a document, an order of theirs, and both erased while the till is away.
struct Shop {
    world: World,
    office: Hand,
    till: Hand,
    who: CustomerId,
    order: OrderId,
}

fn shop(seed: u64) -> Shop {
    let world = World::seeded(seed);
    let (office, till) = (world.device("O1", &[Role::Admin]), world.shop_till("T1"));
    world.settle();
    let who = customer(NAME);
    office.does(
        who,
        customer::Create {
            number: "C-7".to_owned(),
            name: NAME.to_owned(),
            group: String::new(),
            tax_number: String::new(),
            contact: Contact { phone: Some("0151 7".to_owned()), ..Contact::default() },
            addresses: Default::default(),
        },
    );
    let order = till.creates_order_for(NAME, &[("Oak chair", 2)]);
    till.notes(order, "Ms Grünspan rings twice");
    world.settle();
    Shop { world, office, till, who, order }
}

impl Shop {
    fn erases(&self) {
        self.world.erases(self.who);
        self.world.erases(self.order);
        self.world.wait(1_000);
    }

    fn tells(&self, hand: &Hand) -> bool {
        hand.disk_tells("Grünspan")
    }
}

#[test]
fn an_erased_customer_is_nowhere_and_the_order_is_worth_what_it_was() {
    let shop = shop(1);
    shop.till.places(shop.order);
    shop.world.settle();
    let before = status::of(&shop.world.server_order(shop.order));
    shop.erases();
    shop.world.settle();
    for hand in [&shop.office, &shop.till] {
        assert!(!shop.tells(hand));
        assert_eq!(hand.sees(shop.order), shop.world.server_order(shop.order));
    }
    let order = shop.world.server_order(shop.order);
    assert_eq!((order.customer_name(), order.facts.len(), order.customer()), ("", 0, Some(shop.who)));
    assert_eq!(status::of(&order), before);
    let View::Customer(gone) = shop.world.server_view(shop.who) else { panic!("no customer") };
    let Customer { fields, contact, .. } = *gone;
    assert_eq!((fields.number.as_str(), fields.name.as_str()), ("C-7", erasure::ERASED));
    assert_eq!(contact, Contact::default());
    shop.world.expect_all_is_well();
}

#[test]
fn what_was_entered_before_hearing_of_it_happened_and_tells_nothing() {
    let shop = shop(2);
    shop.till.goes_offline();
    let noted = shop.till.notes(shop.order, "Ms Grünspan was here");
    let handed = shop.till.hands_over(shop.order, "Oak chair", 1);
    let contact = Contact { name: Some(NAME.to_owned()), ..Contact::default() };
    let asked = shop.till.does(shop.order, SetContact { contact });
    let another = shop.till.creates_order_for(NAME, &[("Oak chair", 1)]);
    shop.erases();
    shop.till.goes_online();
    shop.world.settle();
    assert_eq!((shop.till.state(noted), shop.till.state(handed)), ("rewritten", "rewritten"));
    assert!(!shop.tells(&shop.till) && !shop.tells(&shop.office));
    // Who asked for something is told, without the name.
    let told: Vec<_> = shop.till.attention();
    assert!(told.iter().any(|(edit, _)| *edit != asked), "the order for the erased customer");
    assert!(
        told.iter().all(|(_, verdict)| verdict.findings().iter().all(|one| one.rule == Rule::Erased)),
        "{told:?}"
    );
    assert!(shop.office.view(another).is_none());
    assert_eq!(shop.world.server_order(shop.order).contact, Contact::default());
    shop.world.expect_all_is_well();
}

#[test]
fn an_order_that_was_refused_tells_nothing_either_where_it_was_entered() {
    let shop = shop(5);
    shop.till.goes_offline();
    shop.till.creates_order_for(NAME, &[("Oak chair", 1)]);
    shop.world.changes_roles(&shop.till, &[Role::Warehouse]);
    shop.till.goes_online();
    shop.world.settle();
    assert!(!shop.till.attention().is_empty() && shop.tells(&shop.till), "it is kept for whoever entered it");
    shop.erases();
    shop.world.settle();
    assert!(!shop.till.attention().is_empty() && !shop.tells(&shop.till));
    shop.world.expect_all_is_well();
}

/// What it entered was refused in words that tell nothing of what it does not see, and of the erasure it had missed.
#[test]
fn a_device_that_may_not_see_customers_any_more_hears_that_one_was_erased_and_keeps_nothing_of_them() {
    let world = World::seeded(6);
    let office = world.device("O1", &[Role::Admin]);
    world.settle();
    let late = world.shop_till("T2");
    late.goes_offline();
    let who = customer(NAME);
    let entered = late.does(
        who,
        customer::Create {
            number: "C-8".to_owned(),
            name: NAME.to_owned(),
            group: String::new(),
            tax_number: String::new(),
            contact: Contact::default(),
            addresses: Default::default(),
        },
    );
    assert!(late.disk_tells("Grünspan"));
    world.erases(who);
    world.changes_roles(&late, &[Role::Warehouse]);
    world.wait(1_000);
    late.goes_online();
    world.settle();
    assert_eq!(late.state(entered), "attention");
    assert!(!late.disk_tells("Grünspan") && !office.disk_tells("Grünspan"));
}

#[test]
fn nobody_writes_it_down_again() {
    let shop = shop(3);
    shop.erases();
    shop.world.settle();
    let note = ContactNote { id: FactId::new(Uuid::from_u128(77)), text: format!("{NAME} called") };
    let field = customer::Field::Name(NAME.to_owned());
    let order = shop.till.new_order(shop.who, NAME, &[("Oak chair", 1)]);
    for (hand, addr, command) in [
        (&shop.office, shop.who.into(), note.into()),
        (&shop.office, shop.who.into(), customer::SetField { field }.into()),
        (&shop.till, OrderId::new(Uuid::from_u128(78)).into(), order.into()),
    ] {
        let told = hand.tries(vec![(addr, command)], vec![]);
        assert!(matches!(&told, Outcome::Refused(rules) if rules == &[Rule::Erased]), "{told:?}");
    }
    assert!(!shop.tells(&shop.office) && !shop.tells(&shop.till));
    shop.world.expect_all_is_well();
}

#[test]
fn a_van_that_had_the_order_once_tells_nothing_either() {
    let shop = shop(4);
    let van = shop.world.driver("V1");
    shop.till.places(shop.order);
    shop.world.settle();
    shop.office.gives_to_driver(shop.order, &van);
    shop.world.settle();
    van.notes(shop.order, "handed to Ms Grünspan at the gate");
    shop.world.settle();
    let other = shop.world.driver("V2");
    shop.office.gives_to_driver(shop.order, &other);
    shop.world.settle();
    assert!(van.view(shop.order).is_none() && shop.tells(&van), "what it entered is kept for a while");
    shop.erases();
    shop.world.settle();
    assert!(!shop.tells(&van) && !shop.tells(&other));
    shop.world.expect_all_is_well();
}

/// What is personal was taken out of it, so that a server put back does not see any more whom it is about.
#[test]
fn what_was_refused_for_an_erased_customer_is_not_accepted_by_a_server_that_was_put_back() {
    let shop = shop(9);
    shop.till.goes_offline();
    let another = shop.till.creates_order_for(NAME, &[("Oak chair", 1)]);
    shop.erases();
    shop.till.goes_online();
    shop.world.settle();
    let refused = |shop: &Shop| {
        let told = shop.till.attention();
        told.len() == 1 && told[0].1.findings().iter().all(|finding| finding.rule == Rule::Erased)
    };
    assert!(refused(&shop), "{:?}", shop.till.attention());
    shop.world.server_is_put_back(1);
    shop.world.settle();
    assert!(refused(&shop), "it is as it was: {:?}", shop.till.attention());
    assert!(shop.office.view(another).is_none(), "and nobody's order");
    shop.world.expect_all_is_well();
}

/// The server that was put back has the order with its names, and the till what is left of it.
#[test]
fn what_stands_on_a_server_that_forgot_an_erasure_is_not_to_be_entered_again() {
    let shop = shop(10);
    shop.till.notes(shop.order, "Ms Grünspan rings twice");
    shop.world.settle();
    shop.erases();
    shop.world.settle();
    assert!(!shop.tells(&shop.till));
    shop.world.server_is_put_back(2);
    shop.world.settle();
    assert!(shop.world.server_order(shop.order).erased.is_none(), "the erasure is forgotten");
    assert_eq!(shop.till.attention(), []);
    shop.world.expect_all_is_well();
}
