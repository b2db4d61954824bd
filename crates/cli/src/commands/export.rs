//! `countersign export`: packs, receipts, documents as they came.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use serde_json::{Value, json};

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["unit", "finding", "raw", "receipt", "cose"]))]
pub(crate) struct Export {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// An evidence pack about a unit.
    #[arg(long)]
    unit: Option<String>,
    /// An evidence pack about a finding; the first 8 digits of its id are enough.
    #[arg(long, value_name = "ID")]
    finding: Option<String>,
    /// Disclose sealed (personal) parts in the pack.
    #[arg(long)]
    disclose: bool,
    /// Documents byte for byte as they came: the one that --claim came in, or all into a folder.
    #[arg(long)]
    raw: bool,
    /// With --raw: the claim, INDEX.ORDINAL.
    #[arg(long, value_name = "CLAIM", requires = "raw")]
    claim: Option<String>,
    /// The receipt of a claim, INDEX.ORDINAL.
    #[arg(long, value_name = "CLAIM")]
    receipt: Option<String>,
    /// With --receipt: also the body, the envelope, the enrolments and genesis, without which it
    /// proves little; each a file in the folder of --out.
    #[arg(long, requires = "receipt")]
    with_all: bool,
    /// A COSE receipt (RFC 9942) of an entry, for the tools of others.
    #[arg(long, value_name = "INDEX")]
    cose: Option<u64>,
    /// With --cose: the statement at that entry with the receipt in it, a transparent statement of
    /// SCITT (RFC 9943).
    #[arg(long, requires = "cose")]
    transparent: bool,
    /// File to write; with --with-all, or --raw and no --claim, a folder.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open_to_read(&self.data)?;
        if let Some(entry) = self.cose {
            return self.cose_receipt(session, entry);
        }
        let written = if self.raw && self.claim.is_none() {
            self.all_documents(&mut session)?
        } else if self.with_all {
            self.receipt_with_all(&mut session)?
        } else {
            let bytes = self.one(&mut session)?;
            write(&self.out, &bytes)?;
            1
        };
        session.close()?;
        if self.json {
            ui::json(&json!({ "out": self.out.display().to_string(), "files": written }));
        } else if self.raw && self.claim.is_none() {
            ui::line(format!(
                "{written} documents were written to {}.",
                self.out.display()
            ));
        } else if self.with_all {
            ui::line(format!(
                "{written} files were written to {}.",
                self.out.display()
            ));
            ui::line(format!(
                "  countersign verify --key VKEY {}/*",
                self.out.display()
            ));
        } else {
            ui::line(format!("{} was written.", self.out.display()));
            if self.unit.is_some() || self.finding.is_some() {
                ui::line(format!(
                    "  countersign verify --key VKEY {}",
                    self.out.display()
                ));
            }
        }
        Ok(DONE)
    }

    /// Writes a COSE receipt, and says by which key it is checked.
    fn cose_receipt(&self, mut session: Session, entry: u64) -> Result<u8, Failure> {
        let transparent = self.transparent;
        let (key, bytes) = session.ask(&Request::CoseReceipt { entry, transparent }, &[])?;
        session.close()?;
        write(&self.out, &bytes)?;
        let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
        let out = self.out.display();
        if self.json {
            ui::json(&json!({
                "out": out.to_string(),
                "files": 1,
                "key": text("key"),
                "pem": text("pem"),
            }));
        } else {
            ui::note(format!(
                "{out} was written. The log's key for receipts signed it:"
            ));
            ui::line(text("pem").trim_end());
        }
        Ok(DONE)
    }

    fn one(&self, session: &mut Session) -> Result<Vec<u8>, Failure> {
        let request = if let Some(claim) = &self.receipt {
            Request::Receipt {
                claim: claim.clone(),
            }
        } else if let Some(claim) = &self.claim {
            let of = session.value(&Request::DocumentOf {
                claim: claim.clone(),
            })?;
            let head = of.get("head").and_then(Value::as_str).unwrap_or_default();
            Request::Document {
                head: head.to_owned(),
            }
        } else {
            Request::Pack {
                unit: self.unit.clone(),
                finding: self.finding.clone(),
                disclose: self.disclose,
            }
        };
        Ok(session.ask(&request, &[])?.1)
    }

    fn receipt_with_all(&self, session: &mut Session) -> Result<usize, Failure> {
        let claim = self.receipt.clone().unwrap_or_default();
        let (_, blob) = session.ask(&Request::ReceiptWithAll { claim }, &[])?;
        let list =
            wire::split(&blob).ok_or_else(|| Failure::new("the node's answer is damaged"))?;
        std::fs::create_dir_all(&self.out)
            .map_err(|error| Failure::io("making", &self.out, &error))?;
        let mut written = 0;
        for pair in list.chunks_exact(2) {
            if let [name, bytes] = pair {
                let name = String::from_utf8_lossy(name);
                write(&self.out.join(&*name), bytes)?;
                written += 1;
            }
        }
        Ok(written)
    }

    fn all_documents(&self, session: &mut Session) -> Result<usize, Failure> {
        std::fs::create_dir_all(&self.out)
            .map_err(|error| Failure::io("making", &self.out, &error))?;
        let heads = session.value(&Request::Documents)?;
        let heads: Vec<&str> = heads
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut written = 0;
        for (number, head) in heads.iter().enumerate() {
            match session.ask(
                &Request::Document {
                    head: (*head).to_owned(),
                },
                &[],
            ) {
                Ok((_, bytes)) => {
                    write(&self.out.join(format!("{:06}", number + 1)), &bytes)?;
                    written += 1;
                }
                Err(error) => ui::note(format!("document {}: {error}", number + 1)),
            }
        }
        Ok(written)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::io("writing", path, &error))
}
