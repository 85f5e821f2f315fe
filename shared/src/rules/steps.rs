//! Steps on the merged result. That the step led where it was to lead is held by `Command::shows`; which
//! step leads where stands in `status::STEPS`.

use crate::{
    command::Command,
    finding::Finding,
    order::{Order, status},
};

/// A cancellation that met a hand-over, which its author had not seen, is not one.
pub fn judge(command: &Command, after: &Order) -> Option<Finding> {
    match command {
        Command::OrderCancel(_) => status::goods_are_out(after),
        _ => None,
    }
}
