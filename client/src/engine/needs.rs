//! Which edits on other documents an edit needs: an order for a customer who was made offline a minute ago
//! is of no use without that customer.

use waybill_shared::{
    command::Command,
    id::{CustomerId, EditId, ProductId},
    kind::DocAddr,
    order::Line,
    session::store::{Store, StoreError},
};

pub fn of(commands: &[(DocAddr, Command)], store: &dyn Store) -> Result<Vec<EditId>, StoreError> {
    let own: Vec<DocAddr> = commands.iter().map(|(addr, _)| *addr).collect();
    let mut named: Vec<DocAddr> = commands
        .iter()
        .flat_map(|(_, command)| references(command))
        .filter(|addr| !own.contains(addr))
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut edits = Vec::new();
    for addr in named {
        for stored in store.pending_on(addr)? {
            let makes = stored.edit.parts.iter().any(|part| part.doc == addr && makes(&part.command));
            if makes && !edits.contains(&stored.edit.id) {
                edits.push(stored.edit.id);
            }
        }
    }
    Ok(edits)
}

/// A later change of the thing is not needed: the thing is there without it.
const fn makes(command: &Command) -> bool {
    matches!(command, Command::CustomerCreate(_) | Command::ProductCreate(_) | Command::LocationCreate(_))
}

fn references(command: &Command) -> Vec<DocAddr> {
    fn products<'a>(lines: impl IntoIterator<Item = &'a Line>) -> impl Iterator<Item = DocAddr> {
        lines.into_iter().filter_map(|line| line.product).map(ProductId::into)
    }
    let customer = |id: Option<CustomerId>| id.map(DocAddr::from);
    match command {
        Command::OrderCreate(create) => customer(create.customer)
            .into_iter()
            .chain([create.location.into()])
            .chain(products(create.lines.values()))
            .collect(),
        Command::OrderRecordSale(sale) => customer(sale.sale.customer)
            .into_iter()
            .chain([sale.sale.location.into()])
            .chain(products(sale.sale.lines.values()))
            .collect(),
        Command::OrderAddLine(add) => products([&add.line]).collect(),
        _ => Vec::new(),
    }
}
