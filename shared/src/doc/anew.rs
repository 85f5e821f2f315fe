//! A document made anew: the same values in one change, without its past.

use std::collections::BTreeSet;

use automerge::{ActorId, ROOT, ReadDoc, hydrate, transaction::CommitOptions, transaction::Transactable};
use serde::Serialize;

use super::{Actor, Doc, DocError, to_value};

/// The name under which a document says how often it was made anew.
pub(super) const GENERATION: &str = "generation";

impl Doc {
    /// The next generation, with all values that it has but these: room and key.
    pub fn anew_without(&self, gone: &BTreeSet<(&str, String)>, actor: Actor) -> Result<Self, DocError> {
        let mut values = self.values();
        for (room, key) in gone {
            let room = values.as_map().and_then(|rooms| rooms.get_mut(room)?.as_map());
            room.and_then(|room| room.remove(key));
        }
        self.anew(values, actor)
    }

    /// The next generation, with these values and no others.
    pub fn anew_as<T: Serialize>(&self, values: &T, actor: Actor) -> Result<Self, DocError> {
        self.anew(to_value(values)?, actor)
    }

    fn anew(&self, mut values: hydrate::Value, actor: Actor) -> Result<Self, DocError> {
        let mut next = Self::new(self.kind);
        next.am.set_actor(ActorId::from(actor.0));
        let mut tx = next.am.transaction();
        tx.put(ROOT, GENERATION, i64::from(self.generation()) + 1)?;
        let Some(rooms) = values.as_map() else { return Err(DocError::Path) };
        // Sorted, so that the same values make the same change.
        let mut names: Vec<&String> = rooms.keys().filter(|name| *name != GENERATION).collect();
        names.sort_unstable();
        for name in names {
            let Some(room) = rooms.get(name) else { continue };
            // The fixed maps are the skeleton's: what stands in them goes into those.
            match (tx.get(ROOT, name)?, room) {
                (Some((_, fixed)), hydrate::Value::Map(entries)) => {
                    let mut keys: Vec<&String> = entries.keys().collect();
                    keys.sort_unstable();
                    for key in keys {
                        if let Some(value) = entries.get(key) {
                            put(&mut tx, &fixed, key, value)?;
                        }
                    }
                }
                (_, value) => put(&mut tx, &ROOT, name, value)?,
            }
        }
        // As late as what it holds: what is entered on it has to be later.
        tx.commit_with(CommitOptions::default().with_time(self.last_at().ms()));
        next.heads = super::heads(&next.am);
        Ok(next)
    }
}

fn put(
    tx: &mut automerge::transaction::Transaction<'_>,
    object: &automerge::ObjId,
    key: &str,
    value: &hydrate::Value,
) -> Result<(), DocError> {
    match value {
        hydrate::Value::Scalar(scalar) => tx.put(object, key, scalar.clone())?,
        tree => drop(tx.batch_create_object(object, key, tree, false)?),
    }
    Ok(())
}
