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

use super::{
    Order,
    fact::{Fact, What},
};
use crate::{command::RunError, doc::Draft, edit::Context, id::FactId};

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
