//! What a person enters on this device: run at once on what is shown, judged by the same rules as on the
//! server with what the device knows, and committed together with its place in the outbox.

use super::{
    device::Device,
    store::{EditState, Meta, Store, StoreError, StoredEdit, Write},
    words,
    work::Work,
};
use crate::{
    command::Command,
    customer::commands::CustomerCommand,
    edit::{Edit, EditKind, Override, Part, Verdict},
    erasure,
    finding::{Finding, Rule},
    id::{EditId, Entropy, Id, OrderId, PersonId, SettingsId},
    kind::{DocAddr, DocKind},
    make::make,
    money::Currency,
    numbers::Number,
    order::commands::OrderCommand,
    order::{Sale, receipt::Link},
    product::commands::ProductCommand,
    protocol::{codec, limits},
    rules::{self, Credit, Surroundings, roles::Role},
    settings::Settings,
    texts,
    time::{Booked, Timestamp},
    view::View,
};

/// An edit to commit. It counts as entered when its writes are committed, and not before.
#[derive(Debug)]
pub struct Entered {
    pub id: EditId,
    pub words: String,
    pub writes: Vec<Write>,
}

#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// Nothing was saved: this speaks against it.
    #[error("{}", said(.0))]
    Refused(Vec<Finding>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn said(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("{} {}", finding.what, finding.remedy))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A user action to be entered.
#[derive(Clone, Debug)]
pub struct Action {
    /// The entry's id, where whoever hands it over has drawn one.
    pub id: Option<EditId>,
    pub person: PersonId,
    /// All facts, or all requests.
    pub commands: Vec<(DocAddr, Command)>,
    /// Edits on other documents that this one needs.
    pub after: Vec<EditId>,
    pub overriding: Option<Override>,
}

impl Device {
    pub fn enter(
        &mut self,
        now: Timestamp,
        action: Action,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Entered, EnterError> {
        if action.commands.is_empty() {
            return Err(refused(Finding::malformed(
                "commands",
                "There is nothing to do.",
                "Give at least one command.",
            )));
        }
        let Some(kind) = rules::kind_of(action.commands.iter().map(|(doc, command)| (*doc, command))) else {
            let what = "What happened and what is asked for cannot be entered as one.";
            return Err(refused(Finding::malformed("commands", what, "Enter them one after the other.")));
        };
        let mut work = Work::new(store, now)?;
        let at = next_at(&mut work, now);
        let id = action.id.unwrap_or_else(|| EditId::fresh(at, entropy));
        let booked = Booked::on(at.day(settings(&mut work)?.fields.zone));
        let parts = action
            .commands
            .into_iter()
            .map(|(doc, mut command)| {
                copied(&mut command);
                command.complete(&mut || OrderId::fresh(at, entropy).uuid());
                number(&mut command, &mut work.meta);
                Part { doc, command, at, made: None }
            })
            .collect();
        let edit = Edit {
            id,
            kind,
            person: action.person,
            device: work.meta.device,
            counter: 0,
            attempt: 0,
            booked,
            parts,
            after: action.after,
            overriding: action.overriding,
        };
        self.make_all(edit, work, true)
    }

    /// An entry of the needs-attention list once more: as it was, but replacing what is there now; or with
    /// other commands in its place. It keeps its id, unless that is another's.
    pub fn again(
        &mut self,
        now: Timestamp,
        id: EditId,
        changed: Option<Vec<(DocAddr, Command)>>,
        overriding: Option<Override>,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Entered, EnterError> {
        let mut work = Work::new(store, now)?;
        let stored = listed(&mut work, id)?;
        if is_discarded(&stored) {
            return Err(refused(Finding::new(
                Rule::WrongStep,
                "A manager gave this entry up, for good.",
                "Enter it anew if it is right.",
            )));
        }
        if changed.is_some() && is_held(&stored) {
            return Err(refused(Finding::new(
                Rule::WrongStep,
                "This entry waits for a manager, as it was entered.",
                "Ask a manager to look at it. What is right can be entered beside it.",
            )));
        }
        let at = next_at(&mut work, now);
        let numbered_twice = is_numbered_twice(&stored);
        let mut edit = stored.edit.clone();
        edit.attempt = edit.attempt.saturating_add(1);
        edit.overriding = overriding.or(edit.overriding);
        if is_in_use(&stored) {
            // Under its id another entry stands, as of a copy of this file.
            (edit.id, edit.attempt) = (EditId::fresh(at, entropy), 0);
            work.settle(stored, EditState::Discarded { told: true }, None);
        }
        if let Some(commands) = changed {
            if let Some(finding) = reprinted(&edit, &commands) {
                return Err(refused(finding));
            }
            edit.parts = commands
                .into_iter()
                .map(|(doc, mut command)| {
                    copied(&mut command);
                    command.complete(&mut || OrderId::fresh(at, entropy).uuid());
                    number(&mut command, &mut work.meta);
                    Part { doc, command, at, made: None }
                })
                .collect();
        } else if numbered_twice {
            number_again(&mut edit, &mut work.meta);
        }
        // What it needed is put right, given up, or still waits: only what waits is still needed.
        let mut after = Vec::new();
        for needed in std::mem::take(&mut edit.after) {
            if work.edit(needed)?.is_some_and(|stored| stored.state == EditState::Pending) {
                after.push(needed);
            }
        }
        edit.after = after;
        // A fact happened when it happened, however often it is sent.
        let now_again = edit.kind == EditKind::Requests;
        if now_again {
            edit.booked = Booked::on(at.day(settings(&mut work)?.fields.zone));
            for part in &mut edit.parts {
                let (_, view) = work.shown(part.doc)?;
                part.command.renew(&view);
                part.at = at;
            }
        }
        self.make_all(edit, work, now_again)
    }

    /// Gives an entry of the needs-attention list up.
    pub fn discard(
        &mut self,
        now: Timestamp,
        id: EditId,
        store: &dyn Store,
    ) -> Result<Vec<Write>, EnterError> {
        let mut work = Work::new(store, now)?;
        let stored = listed(&mut work, id)?;
        if let EditState::Attention { verdict } = &stored.state
            && !verdict.may_be_given_up()
        {
            return Err(refused(Finding::new(
                Rule::NotPermitted,
                "This entry is held for review, so it cannot be given up here.",
                "Ask a manager to look at it.",
            )));
        }
        // What a manager gave up the server knows.
        let told = is_discarded(&stored);
        work.settle(stored, EditState::Discarded { told }, None);
        self.tell_discards();
        Ok(work.finish()?.0)
    }

    /// Runs the parts in order on what is shown, judges them, and puts the edit at the end of the outbox.
    /// `rising`: each part is later than everything before it.
    fn make_all(&mut self, mut edit: Edit, mut work: Work<'_>, rising: bool) -> Result<Entered, EnterError> {
        if edit.parts.len() > limits::PARTS_IN_EDIT {
            let what = format!("At most {} things can be done in one step.", limits::PARTS_IN_EDIT);
            return Err(refused(Finding::malformed("commands", what, "Do them in several steps.")));
        }
        if tells_of_erased(&edit, &mut work)? {
            return Err(refused(erasure::finding()));
        }
        let roles = roles_here(&work, edit.person)?;
        let approver = match &edit.overriding {
            Some(word) => roles_here(&work, word.approver).unwrap_or_default(),
            None => Vec::new(),
        };
        let settings = settings(&mut work)?;
        let mut findings = Vec::new();
        let mut done = Vec::new();
        let context = edit.clone();
        for (index, part) in edit.parts.iter_mut().enumerate() {
            if work.has_left(part.doc)? {
                return Err(refused(Finding::out_of_sight("Ask the office about it.")));
            }
            let (doc, before) = work.shown(part.doc)?;
            let base = match &part.made {
                Some(made) => made.base().to_vec(),
                None => work.confirmed_heads(part.doc)?,
            };
            if rising {
                part.at = part.at.max(doc.last_at().plus_ms(1)).max(work.meta.last_at.plus_ms(1));
                work.meta.last_at = part.at;
            }
            part.command.see(&before);
            let ctx = context.context(u16::try_from(index).unwrap_or(u16::MAX), part.at);
            let actor = self.actors.get(&part.doc).copied().unwrap_or(self.actor);
            match make(&doc, &before, &part.command, &ctx, actor) {
                Ok((written, made)) => {
                    let known = Known { settings: &settings, store: work.store };
                    let against =
                        rules::judge(&part.command, &ctx, &roles, &before, &written.view, part.doc, &known);
                    findings.extend(part.command.check());
                    findings.extend(rules::overridden(against, edit.overriding.as_ref(), &approver));
                    done.push(written.view);
                    work.show(part.doc, written.doc)?;
                    part.made = Some(match context.kind {
                        EditKind::Facts => made.entered_on(&base),
                        EditKind::Requests => made,
                    });
                }
                Err(error) => findings.push(error.finding()),
            }
        }
        if !findings.is_empty() {
            return Err(EnterError::Refused(findings));
        }
        work.meta.counter = work.meta.counter.saturating_add(1);
        edit.counter = work.meta.counter;
        if codec::encode(&edit).len() > limits::EDIT {
            let what = format!("This is too much for one entry: more than {} KiB.", limits::EDIT / 1024);
            return Err(refused(Finding::malformed(
                "commands",
                what,
                "Shorten the texts, or enter it in parts.",
            )));
        }
        let id = edit.id;
        let words = words::of_all(edit.parts.iter().map(|part| &part.command).zip(&done));
        let since = work.now;
        work.put_edit(StoredEdit {
            edit,
            state: EditState::Pending,
            since,
            pos: None,
            resend: false,
            words: words.clone(),
        });
        Ok(Entered { id, words, writes: work.finish()?.0 })
    }
}

fn is_discarded(stored: &StoredEdit) -> bool {
    matches!(&stored.state, EditState::Attention { verdict: Verdict::Discarded { .. } })
}

fn is_in_use(stored: &StoredEdit) -> bool {
    match &stored.state {
        EditState::Attention { verdict } => {
            verdict.findings().iter().any(|finding| finding.rule == Rule::IdInUse)
        }
        _ => false,
    }
}

fn refused(finding: Finding) -> EnterError {
    EnterError::Refused(vec![finding])
}

fn is_held(stored: &StoredEdit) -> bool {
    matches!(&stored.state, EditState::Attention { verdict: Verdict::Held { .. } })
}

fn listed(work: &mut Work<'_>, id: EditId) -> Result<StoredEdit, EnterError> {
    match work.edit(id)? {
        Some(stored) if matches!(stored.state, EditState::Attention { .. }) => Ok(stored.clone()),
        Some(_) => Err(refused(Finding::new(
            Rule::WrongStep,
            "That entry does not need your attention any more.",
            "Look at the list again.",
        ))),
        None => Err(refused(Finding::new(
            Rule::NotThere,
            "There is no such entry on this device.",
            "Look at the list again.",
        ))),
    }
}

/// Later than everything this device did before, by the server's clock as last learnt.
fn next_at(work: &mut Work<'_>, wall: Timestamp) -> Timestamp {
    work.meta.look_at_clock(wall);
    work.now.max(work.meta.last_at.plus_ms(1))
}

fn roles_here(work: &Work<'_>, person: PersonId) -> Result<Vec<Role>, EnterError> {
    let names = work.store.names()?;
    names.here.iter().find(|grant| grant.person == person).map(|grant| grant.roles.clone()).ok_or_else(|| {
        refused(Finding::new(
            Rule::NotPermitted,
            "This person is not signed in on this device.",
            "Sign in while the device is online.",
        ))
    })
}

fn settings(work: &mut Work<'_>) -> Result<Settings, StoreError> {
    match work.shown(SettingsId::ONLY.into())? {
        (_, View::Settings(settings)) => Ok(*settings),
        _ => Ok(Settings::default()),
    }
}

/// Numbers made here, without collision: device code, series, counter.
fn number(command: &mut Command, meta: &mut Meta) {
    let series = match meta.series {
        0 => String::new(),
        n => format!(".{n}"),
    };
    match command {
        Command::Order(OrderCommand::Create(create)) if create.number.is_empty() => {
            meta.last_order += 1;
            create.number = format!("{}{series}-{}", meta.device_code, meta.last_order);
        }
        Command::Order(OrderCommand::RecordSale(sale)) if sale.sale.receipt.is_empty() => {
            let series = format!("{}{series}", meta.device_code);
            meta.last_receipt += 1;
            sale.sale.receipt = format!("{series}-R{}", meta.last_receipt);
            let link = Link::new(series, meta.last_receipt, meta.receipt, &sale.sale);
            meta.receipt = Some(link.hash);
            sale.sale.link = Some(link);
        }
        Command::Product(ProductCommand::Create(create)) if create.number.trim().is_empty() => {
            meta.last_product += 1;
            create.number = format!("{}{series}-P{}", meta.device_code, meta.last_product);
        }
        Command::Customer(CustomerCommand::Create(create)) if create.number.trim().is_empty() => {
            meta.last_customer += 1;
            create.number = format!("{}{series}-C{}", meta.device_code, meta.last_customer);
        }
        _ => {}
    }
}

/// Names that are taken from documents may be older than what is asked of names: what happened is not refused for them.
fn copied(command: &mut Command) {
    let clean = |name: &mut String| *name = texts::clean(name).into_owned();
    match command {
        Command::Order(OrderCommand::Create(create)) => {
            create.customer_name.iter_mut().for_each(clean);
            create.lines.values_mut().for_each(|line| clean(&mut line.name));
        }
        Command::Order(OrderCommand::AddLine(add)) => clean(&mut add.line.name),
        Command::Order(OrderCommand::RecordSale(record)) => {
            record.sale.customer_name.iter_mut().for_each(clean);
            record.sale.lines.values_mut().for_each(|line| clean(&mut line.name));
        }
        _ => {}
    }
}

/// It was refused because its number is another's.
fn is_numbered_twice(stored: &StoredEdit) -> bool {
    let EditState::Attention { verdict } = &stored.state else { return false };
    verdict.findings().iter().any(|finding| finding.rule == Rule::NumberTaken)
}

/// What it makes gets a number of this device.
fn number_again(edit: &mut Edit, meta: &mut Meta) {
    for part in &mut edit.parts {
        match &mut part.command {
            Command::Product(ProductCommand::Create(create)) => create.number.clear(),
            Command::Customer(CustomerCommand::Create(create)) => create.number.clear(),
            _ => continue,
        }
        number(&mut part.command, meta);
    }
}

/// A receipt that was printed stays as it is, and none is printed in its place.
fn reprinted(edit: &Edit, commands: &[(DocAddr, Command)]) -> Option<Finding> {
    let printed = edit.parts.iter().map(|part| &part.command).filter_map(sold);
    if printed.eq(commands.iter().map(|(_, command)| command).filter_map(sold)) {
        return None;
    }
    let what = "A receipt was printed for this sale, so it cannot be changed.";
    let remedy = "Send it as it was, then take it back and sell again.";
    Some(Finding::malformed("sale", what, remedy))
}

fn sold(command: &Command) -> Option<&Sale> {
    match command {
        Command::Order(OrderCommand::RecordSale(record)) => Some(&record.sale),
        _ => None,
    }
}

/// What this device knows when it judges.
struct Known<'a> {
    settings: &'a Settings,
    store: &'a dyn Store,
}

impl Surroundings for Known<'_> {
    fn settings(&self) -> Option<&Settings> {
        Some(self.settings)
    }

    /// A file that does not read here fails the commit anyway; the server judges credit in every case.
    fn credit(&self, customer: crate::id::CustomerId, besides: OrderId) -> Option<Credit> {
        self.store.credit(customer, besides).ok().flatten()
    }

    fn numbered(&self, number: &Number, besides: DocAddr) -> Option<String> {
        self.store.numbered(number, besides).ok().flatten()
    }

    fn drives(&self, person: PersonId) -> Option<bool> {
        let known = self.store.names().ok()?.people;
        known.iter().find(|one| one.id == person).map(|one| one.roles.contains(&Role::Driver))
    }

    fn barcoded(&self, barcode: &str, besides: DocAddr) -> Option<String> {
        self.store.barcoded(barcode, besides).ok().flatten()
    }

    fn without_price(&self, currency: Currency) -> usize {
        self.store.without_price(currency).unwrap_or_default()
    }
}

/// It would write down what was erased.
fn tells_of_erased(edit: &Edit, work: &mut Work<'_>) -> Result<bool, StoreError> {
    let mut erased = false;
    for addr in erasure::concerns(edit) {
        erased |= work.is_erased(addr)?;
    }
    Ok(erased && erasure::clean(&mut Edit { overriding: None, ..edit.clone() }))
}

/// Documents that a person makes get their address here, so that callers need no randomness.
pub fn fresh_address(kind: DocKind, now: Timestamp, entropy: &mut dyn Entropy) -> DocAddr {
    DocAddr::new(kind, OrderId::fresh(now, entropy).uuid())
}
