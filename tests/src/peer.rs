//! Somebody at the other end of a socket: signed in, able to do what a device does, and to do it wrongly.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail, ensure};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    command::Command,
    edit::{Edit, Verdict},
    id::{DeviceId, EditId, OrderId, PersonId},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame,
        attachment::{Carried, Carry},
        batch,
        frame::{DocChange, Entry, Fault, Hello, OwnVerdict, SavedDoc, SignIn, Why},
        question::{Answer, Question},
    },
    view::View,
};

use crate::{
    scribe::{Page, Scribe},
    serving::PASSWORD,
    wire::Wire,
};

/// Long enough for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Peer {
    pub wire: Wire,
    pub scribe: Scribe,
    pub token: Vec<u8>,
    /// The number of the last question.
    asked: u32,
}

/// How the server took something that it should not have been sent.
#[derive(Debug)]
pub enum Taken {
    Fault(Fault),
    /// Without a word.
    Closed,
}

impl Peer {
    /// On a device of its own.
    pub async fn sign_in(address: &str, name: &str, seed: u64) -> anyhow::Result<Self> {
        let mut wire = Wire::open(address).await?;
        let device = DeviceId::new(Uuid::now_v7());
        wire.send(&ClientFrame::SignIn(SignIn {
            protocol: protocol::VERSION,
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
            new_password: None,
            device,
            device_name: format!("{name}'s device"),
            version: "0.1.0".to_owned(),
            token: None,
            company: None,
        }))
        .await?;
        let Some(ServerFrame::SignedIn(signed_in)) = wire.next().await else {
            bail!("{name} cannot sign in")
        };
        let at = super::bench::now();
        let scribe = Scribe::new(device, signed_in.person, at, seed);
        let mut peer = Self { wire, scribe, token: signed_in.token, asked: 1_000 };
        peer.hello().await?;
        Ok(peer)
    }

    /// Once more, on a new socket.
    pub async fn come_back(&mut self, address: &str) -> anyhow::Result<()> {
        self.wire = Wire::open(address).await?;
        self.hello().await
    }

    /// The same as a client that keeps no documents, and has heard everything up to here.
    pub async fn keeps_nothing(&mut self, address: &str, cursor: Option<Cursor>) -> anyhow::Result<()> {
        self.wire = Wire::open(address).await?;
        let ClientFrame::Hello(hello) = hello(self.token.clone()) else { bail!("no hello") };
        self.greets(&ClientFrame::Hello(Hello { keeps: false, cursor, ..hello })).await
    }

    async fn hello(&mut self) -> anyhow::Result<()> {
        let hello = hello(self.token.clone());
        self.greets(&hello).await
    }

    async fn greets(&mut self, hello: &ClientFrame) -> anyhow::Result<()> {
        self.wire.send(hello).await?;
        match soon(self.wire.next()).await? {
            Some(ServerFrame::Welcome(_)) => Ok(()),
            other => bail!("no welcome, but {other:?}"),
        }
    }

    pub fn person(&self) -> PersonId {
        self.scribe.person
    }

    pub fn new_page(&mut self) -> Page {
        let at = self.scribe.at;
        Page::blank(self.scribe.dice.id::<OrderId>(at))
    }

    /// Does it as a device does, and holds it to be accepted exactly as it was made.
    pub async fn does(&mut self, page: &mut Page, command: impl Into<Command>) -> anyhow::Result<()> {
        let edit = self.scribe.edit(page, command);
        let made = edit.parts.first().and_then(|part| part.made.as_ref()).and_then(|made| made.hash);
        let (verdict, changes) = self.sends(edit).await?;
        ensure!(verdict == Verdict::Accepted, "it was not accepted, but {verdict:?}");
        let stands = changes.first().map(|change| change.hash);
        ensure!(stands == made, "another change stands than the one that was made");
        Ok(())
    }

    /// Sends the edit and waits for what the server says of it.
    pub async fn sends(&mut self, edit: Edit) -> anyhow::Result<(Verdict, Vec<DocChange>)> {
        self.sends_all(vec![edit]).await?.pop().context("the server answers")
    }

