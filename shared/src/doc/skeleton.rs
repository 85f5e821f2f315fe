//! Skeleton changes: the fixed-name maps that each kind says it has, made by a constant actor at time 0, so that they are
//! identical on every replica. A later schema version adds a skeleton change built on the one before.

use automerge::{ActorId, Automerge, ObjType, ROOT, transaction::CommitOptions, transaction::Transactable};

use super::Actor;
use crate::kind::DocKind;

/// Nobody else may write as this actor: a later skeleton change takes its next seq.
pub const ACTOR: Actor = Actor(*b"waybill.skeleton");

/// A document of this kind with nothing in it but its maps.
pub fn build(kind: DocKind) -> Automerge {
    let mut doc = Automerge::new().with_actor(ActorId::from(ACTOR.0));
    for maps in kind.skeleton() {
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
