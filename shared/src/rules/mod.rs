//! The rules: what speaks against an edit. Rules return all they find.

pub mod roles;

use crate::money::Amount;

/// What a customer may owe, and owes by other orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// `None`: no limit is set.
    pub limit: Option<Amount>,
    /// The open amounts of the customer's other placed orders.
    pub exposure: Amount,
}
