//! Making an order, with the lines it has from the start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::goods;
use crate::{
    act::{Act, Refers, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{CustomerId, LineId, LocationId, PersonId},
    money::Currency,
    order::{Address, Contact, Head, Line, Order, Wanted},
    texts,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    /// Device code and counter, as `T1-1042`. The server gives one where it is empty.
    #[serde(default)]
    pub number: String,
    pub channel: String,
    pub location: LocationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    pub currency: Currency,
    /// Who made the sale; the person of the edit where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salesperson: Option<PersonId>,
    #[serde(default)]
    pub quotation: bool,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub delivery: Address,
    #[serde(default)]
    pub wanted: Wanted,
    #[serde(default)]
    pub lines: BTreeMap<LineId, Line>,
}

impl Act for Create {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if texts::looks_empty(&self.channel) {
            findings.push(Finding::malformed(
                "channel",
                "The order has no channel.",
                "Say where it comes from, as “shop”.",
            ));
        }
        for (id, line) in &self.lines {
            let field = format!("lines/{id}");
            findings.extend(check_id(&field, *id));
            findings.extend(super::lines::check_line(line, self.currency, &field));
            findings.extend(super::lines::check_seen(line, &field));
        }
        findings.extend(super::details::check_wanted(&self.wanted));
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if order.head.is_some() {
            return Ok(());
        }
        let head = Head {
            number: self.number.clone(),
            channel: self.channel.clone(),
            location: self.location,
            customer: self.customer,
            customer_name: self.customer_name.clone(),
            currency: self.currency,
            salesperson: self.salesperson.unwrap_or(ctx.person),
            quotation: self.quotation,
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
        };
        draft.set(&["head"], &head)?;
        super::details::write_contact(&self.contact, draft)?;
        super::details::write_address(&self.delivery, draft)?;
        super::details::write_wanted(&self.wanted, draft)?;
        for (id, line) in &self.lines {
            draft.set(&["lines", &id.to_string()], line)?;
        }
        Ok(())
    }

    fn words(&self, _: &Order) -> String {
        "Created".to_owned()
    }

    fn refers(&self) -> Refers {
        let head = Refers::to_none().doc("location", Some(self.location)).doc("customer", self.customer);
        goods(head, &self.lines).person("salesperson", self.salesperson)
    }

    fn clean(&mut self) {
        self.customer_name = None;
        self.contact = Contact::default();
        self.delivery = Address::default();
        self.lines.values_mut().for_each(Line::clean);
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if let Some(line) = self.lines.remove(&LineId::NIL) {
            self.lines.insert(LineId::new(fresh()), line);
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.head.is_some()
    }
}
