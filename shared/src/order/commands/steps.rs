//! Place, confirm and cancel: the steps of an order by request. Which step is possible from which state
//! stands in `status::STEPS`.

use serde::{Deserialize, Serialize};

use crate::{
    act::{Act, Refers, RunError},
    doc::Draft,
    edit::Context,
    erasure::ERASED,
    id::EntryId,
    order::{
        Order, Step, StepKind,
        status::{self, OrderState},
    },
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Confirm {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cancel {
    pub reason: String,
}

impl Act for Place {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_step(order, StepKind::Placed, None, ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        "Placed".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        matches!(status::agreed(order), OrderState::Placed | OrderState::Confirmed)
    }
}

impl Act for Confirm {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_step(order, StepKind::Confirmed, None, ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        "Confirmed".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        status::agreed(order) == OrderState::Confirmed
    }
}

impl Act for Cancel {
    type Of = Order;

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_step(order, StepKind::Cancelled, Some(self.reason.clone()), ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Cancelled: {}", self.reason)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.reason);
    }

    fn overtaken(&self, base: &Order, head: &Order) -> bool {
        head.was_booked_since(base)
    }

    fn shows(&self, order: &Order) -> bool {
        status::agreed(order) == OrderState::Cancelled
    }
}

fn write_step(
    order: &Order,
    step: StepKind,
    reason: Option<String>,
    ctx: &Context,
    draft: &mut Draft<'_, '_>,
) -> Result<(), RunError> {
    if let Some(finding) = status::cannot(order, step) {
        return Err(finding.into());
    }
    let step = Step {
        step,
        nth: order.last_in_books().saturating_add(1),
        at: ctx.at,
        day: ctx.booked.day,
        month: ctx.booked.month,
        person: ctx.person,
        device: ctx.device,
        reason,
    };
    Ok(draft.set(&["steps", &EntryId::of(ctx.edit, ctx.part).to_string()], &step)?)
}
