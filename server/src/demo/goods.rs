//! What is bought, and how much of it.

use std::collections::BTreeMap;

use waybill_shared::{
    id::{Id, LineId},
    money::{Amount, Currency},
    order::{Discount, Line, Tax},
    quantity::{Quantity, Unit},
    time::Timestamp,
};

use super::{
    catalogue::Article,
    dice::Dice,
    people::{People, Places},
    setup::Buyer,
};

/// What everybody in the demo company knows.
pub struct Company {
    pub people: People,
    pub places: Places,
    pub articles: Vec<Article>,
    pub buyers: Vec<Buyer>,
}

pub fn lines(dice: &mut Dice, company: &Company, business: bool, at: Timestamp) -> BTreeMap<LineId, Line> {
    let count = dice.between(1, if business { 9 } else { 5 });
    (0..count).map(|position| line(dice, company, business, at, position)).collect()
}

pub fn line(
    dice: &mut Dice,
    company: &Company,
    business: bool,
    at: Timestamp,
    position: i64,
) -> (LineId, Line) {
    let article = dice.favour(&company.articles);
    let quantity = match (article.unit, business) {
        (Unit::Piece, true) => Quantity::new(*dice.pick(&[6, 6, 12, 12, 18, 24, 36, 48])),
        (Unit::Piece, false) => Quantity::new(*dice.pick(&[1, 1, 2, 2, 3, 4, 6, 12])),
        (Unit::Hour, _) => Quantity::new(dice.between(2, 8) * 500),
        (_, true) => Quantity::new(dice.between(4, 40) * 250),
        (_, false) => Quantity::new(dice.between(2, 15) * 100),
    };
    let discount = if business && dice.chance(150) {
        Discount::Percent(Amount::from_minor(*dice.pick(&[3, 5, 5, 10]), 0))
    } else {
        Discount::None
    };
    let rate = Amount::from_minor(article.rate, 0);
    let line = Line {
        pos: position,
        product: Some(article.id),
        name: article.name.clone(),
        quantity,
        unit: article.unit,
        pack: None,
        pack_size: None,
        price: article.price,
        currency: Currency::EUR,
        discount,
        tax: Tax { class: article.tax_class.to_owned(), rate, included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    (LineId::fresh(at, dice), line)
}

/// Some of it today, the rest another day.
pub fn split(
    dice: &mut Dice,
    lines: &BTreeMap<LineId, Line>,
) -> (BTreeMap<LineId, Quantity>, BTreeMap<LineId, Quantity>) {
    let (mut first, mut rest) = (BTreeMap::new(), BTreeMap::new());
    for (nth, (id, line)) in lines.iter().enumerate() {
        let half = Quantity::new(line.quantity.count() / 2);
        match nth {
            0 => first.insert(*id, line.quantity),
            1 if half.is_positive() => {
                first.insert(*id, half);
                rest.insert(*id, line.quantity - half)
            }
            _ if dice.chance(500) => first.insert(*id, line.quantity),
            _ => rest.insert(*id, line.quantity),
        };
    }
    if rest.is_empty()
        && let Some((id, quantity)) = first.pop_last()
    {
        rest.insert(id, quantity);
    }
    (first, rest)
}

pub fn whole(unit: Unit, units: i64) -> Quantity {
    let per_unit = 10_i64.pow(unit.places());
    Quantity::new(units * per_unit)
}
