//! `countersign node`: a process that owns a data folder and answers at its socket.

use std::path::PathBuf;

use clap::Args;
use countersign_node::service::Service;
use countersign_node::{compose, server};

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `node`.
#[derive(Debug, Args)]
pub(crate) struct Node {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Node {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let opened = compose::open(&self.data)?;
        if opened.recovered.sequenced_again > 0 {
            let count = opened.recovered.sequenced_again;
            ui::note(format!(
                "{count} statements that were written but never acknowledged were sequenced again"
            ));
        }
        if opened.dir.shares_disk_with_second() {
            ui::note(
                "the second place lies on the same disk as the data; one failing disk takes both",
            );
        }
        let socket = opened.dir.socket();
        let started = |_: &Service| ui::note(format!("ready at {}", socket.display()));
        server::serve(Service::new(opened), started).map_err(|fatal| {
            Failure::new(format!(
                "the node stopped: {fatal}. What was acknowledged is durable"
            ))
        })?;
        Ok(DONE)
    }
}
