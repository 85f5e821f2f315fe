//! Questions of people, answered beside everything else that goes on between the device and the server.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use waybill_shared::{
    doc::{Doc, DocError},
    finding::{Finding, Rule},
    id::{DeviceId, PersonId},
    kind::DocAddr,
    protocol::{
        encode,
        frame::{Grant, SavedDoc},
        limits,
        question::{
            Answer, DeviceQuestion, DocumentQuestion, DocumentRead, DocumentsRead, HeldQuestion,
            PersonQuestion, Question, SessionQuestion,
        },
    },
    review::Review,
    scope::Scopes,
};

use crate::{
    accounts::{
        self, PeopleError,
        devices::{self, DeviceError},
    },
    app::App,
    held,
    intake::{self, Settled, Submission, Turn},
    log::LogError,
    log::each_once,
};

/// They leave most connections of the database to those who enter something.
pub const AT_ONCE: usize = 4;

/// How long a decision may take. It counts all the same when it is taken later.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Who asks has the right to.
pub async fn answer(app: Arc<App>, device: DeviceId, by: Grant, question: Question) -> Answer {
    let Ok(_place) = app.hub.questions.acquire().await else {
        return Answer::Later { words: NOT_NOW.to_owned() };
    };
    let name = question.name();
    let answered = match question {
        Question::Held(question) => of_held(&app, by, question).await,
        Question::Device(question) => of_devices(&app, device, question).await,
        Question::Session(question) => of_sessions(&app, device, by.person, question).await,
        Question::Person(PersonQuestion::ResetCode { person }) => reset_code(&app, person).await,
        Question::Document(DocumentQuestion::Read { docs }) => read(&app, &by, &docs).await,
    };
    match answered {
        Ok(answer) => answer,
        Err(NotAnswered::Finding(finding)) => Answer::Declined { findings: vec![finding] },
        Err(NotAnswered::Fault(fault)) => {
            tracing::warn!(name, %fault, "a question was not answered");
            Answer::Later { words: NOT_NOW.to_owned() }
        }
    }
}

const NOT_NOW: &str = "The server cannot answer just now. Try again in a moment.";

enum NotAnswered {
    Finding(Finding),
    Fault(String),
}

type Answered = Result<Answer, NotAnswered>;

async fn of_held(app: &App, by: Grant, question: HeldQuestion) -> Answered {
    let log = &*app.hub.log;
    Ok(match question {
        HeldQuestion::Count {} => Answer::Count(crate::log::Log::count_held(log, None).await?),
        HeldQuestion::List { after } => {
            Answer::Held(held::page(log, after.unwrap_or(0), limits::HELD_IN_PAGE).await?)
        }
        HeldQuestion::Show { edit } => held::show(log, edit).await?,
        HeldQuestion::Decide { edit, attempt, decision, reason } => {
            let review = Review { edit, attempt, decision, reviewer: by.person, reason };
            let submit =
                async |submission| -> Result<Settled, NotAnswered> { hand_in(app, submission).await };
            held::decide(log, review, by.roles.into(), submit).await?
        }
    })
}

/// On the way in like everything else, with a turn of its own: nothing rests on it.
async fn hand_in(app: &App, what: Submission) -> Result<Settled, NotAnswered> {
    let (answers, mut answered) = mpsc::unbounded_channel();
    let submitted = intake::Submitted { what, turn: Turn::new(answers) };
    let handed = app.hub.intake.submit(submitted).await;
    handed.map_err(|stopped| NotAnswered::Fault(stopped.to_string()))?;
    match timeout(PATIENCE, answered.recv()).await {
        Ok(Some((_, settled))) => Ok(settled),
        Ok(None) => Err(NotAnswered::Fault("intake ended".to_owned())),
        Err(_) => Err(NotAnswered::Fault("a decision is not in the log yet".to_owned())),
    }
}

async fn of_devices(app: &App, own: DeviceId, question: DeviceQuestion) -> Answered {
    let pool = &app.pool;
    match question {
        DeviceQuestion::List { from } => {
            return Ok(Answer::Devices(devices::list(pool, from, limits::ROWS_IN_PAGE).await?));
        }
        DeviceQuestion::Rename { device, name } => devices::rename(pool, &device.to_string(), &name).await?,
        // Whoever shuts others out stays in: there is always a device with an admin on it.
        DeviceQuestion::Revoke { device } if device == own => {
            return Err(not_here("This is the device that you work on.", "Shut it out from another one."));
        }
        DeviceQuestion::Revoke { device } => devices::revoke(pool, &device.to_string()).await?,
        DeviceQuestion::Restore { device } => devices::restore(pool, &device.to_string()).await?,
        DeviceQuestion::Pace { device, on } => devices::pace(pool, &device.to_string(), on).await?,
    }
    Ok(Answer::Done {})
}

