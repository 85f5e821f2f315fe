//! Steps on the merged result. That the step led where it was to lead is held by `Command::shows`; which
//! step leads where stands in `status::STEPS`.

use crate::{
    finding::Finding,
    order::{Order, commands::OrderCommand, status},
};

/// A cancellation that met a hand-over, which its author had not seen, is not one.
pub fn judge(command: &OrderCommand, after: &Order) -> Option<Finding> {
    match command {
        OrderCommand::Cancel(_) => status::goods_are_out(after),
        _ => None,
    }
}
