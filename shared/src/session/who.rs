//! Who speaks on a socket: a device and the people enrolled on it, and what they are believed.

use crate::{
    edit::{Edit, Verdict},
    finding::{Finding, Rule},
    id::{DeviceId, EditId, PersonId},
    protocol::{
        codec,
        frame::{Fault, FaultCode, Grant, OwnVerdict},
        limits,
        question::Question,
    },
    rules::questions,
    scope::Scopes,
    texts,
};

#[derive(Clone, Debug)]
pub struct Who {
    pub device: DeviceId,
    pub people: Vec<Grant>,
    pub scopes: Scopes,
    /// Those who were enrolled on the device and are not any more.
    pub former: Vec<PersonId>,
    /// The device may only hand over what was entered on it.
    pub only_push: Option<Withdrawn>,
}

/// Whose access was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// The device's, whoever works on it.
    Device,
    /// A person's; of a device: that of everybody on it.
    Person,
}

/// An edit handed to the intake.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    pub edit: Edit,
    /// The person is enrolled on the device that sent it, with these roles. `None`: it is not believed;
    /// a request is refused, a fact is held.
    pub grant: Option<Grant>,
    /// It is kept for a manager, whatever it is.
    pub withdrawn: Option<Withdrawn>,
}

/// What is said of an edit.
pub type Said = (EditId, OwnVerdict);

impl Who {
    /// Whoever asks must be enrolled on the device, and have a role that may.
    pub(super) fn asks(&self, person: PersonId, question: &Question) -> Result<Grant, Box<Finding>> {
        let size = codec::encode(question).len();
        if size > limits::QUESTION {
            let what = format!("The question has {size} bytes, {} are allowed.", limits::QUESTION);
            return Err(Box::new(Finding::malformed("question", what, "Say it in fewer words.")));
        }
        if let Some(finding) = texts::check(question) {
            return Err(Box::new(finding));
        }
        let Some(grant) = self.people.iter().find(|grant| grant.person == person) else {
            let what = "This person is not signed in on this device.";
            let remedy = "Sign in while the device is online.";
            return Err(Box::new(Finding::new(Rule::NotPermitted, what, remedy)));
        };
        match questions::permits(&grant.roles, question).or_else(|| question.check()) {
            Some(finding) => Err(Box::new(finding)),
            None => Ok(grant.clone()),
        }
    }

    /// What a push hands in, each edit with what its author is believed; and what is said of those that cannot be known
    /// again.
    pub(super) fn submitted(&self, edits: Vec<Edit>) -> Result<(Vec<Submitted>, Vec<Said>), Fault> {
        if edits.len() > limits::EDITS_IN_PUSH {
            let words = format!("A push holds at most {} edits; send less at once.", limits::EDITS_IN_PUSH);
            return Err(Fault { code: FaultCode::BadFrame, words });
        }
        let (nameless, edits): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(|edit| edit.id.is_nil());
        let nameless = nameless.into_iter().map(|edit| {
            let finding = Finding::malformed("id", "The entry has no id.", "Give it a fresh UUID.");
            (edit.id, OwnVerdict::new(edit.attempt, Verdict::Refused { findings: vec![finding] }))
        });
        let submitted = edits.into_iter().map(|edit| {
            if edit.device != self.device {
                let words = "An edit names another device than the one that sent it.".to_owned();
                return Err(Fault { code: FaultCode::Forged, words });
            }
            let grant = self.people.iter().find(|grant| grant.person == edit.person).cloned();
            let withdrawn = match &grant {
                _ if self.only_push == Some(Withdrawn::Device) => Some(Withdrawn::Device),
                None if self.former.contains(&edit.person) => Some(Withdrawn::Person),
                _ => None,
            };
            Ok(Submitted { edit, grant, withdrawn })
        });
        Ok((submitted.collect::<Result<_, _>>()?, nameless.collect()))
    }

    /// Who is enrolled on the device now. Those who were and are not any more stay known as such.
    pub(super) fn believe(&mut self, here: &[Grant]) {
        let gone = self.people.iter().map(|grant| grant.person);
        self.former.extend(gone);
        self.former.retain(|person| here.iter().all(|grant| grant.person != *person));
        self.people = here.to_vec();
    }
}
