//! Photos and papers of a connection, a few at a time, so that entries never wait for them.

use std::sync::Arc;

use waybill_shared::{
    doc::Hash,
    id::{DeviceId, EditId},
    protocol::attachment::{Carried, Carry},
    scope::Scopes,
};

use crate::{app::App, attachments, log::LogError};

pub async fn carry(app: Arc<App>, device: DeviceId, scopes: Scopes, carry: Carry) -> Carried {
    let Ok(_place) = app.hub.questions.acquire().await else { return Carried::Later {} };
    let carried = match carry {
        Carry::Offer { edit, content } => up(&app, device, edit, content, None).await,
        Carry::Put { edit, content, nth, bytes } => {
            up(&app, device, edit, content, Some((nth, &bytes))).await
        }
        Carry::Get { doc, content, nth } => {
            attachments::get(&*app.hub.log, &app.pool, &scopes, doc, content, nth).await
        }
    };
    carried.unwrap_or_else(|error: LogError| {
        tracing::warn!(%error, "a photo or paper could not be carried");
        Carried::Later {}
    })
}

/// What an edit of this device attaches: which chunk of it is wanted, once this one is taken.
async fn up(
    app: &App,
    device: DeviceId,
    edit: EditId,
    content: Hash,
    put: Option<(u32, &[u8])>,
) -> Result<Carried, LogError> {
    let Some(claim) = attachments::claimed(&app.pool, device, edit, content).await? else {
        return Ok(Carried::Unclaimed {});
    };
    let most = app.settings.limits.attachment;
    if u64::try_from(claim.size).unwrap_or(u64::MAX) > most {
        return Ok(Carried::TooLarge { most });
    }
    match put {
        None => attachments::offered(&app.pool, device, edit, &claim).await,
        Some((nth, bytes)) => attachments::put(&app.pool, device, edit, &claim, nth, bytes).await,
    }
}
