//! A server, an honest neighbour with an order under way, and somebody who means no good: where attacks are tried,
//! and what each is to lead to.

use std::{cell::Cell, collections::BTreeMap, fmt};

use anyhow::{Context, ensure};
use futures_util::{future::LocalBoxFuture, join};
use uuid::Uuid;
use waybill_server::check;
use waybill_shared::{
    doc::Actor,
    edit::Verdict,
    id::{DeviceId, Id, LineId, PersonId},
    money::{Amount, Currency},
    order::{
        Discount, Line, Tax,
        commands::{Create, SetReference},
    },
    protocol::frame::{FaultCode, Next},
    quantity::{Quantity, Unit},
    rules::roles::Role,
};

use crate::{
    memory,
    peer::{Peer, Taken, taken},
    scribe::{Page, Scribe},
    serving::{PLACE, Serving},
    wire::Wire,
};

/// The server makes a long document anew, and what was made on the old one is then put on top: no attacker's work.
const STEPS_ON_AN_ORDER: u32 = 100;

pub struct Street {
    serving: Serving,
    neighbour: Peer,
    order: Page,
    done: u32,
    stranger: Peer,
}

/// One row of the table of attacks.
pub struct Attack {
    /// What is done, as the table prints it.
    pub what: &'static str,
    /// Does it, and tells what it got for it. The neighbour works on meanwhile.
    pub by: for<'a> fn(Ground<'a>) -> LocalBoxFuture<'a, anyhow::Result<Answer>>,
    /// What may come of it; another answer fails the test.
    pub answers: &'static [Answer],
    /// So many entries of others may come between handing in an edit of the neighbour's and its verdict.
    pub behind: u64,
    /// So many MiB the process may hold more than before at any time, the attacker's own included.
    pub grows: u64,
}

/// What an attack may use.
pub struct Ground<'a> {
    pub serving: &'a Serving,
    /// Signed in as a manager, on a device of their own.
    pub stranger: &'a mut Peer,
    pub neighbour: Overheard,
}

/// What somebody who means no good may have found out of the neighbour.
pub struct Overheard {
    pub token: Vec<u8>,
    pub device: DeviceId,
    pub person: PersonId,
    pub actor: Actor,
}

/// How the server took an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was read to the end, and cost little.
    Read,
    /// From some point on the server reads no more of it.
    Unread,
    /// The socket was closed without a word.
    Closed,
    Fault(FaultCode),
    /// By the verdict's name.
    Verdict(&'static str),
    /// To be sent again later.
    Later,
    /// A question was answered with what speaks against it.
    Declined,
    /// A hello was taken, and this follows.
    Welcomed(Next),
}

/// What was found of one attack: a line of the table.
pub struct Found {
    what: &'static str,
    answer: Answer,
    /// The neighbour's edits meanwhile, and the most entries of others that came before one of them.
    edits: u32,
    behind: u64,
    /// In KiB, before and at most, where the system tells.
    memory: Option<(u64, u64)>,
}

impl Street {
    pub async fn new() -> Street {
        let serving = Serving::start().await.expect("a server starts");
        for name in ["neighbour", "stranger"] {
            serving.add_person(name, Role::Manager).await.expect("a person is added");
        }
        let mut neighbour = Peer::sign_in(&serving.socket(), "neighbour", 1).await.expect("the neighbour");
        let stranger = Peer::sign_in(&serving.socket(), "stranger", 2).await.expect("the stranger");
        let mut order = neighbour.new_page();
        neighbour.does(&mut order, create("N-1")).await.expect("an order");
        Street { serving, neighbour, order, done: 0, stranger }
    }

