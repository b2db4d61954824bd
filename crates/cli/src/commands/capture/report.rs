//! The answers of `capture --report`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::fail::Failure;

/// The answers as JSON lines.
pub(super) struct Report(Option<(PathBuf, BufWriter<File>)>);

impl Report {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let file = File::create(path).map_err(|error| Failure::io("writing", path, &error))?;
        Ok(Self(Some((path.to_owned(), BufWriter::new(file)))))
    }

    pub(super) fn write(&mut self, value: &Value) -> Result<(), Failure> {
        match &mut self.0 {
            None => Ok(()),
            Some((path, out)) => {
                writeln!(out, "{value}").map_err(|error| Failure::io("writing", path, &error))
            }
        }
    }

    pub(super) fn close(self) -> Result<(), Failure> {
        match self.0 {
            None => Ok(()),
            Some((path, mut out)) => out
                .flush()
                .map_err(|error| Failure::io("writing", &path, &error)),
        }
    }
}
