//! An order line: product or free text, quantity, price, discount, tax. Fields of later versions are here
//! from the start, because decoders and hashes are for ever.

use serde::{Deserialize, Serialize};

use crate::{
    erasure::ERASED,
    id::{PackId, ProductId},
    money::{Amount, Currency},
    quantity::{Quantity, Unit},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where it stands in the list; gaps and equals are fine, the id breaks ties.
    #[serde(default)]
    pub pos: i64,
    /// `None` for free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    /// The product's name when the line was made, or the free text.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub quantity: Quantity,
    #[serde(default)]
    pub unit: Unit,
    /// Counted in packs of a product: which, and how many smallest units are in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_size: Option<Quantity>,
    /// Per whole unit: per piece, kilogram, metre.
    #[serde(default)]
    pub price: Amount,
    #[serde(default = "euro")]
    pub currency: Currency,
    #[serde(default)]
    pub discount: Discount,
    #[serde(default)]
    pub tax: Tax,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Lines are never deleted: a removed one stays, and stays removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

impl Line {
    /// Takes out what is personal. What is no product was written by hand.
    pub fn clean(&mut self) {
        self.note = None;
        if self.product.is_none() {
            ERASED.clone_into(&mut self.name);
        }
    }

    /// So much of it: `3 × Oak chair`, `1.5 kg Beeswax`.
    pub fn counted(&self, quantity: Quantity) -> String {
        self.written(&self.unit.show(quantity))
    }

    /// The same of a quantity that stands there as a figure.
    pub fn written(&self, figure: &str) -> String {
        format!("{} {}", self.unit.times(figure), self.name)
    }
}

const fn euro() -> Currency {
    Currency::EUR
}

/// Off the price of a whole line: a percentage, an amount, or nothing. As `10%` or `2.50` in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Discount {
    #[default]
    None,
    Percent(Amount),
    Amount(Amount),
}

impl std::fmt::Display for Discount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("0"),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Amount(amount) => write!(f, "{amount}"),
        }
    }
}

impl std::str::FromStr for Discount {
    type Err = crate::money::BadAmount;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => percent.parse().map(Self::Percent),
            None => text.parse::<Amount>().map(|a| if a.is_zero() { Self::None } else { Self::Amount(a) }),
        }
    }
}

impl Serialize for Discount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Discount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How a line is taxed: its class in Settings, and the rate and kind as they were when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tax {
    #[serde(default)]
    pub class: String,
    /// In percent: 19 is nineteen percent.
    #[serde(default)]
    pub rate: Amount,
    /// The price includes it.
    #[serde(default)]
    pub included: bool,
}