    /// The same of several in one frame, each with what the server says of it.
    pub async fn sends_all(&mut self, edits: Vec<Edit>) -> anyhow::Result<Vec<(Verdict, Vec<DocChange>)>> {
        let ids: Vec<EditId> = edits.iter().map(|edit| edit.id).collect();
        let mut said = BTreeMap::new();
        self.wire.send(&ClientFrame::Push { edits, turn: 0 }).await?;
        while said.len() < ids.len() {
            let entries = match soon(self.wire.next()).await? {
                Some(ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries }) => entries,
                Some(ServerFrame::RetryLater { words, edits, .. })
                    if edits.is_empty() || edits.iter().any(|edit| ids.contains(edit)) =>
                {
                    bail!("it is to be sent again later: {words}")
                }
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => continue,
                None => bail!("the socket was closed"),
            };
            let entries = batch::unpack::<Entry>(&entries).map_err(|bad| anyhow::anyhow!("{bad}"))?;
            for entry in entries.into_iter().filter(|entry| ids.contains(&entry.edit)) {
                let verdict = entry.verdict.context("an own edit comes with its verdict")?.verdict;
                said.insert(entry.edit, (verdict, entry.changes));
            }
        }
        Ok(ids.iter().filter_map(|id| said.remove(id)).collect())
    }

    /// What the server says of these edits next, whole, and where the log stood.
    pub async fn told(
        &mut self,
        edits: &[EditId],
    ) -> anyhow::Result<(BTreeMap<EditId, OwnVerdict>, Option<Cursor>)> {
        let (mut said, mut stands) = (BTreeMap::new(), None);
        while said.len() < edits.len() {
            let (entries, upto) = self.next_entries().await?;
            stands = upto.or(stands);
            let own = entries.into_iter().filter(|entry| edits.contains(&entry.edit));
            said.extend(own.filter_map(|entry| Some((entry.edit, entry.verdict?))));
        }
        Ok((said, stands))
    }

    /// What the next frame with verdicts says of this edit, as often as it does.
    pub async fn told_each(&mut self, edit: EditId) -> anyhow::Result<Vec<OwnVerdict>> {
        let (entries, _) = self.next_entries().await?;
        Ok(entries.into_iter().filter(|entry| entry.edit == edit).filter_map(|entry| entry.verdict).collect())
    }

    async fn next_entries(&mut self) -> anyhow::Result<(Vec<Entry>, Option<Cursor>)> {
        loop {
            let (entries, upto) = match soon(self.wire.next()).await? {
                Some(ServerFrame::Entries { entries, upto, .. }) => (entries, Some(upto)),
                Some(ServerFrame::Again { entries }) => (entries, None),
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => continue,
                None => bail!("the socket was closed"),
            };
            return Ok((batch::unpack::<Entry>(&entries).map_err(|bad| anyhow::anyhow!("{bad}"))?, upto));
        }
    }

    /// What the server says of an edit that it has judged before.
    pub async fn hears_of(&mut self, edit: EditId) -> anyhow::Result<(Verdict, Vec<DocChange>)> {
        loop {
            let entries = match soon(self.wire.next()).await? {
                Some(ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries }) => entries,
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => continue,
                None => bail!("the socket was closed"),
            };
            let entries = batch::unpack::<Entry>(&entries).map_err(|bad| anyhow::anyhow!("{bad}"))?;
            if let Some(entry) = entries.into_iter().find(|entry| entry.edit == edit) {
                let verdict = entry.verdict.context("an own edit comes with its verdict")?.verdict;
                return Ok((verdict, entry.changes));
            }
        }
    }

    /// Something of a photo or paper; waits for the answer.
    pub async fn carries(&mut self, carry: Carry) -> anyhow::Result<Carried> {
        self.asked += 1;
        self.wire.send(&ClientFrame::Carry { id: self.asked, carry }).await?;
        loop {
            match soon(self.wire.next()).await? {
                Some(ServerFrame::Carried { id, carried }) if id == self.asked => return Ok(carried),
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => {}
                None => bail!("the socket was closed"),
            }
        }
    }

    /// Asks as the person who signed in, and waits for the answer.
    pub async fn asks(&mut self, question: Question) -> anyhow::Result<Answer> {
        self.asks_as(self.person(), question).await
    }

    pub async fn asks_as(&mut self, person: PersonId, question: Question) -> anyhow::Result<Answer> {
        self.asked += 1;
        self.wire.send(&ClientFrame::Ask { id: self.asked, person, question }).await?;
        loop {
            match soon(self.wire.next()).await? {
                Some(ServerFrame::Answer { id, answer }) if id == self.asked => return Ok(answer),
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => {}
                None => bail!("the socket was closed"),
            }
        }
    }

    /// Takes in what the server holds of this page.
    pub async fn reads(&mut self, page: &mut Page) -> anyhow::Result<()> {
        let saved = self.fetches(vec![page.addr]).await?.pop().context("the document is there")?;
        page.doc = waybill_shared::doc::Doc::load(page.addr.kind, &saved.saved)?;
        page.view = View::read(&page.doc)?;
        Ok(())
    }

    /// Asks for these documents, and gets those of them that the server shows.
    pub async fn fetches(&mut self, docs: Vec<DocAddr>) -> anyhow::Result<Vec<SavedDoc>> {
        self.wire.send(&ClientFrame::Fetch { docs }).await?;
        self.fetched().await
    }

    /// The next documents of what was asked for.
    pub async fn fetched(&mut self) -> anyhow::Result<Vec<SavedDoc>> {
        loop {
            match soon(self.wire.next()).await? {
                Some(ServerFrame::Docs { docs, why: Why::Fetch, .. }) => {
                    return batch::unpack(&docs).map_err(|bad| anyhow::anyhow!("{bad}"));
                }
                Some(ServerFrame::Fault(fault)) => bail!("{:?}: {}", fault.code, fault.words),
                Some(_) => {}
                None => bail!("the socket was closed"),
            }
        }
    }
}

pub fn hello(token: Vec<u8>) -> ClientFrame {
    ClientFrame::Hello(Hello {
        protocol: protocol::VERSION,
        version: "0.1.0".to_owned(),
        token,
        company: None,
        cursor: None,
        proof: None,
        loaded: None,
        scopes: Default::default(),
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: 0,
        waiting: 0,
        commands: 1,
        clock: None,
    })
}

/// What the server does with the socket, passing over what it still had to say.
pub async fn taken(wire: &mut Wire) -> anyhow::Result<Taken> {
    loop {
        match soon(wire.next()).await? {
            Some(ServerFrame::Fault(fault)) => {
                let after = soon(wire.next()).await?;
                ensure!(after.is_none(), "a fault is the last word, but {after:?} followed");
                return Ok(Taken::Fault(fault));
            }
            Some(_) => {}
            None => return Ok(Taken::Closed),
        }
    }
}

async fn soon<T>(it: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::time::timeout(PATIENCE, it).await.context("the server said nothing for a minute")
}
