//! The server in memory: redoes, judges, logs, and remembers its verdicts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use waybill_shared::{
    command::run,
    doc::{Actor, ChangeBytes, Doc, Hash},
    edit::EditKind,
    finding::Finding,
    id::{CustomerId, EditId, OrderId},
    redo::{Base, How, Stand, redo, stands_at},
    rules::{Credit, Surroundings, judge, roles::Role},
    settings::Settings,
    view::View,
};

use super::{common::*, device::Sent};

#[derive(Clone, Debug)]
pub enum Said {
    Accepted,
    Rewritten,
    Refused(Vec<Finding>),
}

/// An entry of the log.
#[derive(Clone)]
pub struct Entry {
    pub edit: EditId,
    pub attempt: u32,
    pub said: Said,
    pub change: Option<ChangeBytes>,
}

pub struct Server {
    pub head: Doc,
    pub view: View,
    pub log: Vec<Entry>,
    /// The document as it was at every earlier point, here and on devices.
    stands: Vec<Stand>,
    actor: Actor,
    final_ones: BTreeSet<EditId>,
    refused: BTreeMap<(EditId, u32), Vec<Finding>>,
}

/// No settings yet, no credit limit.
struct Nothing;

impl Surroundings for Nothing {
    fn settings(&self) -> Option<&Settings> {
        None
    }
    fn credit(&self, _: CustomerId, _: OrderId) -> Option<Credit> {
        None
    }
}

impl Server {
    pub fn new(doc: &Doc) -> Self {
        Self {
            head: doc.clone(),
            view: View::read(doc).expect("reads"),
            log: Vec::new(),
            stands: Vec::new(),
            actor: actor(9),
            final_ones: BTreeSet::new(),
            refused: BTreeMap::new(),
        }
    }

    pub fn accepted(&self, id: EditId) -> bool {
        self.final_ones.contains(&id)
    }

    pub fn takes(&mut self, sent: &Sent) {
        if self.accepted(sent.ctx.edit) {
            return;
        }
        let said = match self.refused.get(&(sent.ctx.edit, sent.attempt)) {
            Some(findings) => Err(findings.clone()),
            None => self.redoes(sent),
        };
        let (edit, attempt) = (sent.ctx.edit, sent.attempt);
        let (said, change) = match said {
            Ok((how, change)) => {
                self.final_ones.insert(edit);
                (if how == How::Same { Said::Accepted } else { Said::Rewritten }, change)
            }
            Err(findings) => {
                assert_eq!(sent.command.kind(), EditKind::Requests, "a fact was refused: {findings:?}");
                self.refused.insert((edit, attempt), findings.clone());
                (Said::Refused(findings), None)
            }
        };
        self.log.push(Entry { edit, attempt, said, change });
    }

    fn redoes(&mut self, sent: &Sent) -> Result<(How, Option<ChangeBytes>), Vec<Finding>> {
        let Sent { ctx, command, made, .. } = sent;
        let known = self.head.has_all(&made.deps);
        if known {
            self.comes_out_as_claimed(sent);
        }
        let base = if known { Base::Deps(&made.deps) } else { Base::Head };
        let mut head = self.head.clone();
        let redone = redo(&mut head, &self.view, command, ctx, Some(made), base, self.actor);
        if redone.is_err() {
            assert_eq!((head.heads(), head.values()), (self.head.heads(), self.head.values()));
        }
        let redone = redone.map_err(|error| vec![error.finding()])?;
        if known && let Some(stand) = self.stands.iter().find(|stand| stands_at(&stand.doc, &made.deps)) {
            let (mut there, base) = (self.head.clone(), Base::Stand(stand));
            let same = redo(&mut there, &self.view, command, ctx, Some(made), base, self.actor);
            let same = same.expect("runs as at its deps");
            assert_eq!((same.how, &same.change), (redone.how, &redone.change));
            assert_eq!((there.heads(), &same.view), (head.heads(), &redone.view));
        }
        let before = match command.kind() {
            EditKind::Facts => redone.at_base.as_ref().map_or(&self.view, |base| &*base.view),
            EditKind::Requests => &self.view,
        };
        let roles = [Role::Admin];
        let findings = judge(command, ctx, &roles, before, &redone.view, order_addr(), &Nothing);
        if !findings.is_empty() {
            return Err(findings);
        }
        let at_head = redone.at_base.is_none();
        if known && same(&made.deps, self.head.heads()) && at_head && !sent.actor_was_copied {
            assert_eq!(redone.how, How::Same, "made on the very head, so it comes out the same");
        }
        if command.kind() == EditKind::Requests {
            assert_eq!(command.guard(&self.view), None, "it replaced what its author had not seen");
            assert!(command.shows(&redone.view), "accepted without effect: {command:?}");
        } else {
            assert!(command.there(&redone.view), "a fact that is not there: {command:?}");
        }
        if redone.how == How::Same {
            assert_eq!(redone.change.as_ref().map(|change| change.hash), made.hash);
        }
        assert_eq!(View::read(&head).expect("reads"), redone.view);
        let aside = redone.at_base.and_then(|base| base.after);
        if let Some(stand) = &aside {
            assert_eq!(View::read(&stand.doc).expect("reads"), *stand.view);
        }
        self.stands.extend(aside);
        let doc = std::mem::replace(&mut self.head, head);
        let view = std::mem::replace(&mut self.view, redone.view);
        self.stands.push(Stand { doc, view: Arc::new(view) });
        Ok((redone.how, redone.change))
    }

    /// Where its base is known here, the device's change comes out bit for bit.
    fn comes_out_as_claimed(&self, sent: &Sent) {
        let base = self.head.at(&sent.made.deps).expect("all known");
        let view = View::read(&base).expect("reads");
        let written = run(&base, &view, &sent.command, &sent.ctx, sent.made.actor).expect("ran there before");
        let hash = written.change.map(|change| change.hash);
        assert_eq!(hash, sent.made.hash, "{:?} at {:?}", sent.command, sent.made.deps);
    }
}

fn same(deps: &[Hash], heads: &[Hash]) -> bool {
    let deps: BTreeSet<_> = deps.iter().collect();
    let heads: BTreeSet<_> = heads.iter().collect();
    deps == heads
}
