//! What is true of an order as a kind of document.

use std::any::Any;

use super::{
    Order, StepKind, What,
    commands::{OrderCommand, RecordSale},
    rules,
};
use crate::{
    document::{Called, Document, Says, rooms},
    erasure::Erased,
    finding::Finding,
    generation::{Archived, FACTS, HISTORY, beyond},
    id::PersonId,
    kind::{DocAddr, DocKind},
    order::{Address, Contact, Line},
    rules::Judged,
    scope::{Scope, Scopes},
    time::Timestamp,
};

impl Document for Order {
    const KIND: DocKind = DocKind::Order;
    const THING: &'static str = "order";
    const SKELETON: &'static [&'static [&'static str]] = &[&[
        "contact",
        "delivery",
        "wanted",
        "plan",
        "tags",
        "refs",
        "lines",
        "steps",
        "facts",
        "history",
        "attachments",
        "reserved",
        "custom",
    ]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = true;

    type Command = OrderCommand;

    fn judge(command: &OrderCommand, before: &Self, after: &Self, judged: &Judged<'_>) -> Vec<Finding> {
        rules::judge(command, before, after, judged)
    }

    fn misplaced(_: &OrderCommand, _: DocAddr) -> Option<Finding> {
        None
    }
}

impl Says for Order {
    rooms!(head, contact, delivery, wanted, plan, erased; tags, refs, lines, steps, facts, history, attachments);

    fn exists(&self) -> Option<bool> {
        Some(self.head.is_some())
    }

    fn title(&self) -> String {
        format!("order {}", self.number())
    }

    fn called(&self) -> Option<Called<'_>> {
        None
    }

    fn scopes(&self) -> Scopes {
        let mut scopes = vec![Scope::Office];
        scopes.extend(self.location().filter(|location| !location.is_nil()).map(Scope::Location));
        scopes.extend(self.plan.driver.map(Scope::Driver));
        // A sale out of the van: who made it sees it.
        if let (None, Some((_, fact, _))) = (&self.head, self.sale()) {
            scopes.push(Scope::Driver(fact.person));
        }
        Scopes::from(scopes)
    }

    fn is_own(&self, person: PersonId, doing: &dyn Any) -> bool {
        let is_untouched = self.head.is_none() && self.facts.is_empty();
        self.plan.driver == Some(person)
            || match self.sale() {
                Some((_, fact, _)) => fact.person == person,
                None => doing.is::<RecordSale>() && is_untouched,
            }
    }

    fn erased(&self) -> Option<Erased> {
        self.erased
    }

    fn clean(&mut self, at: Timestamp) {
        let Self {
            head,
            contact,
            delivery,
            wanted: _,
            plan: _,
            tags,
            refs,
            lines,
            steps,
            facts,
            history,
            attachments,
            erased,
        } = self;
        if let Some(head) = head {
            head.customer_name = None;
        }
        *contact = Contact::default();
        *delivery = Address::default();
        tags.clear();
        refs.clear();
        lines.values_mut().for_each(Line::clean);
        steps.values_mut().for_each(|step| step.reason = None);
        facts.retain(|_, fact| !matches!(fact.what, What::Note { .. }));
        facts.values_mut().for_each(|fact| fact.what.clean());
        // Changes of lines are the order's books, in figures.
        history.retain(|_, entry| entry.line.is_some());
        attachments.clear();
        *erased = Some(Erased { at });
    }

    fn old(&self, kept: usize) -> Vec<Archived> {
        let placed = self.first_placed();
        // With the steps, changes of lines are the books of an order from its placing on.
        let history = self.history.iter().filter(|(_, entry)| entry.line.is_none() || entry.nth < placed);
        let notes = self.facts.iter().filter(|(_, fact)| matches!(fact.what, What::Note { .. }));
        let mut old = beyond(history, HISTORY, kept, |entry| (entry.nth, entry.at));
        old.extend(beyond(notes, FACTS, kept, |fact| (0, fact.at)));
        old
    }
}

impl Order {
    /// The first place in the books at which it was placed; one that never was has none.
    fn first_placed(&self) -> i64 {
        let placed = self.steps.values().filter(|step| step.step == StepKind::Placed);
        placed.map(|step| step.nth).min().unwrap_or(i64::MAX)
    }
}
