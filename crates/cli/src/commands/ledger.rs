//! `countersign ledger`: accounts and expectations in sums.

use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `ledger`.
#[derive(Debug, Args)]
pub(crate) struct Ledger {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Ledger {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let ledger = session.value(&Request::Ledger)?;
        session.close()?;
        if self.json {
            ui::json(&ledger);
        } else {
            ui::line(countersign_report::ledger::ledger_text(&ledger).trim_end());
        }
        Ok(DONE)
    }
}
