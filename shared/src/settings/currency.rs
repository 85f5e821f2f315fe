//! Another currency is for a business whose products have prices in it: the others could not be sold any more.

use super::{Field, commands::SettingsCommand};
use crate::{
    finding::{Finding, Rule},
    rules::Surroundings,
};

pub fn judge(command: &SettingsCommand, world: &dyn Surroundings) -> Option<Finding> {
    let SettingsCommand::SetField(set) = command else { return None };
    let Field::Currency(currency) = set.field else { return None };
    let without = match world.without_price(currency) {
        0 => return None,
        1 => "1 product has".to_owned(),
        several => format!("{several} products have"),
    };
    let what = format!("{without} a price, but none in {currency}, and could not be sold any more.");
    let remedy = format!(
        "Give each its price in {currency} first (waybill product set-price NUMBER PRICE --currency {currency}), or \
         retire it; then change the currency."
    );
    Some(Finding::new(Rule::WrongStep, what, remedy).field("currency"))
}
