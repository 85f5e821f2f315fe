//! Exact money: `rust_decimal` in canonical form, ISO 4217 currency, one stated rounding.

use std::{fmt, iter::Sum, ops, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An exact decimal number in canonical form (no trailing zeros, no negative zero): an amount of money,
/// a unit price, a percentage. As text on the wire and in documents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(Decimal);

/// What is not an amount, and what to write instead.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not an amount: write digits with a point before the decimals, such as 12.50")]
pub struct BadAmount(pub String);

impl Amount {
    pub const ZERO: Self = Self(Decimal::ZERO);
    pub const HUNDRED: Self = Self(Decimal::ONE_HUNDRED);

    pub fn new(value: Decimal) -> Self {
        Self(value.normalize())
    }

    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// `1250` with two places is 12.50.
    pub fn from_minor(minor: i64, places: u32) -> Self {
        Self::new(Decimal::new(minor, places))
    }

    /// The same of a sum that may be longer; what is beyond any amount stays at its edge.
    pub fn from_coins(coins: i128, places: u32) -> Self {
        let edge = if coins < 0 { Decimal::MIN } else { Decimal::MAX };
        Self::new(Decimal::try_from_i128_with_scale(coins, places).unwrap_or(edge))
    }

    /// So many of the smallest coin, rounded to it.
    pub fn coins(self, places: u32) -> i128 {
        let mut coins = self.rounded(places).0;
        coins.rescale(places);
        coins.mantissa()
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// How many decimals it needs.
    pub fn places(self) -> u32 {
        self.0.scale()
    }

    /// Half away from zero: what PostgreSQL's numeric and a person with a pencil do.
    #[must_use]
    pub fn rounded(self, places: u32) -> Self {
        Self::new(self.0.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
    }

    pub fn checked_mul(self, other: Self) -> Option<Self> {
        self.0.checked_mul(other.0).map(Self::new)
    }

    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_div(other.0).map(Self::new)
    }

    /// With exactly so many decimals, for a screen or a report.
    pub fn fixed(self, places: u32) -> String {
        let mut value = self.rounded(places).0;
        value.rescale(places);
        value.to_string()
    }
}

impl Amount {
    /// A price for one: with the decimals of the currency's smallest coin, and more where it is finer.
    pub fn as_price(self, currency: Currency) -> String {
        self.fixed(self.places().max(currency.places()))
    }
}

/// `1,234.50`, with a real minus sign.
pub fn figure(amount: Amount, currency: Currency) -> String {
    written(&amount.fixed(currency.places()))
}

/// A price for one, which may be finer than the smallest coin: `0.0125`.
pub fn price(amount: Amount, currency: Currency) -> String {
    written(&amount.as_price(currency))
}

/// `€ 1,234.50`: how money is written wherever people read it, but for columns whose head carries the sign.
pub fn words(amount: Amount, currency: Currency) -> String {
    format!("{} {}", currency.sign(), figure(amount, currency))
}

/// The same of a price for one.
pub fn price_words(amount: Amount, currency: Currency) -> String {
    format!("{} {}", currency.sign(), price(amount, currency))
}

fn written(plain: &str) -> String {
    let (minus, plain) = match plain.strip_prefix('-') {
        Some(rest) if rest.contains(|c: char| ('1'..='9').contains(&c)) => ("−", rest),
        Some(rest) => ("", rest),
        None => ("", plain),
    };
    match plain.split_once('.') {
        Some((whole, coins)) => format!("{minus}{}.{coins}", grouped(whole)),
        None => format!("{minus}{}", grouped(plain)),
    }
}

/// In thousands: `1,234`.
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Currency {
    /// Its sign, or its code where the sign would be unclear.
    pub fn sign(self) -> &'static str {
        match self.code() {
            "EUR" => "€",
            "GBP" => "£",
            "USD" => "$",
            "PLN" => "zł",
            "CZK" => "Kč",
            other => other,
        }
    }
}

impl FromStr for Amount {
    type Err = BadAmount;
    fn from_str(text: &str) -> Result<Self, BadAmount> {
        // Its parser passes over them, and a slip of the hand would be another amount.
        if text.contains('_') {
            return Err(BadAmount(text.to_owned()));
        }
        Decimal::from_str_exact(text.trim()).map(Self::new).map_err(|_| BadAmount(text.to_owned()))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Saturating: amounts inside the limits of `rules::limits` never come near the edge of 96 bits, and a
// number from outside must not be able to panic the process.
impl ops::Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.0.saturating_sub(other.0))
    }
}

impl ops::Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.0)
    }
}

impl ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, next| sum + next)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount as text, such as \"12.50\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not a currency: give a three-letter ISO 4217 code, such as EUR")]
pub struct BadCurrency(pub String);

impl Currency {
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }

    /// Decimals of the smallest coin: 2 for EUR, 0 for JPY.
    pub fn places(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;
    fn from_str(code: &str) -> Result<Self, BadCurrency> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| BadCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_digits_and_a_point_and_nothing_that_is_passed_over() {
        for typed in ["1_000", "_1", "1_", "1.5_0"] {
            assert!(typed.parse::<Amount>().is_err(), "{typed}");
            assert!(crate::quantity::Unit::Piece.parse(typed).is_err(), "{typed}");
        }
        assert_eq!("1000".parse::<Amount>().map(|amount| amount.to_string()).as_deref(), Ok("1000"));
    }

    #[test]
    fn amounts_are_canonical_and_round_half_away_from_zero() {
        for (text, places, rounded) in [
            ("2.345", 2, "2.35"),
            ("2.344", 2, "2.34"),
            ("-2.345", 2, "-2.35"),
            ("0.5", 0, "1"),
            ("2.500", 2, "2.5"),
            ("-0.00", 2, "0"),
        ] {
            let amount: Amount = text.parse().expect(text);
            assert_eq!(amount.rounded(places).to_string(), rounded, "{text} to {places} places");
        }
        assert_eq!("7".parse::<Amount>().map(|a| a.fixed(2)), Ok("7.00".to_owned()));
        assert!("12,50".parse::<Amount>().is_err());
    }
}
