//! A document of any kind, read into its struct.

pub use crate::kinds::View;
use crate::{
    doc::{Doc, DocError, Spot},
    document::Document,
};

impl View {
    /// The document itself, if it is of this kind.
    pub fn get<T: Document>(&self) -> Option<&T> {
        self.any().downcast_ref()
    }

    /// Brings it up to date after a change that wrote at these spots: as reading it anew would.
    pub fn refresh(&mut self, doc: &Doc, spots: &mut [Spot]) -> Result<(), DocError> {
        match self.says_mut() {
            Some(said) => spots.iter_mut().try_for_each(|spot| said.refresh(doc, spot)),
            None => Ok(()),
        }
    }
}
