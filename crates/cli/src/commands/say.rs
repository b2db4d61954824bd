//! `countersign say`: signs what has no event: aliases, manifests, counts due, and other objects of
//! our own, by the key of a person or administrator.

use std::path::PathBuf;

use clap::Args;
use countersign_feeds::Input;
use countersign_node::Session;
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `say`.
#[derive(Debug, Args)]
pub(crate) struct Say {
    #[command(flatten)]
    signer: own::Signer,
    /// Objects as in docs/formats/plan.md and act.md: one, a list, or one a line; `-` reads
    /// standard input.
    file: PathBuf,
}

impl Say {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let objects = self.objects()?;
        let key = self.signer.key()?;
        let say = |session: &mut Session| own::say(session, &key, &objects);
        let findings = own::in_session(&self.signer.data, say)?.len();
        if self.signer.json {
            ui::json(&json!({ "said": objects.len(), "findings": findings }));
        } else {
            let many = ui::counted(objects.len() as u64, "object was", "objects were");
            let moved = own::moved(findings);
            ui::line(format!("{many} signed and taken; {moved}."));
        }
        Ok(DONE)
    }

    fn objects(&self) -> Result<Vec<String>, Failure> {
        let read = |error: std::io::Error| Failure::io("reading", &self.file, &error);
        let text = if self.file.as_os_str() == "-" {
            match Input::stdin().map_err(read)? {
                Input::Memory(bytes) => String::from_utf8(bytes).map_err(std::io::Error::other),
                Input::File(file) => std::io::read_to_string(file),
            }
        } else {
            std::fs::read_to_string(&self.file)
        };
        let text = text.map_err(read)?;
        let stream = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let values: Result<Vec<Value>, _> = stream.collect();
        let wrong = |error| Failure::new(format!("{}: {error}", self.file.display()));
        let each = values
            .map_err(wrong)?
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(list) => list,
                one => vec![one],
            });
        let objects: Vec<String> = each.map(|value| value.to_string()).collect();
        if objects.is_empty() {
            return Err(Failure::new(format!(
                "{}: holds no object",
                self.file.display()
            )));
        }
        Ok(objects)
    }
}
