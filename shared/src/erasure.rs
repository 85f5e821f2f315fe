//! What goes when a customer's personal data is erased, and what the books keep: amounts, goods, days, numbers, and
//! who of the staff did what. Each document and each command says it of itself.

use serde::{Deserialize, Serialize};

use crate::{
    doc::{Actor, Doc, DocError},
    document::Says,
    edit::Edit,
    finding::{Finding, Rule},
    id::CustomerId,
    kind::{DocAddr, DocKind},
    time::Timestamp,
    view::View,
};

/// In a document: its customer's personal data is gone, and none comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub at: Timestamp,
}

/// Stands where a document needs a name.
pub const ERASED: &str = "(erased)";

/// The same of an entry that was not sent yet.
pub const ERASED_HERE: &str = "(erased) This customer was erased: what this entry said of them is gone, and the server \
    says what becomes of the rest";

/// The document made anew without what was personal in it.
pub fn anew(doc: &Doc, view: &View, at: Timestamp, actor: Actor) -> Result<Doc, DocError> {
    without(view, at).anew(doc, actor)
}

pub fn is_erased(view: &View) -> bool {
    erased(view).is_some()
}

fn erased(view: &View) -> Option<Erased> {
    view.says().and_then(Says::erased)
}

/// The same of a document that nobody has read.
pub fn is_erased_in(doc: &Doc) -> bool {
    doc.holds("erased")
}

/// The customers that an edit names in its commands.
pub fn names(edit: &Edit) -> impl Iterator<Item = CustomerId> + '_ {
    let customers = named(edit).filter(|addr| addr.kind == DocKind::Customer);
    customers.map(|addr| CustomerId::new(addr.id))
}

/// The orders that an edit makes for the customer.
pub fn orders_for(edit: &Edit, customer: CustomerId) -> impl Iterator<Item = DocAddr> + '_ {
    let customer = DocAddr::from(customer);
    let orders = edit.parts.iter().filter(|part| part.doc.kind == DocKind::Order);
    orders
        .filter(move |part| part.command.refers().docs.iter().any(|named| named.doc == customer))
        .map(|part| part.doc)
}

/// The documents that an edit tells something of: once one of them is erased, what is personal goes from the edit too,
/// whatever was said of it.
pub fn concerns(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.docs().chain(named(edit).filter(|addr| addr.kind.tells_of_customers()))
}

fn named(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.parts.iter().flat_map(|part| part.command.refers().docs).map(|named| named.doc)
}

/// The document still says something that an erased one does not.
pub fn is_to_be_erased(view: &View) -> bool {
    match erased(view) {
        Some(Erased { at }) => without(view, at) != *view,
        None => true,
    }
}

/// What is said to somebody who asks for it to be written down again.
pub fn finding() -> Finding {
    Finding::new(
        Rule::Erased,
        "This customer's personal data was erased, at their own wish, and is not written down again.",
        "Enter it without names, addresses and notes, or give it up.",
    )
}

fn without(view: &View, at: Timestamp) -> View {
    let mut view = view.clone();
    if let Some(said) = view.says_mut() {
        said.clean(at);
    }
    view
}

/// Takes what is personal out of an edit; `false`: there was nothing.
pub fn clean(edit: &mut Edit) -> bool {
    let mut cleaned = false;
    for part in &mut edit.parts {
        let mut command = part.command.clone();
        command.act_mut().clean();
        if command != part.command {
            part.command = command;
            cleaned = true;
        }
    }
    if let Some(overriding) = edit.overriding.as_mut().filter(|overriding| overriding.reason != ERASED) {
        ERASED.clone_into(&mut overriding.reason);
        cleaned = true;
    }
    cleaned
}
