//! Priority and driver of an order.

use serde::{Deserialize, Serialize};

use crate::{
    act::{Act, Refers, RunError},
    doc::Draft,
    edit::Context,
    history::Entry,
    id::{PersonId, RoundId},
    order::{Order, Priority},
};

/// The field of the history whose values are people.
pub const DRIVER: &str = "driver";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetPriority {
    pub priority: Priority,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssignDriver {
    /// `None` takes the order off its driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundId>,
}

impl Act for SetPriority {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let was = order.plan.priority;
        if was == self.priority {
            return Ok(());
        }
        draft.set(&["plan", "priority"], &self.priority)?;
        let entry = Entry::new(
            ctx,
            "priority",
            Some(was.words().into_owned()),
            Some(self.priority.words().into_owned()),
        );
        entry.write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Changed the priority: {}", self.priority.words())
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, order: &Order) -> bool {
        order.plan.priority == self.priority
    }
}

impl Act for AssignDriver {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if (order.plan.driver, order.plan.round) == (self.driver, self.round) {
            return Ok(());
        }
        draft.set(&["plan", "driver"], &self.driver)?;
        draft.set(&["plan", "round"], &self.round)?;
        let [was, now] = [order.plan.driver, self.driver].map(|driver| driver.map(|id| id.to_string()));
        Entry::new(ctx, DRIVER, was, now).write(ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        if self.driver.is_some() { "Gave it to a driver" } else { "Took it from its driver" }.to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none().person("driver", self.driver)
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, order: &Order) -> bool {
        (order.plan.driver, order.plan.round) == (self.driver, self.round)
    }
}
