//! Quantities: whole numbers of the smallest unit of account.

use std::{borrow::Cow, fmt, iter::Sum, ops};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{money::Amount, open::open_enum};

/// So many of a product's smallest unit: pieces, or thousandths of a kilogram, metre, litre or hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(i64);

impl Quantity {
    pub const ZERO: Self = Self(0);

    pub const fn new(smallest_units: i64) -> Self {
        Self(smallest_units)
    }

    pub const fn count(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl ops::Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl ops::Neg for Quantity {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, next| sum + next)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

open_enum! {
    /// What a quantity counts, shown by its symbol.
    #[derive(Default)]
    pub enum Unit {
        #[default]
        Piece = "piece" "pc",
        Kilogram = "kilogram" "kg",
        Metre = "metre" "m",
        Litre = "litre" "l",
        Hour = "hour" "h",
    }
}

impl Unit {
    /// Decimals on the screen; the smallest unit of account is one of the last place. Everything but pieces
    /// is counted in thousandths, also what newer versions add: so every version computes the same amounts.
    pub const fn places(self) -> u32 {
        match self {
            Self::Piece => 0,
            Self::Kilogram | Self::Metre | Self::Litre | Self::Hour | Self::Newer(_) => 3,
        }
    }

    pub fn symbol(self) -> Cow<'static, str> {
        self.words()
    }

    /// In whole units, exact: 1,500 thousandths of a kilogram are 1.5.
    pub fn amount(self, quantity: Quantity) -> Amount {
        Amount::new(Decimal::new(quantity.count(), self.places()))
    }

    /// `1.5` kilograms are 1,500; an amount finer than the smallest unit is none.
    pub fn parse(self, text: &str) -> Result<Quantity, BadQuantity> {
        let bad = || BadQuantity { text: text.to_owned(), unit: self };
        let amount: Amount = text.parse().map_err(|_| bad())?;
        if amount.places() > self.places() {
            return Err(bad());
        }
        let mut scaled = amount.decimal();
        scaled.rescale(self.places());
        i64::try_from(scaled.mantissa()).map(Quantity).map_err(|_| bad())
    }

    /// How many of a thing, before its name: `3 ×`, `1.5 kg`.
    pub fn times(self, figure: &str) -> String {
        if self == Self::Piece { format!("{figure} ×") } else { format!("{figure} {}", self.symbol()) }
    }

    /// As a person reads it: `3`, `1.5`.
    pub fn show(self, quantity: Quantity) -> String {
        self.amount(quantity).to_string()
    }
}

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("“{text}” is not a quantity in {}: give a number with at most {} decimals", unit.symbol(), unit.places())]
pub struct BadQuantity {
    pub text: String,
    pub unit: Unit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_whole_smallest_units() {
        for (unit, text, count) in [
            (Unit::Piece, "3", Some(3)),
            (Unit::Piece, "1.5", None),
            (Unit::Kilogram, "1.5", Some(1500)),
            (Unit::Kilogram, "0.0005", None),
            (Unit::Hour, "x", None),
        ] {
            assert_eq!(unit.parse(text).ok().map(Quantity::count), count, "{text} {}", unit.symbol());
        }
    }
}
