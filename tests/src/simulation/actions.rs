//! What people do, at random: every command there is, on what their screen shows.

use std::collections::BTreeMap;

use waybill_shared::{
    command::Command,
    customer,
    id::{
        CustomerId, CustomerTermsId, FactId, Id, LineId, NoteId, NotesId, OrderId, PersonId, PriceId,
        ProductId, ProductTermsId, SettingsId,
    },
    kind::DocAddr,
    location,
    money::Currency,
    notes,
    order::{Address, Contact, Order, Priority, Wanted, commands::*, fact::NotDeliveredReason},
    product,
    rules::roles::Role,
    settings,
    view::View,
};

use super::{
    company::{Company, GOODS},
    resolve,
};
use crate::{
    checkers::past,
    world::{
        Hand, Outcome,
        accounts::{ELSEWHERE, PLACE},
        dice::Dice,
        hand::{cash, counter_sale},
        line, money, pieces,
    },
};

type Deed = Vec<(DocAddr, Command)>;

/// One user action. What the device refuses at once was never entered.
pub fn act(hand: &Hand, company: &mut Company, dice: &mut Dice) {
    if hand.is_retired() {
        return;
    }
    let listed = hand.attention();
    if dice.chance(15.0)
        && let Some((id, _)) = dice.pick(&listed)
    {
        return resolve::one(hand, *id, dice);
    }
    // What cannot be done on this screen is not done; they find something else to do.
    for _ in 0..6 {
        let Some(deed) = deed(hand, company, dice) else { continue };
        let after = dice.chance(12.0).then(|| company.last.get(&hand.device).copied()).flatten();
        match hand.tries(deed, after.into_iter().collect()) {
            Outcome::Done(id) => {
                company.last.insert(hand.device, id);
                return;
            }
            Outcome::Refused(_) => {}
            Outcome::Dark | Outcome::Full => return,
        }
    }
}

fn deed(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    match dice.below(24) {
        0 | 1 => make_order(hand, company, dice),
        _ if company.orders.len() < 4 => make_order(hand, company, dice),
        2 => make_sale(hand, company, dice),
        3 => beside_orders(hand, company, dice),
        4..=6 => on_notes(hand, company, dice),
        _ => on_an_order(hand, company, dice),
    }
}

fn fresh<T: Id>(hand: &Hand, dice: &mut Dice) -> T {
    let now = hand.world.sim().now;
    T::fresh(now, dice)
}

fn make_order(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    let (id, name) = dice.pick(&company.customers)?.clone();
    let order: OrderId = fresh(hand, dice);
    let goods: Vec<(&str, i64)> =
        (0..dice.between(0, 3)).filter_map(|_| Some((*dice.pick(&GOODS)?, dice.between(1, 4)))).collect();
    let mut create = hand.new_order(id, &name, &goods);
    create.quotation = dice.chance(10.0);
    if dice.chance(12.0) {
        // For the other shop.
        create.location = *dice.pick(&[PLACE, ELSEWHERE])?;
    }
    if dice.chance(15.0) {
        create.customer = None;
    }
    company.orders.push(order);
    let mut deed: Deed = vec![(order.into(), create.into())];
    if dice.chance(20.0) {
        // Made and placed in one go: one edit of two parts on one document.
        deed.push((order.into(), Place {}.into()));
    }
    Some(deed)
}

fn make_sale(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    let order: OrderId = fresh(hand, dice);
    let goods = dice.pick(&GOODS)?;
    company.orders.push(order);
    let sale = counter_sale(goods, dice.between(1, 3), &dice.between(1, 80).to_string(), hand);
    Some(vec![(order.into(), sale.into())])
}

fn on_an_order(hand: &Hand, company: &Company, dice: &mut Dice) -> Option<Deed> {
    // Mostly recent ones that they see, so that people meet on them. A fact may also be entered on what
    // this device does not know yet.
    let seen = company.orders.iter().rev().filter(|order| hand.sees(**order).head.is_some());
    let recent: Vec<OrderId> = seen.take(3).copied().collect();
    let id = if dice.chance(88.0) { *dice.pick(&recent)? } else { *dice.pick(&company.orders)? };
    let order = hand.sees(id);
    let mut deed = vec![(DocAddr::from(id), on(company, &order, dice)?)];
    if dice.chance(6.0) {
        // Two orders changed together, whole or not at all.
        let other = *dice.pick(&recent)?;
        let second = if dice.chance(30.0) {
            deed[0].1 = Place {}.into();
            Place {}.into()
        } else {
            on(company, &hand.sees(other), dice)?
        };
        if second.kind() == deed[0].1.kind() && other != id {
            deed.push((other.into(), second));
        }
    }
    Some(deed)
}

