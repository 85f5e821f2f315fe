//! A photo, signature or paper put to an order. Its bytes travel apart.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    attachment::{self, Attachment},
    command::{Act, RunError},
    doc::{Draft, Hash},
    edit::Context,
    finding::{Finding, check_id, check_name},
    id::AttachmentId,
    order::Order,
    protocol::limits,
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

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = AttachmentId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.attachments.contains_key(&self.id)
    }
}