    /// Tries one attack, and holds it to what its row says.
    pub async fn suffers(&mut self, attack: &Attack) -> anyhow::Result<Found> {
        self.stranger.come_back(&self.serving.socket()).await.context("the stranger may come back")?;
        let Self { serving, neighbour, order, done, stranger } = self;
        let Scribe { device, person, actor, .. } = neighbour.scribe;
        let overheard = Overheard { token: neighbour.token.clone(), device, person, actor };
        let before = memory::begin();
        let over = Cell::new(false);
        let attacked = async {
            let answer = (attack.by)(Ground { serving, stranger, neighbour: overheard }).await;
            over.set(true);
            answer
        };
        let worked = async {
            let (mut edits, mut behind) = (0, 0);
            // Once more when it is over.
            for last in [false, true] {
                while last || !over.get() {
                    behind = work_on(serving, neighbour, order, done).await?.max(behind);
                    edits += 1;
                    if last {
                        break;
                    }
                }
            }
            anyhow::Ok((edits, behind))
        };
        let (answer, worked) = join!(attacked, worked);
        let answer = answer.with_context(|| format!("{} could not be tried", attack.what))?;
        let (edits, behind) = worked.with_context(|| format!("beside {} the neighbour", attack.what))?;
        let memory = before.zip(memory::peak());
        let found = Found { what: attack.what, answer, edits, behind, memory };
        println!("{found}");
        ensure!(attack.answers.contains(&answer), "{}: {answer:?}, not {:?}", attack.what, attack.answers);
        ensure!(
            behind <= attack.behind,
            "{}: {behind} entries came before one of the neighbour's, {} may",
            attack.what,
            attack.behind
        );
        if let Some((before, most)) = memory {
            let grew = most.saturating_sub(before) / 1024;
            ensure!(grew <= attack.grows, "{}: {grew} MiB more, {} may be", attack.what, attack.grows);
        }
        Ok(found)
    }

    /// Documents, log, verdicts and reports agree, and the server stops in order.
    pub async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop((self.neighbour, self.stranger));
        self.serving.stop().await.expect("the server stops");
    }
}

/// The next edit of the neighbour's is accepted as it was made. Gives how many entries of others came between handing
/// it in and its verdict.
async fn work_on(
    serving: &Serving,
    neighbour: &mut Peer,
    order: &mut Page,
    done: &mut u32,
) -> anyhow::Result<u64> {
    *done += 1;
    if done.is_multiple_of(STEPS_ON_AN_ORDER) {
        *order = neighbour.new_page();
        neighbour.does(order, create(&format!("N-{done}"))).await?;
    }
    let reference = SetReference { name: "step".to_owned(), value: done.to_string() };
    let pool = &serving.server.app().pool;
    let before: i64 = sqlx::query_scalar("select pos from sync.head").fetch_one(pool).await?;
    let edit = neighbour.scribe.edit(order, reference);
    let id = edit.id;
    let (verdict, _) = neighbour.sends(edit).await?;
    ensure!(verdict == Verdict::Accepted, "was told {verdict:?}");
    let pos: i64 =
        sqlx::query_scalar("select pos from sync.edit where id = $1").bind(id.uuid()).fetch_one(pool).await?;
    Ok(pos.abs_diff(before).saturating_sub(1))
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, answer, edits, behind, memory } = self;
        let answer = format!("{answer:?}");
        write!(f, "{what:<58} {answer:<22} others: {edits} edits, behind {behind:>3} at most; ")?;
        match memory {
            Some((before, most)) => write!(f, "{} MiB before, {} at most", before / 1024, most / 1024),
            None => write!(f, "memory is not known here"),
        }
    }
}

impl Answer {
    /// What the server does with the socket, passing over what it still had to say.
    pub async fn on(wire: &mut Wire) -> anyhow::Result<Self> {
        Ok(match taken(wire).await? {
            Taken::Closed => Self::Closed,
            Taken::Fault(fault) => {
                ensure!(!fault.words.is_empty(), "a fault says what was wrong");
                Self::Fault(fault.code)
            }
        })
    }
}

/// An order of three chairs, at a place of its own.
pub fn create(number: &str) -> Create {
    let line = Line {
        pos: 1,
        product: None,
        name: "Oak chair".to_owned(),
        quantity: Quantity::new(3),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(8950, 2),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax::default(),
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    Create {
        number: number.to_owned(),
        channel: "shop".to_owned(),
        location: PLACE,
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: BTreeMap::from([(LineId::from(Uuid::now_v7()), line)]),
    }
}
