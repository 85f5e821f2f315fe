//! Internal notes, for whoever works here now and may read them.

use waybill_shared::{
    command::Listed,
    document::Says,
    id::NotesId,
    kind::DocAddr,
    notes::{Notes, Write},
    rules::roles::When,
    scope::Scopes,
    session::store::StoreError,
};

use super::Reader;

/// About one thing, as they are shown here and as the server has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotesHere {
    pub shown: Notes,
    pub confirmed: Notes,
}

impl Reader {
    /// About an order or a customer. `None`: they are not for whoever works here. What somebody else on this device
    /// entered and the server has not heard of is for those alone who could have entered it.
    pub fn notes(&self, about: impl Into<DocAddr>) -> Result<Option<NotesHere>, StoreError> {
        let addr = NotesId::of(about);
        let Some(me) = self.local()?.person else { return Ok(None) };
        let here = self.names()?.here;
        let Some(grant) = here.into_iter().find(|grant| grant.person == me) else { return Ok(None) };
        let writes = grant.roles.iter().any(|role| Write::ROW.when(*role) != When::Never);
        let confirmed: Notes = self.confirmed(addr)?.unwrap_or_default();
        if writes {
            let shown = self.document(addr)?.unwrap_or_default();
            return Ok(Some(NotesHere { shown, confirmed }));
        }
        let reads = confirmed.exists() && confirmed.scopes().meets(&Scopes::held_by(&[grant]));
        Ok(reads.then(|| NotesHere { shown: confirmed.clone(), confirmed }))
    }
}
