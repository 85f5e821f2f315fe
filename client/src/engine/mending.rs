//! What rotted in the local file, put right as soon as it is noticed: before anything goes up, and whenever something that
//! was read did not hold.

use waybill_shared::session::store::StoreError;

use super::{calls::failed, core::Core, edge::System, link::Link, request::Answer};

impl Core {
    /// After each step: if something in it did not hold.
    pub fn mend_what_rotted(&mut self) {
        if self.store.take_doubt() {
            self.mend(true);
        }
    }

    /// Looks at every entry, and `wholly` at every document as well.
    pub fn mend(&mut self, wholly: bool) {
        if let Err(error) = self.try_to_mend(wholly) {
            self.failed(&error);
        }
    }

    fn try_to_mend(&mut self, wholly: bool) -> Result<(), StoreError> {
        let damage = self.store.look_for_damage(wholly)?;
        if damage.is_none() {
            return Ok(());
        }
        let (entries, documents) = (damage.entries(), damage.documents());
        tracing::error!(entries, documents, "bytes of the local file are not what was written");
        self.store.leniently(true);
        let made = self.device.mend(self.now(), &damage.again, documents > 0, &self.store, &mut System);
        self.store.leniently(false);
        // What it read then was known.
        self.store.take_doubt();
        let writes = made?;
        self.store.put_right(&damage, &writes, self.now())?;
        self.touch();
        if let Link::Up { .. } = self.link {
            // What the session has in mind of this connection may not be so.
            self.hang_up(
                "Something in the local file was damaged and is put right; the connection begins anew.",
            );
        }
        Ok(())
    }

    /// What lists wrongly call not yet sent, or sent. It looks at every row of them: not before each command.
    pub fn mend_lists(&mut self) -> Result<(), StoreError> {
        let revision = Some(self.store.revision()?);
        if self.looked_at == revision {
            return Ok(());
        }
        self.looked_at = revision;
        let wrong = self.store.wrongly_told()?;
        if wrong.is_empty() {
            return Ok(());
        }
        tracing::error!(?wrong, "documents were told to wait, or not to, and it was not so: put right");
        let writes = self.device.mend(self.now(), &wrong, false, &self.store, &mut System)?;
        self.commit(&writes)?;
        self.mended = self.mended.saturating_add(u32::try_from(wrong.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Its user has read of a damaged entry.
    pub fn strike(&mut self, damaged: i64) -> Answer {
        if let Err(answer) = self.somebody() {
            return answer;
        }
        match self.store.strike(damaged) {
            Ok(true) => {
                self.touch();
                Answer::Done
            }
            Ok(false) => Answer::Declined {
                words: "There is no such damaged entry on this device: look at the list again.".to_owned(),
            },
            Err(error) => failed(error),
        }
    }
}
