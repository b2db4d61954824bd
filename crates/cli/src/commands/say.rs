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
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Key of whoever says it; the administrator's of the data folder if not given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Objects as in docs/formats/plan.md and act.md: one, a list, or one a line; `-` reads
    /// standard input.
    file: PathBuf,
}

impl Say {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let objects = self.objects()?;
        let key = own::signing_key(&self.data, self.key.as_deref())?;
        let mut session = Session::open(&self.data)?;
        let said = own::say(&mut session, &key, &objects);
        session.close()?;
        let findings = said?.len();
        if self.json {
            ui::json(&json!({ "said": objects.len(), "findings": findings }));
        } else {
            let many = ui::counted(objects.len() as u64, "object was", "objects were");
            let findings = ui::counted(findings as u64, "finding is", "findings are");
            ui::line(format!(
                "{many} signed and taken; {findings} new or changed."
            ));
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
