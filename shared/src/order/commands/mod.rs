//! The commands of an order, one family a file.

mod attach;
mod create;
mod deliver;
mod details;
mod lines;
mod note;
mod pay;
mod plan;
mod reverse;
mod sale;
mod steps;

pub use attach::Attach;
pub use create::Create;
pub use deliver::{HandOver, NotDelivered};
pub use details::{SetAddress, SetContact, SetReference, SetWanted, Tag, Untag};
pub(crate) use lines::is_price;
pub use lines::{AddLine, RemoveLine, SetDiscount, SetPrice, SetQuantity};
pub use note::Note;
pub use pay::TakePayment;
pub use plan::{AssignDriver, DRIVER, SetPriority};
pub use reverse::Reverse;
pub use sale::RecordSale;
pub use steps::{Cancel, Confirm, Place};

use std::collections::BTreeMap;

use super::{
    Line, Order,
    fact::{Fact, What},
};
use crate::{
    act::{Refers, RunError, Stands},
    command::commands,
    doc::Draft,
    edit::Context,
    id::{FactId, LineId, PersonId},
};

#[rustfmt::skip]
commands! {
    /// What is done with an order.
    OrderCommand {
        //                                                                          admin  sales  wareh. driver
        //                                                                             manager service shop analyst
        "order.create/1"        Create       Makes    "make an order"                     [A, A, A, N, N, A, N, N];
        "order.set_contact/1"   SetContact   Requests "change an order's contact"         [A, A, A, A, N, A, O, N];
        "order.set_address/1"   SetAddress   Requests "change an order's address"         [A, A, A, A, N, A, N, N];
        "order.set_wanted/1"    SetWanted    Requests "change when an order is wanted"    [A, A, A, A, N, A, N, N];
        "order.set_priority/1"  SetPriority  Requests "change an order's priority"        [A, A, A, N, A, A, N, N];
        "order.set_reference/1" SetReference Requests "change an order's references"      [A, A, A, A, N, A, N, N];
        "order.tag/1"           Tag          Requests "tag an order"                      [A, A, A, A, A, A, O, N];
        "order.untag/1"         Untag        Requests "take a tag off an order"           [A, A, A, A, A, A, O, N];
        "order.add_line/1"      AddLine      Requests "add to an order"                   [A, A, A, N, N, A, N, N];
        "order.set_quantity/1"  SetQuantity  Requests "change an ordered quantity"        [A, A, A, N, N, A, N, N];
        "order.set_price/1"     SetPrice     Requests "change a price in an order"        [A, A, A, N, N, A, N, N];
        "order.set_discount/1"  SetDiscount  Requests "change a discount in an order"     [A, A, A, N, N, A, N, N];
        "order.remove_line/1"   RemoveLine   Requests "take a line out of an order"       [A, A, A, N, N, A, N, N];
        "order.place/1"         Place        Requests "place an order"                    [A, A, A, N, N, A, N, N];
        "order.confirm/1"       Confirm      Requests "confirm an order"                  [A, A, A, N, N, A, N, N];
        "order.cancel/1"        Cancel       Requests "cancel an order"                   [A, A, A, A, N, A, N, N];
        "order.assign_driver/1" AssignDriver Requests "give an order to a driver"         [A, A, A, N, A, N, N, N];
        "order.note/1"          Note         Facts    "write a note on an order"          [A, A, A, A, A, A, O, N];
        "order.attach/1"        Attach       Facts    "put a photo or paper to an order"  [A, A, A, A, A, A, O, N];
        "order.hand_over/1"     HandOver     Facts    "hand goods over"                   [A, A, A, N, A, A, O, N];
        "order.not_delivered/1" NotDelivered Facts    "record that nothing was delivered" [A, A, N, N, A, A, O, N];
        "order.take_payment/1"  TakePayment  Facts    "take a payment"                    [A, A, A, N, N, A, O, N];
        "order.record_sale/1"   RecordSale   Facts    "sell over the counter"             [A, A, N, N, N, A, O, N];
        "order.reverse/1"       Reverse      Facts    "take an entry back"                [A, A, A, A, A, A, O, N];
    }
}

/// Facts stand under their own id; one that is there already is not written twice.
fn write_fact(
    order: &Order,
    id: FactId,
    what: What,
    ctx: &Context,
    draft: &mut Draft<'_, '_>,
) -> Result<(), RunError> {
    if order.facts.contains_key(&id) {
        return Ok(());
    }
    let fact = Fact {
        at: ctx.at,
        day: ctx.booked.day,
        month: ctx.booked.month,
        person: ctx.person,
        device: ctx.device,
        what,
    };
    Ok(draft.set(&["facts", &id.to_string()], &fact)?)
}

/// The fact that stands under this id: what people call it, and whether this person said the same.
fn stands(order: &Order, id: FactId, person: PersonId, says: impl Fn(&What) -> bool) -> Option<Stands> {
    let there = order.facts.get(&id)?;
    Some(("entry", there.person == person && says(&there.what)))
}

/// The products of these lines.
fn goods(refers: Refers, lines: &BTreeMap<LineId, Line>) -> Refers {
    let products = lines.iter().filter_map(|(id, line)| Some((id, line.product?)));
    products.fold(refers, |refers, (id, product)| refers.doc(format!("lines/{id}/product"), Some(product)))
}
