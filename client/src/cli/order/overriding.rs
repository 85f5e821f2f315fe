//! A manager's word, wherever the customer's credit is asked.

use waybill_shared::edit::Override;

use crate::cli::{find, outcome::Failure, session::Session};

#[derive(Clone, Debug, Default, clap::Args)]
pub struct OverrideArgs {
    /// A manager's reason to let it pass in spite of a credit limit.
    #[arg(long = "override", value_name = "REASON")]
    reason: Option<String>,
    /// The manager, where it is not who enters this.
    #[arg(long, requires = "reason")]
    approver: Option<String>,
}

impl OverrideArgs {
    /// `None`: nothing is to be let pass.
    pub fn word(self, session: &mut Session) -> Result<Option<Override>, Failure> {
        let Some(reason) = self.reason else { return Ok(None) };
        let approver = match self.approver {
            Some(named) => find::person(&session.reader()?.names()?, &named)?,
            None => session.who()?,
        };
        Ok(Some(Override { approver, reason }))
    }
}
