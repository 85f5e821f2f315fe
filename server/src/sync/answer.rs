//! What a session asks for, done.

use std::sync::Arc;

use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    id::{DeviceId, EditId},
    protocol::frame::{Fault, FaultCode, Grant, SignIn, SignedIn},
    rules::roles::Role,
    scope::Scope,
    session::server::{Admission, Ask, Event, Submitted},
};

use super::connection::Connection;
use crate::{
    accounts::{self, AuthRefused, Contact, DeviceClaim, SignInRefused},
    intake::{self, Handed, Submission},
    log::{Head, Log, LogError},
};

/// A fault ends the connection.
pub async fn answer(connection: &mut Connection, ask: Ask) -> Result<Option<Event>, Fault> {
    let log = Arc::clone(&connection.app.hub.log);
    match ask {
        Ask::SignIn(sign_in) => Ok(Some(Event::SignedIn(signed_in(connection, sign_in).await))),
        Ask::Admit { token, cursor, version, waiting, counter } => {
            connection.token = token;
            let admission = admit(connection, cursor, Contact { version, waiting, counter }).await;
            Ok(Some(Event::Admitted(admission.map(Box::new))))
        }
        Ask::Feed { after, limit } => feed(connection, after, limit).await.map(Some),
        Ask::Docs { after, scopes, limit } => {
            let page = log.documents(after, limit, &scopes).await.map_err(unreadable)?;
            Ok(Some(Event::Docs { docs: page.docs, last: page.last, at: page.at }))
        }
        Ask::Fetch { docs, scopes } => {
            let page = log.fetch(&docs, &scopes).await.map_err(unreadable)?;
            Ok(Some(Event::Fetched { docs: page.docs, at: page.at }))
        }
        Ask::Heads { scope } => {
            let (heads, at) = log.heads(scope).await.map_err(unreadable)?;
            Ok(Some(Event::Heads { scope, heads, at }))
        }
        Ask::Submit(submitted) => submit(connection, submitted).await,
        Ask::Discard { device, edits } => discard(connection, device, edits).await,
    }
}

async fn feed(connection: &Connection, after: Cursor, limit: usize) -> Result<Event, Fault> {
    let following = connection.app.hub.tail.after(after, limit).await.map_err(unreadable)?;
    let Some(following) = following else {
        return Err(fault(FaultCode::Unavailable, "The log does not go on from there. Connect again."));
    };
    let Head { cursor: head, digests, .. } = following.head;
    let at_end = following.upto == head;
    Ok(Event::Feed {
        entries: following.entries,
        upto: following.upto,
        head,
        digests: at_end.then(|| digests.into_iter().collect()),
    })
}

async fn signed_in(connection: &Connection, sign_in: SignIn) -> Result<SignedIn, Fault> {
    let request = accounts::SignIn {
        name: sign_in.name,
        password: sign_in.password,
        new_password: sign_in.new_password,
        device: DeviceClaim { id: sign_in.device, name: sign_in.device_name, token: sign_in.token },
        address: connection.peer,
    };
    match connection.app.accounts.sign_in(request).await {
        Ok(enrolled) => Ok(SignedIn {
            token: enrolled.token,
            person: enrolled.person,
            display: enrolled.display_name,
            roles: enrolled.roles,
            device_code: enrolled.device_code,
            company: connection.app.hub.company,
        }),
        Err(refused) => {
            let code = match &refused {
                SignInRefused::Wait { .. } | SignInRefused::Busy => FaultCode::Throttled,
                SignInRefused::Unavailable(_) => FaultCode::Unavailable,
                _ => FaultCode::SignInRefused,
            };
            Err(fault(code, &refused.to_string()))
        }
    }
}

impl Connection {
    /// Whose device the token speaks for, if it still speaks for any.
    pub(super) async fn recognised(&self) -> Result<accounts::Session, Fault> {
        self.app.accounts.authenticate(&self.token).await.map_err(|refused| {
            let code = match &refused {
                AuthRefused::Unavailable(_) => FaultCode::Unavailable,
                _ => FaultCode::SignedOut,
            };
            fault(code, &refused.to_string())
        })
    }
}

async fn admit(
    connection: &mut Connection,
    cursor: Option<Cursor>,
    contact: Contact,
) -> Result<Admission, Fault> {
    let session = connection.recognised().await?;
    let device = session.device;
    let unread = |error: sqlx::Error| unreadable(error.into());
    let names = connection.app.accounts.names(device).await.map_err(unread)?;
    let log = &connection.app.hub.log;
    let counter = log.counter(device).await.map_err(unreadable)?;
    let cursor_holds = match cursor {
        Some(cursor) => log.has(cursor).await.map_err(unreadable)?,
        None => false,
    };
    let stands = cursor.filter(|_| cursor_holds).map(|cursor| cursor.pos);
    connection.app.accounts.record_contact(device, &contact, stands).await.map_err(unread)?;
    let head = log.head().await.map_err(unreadable)?;
    let people: Vec<Grant> = names.here.clone();
    connection.people.clone_from(&people);
    let scopes = scopes(&people);
    let digest = |scope: &Scope| (*scope, head.digests.get(scope).copied().unwrap_or(Digest::default()));
    Ok(Admission {
        device,
        digests: scopes.iter().map(digest).collect(),
        scopes,
        people,
        names,
        head: head.cursor,
        counter,
        cursor_holds,
        time: super::now(),
    })
}

/// The union of what the people on the device may see.
fn scopes(people: &[Grant]) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = people.iter().flat_map(|grant| Scope::held_by(&grant.roles)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

async fn submit(connection: &mut Connection, submitted: Vec<Submitted>) -> Result<Option<Event>, Fault> {
    for Submitted { edit, grant } in submitted {
        let approver = edit
            .overriding
            .as_ref()
            .and_then(|word| connection.people.iter().find(|grant| grant.person == word.approver));
        let approver: Arc<[Role]> = approver.map_or_else(Arc::default, |grant| grant.roles.as_slice().into());
        let roles = grant.map(|grant| grant.roles.into());
        let handed = Handed { edit: Arc::new(edit), roles, approver };
        hand_in(connection, Submission::Edit(handed)).await?;
    }
    Ok(None)
}

async fn discard(
    connection: &mut Connection,
    device: DeviceId,
    edits: Vec<EditId>,
) -> Result<Option<Event>, Fault> {
    for edit in edits {
        hand_in(connection, Submission::Discard { edit, device }).await?;
    }
    Ok(None)
}

async fn hand_in(connection: &mut Connection, what: Submission) -> Result<(), Fault> {
    let submitted = intake::Submitted { what, answer: connection.answers.clone() };
    connection
        .app
        .hub
        .intake
        .submit(submitted)
        .await
        .map_err(|stopped| fault(FaultCode::Unavailable, &format!("Connect again later: {stopped}.")))?;
    connection.in_flight += 1;
    Ok(())
}

fn unreadable(error: LogError) -> Fault {
    tracing::warn!(%error, "a device could not be served");
    fault(FaultCode::Unavailable, "The server cannot read its database just now. Connect again in a moment.")
}

fn fault(code: FaultCode, words: &str) -> Fault {
    Fault { code, words: words.to_owned() }
}
