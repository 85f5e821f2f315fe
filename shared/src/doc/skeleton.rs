//! Skeleton changes: the fixed-name maps of each kind, made by a constant actor at time 0, so that they are
//! identical on every replica. A later schema version adds a skeleton change built on the one before.

use automerge::{ActorId, Automerge, ObjType, ROOT, transaction::CommitOptions, transaction::Transactable};

use super::Actor;
use crate::kind::DocKind;

/// Nobody else may write as this actor: a later skeleton change takes its next seq.
pub const ACTOR: Actor = Actor(*b"waybill.skeleton");

/// The fixed maps of a kind, one list a schema version. Order and names are for ever: they are hashed.
pub const fn versions(kind: DocKind) -> &'static [&'static [&'static str]] {
    match kind {
        DocKind::Order => &[&[
            "contact",
            "delivery",
            "wanted",
            "plan",
            "tags",
            "refs",
            "lines",
            "steps",
            "facts",
            "history",
            "attachments",
            "reserved",
            "custom",
        ]],
        DocKind::Product => {
            &[&["fields", "barcodes", "packs", "prices", "images", "variants", "history", "custom"]]
        }
        DocKind::ProductTerms => &[&["fields", "suppliers", "history"]],
        DocKind::Customer => {
            &[&["fields", "contact", "addresses", "facts", "history", "attachments", "custom"]]
        }
        DocKind::CustomerTerms => &[&["fields", "history"]],
        DocKind::Notes => &[&["about", "fields", "notes", "history"]],
        DocKind::Location => &[&["fields", "address", "history"]],
        DocKind::Settings => {
            &[&["fields", "tax_classes", "limits", "no_customer", "numbers", "rules", "history"]]
        }
        // Written by later versions; a skeleton is fixed together with the first command of its kind.
        DocKind::PurchaseOrder
        | DocKind::Stock
        | DocKind::Count
        | DocKind::Case
        | DocKind::Problem
        | DocKind::Round
        | DocKind::Drawer
        | DocKind::Invoice
        | DocKind::Shipment
        | DocKind::Subscription
        | DocKind::Supplier
        | DocKind::GiftCard
        | DocKind::CustomFields
        | DocKind::PriceList
        | DocKind::Newer(_) => &[],
    }
}

/// A document of this kind with nothing in it but its maps.
pub fn build(kind: DocKind) -> Automerge {
    let mut doc = Automerge::new().with_actor(ActorId::from(ACTOR.0));
    for maps in versions(kind) {
        let mut tx = doc.transaction();
        for map in *maps {
            // The only failures of put_object are a foreign object id and a list index; here is neither.
            let put = tx.put_object(ROOT, *map, ObjType::Map);
            debug_assert!(put.is_ok());
        }
        tx.commit_with(CommitOptions::default().with_time(0));
    }
    doc
}
