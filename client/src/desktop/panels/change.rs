//! Another value for an entry that was not accepted: which one it is, and the command with it.

use chrono::NaiveDate;
use waybill_shared::command::Command;
use waybill_shared::customer::terms::CustomerTermsCommand;
use waybill_shared::id::LineId;
use waybill_shared::kind::DocAddr;
use waybill_shared::order::commands::OrderCommand;
use waybill_shared::order::{Discount, Wanted};
use waybill_shared::product::terms::ProductTermsCommand;
use waybill_shared::quantity::Unit;

use crate::desktop::widgets::{date, money, quantity};

/// An entry that holds one value which a person can simply type.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub doc: DocAddr,
    command: Command,
    unit: Unit,
}

impl Change {
    pub fn of(doc: DocAddr, command: &Command, unit_of: impl Fn(LineId) -> Unit) -> Option<Self> {
        let unit = match command {
            Command::Order(OrderCommand::SetQuantity(set)) => unit_of(set.line),
            Command::Order(OrderCommand::SetPrice(_))
            | Command::Order(OrderCommand::SetDiscount(_))
            | Command::Order(OrderCommand::SetWanted(_))
            | Command::ProductTerms(ProductTermsCommand::SetCost(_))
            | Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(_)) => Unit::default(),
            _ => return None,
        };
        Some(Self { doc, command: command.clone(), unit })
    }

    /// What its field is called.
    pub fn name(&self) -> &'static str {
        match self.command {
            Command::Order(OrderCommand::SetQuantity(_)) => "Quantity",
            Command::Order(OrderCommand::SetPrice(_)) => "Price",
            Command::Order(OrderCommand::SetDiscount(_)) => "Discount, such as 10% or 2.50",
            Command::Order(OrderCommand::SetWanted(_)) => "Wanted, such as tomorrow or 24.11.",
            Command::ProductTerms(ProductTermsCommand::SetCost(_)) => "Cost",
            _ => "Credit limit; empty for none",
        }
    }

    /// The value as it was entered.
    pub fn text(&self) -> String {
        match &self.command {
            Command::Order(OrderCommand::SetQuantity(set)) => self.unit.show(set.now),
            Command::Order(OrderCommand::SetPrice(set)) => set.now.to_string(),
            Command::Order(OrderCommand::SetDiscount(set)) => match set.now {
                Discount::None => String::new(),
                discount => discount.to_string(),
            },
            Command::Order(OrderCommand::SetWanted(set)) => {
                set.now.date.map(|day| day.to_string()).unwrap_or_default()
            }
            Command::ProductTerms(ProductTermsCommand::SetCost(set)) => set.cost.to_string(),
            Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(set)) => {
                set.limit.map(|limit| limit.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The command with what was typed; `None` while that is no such value.
    pub fn with(&self, typed: &str, today: NaiveDate) -> Option<Command> {
        let typed = typed.trim();
        let amount = || money::parse(typed).filter(|amount| !amount.is_negative());
        let mut command = self.command.clone();
        match &mut command {
            Command::Order(OrderCommand::SetQuantity(set)) => {
                set.now = quantity::parse(typed, self.unit).filter(|quantity| quantity.is_positive())?;
            }
            Command::Order(OrderCommand::SetPrice(set)) => set.now = amount()?,
            Command::Order(OrderCommand::SetDiscount(set)) => set.now = discount(typed)?,
            Command::Order(OrderCommand::SetWanted(set)) if typed.is_empty() => set.now = Wanted::default(),
            Command::Order(OrderCommand::SetWanted(set)) => set.now.date = Some(date::parse(typed, today)?),
            Command::ProductTerms(ProductTermsCommand::SetCost(set)) => set.cost = amount()?,
            Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(set)) if typed.is_empty() => {
                set.limit = None
            }
            Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(set)) => set.limit = Some(amount()?),
            _ => return None,
        }
        Some(command)
    }
}

/// `10%`, `2.50`, or nothing; a zero is none.
pub fn discount(typed: &str) -> Option<Discount> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(Discount::None);
    }
    let discount = match typed.strip_suffix('%') {
        Some(percent) => Discount::Percent(money::parse(percent)?),
        None => Discount::Amount(money::parse(typed)?),
    };
    match discount {
        Discount::Percent(value) | Discount::Amount(value) if value.is_zero() => Some(Discount::None),
        Discount::Percent(value) | Discount::Amount(value) if value.is_negative() => None,
        discount => Some(discount),
    }
}
