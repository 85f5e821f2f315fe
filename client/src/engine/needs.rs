//! Which edits on other documents an edit needs: an order for a customer who was made offline a minute ago
//! is of no use without that customer. What happened is only put in order behind them.

use waybill_shared::{
    command::Command,
    id::EditId,
    kind::DocAddr,
    session::store::{Store, StoreError},
};

pub fn of(commands: &[(DocAddr, Command)], store: &dyn Store) -> Result<Vec<EditId>, StoreError> {
    let own: Vec<DocAddr> = commands.iter().map(|(addr, _)| *addr).collect();
    let mut named: Vec<DocAddr> = commands
        .iter()
        .flat_map(|(_, command)| command.refers().docs)
        .map(|named| named.doc)
        .filter(|addr| !own.contains(addr))
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut edits = Vec::new();
    for addr in named {
        for stored in store.pending_on(addr)? {
            // A later change of the thing is not needed: it is there without that.
            let makes = stored.edit.parts.iter().any(|part| part.doc == addr && part.command.makes());
            if makes && !edits.contains(&stored.edit.id) {
                edits.push(stored.edit.id);
            }
        }
    }
    Ok(edits)
}
