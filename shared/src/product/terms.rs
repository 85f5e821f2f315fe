//! The terms of a product (cost), which fewer people may see.

use std::{any::Any, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::commands::check_amount;
use crate::{
    act::{Act, Refers, RunError},
    command::commands,
    doc::Draft,
    document::{Called, Document, Says, rooms},
    edit::Context,
    erasure::Erased,
    finding::Finding,
    generation::{Archived, entries},
    history::Entry,
    id::{EntryId, PersonId},
    kind::{DocAddr, DocKind},
    money::{self, Amount, Currency},
    rules::{Judged, address},
    scope::{Scope, Scopes},
    time::Timestamp,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductTerms {
    pub fields: TermsFields,
    pub history: BTreeMap<EntryId, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetCost {
    pub cost: Amount,
    pub currency: Currency,
}

impl Act for SetCost {
    type Of = ProductTerms;

    fn check(&self) -> Vec<Finding> {
        check_amount("cost", self.cost)
    }

    fn run(&self, terms: &ProductTerms, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.shows(terms) {
            return Ok(());
        }
        draft.set(&["fields", "cost"], &self.cost)?;
        draft.set(&["fields", "currency"], &self.currency)?;
        let was = terms.fields.cost.map(|cost| cost.to_string());
        Entry::new(ctx, "cost", was, Some(self.cost.to_string())).write(ctx, draft)
    }

    fn words(&self, _: &ProductTerms) -> String {
        format!("Set the cost to {}", money::price_words(self.cost, self.currency))
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, terms: &ProductTerms) -> bool {
        (terms.fields.cost, terms.fields.currency) == (Some(self.cost), Some(self.currency))
    }
}

#[rustfmt::skip]
commands! {
    /// What is done with the terms of a product.
    ProductTermsCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "product_terms.set_cost/1" SetCost Requests "set a product's cost"             [A, A, N, N, N, N, N, N];
    }
}

impl Document for ProductTerms {
    const KIND: DocKind = DocKind::ProductTerms;
    const THING: &'static str = "terms";
    const SKELETON: &'static [&'static [&'static str]] = &[&["fields", "suppliers", "history"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = false;

    type Command = ProductTermsCommand;

    /// Nothing beyond what holds for all kinds.
    fn judge(_: &ProductTermsCommand, _: &Self, _: &Self, _: &Judged<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn misplaced(_: &ProductTermsCommand, addr: DocAddr) -> Option<Finding> {
        address::beside(addr, "terms", "product or customer")
    }
}

impl Says for ProductTerms {
    rooms!(fields; history);

    fn exists(&self) -> Option<bool> {
        None
    }

    fn title(&self) -> String {
        String::new()
    }

    fn called(&self) -> Option<Called<'_>> {
        None
    }

    fn scopes(&self) -> Scopes {
        Scope::Office.into()
    }

    fn is_own(&self, _: PersonId, _: &dyn Any) -> bool {
        false
    }

    fn erased(&self) -> Option<Erased> {
        None
    }

    /// Of the business's own.
    fn clean(&mut self, _: Timestamp) {}

    fn old(&self, kept: usize) -> Vec<Archived> {
        entries(&self.history, kept)
    }
}
