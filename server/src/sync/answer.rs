//! What a session asks for, done.

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::Instant;
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    doc::Doc,
    edit::Edit,
    id::{DeviceId, EditId, Id, SettingsId},
    kind::DocAddr,
    protocol::{
        frame::{Fault, FaultCode, Grant, SignIn, SignedIn},
        limits,
    },
    rules::roles::Role,
    scope::Scopes,
    session::{
        server::{Admission, Ask, Event, FeedEntry, ScopesNow, Sees},
        who::{Submitted, Who, Withdrawn},
    },
    settings::Settings,
    time::Timestamp,
};

use super::{
    carry,
    connection::{ANOTHER_LOG, Connection, UNREADABLE},
    look_up, question,
    waits::Waits,
};
use crate::{
    accounts::{self, AuthRefused, Contact, DeviceClaim, SignInRefused},
    epoch,
    intake::{self, Handed, Submission},
    log::{Head, Log, LogError, each_once},
};

/// An edit that is held or refused counts as so many that stand.
const FALLEN: usize = 10;

/// Beyond any clock that somebody could look after: a hundred years.
const MOST_OFF: i64 = 100 * 366 * 24 * 60 * 60 * 1000;

fn clock_off(theirs: Timestamp, ours: Timestamp) -> i64 {
    theirs.since(ours).clamp(-MOST_OFF, MOST_OFF)
}

/// A fault ends the connection.
pub async fn answer(connection: &mut Connection, ask: Ask) -> Result<Option<Event>, Fault> {
    let log = Arc::clone(&connection.app.hub.log);
    match ask {
        Ask::SignIn(sign_in) => Ok(Some(Event::SignedIn(signed_in(connection, sign_in).await))),
        Ask::Admit { token, cursor, proof, version, waiting, counter, names, clock } => {
            let asking = Arc::clone(&connection.app.hub.asking);
            let _turn = asking.acquire().await;
            connection.token = token;
            connection.named = names;
            let clock_off = clock.map(|clock| clock_off(clock, super::now()));
            let contact = Contact { version, waiting, counter, clock_off };
            let admission = admit(connection, cursor, proof, contact).await;
            Ok(Some(Event::Admitted(admission.map(Box::new))))
        }
        Ask::Feed { after, limit, sees } => feed(connection, after, limit, &sees).await.map(Some),
        Ask::Docs { after, scopes, limit } => {
            let _turn = connection.app.hub.asking.acquire().await;
            let page = log.documents(after, limit, &scopes).await.map_err(unreadable)?;
            Ok(Some(Event::Docs { docs: page.docs, last: page.last, at: page.at }))
        }
        Ask::Fetch { docs, scopes } => {
            let _turn = connection.app.hub.asking.acquire().await;
            let docs = each_once(&docs);
            let page = log.fetch(&docs, &scopes).await.map_err(unreadable)?;
            Ok(Some(Event::Fetched { rest: page.rest(&docs), docs: page.docs, at: page.at }))
        }
        Ask::AsOf { docs, pos } => {
            let _turn = connection.app.hub.asking.acquire().await;
            Ok(Some(Event::AsOf { docs: log.as_of(&docs, pos).await.map_err(unreadable)? }))
        }
        Ask::Heads { scope } => {
            let _turn = connection.app.hub.asking.acquire().await;
            let (heads, at) = log.heads(scope).await.map_err(unreadable)?;
            Ok(Some(Event::Heads { scope, heads, at }))
        }
        Ask::Submit(submitted) => submit(connection, submitted).await,
        Ask::Discard { device, edits } => discard(connection, device, edits).await,
        Ask::Question { id, by, question } => {
            let device = connection.device().unwrap_or_default();
            slow_down(connection, [(by.person.uuid(), 1), (device.uuid(), 1)]);
            let answering = question::answer(Arc::clone(&connection.app), device, by, question);
            connection.beside.spawn(async move { Event::Answered { id, answer: answering.await } });
            Ok(None)
        }
        Ask::Carry { id, device, scopes, carry } => {
            slow_down(connection, [(device.uuid(), 1)]);
            let carrying = carry::carry(Arc::clone(&connection.app), device, scopes, carry);
            connection.beside.spawn(async move { Event::Carried { id, carried: carrying.await } });
            Ok(None)
        }
        Ask::Farewell => Ok(Some(Event::Farewell(farewell(connection).await?))),
    }
}