fn on(company: &Company, order: &Order, dice: &mut Dice) -> Option<Command> {
    let lines: Vec<_> = order.live_lines().into_iter().map(|(id, line)| (id, line.clone())).collect();
    let facts: Vec<FactId> = order.facts.keys().copied().collect();
    let what = if company.reassigns && dice.chance(30.0) { 20 } else { dice.below(28) };
    Some(match what {
        0..=3 => {
            let (line, held) = dice.pick(&lines)?.clone();
            SetQuantity { line, was: held.quantity, now: pieces(dice.between(1, 6)) }.into()
        }
        4 => {
            let (line, held) = dice.pick(&lines)?.clone();
            SetPrice { line, was: held.price, now: money(&dice.between(5, 25).to_string()) }.into()
        }
        5 => {
            let (line, held) = dice.pick(&lines)?.clone();
            let now = format!("{}%", dice.between(0, 5) * 10).parse().ok()?;
            SetDiscount { line, was: held.discount, now }.into()
        }
        6 => AddLine { id: LineId::NIL, line: line(dice.pick(&GOODS)?, dice.between(1, 3)) }.into(),
        7 => RemoveLine { line: dice.pick(&lines)?.0 }.into(),
        8 => {
            let street = format!("Street {}", dice.between(1, 3));
            let now = Address { street: Some(street), city: Some("Ulm".into()), ..Address::default() };
            SetAddress { was: order.delivery.clone(), now }.into()
        }
        9 => {
            let day = u32::try_from(dice.between(1, 4)).ok()?;
            let now = Wanted { date: chrono::NaiveDate::from_ymd_opt(2026, 12, day), ..Wanted::default() };
            SetWanted { was: order.wanted.clone(), now }.into()
        }
        10 => {
            let phone = format!("0731 {}", dice.between(1, 3));
            SetContact { contact: Contact { phone: Some(phone), ..Contact::default() } }.into()
        }
        11 => {
            let all = [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent];
            SetPriority { priority: *dice.pick(&all)? }.into()
        }
        12 => Tag { tag: format!("tag{}", dice.between(1, 2)) }.into(),
        13 => Untag { tag: format!("tag{}", dice.between(1, 2)) }.into(),
        14 => SetReference { name: "theirs".into(), value: dice.between(0, 3).to_string() }.into(),
        15..=17 => Place {}.into(),
        18 => Confirm {}.into(),
        19 => Cancel { reason: "no longer wanted".into() }.into(),
        20 | 26 | 27 => {
            // Mostly somebody who drives; another than before, or nobody.
            let driver = dice.chance(80.0).then(|| driver(company, dice)).flatten();
            AssignDriver { driver, round: None }.into()
        }
        21 => Note { id: FactId::NIL, text: format!("note {}", dice.between(1, 99)) }.into(),
        22 => {
            let (line, _) = dice.pick(&lines)?.clone();
            let lines = BTreeMap::from([(line, pieces(dice.between(1, 3)))]);
            HandOver { id: FactId::NIL, lines, shown: BTreeMap::new(), received_by: None, signature: None }
                .into()
        }
        23 => {
            let reason = *dice.pick(&NotDeliveredReason::ALL)?;
            NotDelivered { id: FactId::NIL, reason, note: None }.into()
        }
        24 => TakePayment { id: FactId::NIL, payment: cash(&dice.between(1, 60).to_string()) }.into(),
        _ => {
            let fact = *dice.pick(&facts)?;
            Reverse { id: FactId::NIL, fact, reason: "entered twice".into() }.into()
        }
    })
}

fn driver(company: &Company, dice: &mut Dice) -> Option<PersonId> {
    let drives = |hand: &&Hand| hand.world.sim().accounts.roles(hand.person).contains(&Role::Driver);
    let drivers: Vec<&Hand> = company.hands.iter().filter(drives).collect();
    let hand = if dice.chance(85.0) { dice.pick(&drivers).copied() } else { None };
    hand.or_else(|| dice.pick(&company.hands)).map(|hand| hand.person)
}

fn beside_orders(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    Some(match dice.below(6) {
        0 => on_settings(hand, dice)?,
        1 => on_a_place(hand, dice),
        2 | 3 => on_a_product(hand, company, dice)?,
        4 => on_a_customer(hand, company, dice)?,
        _ => {
            let (customer, _) = dice.pick(&company.customers)?.clone();
            let limit = dice.chance(80.0).then(|| money(&dice.between(60, 400).to_string()));
            let command = customer::SetCreditLimit { limit, currency: Currency::EUR };
            vec![(CustomerTermsId::of(customer).into(), command.into())]
        }
    })
}

