//! The device's session, after bytes of its file rotted: what is whole is shown again, and what was lost is left for the
//! server to give anew.

use std::collections::BTreeSet;

use super::{
    device::Device,
    store::{Store, StoreError, Write},
    work::Work,
};
use crate::{id::Entropy, kind::DocAddr, time::Timestamp};

impl Device {
    /// Shows these documents anew by what is confirmed of them and what waits. `lost`: others are not here any more. Their
    /// digests then differ from the server's, which gives them again when this device is at its head; what waits on them
    /// stays as it is, goes up as it is, and is shown again with them.
    pub fn mend(
        &mut self,
        now: Timestamp,
        again: &BTreeSet<DocAddr>,
        lost: bool,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<Write>, StoreError> {
        let mut work = Work::new(store, now)?;
        if lost {
            work.count_again()?;
        }
        for addr in again {
            work.rebuild(*addr)?;
        }
        Ok(self.finish(work, entropy)?.writes)
    }
}