async fn feed(connection: &Connection, after: Cursor, limit: usize, sees: &Sees) -> Result<Event, Fault> {
    let following = connection.app.hub.tail.after(after, limit, sees).await.map_err(unreadable)?;
    let Some(following) = following else {
        return Err(fault(FaultCode::Unavailable, ANOTHER_LOG));
    };
    let Head { cursor: head, digests, .. } = following.head;
    let at_end = following.upto == head;
    let wanted = FeedEntry::look_up(&following.entries, sees.device, at_end);
    let now = if wanted.is_empty() {
        ScopesNow::new()
    } else {
        let _turn = connection.app.hub.asking.acquire().await;
        connection.app.hub.log.scopes(&wanted).await.map_err(unreadable)?
    };
    Ok(Event::Feed {
        entries: following.entries,
        upto: following.upto,
        head,
        digests: at_end.then(|| digests.into_iter().collect()),
        now,
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
                SignInRefused::Wait { .. } | SignInRefused::Guessed { .. } | SignInRefused::Busy => {
                    FaultCode::Throttled
                }
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
    proof: Option<Vec<u8>>,
    contact: Contact,
) -> Result<Admission, Fault> {
    let session = connection.recognised().await?;
    let device = session.device;
    connection.unpaced = session.unpaced;
    connection.books_history = session.books_history;
    let unread = |error: sqlx::Error| unreadable(error.into());
    let names = connection.app.accounts.names(device, connection.named).await.map_err(unread)?;
    connection.named = names.version;
    let Standing { head, counter, cursor_holds } =
        standing(connection, device, cursor, proof.as_deref()).await?;
    connection.told_of(head.epoch);
    let stands = cursor.filter(|_| cursor_holds).map(|cursor| cursor.pos);
    connection.app.accounts.record_contact(device, &contact, stands).await.map_err(unread)?;
    connection.waits = Waits::begin(contact.waiting, contact.counter);
    connection.app.hub.tail.is_of_log_at(head.cursor).await.map_err(unreadable)?;
    let people: Vec<Grant> = names.here.clone();
    connection.people.clone_from(&people);
    let scopes = Scopes::held_by(&people);
    let digest = |scope| (scope, head.digests.get(&scope).copied().unwrap_or(Digest::default()));
    Ok(Admission {
        digests: scopes.iter().map(digest).collect(),
        who: Who { device, people, scopes, former: session.former, only_push: session.only_push },
        names,
        head: head.cursor,
        counter,
        cursor_holds,
        proof: Some(connection.app.hub.proofs.of(head.epoch, head.cursor))
            .filter(|made| proof.as_ref() != Some(made)),
        time: super::now(),
        attachment: Some(connection.app.settings.limits.attachment)
            .filter(|most| *most != limits::ATTACHMENT_USUAL),
    })
}

/// How the log and a device stand to each other.
struct Standing {
    head: Head,
    /// Up to which of its edits the log has them.
    counter: u64,
    cursor_holds: bool,
}

async fn standing(
    connection: &Connection,
    device: DeviceId,
    cursor: Option<Cursor>,
    proof: Option<&[u8]>,
) -> Result<Standing, Fault> {
    let log = &connection.app.hub.log;
    let mut epoch = log.head().await.map_err(unreadable)?.epoch;
    loop {
        let counter = log.counter(device).await.map_err(unreadable)?;
        let cursor_holds = match cursor {
            Some(cursor) => log.has(cursor).await.map_err(unreadable)?,
            None => false,
        };
        // What a device says of the log is no evidence. What this server said of it is.
        let proofs = &connection.app.hub.proofs;
        if let Some(at) = cursor.filter(|_| !cursor_holds)
            && let Some(told_in) = proof.and_then(|proof| proofs.epoch(proof, at))
        {
            epoch::met(&connection.app.pool, told_in, at).await.map_err(unreadable)?;
        }
        let head = log.head().await.map_err(unreadable)?;
        if head.epoch == epoch {
            return Ok(Standing { head, counter, cursor_holds });
        }
        // It became another one while it was asked: all of it must be of one log.
        epoch = head.epoch;
    }
}

/// What judging edits costs: each part is run by itself.
pub fn parts<'a>(edits: impl IntoIterator<Item = &'a Edit>) -> usize {
    edits.into_iter().map(|edit| edit.parts.len().max(1)).sum()
}

/// After a flood nothing more is read for a while: whatever becomes of what a frame held, its device sent it.
pub fn note_read(connection: &mut Connection, edits: usize) {
    if edits > 0
        && let Some(device) = connection.device()
    {
        slow_down(connection, [(device.uuid(), edits)]);
    }
}

/// So does one person on several devices.
fn keep_pace(connection: &mut Connection, submitted: &[Submitted]) {
    let mut by: BTreeMap<Uuid, usize> = BTreeMap::new();
    for Submitted { edit, grant, .. } in submitted {
        // Whom an entry names is no evidence: anybody could slow down anybody.
        if grant.is_some() {
            *by.entry(edit.person.uuid()).or_default() += parts([edit]);
        }
    }
    slow_down(connection, by);
}

/// Some of its edits do not stand: each counts as several that do, because it may have cost as much.
pub fn note_fallen(connection: &mut Connection, fallen: usize) {
    if fallen > 0
        && let Some(device) = connection.device()
    {
        slow_down(connection, [(device.uuid(), fallen.saturating_mul(FALLEN - 1))]);
    }
}

fn slow_down(connection: &mut Connection, by: impl IntoIterator<Item = (Uuid, usize)>) {
    if connection.unpaced {
        return;
    }
    let now = Instant::now();
    let pace = &connection.app.hub.pace;
    let waits = by.into_iter().map(|(who, handed)| pace.wait(who, handed, now));
    let wait = waits.max().unwrap_or_default();
    if !wait.is_zero() {
        connection.slow_down(now, wait);
    }
}

async fn submit(connection: &mut Connection, submitted: Vec<Submitted>) -> Result<Option<Event>, Fault> {
    keep_pace(connection, &submitted);
    let found = look_up::look_up(connection, &submitted).await.map_err(|error| unreadable(error.into()))?;
    for Submitted { edit, grant, withdrawn } in submitted {
        connection.waits.handed_in(&edit);
        if let Some(why) = withdrawn {
            hand_in(connection, Submission::Withdrawn { edit: Arc::new(edit), why }).await?;
            continue;
        }
        let approver = edit
            .overriding
            .as_ref()
            .and_then(|word| connection.people.iter().find(|grant| grant.person == word.approver));
        let approver: Arc<[Role]> = approver.map_or_else(Arc::default, |grant| grant.roles.as_slice().into());
        let roles = grant.map(|grant| grant.roles.into());
        let looked_up = found.of(&edit);
        let handed = Handed { edit: Arc::new(edit), roles, approver, looked_up };
        hand_in(connection, Submission::Edit(handed)).await?;
    }
    Ok(None)
}

/// The device has handed everything over.
async fn farewell(connection: &Connection) -> Result<Result<String, Fault>, Fault> {
    match connection.recognised().await?.only_push {
        Some(Withdrawn::Device) => Ok(Ok(company(connection).await?)),
        Some(Withdrawn::Person) => Ok(Err(fault(
            FaultCode::SignedOut,
            "The access of everybody on this device was withdrawn. Ask an admin.",
        ))),
        None => Err(fault(FaultCode::Unavailable, "What this device may do was changed. Connect again.")),
    }
}

/// Its name, as the settings have it.
async fn company(connection: &Connection) -> Result<String, Fault> {
    let addr: DocAddr = SettingsId::ONLY.into();
    let loaded = connection.app.hub.log.load(&[addr], &[]).await.map_err(unreadable)?;
    let settings = loaded
        .docs
        .first()
        .and_then(|stored| Doc::load(addr.kind, &stored.saved).and_then(|doc| doc.read::<Settings>()).ok());
    Ok(settings.map(|settings| settings.fields.company).unwrap_or_default())
}

async fn discard(
    connection: &mut Connection,
    device: DeviceId,
    edits: Vec<EditId>,
) -> Result<Option<Event>, Fault> {
    // Each has its turn in intake, as an entry has.
    slow_down(connection, [(device.uuid(), edits.len())]);
    for edit in edits {
        hand_in(connection, Submission::Discard { edit, device }).await?;
    }
    Ok(None)
}

async fn hand_in(connection: &mut Connection, what: Submission) -> Result<(), Fault> {
    let submitted = intake::Submitted { what, turn: connection.turn.clone() };
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
    fault(FaultCode::Unavailable, UNREADABLE)
}

fn fault(code: FaultCode, words: &str) -> Fault {
    Fault { code, words: words.to_owned() }
}
