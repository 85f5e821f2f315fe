//! Roles, and which of them may run which command under which condition: one visible table.

use std::str::FromStr;

use super::not_permitted;
use crate::{command::Command, finding::Finding, id::PersonId, open::open_enum, order::Order, view::View};

open_enum! {
    /// A role of a newer version may do nothing here.
    pub enum Role {
        Admin = "admin" "admin",
        Manager = "manager" "manager",
        Sales = "sales" "sales",
        Service = "service" "service",
        Warehouse = "warehouse" "warehouse",
        Shop = "shop" "shop",
        Driver = "driver" "driver",
        Analyst = "analyst" "analyst",
    }
}

/// Under which condition a role may run a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// On orders of the person's own round, and on the person's own van sale.
    OwnOrders,
    Never,
}

/// One row: the command, what it does in words (“you may not …”), and when each role may, in the order of
/// `Role::ALL`.
pub struct Row {
    pub command: &'static str,
    pub does: &'static str,
    pub when: [When; 8],
}

const A: When = When::Always;
const O: When = When::OwnOrders;
const N: When = When::Never;

const fn row(command: &'static str, does: &'static str, when: [When; 8]) -> Row {
    Row { command, does, when }
}

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    //                                                                 admin  sales  wareh. driver
    //                                                                    manager service shop analyst
    row("order.create/1",            "make an order",                    [A, A, A, N, N, A, N, N]),
    row("order.set_contact/1",       "change an order's contact",        [A, A, A, A, N, A, O, N]),
    row("order.set_address/1",       "change an order's address",        [A, A, A, A, N, A, N, N]),
    row("order.set_wanted/1",        "change when an order is wanted",   [A, A, A, A, N, A, N, N]),
    row("order.set_priority/1",      "change an order's priority",       [A, A, A, N, A, A, N, N]),
    row("order.set_reference/1",     "change an order's references",     [A, A, A, A, N, A, N, N]),
    row("order.tag/1",               "tag an order",                     [A, A, A, A, A, A, O, N]),
    row("order.untag/1",             "take a tag off an order",          [A, A, A, A, A, A, O, N]),
    row("order.add_line/1",          "add to an order",                  [A, A, A, N, N, A, N, N]),
    row("order.set_quantity/1",      "change an ordered quantity",       [A, A, A, N, N, A, N, N]),
    row("order.set_price/1",         "change a price in an order",       [A, A, A, N, N, A, N, N]),
    row("order.set_discount/1",      "change a discount in an order",    [A, A, A, N, N, A, N, N]),
    row("order.remove_line/1",       "take a line out of an order",      [A, A, A, N, N, A, N, N]),
    row("order.place/1",             "place an order",                   [A, A, A, N, N, A, N, N]),
    row("order.confirm/1",           "confirm an order",                 [A, A, A, N, N, A, N, N]),
    row("order.cancel/1",            "cancel an order",                  [A, A, A, A, N, A, N, N]),
    row("order.assign_driver/1",     "give an order to a driver",        [A, A, A, N, A, N, N, N]),
    row("order.note/1",              "write a note on an order",         [A, A, A, A, A, A, O, N]),
    row("order.attach/1",            "put a photo or paper to an order", [A, A, A, A, A, A, O, N]),
    row("order.hand_over/1",         "hand goods over",                  [A, A, A, N, A, A, O, N]),
    row("order.not_delivered/1",     "record that nothing was delivered",[A, A, N, N, A, A, O, N]),
    row("order.take_payment/1",      "take a payment",                   [A, A, A, N, N, A, O, N]),
    row("order.record_sale/1",       "sell over the counter",            [A, A, N, N, N, A, O, N]),
    row("order.reverse/1",           "take an entry back",               [A, A, A, A, A, A, O, N]),
    row("product.create/1",          "make a product",                   [A, A, N, N, N, N, N, N]),
    row("product.set_field/1",       "change a product",                 [A, A, A, N, N, N, N, N]),
    row("product.set_price/1",       "set a product's price",            [A, A, N, N, N, N, N, N]),
    row("product.retire/1",          "retire a product",                 [A, A, N, N, N, N, N, N]),
    row("product_terms.set_cost/1",  "set a product's cost",             [A, A, N, N, N, N, N, N]),
    row("customer.create/1",         "make a customer",                  [A, A, A, A, N, A, N, N]),
    row("customer.set_field/1",      "change a customer",                [A, A, A, A, N, A, N, N]),
    row("customer.note/1",           "note a contact with a customer",   [A, A, A, A, N, A, N, N]),
    row("customer_terms.set_credit/1", "set a customer's credit limit",  [A, A, N, N, N, N, N, N]),
    row("location.create/1",         "make a shop, warehouse or van",    [A, A, N, N, N, N, N, N]),
    row("location.set_field/1",      "change a shop, warehouse or van",  [A, A, N, N, N, N, N, N]),
    row("notes.write/1",             "write an internal note",           [A, A, A, N, N, N, N, N]),
    row("notes.take_out/1",          "take an internal note out",        [A, A, A, N, N, N, N, N]),
    row("notes.show/1",              "say who reads internal notes",     [A, A, A, N, N, N, N, N]),
    row("settings.create/1",         "set the business up",              [A, N, N, N, N, N, N, N]),
    row("settings.set_field/1",      "change the settings",              [A, A, N, N, N, N, N, N]),
    row("settings.set_limit/1",      "change what is taken for likely",  [A, A, N, N, N, N, N, N]),
];