async fn of_sessions(app: &App, own: DeviceId, asks: PersonId, question: SessionQuestion) -> Answered {
    let pool = &app.pool;
    match question {
        SessionQuestion::List { from } => {
            Ok(Answer::Sessions(devices::sessions(pool, from, limits::ROWS_IN_PAGE).await?))
        }
        SessionQuestion::End { person, device } if person == asks && device.is_none_or(|it| it == own) => {
            Err(not_here("This is your own sign-in on this device.", "Sign out here instead."))
        }
        SessionQuestion::End { person, device } => {
            let name = name_of(app, person).await?;
            let device = device.map(|device| device.to_string());
            let devices = devices::end_session(pool, &name, device.as_deref()).await?;
            Ok(Answer::Ended { devices })
        }
    }
}

/// A large document takes much memory as plain values: so many are made at once, whoever asks.
static READING: Semaphore = Semaphore::const_new(2);

/// As the one who asks may see them, whoever else works on the device.
async fn read(app: &App, by: &Grant, docs: &[DocAddr]) -> Answered {
    let scopes = Scopes::held_by(std::slice::from_ref(by));
    let _turn = READING.acquire().await;
    let docs = each_once(docs);
    let page = crate::log::Log::fetch(&*app.hub.log, &docs, &scopes).await?;
    let (more, pos) = (page.rest(&docs), page.at.pos);
    let read = move || {
        let read = |saved: SavedDoc| {
            let values = Doc::load(saved.doc.kind, &saved.saved)?.read()?;
            Ok::<_, DocError>(DocumentRead { doc: saved.doc, values })
        };
        page.docs.into_iter().map(read).collect::<Result<_, _>>()
    };
    // Large ones keep nobody else waiting.
    let documents: Vec<DocumentRead> =
        tokio::task::spawn_blocking(read).await.map_err(fault)?.map_err(fault)?;
    let (documents, unfit) = that_fit(documents);
    if documents.is_empty() && !unfit.is_empty() {
        return Err(not_here(
            "The document is too large to be given as plain values.",
            "Fetch it: that gives the bytes of Automerge.",
        ));
    }
    Ok(Answer::Documents(DocumentsRead { documents, more: [unfit, more].concat(), pos }))
}

/// One frame holds so much of them; of the others the addresses.
fn that_fit(documents: Vec<DocumentRead>) -> (Vec<DocumentRead>, Vec<DocAddr>) {
    let (mut fit, mut unfit, mut size) = (Vec::new(), Vec::new(), 0);
    for read in documents {
        size += encode(&read).len();
        if unfit.is_empty() && size < limits::SERVER_FRAME / 2 {
            fit.push(read)
        } else {
            unfit.push(read.doc)
        }
    }
    (fit, unfit)
}

async fn reset_code(app: &App, person: PersonId) -> Answered {
    let name = name_of(app, person).await?;
    Ok(Answer::Code { code: accounts::reset_code(&app.pool, &name).await? })
}

async fn name_of(app: &App, person: PersonId) -> Result<String, NotAnswered> {
    let name = accounts::name_of(&app.pool, person).await.map_err(fault)?;
    name.ok_or_else(|| not_there("There is nobody with this id."))
}

fn not_there(what: &str) -> NotAnswered {
    NotAnswered::Finding(Finding::new(Rule::NotThere, what, "Look at the list again."))
}

fn not_here(what: &str, remedy: &str) -> NotAnswered {
    NotAnswered::Finding(Finding::new(Rule::WrongStep, what, remedy))
}

fn fault(error: impl std::fmt::Display) -> NotAnswered {
    NotAnswered::Fault(error.to_string())
}

impl From<LogError> for NotAnswered {
    fn from(error: LogError) -> Self {
        fault(error)
    }
}

impl From<DeviceError> for NotAnswered {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Unknown(_) => not_there("There is no such device."),
            DeviceError::NotSignedIn { .. } => not_there("This person is not signed in there."),
            DeviceError::BadName => Self::Finding(Finding::malformed(
                "name",
                "The name is empty or longer than 200 letters.",
                "Give it another one.",
            )),
            DeviceError::Database(error) => fault(error),
        }
    }
}

impl From<PeopleError> for NotAnswered {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Unknown(_) => not_there("There is nobody with this id."),
            PeopleError::Withdrawn(_) => {
                not_here("The access of this person was withdrawn.", "Give it back first, on the server.")
            }
            other => fault(other),
        }
    }
}
