//! Photos and papers of a connection, a few at a time, so that entries never wait for them.

use std::sync::Arc;

use waybill_shared::{
    id::DeviceId,
    protocol::attachment::{Carried, Carry},
    scope::Scopes,
};

use crate::{app::App, attachments, log::LogError};

pub async fn carry(app: Arc<App>, device: DeviceId, scopes: Scopes, carry: Carry) -> Carried {
    let Ok(_place) = app.hub.questions.acquire().await else { return Carried::Later {} };
    let carried = match carry {
        Carry::Offer { edit, content } => {
            match attachments::claimed(&app.pool, device, edit, content).await {
                Ok(Some(claim)) => attachments::offered(&app.pool, device, &claim).await,
                Ok(None) => Ok(Carried::Unclaimed {}),
                Err(error) => Err(error),
            }
        }
        Carry::Put { edit, content, nth, bytes } => {
            match attachments::claimed(&app.pool, device, edit, content).await {
                Ok(Some(claim)) => attachments::put(&app.pool, device, &claim, nth, &bytes).await,
                Ok(None) => Ok(Carried::Unclaimed {}),
                Err(error) => Err(error),
            }
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