/// The finding when none of the person's roles permits the command on this document.
pub fn permits(roles: &[Role], command: &Command, person: PersonId, view: &View) -> Option<Finding> {
    let Some(row) = row_of(command.name()) else {
        return Some(not_permitted("Nobody may do this.", "Bring this program up to date."));
    };
    let (mut may, mut may_on_own) = (false, false);
    for role in roles {
        match row.when(*role) {
            When::Always => may = true,
            When::OwnOrders => may_on_own = true,
            When::Never => {}
        }
    }
    if may || (may_on_own && is_own(command, person, view)) {
        return None;
    }
    let does = row.does;
    if may_on_own {
        return Some(not_permitted(
            format!("A driver may {does} only for orders of the own round."),
            "Ask the office to give you the order.",
        ));
    }
    Some(match roles {
        [] => not_permitted(format!("You have no role, so you may not {does}."), "Ask an admin for a role."),
        _ => not_permitted(
            format!("As {} you may not {does}.", words(roles)),
            format!("Ask somebody to do it who is {}.", words(&row.open_to())),
        ),
    })
}

/// Whether one of the roles permits the command on any document at all.
pub fn permits_ever(roles: &[Role], command: &Command) -> bool {
    row_of(command.name()).is_some_and(|row| roles.iter().any(|role| row.when(*role) != When::Never))
}

/// What a command does, in words: “place an order”.
pub fn does(command: &Command) -> &'static str {
    row_of(command.name()).map_or("do this", |row| row.does)
}

fn row_of(command: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.command == command)
}

fn is_own(command: &Command, person: PersonId, view: &View) -> bool {
    let View::Order(order) = view else { return false };
    order.plan.driver == Some(person)
        || match order.sale() {
            Some((_, fact, _)) => fact.person == person,
            None => matches!(command, Command::OrderRecordSale(_)) && is_untouched(order),
        }
}

fn is_untouched(order: &Order) -> bool {
    order.head.is_none() && order.facts.is_empty()
}

pub(super) fn words(roles: &[Role]) -> String {
    let words: Vec<_> = roles.iter().map(|role| role.words()).collect();
    match words.split_last() {
        Some((last, [])) => last.to_string(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

impl Row {
    pub fn when(&self, role: Role) -> When {
        let at = Role::ALL.iter().position(|known| *known == role);
        at.and_then(|at| self.when.get(at)).copied().unwrap_or(When::Never)
    }

    fn open_to(&self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| self.when(*role) == When::Always).collect()
    }
}

impl Role {
    /// What somebody with this role does all day, in words.
    pub const fn does(&self) -> &'static str {
        match self {
            Self::Admin => "everything, with people, devices and settings",
            Self::Manager => "leads the business: prices, costs, credit, and what is held for review",
            Self::Sales => "makes and changes orders of all places",
            Self::Service => "answers customers: contacts, addresses, dates, cancelling, at the own places",
            Self::Warehouse => "hands goods over and gives orders to drivers, at the own places",
            Self::Shop => "sells and takes orders at the own places",
            Self::Driver => "delivers and takes payments on the own round, sells out of the van",
            Self::Analyst => "sees all figures and changes nothing",
            Self::Newer(_) => "what a newer version says",
        }
    }

    /// Admins and managers: they approve, take back and let pass.
    pub const fn leads(self) -> bool {
        matches!(self, Self::Admin | Self::Manager)
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text.trim()).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(Self::name).collect();
            format!("“{text}” is not a role: choose one of {}", all.join(", "))
        })
    }
}
