//! A photo, signature or paper put to an order. Its bytes travel apart.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    attachment::{self, Attachment},
    doc::{Draft, Hash},
    edit::Context,
    erasure::ERASED,
    finding::{Finding, check_id, check_name},
    id::{AttachmentId, FactId, PersonId},
    money::{Amount, Currency},
    order::{Order, commands::OrderCommand},
    protocol::limits,
    rules::plausible::Against,
    texts,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attach {
    #[serde(default)]
    pub id: AttachmentId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    /// SHA-256 of the whole content.
    pub content: Hash,
}

impl Act for Attach {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        findings.extend(check_name("attachment", &texts::file_name(&self.name)));
        if self.name.chars().count() > attachment::NAME {
            let what = format!("The name is longer than {} characters.", attachment::NAME);
            findings.push(Finding::malformed("name", what, "Give it a shorter one."));
        }
        if !attachment::is_media_type(&self.media_type) {
            let what = "This is no photo or paper of a known kind.";
            findings.push(Finding::malformed(
                "media_type",
                what,
                "Attach a JPEG, PNG or WebP picture, or a PDF.",
            ));
        }
        let most = i64::try_from(limits::ATTACHMENT).unwrap_or(i64::MAX);
        if !(1..=most).contains(&self.size) {
            let what = format!("The size is not between 1 byte and {} MiB.", most / 1024 / 1024);
            findings.push(Finding::malformed("size", what, "Take a smaller picture."));
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.there(order) {
            return Ok(());
        }
        let Self { id, name, media_type, size, content } = self.clone();
        let name = texts::file_name(&name);
        let attachment = Attachment { name, media_type, size, content, at: ctx.at, person: ctx.person };
        Ok(draft.set(&["attachments", &id.to_string()], &attachment)?)
    }

    fn words(&self, _: &Order) -> String {
        format!("Attached {}", self.name)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.name);
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = AttachmentId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.attachments.contains_key(&self.id)
    }
}

impl Fact for Attach {
    fn reversed(&self, _: FactId, _: &str) -> Option<OrderCommand> {
        None
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        let there = order.attachments.get(&self.id)?;
        let same = (texts::file_name(&self.name), &self.media_type, self.size, self.content)
            == (there.name.clone(), &there.media_type, there.size, there.content);
        Some(("photo or paper", same && there.person == person))
    }

    fn likely(&self, _: &Order, _: &mut Against<'_>) {}
}
