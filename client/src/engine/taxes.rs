//! A product is taxed in a class that the settings have. The server does not insist: it judges by the settings as
//! they stood when its batch began, and the class may come in the same one.

use waybill_shared::{
    command::Command, finding::Finding, kind::DocAddr, product::Field, product::commands::ProductCommand,
    session::store::StoreError,
};

use crate::store::Store;

/// What speaks against entering these now.
pub fn against(commands: &[(DocAddr, Command)], store: &Store) -> Result<Option<Finding>, StoreError> {
    let mut named = commands.iter().filter_map(|(_, command)| class(command)).peekable();
    if named.peek().is_none() {
        return Ok(None);
    }
    let settings = store.settings()?;
    Ok(named.find_map(|class| settings.tax(class, true).err()).map(|finding| *finding))
}

fn class(command: &Command) -> Option<&str> {
    match command {
        Command::Product(ProductCommand::Create(create)) => Some(&create.tax_class),
        Command::Product(ProductCommand::SetField(set)) => match &set.field {
            Field::TaxClass(class) => Some(class),
            _ => None,
        },
        _ => None,
    }
}
