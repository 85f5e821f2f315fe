//! Nothing is booked before the company's zone, currency and taxes are on the device: what is booked stays as
//! it is.

use waybill_shared::{
    command::Command,
    customer,
    finding::{Finding, Rule},
    kind::DocAddr,
    location,
    session::store::{Store as _, StoreError},
    settings,
};

use crate::store::Store;

/// What speaks against entering these now. What is booked on no day and speaks of no money may be entered.
pub fn against(commands: &[(DocAddr, Command)], store: &Store) -> Result<Option<Finding>, StoreError> {
    let writes_neither = |(_, command): &(DocAddr, Command)| {
        command.is::<location::Create>() || command.is::<customer::Create>()
    };
    if commands.iter().all(writes_neither) || store.settings()?.exists() {
        return Ok(None);
    }
    if store.meta()?.cursor.is_none() {
        return Ok(Some(not_here_yet()));
    }
    let sets_up = commands.iter().all(|(_, command)| command.is::<settings::Create>());
    Ok((!sets_up).then(not_set_up))
}

fn not_here_yet() -> Finding {
    Finding::new(
        Rule::NotThere,
        "The first synchronisation has not brought the company's settings yet: its time zone, currency and taxes \
         are not known here.",
        "Stay online until everything is here, then enter it again.",
    )
}

pub fn not_set_up() -> Finding {
    Finding::new(
        Rule::NotThere,
        "This company is not set up yet: its time zone, currency and taxes are not known.",
        "An admin does it once, in the window or by: waybill settings create NAME --zone Europe/Berlin --currency EUR --tax standard=19",
    )
}
