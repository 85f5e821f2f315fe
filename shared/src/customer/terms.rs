//! The terms of a customer (credit), which fewer people may see.

use std::{any::Any, collections::BTreeMap};

use serde::{Deserialize, Serialize};

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
pub struct CustomerTerms {
    pub fields: TermsFields,
    pub history: BTreeMap<EntryId, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsFields {
    /// `None`: no limit is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetCreditLimit {
    /// `None` takes the limit away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Amount>,
    pub currency: Currency,
}

impl Act for SetCreditLimit {
    type Of = CustomerTerms;

    fn check(&self) -> Vec<Finding> {
        if self.limit.is_some_and(Amount::is_negative) {
            return vec![Finding::malformed(
                "limit",
                "The limit is below zero.",
                "Give zero or more, or no limit.",
            )];
        }
        Vec::new()
    }

    fn run(&self, terms: &CustomerTerms, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.shows(terms) {
            return Ok(());
        }
        draft.set(&["fields", "credit_limit"], &self.limit)?;
        draft.set(&["fields", "currency"], &self.currency)?;
        let [was, now] =
            [terms.fields.credit_limit, self.limit].map(|limit| limit.map(|limit| limit.to_string()));
        Entry::new(ctx, "credit limit", was, now).write(ctx, draft)
    }

    fn words(&self, _: &CustomerTerms) -> String {
        match self.limit {
            Some(limit) => format!("Set the credit limit to {}", money::words(limit, self.currency)),
            None => "Took off the credit limit".to_owned(),
        }
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, terms: &CustomerTerms) -> bool {
        (terms.fields.credit_limit, terms.fields.currency) == (self.limit, Some(self.currency))
    }
}

#[rustfmt::skip]
commands! {
    /// What is done with the terms of a customer.
    CustomerTermsCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "customer_terms.set_credit/1" SetCreditLimit Requests "set a customer's credit limit" [A, A, N, N, N, N, N, N];
    }
}

impl Document for CustomerTerms {
    const KIND: DocKind = DocKind::CustomerTerms;
    const THING: &'static str = "terms";
    const SKELETON: &'static [&'static [&'static str]] = &[&["fields", "history"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = false;

    type Command = CustomerTermsCommand;

    /// Nothing beyond what holds for all kinds.
    fn judge(_: &CustomerTermsCommand, _: &Self, _: &Self, _: &Judged<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn misplaced(_: &CustomerTermsCommand, addr: DocAddr) -> Option<Finding> {
        address::beside(addr, "terms", "product or customer")
    }
}

impl Says for CustomerTerms {
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
