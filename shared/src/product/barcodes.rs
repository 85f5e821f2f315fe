//! A barcode is one product's: what is scanned at the till must be one thing.

use super::{Field, commands::ProductCommand};
use crate::{
    finding::{Finding, Rule},
    kind::DocAddr,
    rules::Surroundings,
};

/// Only of what gives one: whoever has it twice from before is not in the way of anything else.
pub fn judge(command: &ProductCommand, addr: DocAddr, world: &dyn Surroundings) -> Vec<Finding> {
    let given: Vec<&String> = match command {
        ProductCommand::Create(create) => {
            create.barcodes.iter().filter(|(_, on)| **on).map(|(code, _)| code).collect()
        }
        ProductCommand::SetField(set) => match &set.field {
            Field::AddBarcode(code) => vec![code],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let taken = given.into_iter().filter_map(|code| Some((code, world.barcoded(code, addr)?)));
    let finding = |(code, other): (&String, String)| {
        let what = format!("The barcode {code} is on the product “{other}” already.");
        let remedy = "Give another one, or take it off there first.";
        Finding::new(Rule::NumberTaken, what, remedy).field("barcode")
    };
    taken.map(finding).collect()
}
