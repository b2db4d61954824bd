//! `countersign apply`: the network as a file says it.

use std::path::PathBuf;

use clap::Args;
use countersign_node::network::{Difference, differences, from_json, parse};
use countersign_node::request::Request;
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    signer: own::Signer,
    /// Show the difference and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// The network: sites, lanes, products, tolerances, principals. Undone by applying the old file.
    file: PathBuf,
}

impl Apply {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::io("reading", &self.file, &error))?;
        let wrong = |error: countersign_node::network::NetworkError| {
            Failure::new(format!("{}: {error}", self.file.display()))
        };
        let wanted = parse(&text).map_err(wrong)?;
        let differences = own::in_session(&self.signer.data, |session| {
            let now = from_json(&session.value(&Request::Network)?).map_err(wrong)?;
            let differences = differences(&now, &wanted);
            if !self.signer.json {
                print(&differences);
            }
            if !self.dry_run && !differences.is_empty() {
                let acts = differences.iter().map(|difference| difference.act.clone());
                let acts: Vec<String> = acts.collect();
                own::say(session, &self.signer.key()?, &acts)?;
            }
            Ok(differences)
        })?;
        self.conclude(&differences);
        Ok(DONE)
    }

    fn conclude(&self, differences: &[Difference]) {
        let count = |sign: char| {
            differences
                .iter()
                .filter(|difference| difference.sign == sign)
                .count()
        };
        if self.signer.json {
            ui::json(&json!({
                "new": count('+'), "changed": count('~'), "withdrawn": count('-'), "applied": !self.dry_run,
                "differences": differences.iter().map(|d| json!({
                    "sign": d.sign.to_string(), "object": d.kind.as_str(), "id": d.id,
                })).collect::<Vec<Value>>(),
            }));
        } else if differences.is_empty() {
            ui::line("Nothing to change.");
        } else {
            let word = if self.dry_run { "would be" } else { "were" };
            ui::line(format!(
                "{} new, {} changed, {} withdrawn; they {word} logged as acts",
                count('+'),
                count('~'),
                count('-')
            ));
        }
    }
}

fn print(differences: &[Difference]) {
    for difference in differences {
        ui::line(format!(
            "{} {} {}",
            difference.sign,
            difference.kind.as_str(),
            difference.id
        ));
        for (field, before, after) in &difference.fields {
            let absent = |text: &str| {
                if text.is_empty() {
                    "(absent)".to_owned()
                } else {
                    text.to_owned()
                }
            };
            ui::line(format!(
                "    {field}: {} -> {}",
                absent(before),
                absent(after)
            ));
        }
    }
}
