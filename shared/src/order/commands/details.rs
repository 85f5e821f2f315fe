//! Contact, address, wanted date, references and tags of an order.

use serde::{Deserialize, Serialize};

use crate::{
    act::{Act, Refers, RunError},
    doc::{DocError, Draft},
    edit::Context,
    erasure::ERASED,
    finding::{Finding, check_day, check_key},
    history::Entry,
    order::{Address, Contact, Order, Wanted},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetContact {
    pub contact: Contact,
}

/// Guarded by the address it replaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetAddress {
    pub was: Address,
    pub now: Address,
}

/// The day and window the customer wants it in; guarded by what it replaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetWanted {
    pub was: Wanted,
    pub now: Wanted,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetReference {
    /// What kind of reference, as `their_order`.
    pub name: String,
    /// Empty to take it away.
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    pub tag: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Untag {
    pub tag: String,
}

impl Act for SetContact {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if order.contact == self.contact {
            return Ok(());
        }
        write_contact(&self.contact, draft)?;
        let entry =
            Entry::new(ctx, "contact", Some(order.contact.to_string()), Some(self.contact.to_string()));
        entry.write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        "Changed the contact".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        self.contact = Contact::default();
    }

    fn shows(&self, order: &Order) -> bool {
        order.contact == self.contact
    }
}

impl Act for SetAddress {
    type Of = Order;

    fn guard(&self, order: &Order) -> Option<Finding> {
        (order.delivery != self.was && order.delivery != self.now)
            .then(|| Finding::changed("address", self.now.to_string(), order.delivery.to_string()))
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if order.delivery == self.now {
            return Ok(());
        }
        write_address(&self.now, draft)?;
        let entry = Entry::new(ctx, "address", Some(order.delivery.to_string()), Some(self.now.to_string()));
        entry.write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Changed the address: {}", self.now)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        (self.was, self.now) = Default::default();
    }

    fn shows(&self, order: &Order) -> bool {
        order.delivery == self.now
    }

    fn renew(&mut self, order: &Order) {
        self.was = order.delivery.clone();
    }
}

impl Act for SetWanted {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_wanted(&self.now)
    }

    fn guard(&self, order: &Order) -> Option<Finding> {
        (order.wanted != self.was && order.wanted != self.now)
            .then(|| Finding::changed("wanted date", self.now.to_string(), order.wanted.to_string()))
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if order.wanted == self.now {
            return Ok(());
        }
        write_wanted(&self.now, draft)?;
        let entry =
            Entry::new(ctx, "wanted date", Some(order.wanted.to_string()), Some(self.now.to_string()));
        entry.write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Changed when it is wanted: {}", self.now)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, order: &Order) -> bool {
        order.wanted == self.now
    }

    fn renew(&mut self, order: &Order) {
        self.was = order.wanted.clone();
    }
}

impl Act for SetReference {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_key("name", &self.name)
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let was = order.refs.get(&self.name);
        if was.map_or("", String::as_str) == self.value {
            return Ok(());
        }
        draft.set(&["refs", &self.name], &self.value)?;
        let entry =
            Entry::new(ctx, &format!("reference {}", self.name), was.cloned(), Some(self.value.clone()));
        entry.write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Set the reference {}: {}", self.name, self.value)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.name);
        ERASED.clone_into(&mut self.value);
    }

    fn shows(&self, order: &Order) -> bool {
        order.refs.get(&self.name).map_or("", String::as_str) == self.value
    }
}

impl Act for Tag {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_key("tag", &self.tag)
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        set_tag(order, &self.tag, true, ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Tagged {}", self.tag)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.tag);
    }

    fn shows(&self, order: &Order) -> bool {
        order.tags.get(&self.tag) == Some(&true)
    }
}

impl Act for Untag {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        set_tag(order, &self.tag, false, ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Took off the tag {}", self.tag)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.tag);
    }

    fn shows(&self, order: &Order) -> bool {
        order.tags.get(&self.tag) != Some(&true)
    }
}

fn set_tag(
    order: &Order,
    tag: &str,
    on: bool,
    ctx: &Context,
    draft: &mut Draft<'_, '_>,
) -> Result<(), RunError> {
    if order.tags.get(tag).copied().unwrap_or(false) == on {
        return Ok(());
    }
    draft.set(&["tags", tag], &on)?;
    let (was, now) = if on { (None, Some(tag.to_owned())) } else { (Some(tag.to_owned()), None) };
    Entry::new(ctx, "tag", was, now).write(ctx, draft)
}

pub(super) fn write_contact(contact: &Contact, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["contact", "name"], &contact.name)?;
    draft.set(&["contact", "phone"], &contact.phone)?;
    draft.set(&["contact", "email"], &contact.email)
}

pub(super) fn write_address(address: &Address, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["delivery", "name"], &address.name)?;
    draft.set(&["delivery", "street"], &address.street)?;
    draft.set(&["delivery", "postcode"], &address.postcode)?;
    draft.set(&["delivery", "city"], &address.city)?;
    draft.set(&["delivery", "country"], &address.country)?;
    draft.set(&["delivery", "note"], &address.note)
}

pub(super) fn write_wanted(wanted: &Wanted, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["wanted", "date"], &wanted.date)?;
    draft.set(&["wanted", "from"], &wanted.from)?;
    draft.set(&["wanted", "to"], &wanted.to)
}

pub(super) fn check_wanted(wanted: &Wanted) -> Vec<Finding> {
    const DAY: u16 = 24 * 60;
    let mut findings: Vec<Finding> =
        wanted.date.and_then(|day| check_day("wanted", day)).into_iter().collect();
    let late = |minutes: Option<u16>| minutes.is_some_and(|minutes| minutes > DAY);
    if late(wanted.from) || late(wanted.to) {
        findings.push(Finding::malformed(
            "wanted",
            "The window ends after the day does.",
            "Give times from 00:00 to 24:00.",
        ));
    }
    if let (Some(from), Some(to)) = (wanted.from, wanted.to)
        && from > to
    {
        findings.push(Finding::malformed(
            "wanted",
            "The window ends before it begins.",
            "Give the earlier time first.",
        ));
    }
    findings
}
