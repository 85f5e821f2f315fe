//! What a command writes with: values at paths of maps, inside one Automerge transaction.

use automerge::{
    AutomergeError, ObjId, ROOT, ReadDoc, ScalarValue, Value, hydrate,
    transaction::{Transactable, Transaction},
};
use serde::Serialize;

use super::{DocError, Spot, to_value};

pub struct Draft<'a, 'doc> {
    tx: &'a mut Transaction<'doc>,
    spots: Vec<Spot>,
    /// The map that was written in last, by its path: several values in a row go into the same one. What is
    /// set in it stands below it, so that it stays the map at that path.
    last: Option<(Vec<String>, ObjId)>,
}

impl<'a, 'doc> Draft<'a, 'doc> {
    pub(super) fn new(tx: &'a mut Transaction<'doc>) -> Self {
        Self { tx, spots: Vec::new(), last: None }
    }

    /// Where it wrote.
    pub(super) fn into_spots(self) -> Vec<Spot> {
        self.spots
    }

    /// Sets the value at `path`, whose last element is the key. A scalar that is there already is not
    /// written again; a map always is, as a new map.
    pub fn set<T: Serialize + ?Sized>(&mut self, path: &[&str], value: &T) -> Result<(), DocError> {
        let (key, maps) = path.split_last().ok_or(DocError::Path)?;
        let object = self.object(maps)?;
        let value = to_value(value)?;
        match &value {
            hydrate::Value::Scalar(scalar) => {
                if self.holds(&object, key, scalar)? {
                    return Ok(());
                }
                self.tx.put(&object, *key, scalar.clone())?;
            }
            tree => {
                self.tx.batch_create_object(&object, *key, tree, false)?;
            }
        }
        let Some(spot) = Spot::of(path, value) else { return Ok(()) };
        match self.spots.iter_mut().find(|other| other.is_where(&spot)) {
            Some(other) => other.renewed(spot),
            None => self.spots.push(spot),
        }
        Ok(())
    }

    fn holds(&self, object: &ObjId, key: &str, scalar: &ScalarValue) -> Result<bool, AutomergeError> {
        Ok(match self.tx.get(object, key)? {
            Some((Value::Scalar(current), _)) => current.as_ref() == scalar,
            Some((Value::Object(_), _)) => false,
            None => *scalar == ScalarValue::Null,
        })
    }

    fn object(&mut self, maps: &[&str]) -> Result<ObjId, DocError> {
        if let Some((path, object)) = &self.last
            && path == maps
        {
            return Ok(object.clone());
        }
        let mut object = ROOT;
        for name in maps {
            object = match self.tx.get(&object, *name)? {
                Some((Value::Object(_), id)) => id,
                _ => return Err(DocError::NoMap((*name).to_owned())),
            };
        }
        self.last = Some((maps.iter().map(|&name| name.to_owned()).collect(), object.clone()));
        Ok(object)
    }
}
