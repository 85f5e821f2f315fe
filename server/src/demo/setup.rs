//! What there is before the first order: settings, shops and vans, customers with their terms.

use std::collections::BTreeMap;

use waybill_shared::{
    customer,
    id::{CustomerId, CustomerTermsId, FactId, Id, LocationId, NoteId, NotesId, SettingsId},
    location::{self, LocationKind},
    money::{Amount, Currency},
    notes,
    order::{Address, Contact},
    rules::roles::Role,
    settings::{self, TaxClass},
    time::Timestamp,
};

use super::{
    dice::Dice,
    names,
    people::{People, Places},
    script::{Hand, Script},
};

const CUSTOMERS: i64 = 500;

/// A customer with what an order copies.
#[derive(Clone, Debug)]
pub struct Buyer {
    pub id: CustomerId,
    pub name: String,
    pub business: bool,
    pub contact: Contact,
    pub address: Address,
}

pub fn business(script: &mut Script, people: &People, at: Timestamp) {
    let class = |name: &str, rate| TaxClass { name: name.to_owned(), rate: Amount::from_minor(rate, 0) };
    let admin = people.who(Role::Admin);
    for by in admin.into_iter().take(1) {
        script.happens(
            at,
            by,
            SettingsId::ONLY,
            settings::Create {
                company: "Bergmann & Vos".to_owned(),
                zone: script.zone,
                currency: Currency::EUR,
                tax_classes: BTreeMap::from([
                    ("standard".to_owned(), class("Standard rate", 19)),
                    ("reduced".to_owned(), class("Reduced rate", 7)),
                ]),
                no_customer: BTreeMap::from([("shop".to_owned(), true), ("van".to_owned(), true)]),
            },
        );
    }
}

pub fn places(script: &mut Script, dice: &mut Dice, by: Hand, from: Timestamp) -> Places {
    let mut at = from;
    let mut place = |code: &str, name: &str, kind: LocationKind, street: &str, postcode: &str, city: &str| {
        at = at.plus_ms(60_000);
        let id = LocationId::fresh(at, dice);
        let address = Address {
            name: Some("Bergmann & Vos".to_owned()),
            street: Some(street.to_owned()),
            postcode: Some(postcode.to_owned()),
            city: Some(city.to_owned()),
            country: Some("DE".to_owned()),
            note: None,
        };
        let create = location::Create { code: code.to_owned(), name: name.to_owned(), kind, address };
        script.happens(at, by, id, create);
        id
    };
    let warehouse =
        place("W1", "Hansahafen warehouse", LocationKind::Warehouse, "Hafenweg 40", "48155", "Münster");
    Places {
        shops: [
            place("S1", "Altstadt shop", LocationKind::Shop, "Salzstraße 12", "48143", "Münster"),
            place("S2", "Greven shop", LocationKind::Shop, "Marktstraße 5", "48268", "Greven"),
        ],
        warehouse,
        vans: [
            place("V1", "Van 1", LocationKind::Van, "Hafenweg 40", "48155", "Münster"),
            place("V2", "Van 2", LocationKind::Van, "Hafenweg 40", "48155", "Münster"),
        ],
    }
}

/// The first ones are the regulars. Many of the other businesses have a credit limit.
pub fn customers(script: &mut Script, dice: &mut Dice, people: &People, from: Timestamp) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    let mut at = from;
    for number in 1..=CUSTOMERS {
        at = at.plus_ms(dice.between(1_000, 9_000));
        let id = CustomerId::fresh(at, dice);
        let someone = names::customer(dice);
        let business = someone.group == "business";
        let by = people.one(if dice.chance(700) { Role::Sales } else { Role::Service }, dice);
        let tax_number =
            if business { format!("DE{:09}", dice.between(0, 999_999_999)) } else { String::new() };
        script.happens(
            at,
            by,
            id,
            customer::Create {
                number: format!("C-{:05}", 10_000 + number),
                name: someone.name.clone(),
                group: someone.group.to_owned(),
                tax_number,
                contact: someone.contact.clone(),
                addresses: BTreeMap::from([("main".to_owned(), someone.address.clone())]),
            },
        );
        if business && number > 40 && dice.chance(330) {
            let limit = Amount::from_minor(dice.between(8, 40) * 500, 0);
            let by = people.one(Role::Manager, dice);
            let set = customer::SetCreditLimit { limit: Some(limit), currency: Currency::EUR };
            script.happens(at.plus_ms(600), by, CustomerTermsId::of(id), set);
            let nth = usize::try_from(number).unwrap_or_default();
            if let Some(text) = NOTES.get(nth % (3 * NOTES.len())) {
                let note = NoteId::derived(id.uuid(), b"the first");
                let text = (*text).to_owned();
                let write = notes::Write { id: note, about: id.into(), text, saw_shown: false };
                script.happens(at.plus_ms(900), by, NotesId::of(id), write);
            }
        }
        if dice.chance(60) {
            let (id_of_note, by) = (FactId::fresh(at, dice), people.one(Role::Service, dice));
            let text = (*dice.pick(&CONTACTS)).to_owned();
            let later = at.plus_ms(dice.between(1, 80) * 24 * 3_600_000);
            script.happens(later, by, id, customer::ContactNote { id: id_of_note, text });
        }
        buyers.push(Buyer {
            id,
            name: someone.name,
            business,
            contact: someone.contact,
            address: someone.address,
        });
    }
    buyers
}

/// What the office keeps to itself.
const NOTES: [&str; 4] = [
    "Pays late; call before the limit is used up.",
    "Margin is thin: no further discount.",
    "Changes its mind until the evening before.",
    "Wants the owner on the telephone when something goes wrong.",
];

const CONTACTS: [&str; 6] = [
    "Called about the summer list, wants two sample bottles.",
    "Asked for delivery before ten in future.",
    "New kitchen from March on, will order more cheese.",
    "Complained about a broken carafe, replaced on the next round.",
    "Visited the shop with the new manager.",
    "Prefers to be called in the afternoon.",
];
