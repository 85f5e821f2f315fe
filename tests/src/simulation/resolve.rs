//! People deal with their needs-attention lists.

use waybill_shared::edit::Override;

use super::company::Company;
use crate::world::{Hand, dice::Dice};

/// Everything on every list: redone where that is possible, else given up.
pub fn all(company: &Company, dice: &mut Dice) {
    for hand in company.hands.iter().filter(|hand| !hand.is_retired()) {
        for (id, _) in hand.attention() {
            one(hand, id, dice);
        }
    }
}

/// One entry of a list.
pub fn one(hand: &Hand, id: waybill_shared::id::EditId, dice: &mut Dice) {
    if dice.chance(30.0) {
        hand.discards(id);
        return;
    }
    let word = Override { approver: hand.person, reason: "an old customer".to_owned() };
    let overriding = dice.chance(30.0).then_some(word);
    let _ = hand.redoes_with(id, None, overriding);
}