/// About the last order that they see and the first customer, so that people meet there.
fn on_notes(hand: &Hand, company: &Company, dice: &mut Dice) -> Option<Deed> {
    let order = company.orders.iter().rev().find(|order| hand.sees(**order).head.is_some());
    let about: DocAddr = match order {
        Some(order) if dice.chance(30.0) => (*order).into(),
        _ => company.customers.first()?.0.into(),
    };
    let addr = NotesId::of(about);
    let notes = hand.reads(about).unwrap_or_default();
    let command: Command = match dice.below(6) {
        0 | 1 => {
            let text = past::text(addr, dice.between(0, i64::MAX));
            notes::Write { id: NoteId::NIL, about, text, saw_shown: false }.into()
        }
        2 | 3 => {
            let (note, _) = *dice.pick(&notes.standing())?;
            notes::TakeOut { note }.into()
        }
        _ => {
            let shown = !notes.fields.shown;
            notes::Show { shown, location: hand.place_of(about).filter(|_| shown) }.into()
        }
    };
    Some(vec![(addr.into(), command)])
}

fn on_settings(hand: &Hand, dice: &mut Dice) -> Option<Deed> {
    let addr = DocAddr::from(SettingsId::ONLY);
    let there = matches!(hand.view(addr), Some(View::Settings(settings)) if settings.exists());
    let command: Command = if there {
        let field = match dice.below(3) {
            0 => settings::Field::Company(format!("Company {}", dice.between(1, 3))),
            1 => settings::Field::Zone(*dice.pick(&[chrono_tz::Europe::Berlin, chrono_tz::UTC])?),
            _ => settings::Field::MaxDiscount(money(&(dice.between(1, 6) * 10).to_string())),
        };
        settings::SetField { field }.into()
    } else {
        let no_customer = BTreeMap::from([("telephone".to_owned(), true)]);
        settings::Create {
            company: "Lindenhof".into(),
            zone: chrono_tz::Europe::Berlin,
            currency: Currency::EUR,
            tax_classes: BTreeMap::new(),
            no_customer,
        }
        .into()
    };
    Some(vec![(addr, command)])
}

fn on_a_place(hand: &Hand, dice: &mut Dice) -> Deed {
    let place = PLACE;
    let there = matches!(hand.view(place), Some(View::Location(location)) if location.exists());
    let command: Command = if there {
        location::SetField { field: location::Field::Name(format!("Shop {}", dice.between(1, 3))) }.into()
    } else {
        // Two people may make the same place offline.
        location::Create {
            code: "S".into(),
            name: "Shop".into(),
            kind: location::LocationKind::Shop,
            address: Address::default(),
        }
        .into()
    };
    vec![(place.into(), command)]
}

fn on_a_product(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    if company.products.is_empty() || dice.chance(25.0) {
        let id: ProductId = fresh(hand, dice);
        company.products.push(id);
        let create = product::Create {
            number: String::new(),
            name: (*dice.pick(&GOODS)?).to_owned(),
            description: String::new(),
            category: "wood".into(),
            unit: waybill_shared::quantity::Unit::Piece,
            tax_class: "standard".into(),
            barcodes: BTreeMap::new(),
        };
        return Some(vec![(id.into(), create.into())]);
    }
    let id = *dice.pick(&company.products)?;
    let amount = money(&dice.between(1, 30).to_string());
    let command: Command = match dice.below(4) {
        0 => product::SetField { field: product::Field::Category(format!("c{}", dice.between(1, 3))) }.into(),
        1 => product::Retire { retired: dice.chance(50.0) }.into(),
        2 => {
            let cost = product::SetCost { cost: amount, currency: Currency::EUR };
            return Some(vec![(ProductTermsId::of(id).into(), cost.into())]);
        }
        _ => product::SetPrice {
            id: PriceId::NIL,
            price: amount,
            currency: Currency::EUR,
            tax_included: true,
            from: chrono::NaiveDate::from_ymd_opt(2026, 11, 20)?,
        }
        .into(),
    };
    Some(vec![(id.into(), command)])
}

fn on_a_customer(hand: &Hand, company: &mut Company, dice: &mut Dice) -> Option<Deed> {
    if dice.chance(30.0) {
        let id: CustomerId = fresh(hand, dice);
        let name = format!("Customer {}", company.customers.len());
        company.customers.push((id, name.clone()));
        return Some(vec![(id.into(), made(&name).into())]);
    }
    let (id, name) = dice.pick(&company.customers)?.clone();
    let there = matches!(hand.view(id), Some(View::Customer(customer)) if customer.exists());
    let command: Command = match dice.below(2) {
        _ if !there => made(&name).into(),
        0 => {
            let group = format!("group {}", dice.between(1, 3));
            customer::SetField { field: customer::Field::Group(group) }.into()
        }
        _ => customer::ContactNote { id: FactId::NIL, text: "called".into() }.into(),
    };
    Some(vec![(id.into(), command)])
}

fn made(name: &str) -> customer::Create {
    customer::Create {
        number: String::new(),
        name: name.to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Contact::default(),
        addresses: BTreeMap::new(),
    }
}
