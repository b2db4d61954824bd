//! Mapping files: what the columns of a table mean. The language is docs/formats/mapping.md.
//!
//! A map is read once ([`Mapping::parse`]) and bound to the header of each table
//! ([`Mapping::bind`]). It is frozen evidence: a claim from a table says something only with
//! its map, so the digest of the map's bytes is in the table's envelope.

mod fields;

use std::sync::Arc;

use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::limits::MAPPING_BYTES_MAX;
use toml::de::DeTable;

use crate::bind::{BindError, Bound};
use crate::limits::COLUMNS_MAX;
use crate::rule::absent::Absent;
use crate::rule::chain::ChainRule;
use crate::rule::manifest::ManifestRule;
use crate::rule::plan::PlanRule;
use crate::rule::sighting::SightingRule;
use crate::rule::{Columns, RowRule, Settings, Slot};
use crate::table::{LineKind, RowScanner, TableForm};
pub use fields::MappingError;
pub(crate) use fields::{Fields, Node};

/// What `format` says in a map of this version.
pub const MAPPING_FORMAT: &str = "countersign-mapping/1";

const FIELDS: [&str; 8] = [
    "format", "title", "table", "columns", "sighting", "manifest", "plan", "chain",
];
const TABLE_FIELDS: [&str; 7] = [
    "separator",
    "quotes",
    "header",
    "columns",
    "decimal",
    "absent",
    "absent_like",
];

/// A mapping file, read and found good.
#[derive(Clone, Debug)]
pub struct Mapping {
    digest: Digest,
    rules: Arc<Rules>,
}

/// What a map says, compiled.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) settings: Settings,
    /// The columns that are read, by slot.
    pub(crate) columns: Columns,
    /// Columns that give a claim its identity; they are among the ones that are read.
    pub(crate) key: Vec<Slot>,
    /// Columns that are open though nothing reads them.
    pub(crate) open: Vec<String>,
    /// What a row says, one part after the other; never empty.
    pub(crate) row: Vec<RowRule>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] names line and field, and what may have been meant.
    pub fn parse(bytes: &[u8]) -> Result<Self, MappingError> {
        let whole = |line, reason: String| MappingError {
            line,
            path: String::new(),
            reason,
        };
        if bytes.len() > MAPPING_BYTES_MAX {
            let reason = format!("the map has more than {MAPPING_BYTES_MAX} bytes");
            return Err(whole(1, reason));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            whole(line, "is not UTF-8".to_owned())
        })?;
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            whole(fields::line_of(text, at), error.message().to_owned())
        })?;
        let rules = Rules::read(&Fields::of_file(text, &table, &FIELDS)?)?;
        Ok(Self {
            digest: Digest::of(bytes),
            rules: Arc::new(rules),
        })
    }

    /// SHA-256 of the file's bytes: names the map in envelopes and identities.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// How the table is written.
    #[must_use]
    pub fn form(&self) -> &TableForm {
        &self.rules.settings.form
    }

    /// Finds the map's columns in the header line of a table; without a header, the line is empty.
    ///
    /// # Errors
    /// [`BindError`] names every column that is missing, and the nearest that are there.
    pub fn bind(&self, header: &[u8]) -> Result<Bound, BindError> {
        Bound::new(self.digest, Arc::clone(&self.rules), header)
    }

    /// Finds the map's columns in the head of a table, given whole or with its sealed parts
    /// withheld.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn bind_envelope(&self, head: &EnvelopeBody) -> Result<Bound, BindError> {
        let view = head.open_view(b"");
        let mut lines = Vec::new();
        let mut scanner = RowScanner::new(self.form());
        // Whatever is wrong behind the header is no matter of the header's.
        let _ = scanner
            .push(&view, &mut lines)
            .and_then(|()| scanner.finish(&mut lines));
        let header = lines.iter().find(|line| line.kind == LineKind::Header);
        let range = header.map(|line| line.bytes.clone()).unwrap_or_default();
        let range = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok());
        let line = range.and_then(|(start, end)| view.get(start..end));
        self.bind(line.unwrap_or_default())
    }
}

impl Rules {
    fn read(fields: &Fields<'_>) -> Result<Self, MappingError> {
        let format = fields.required("format")?;
        if format.str()? != MAPPING_FORMAT {
            return Err(format.error(format!("must be \"{MAPPING_FORMAT}\"")));
        }
        if let Some(title) = fields.node("title") {
            title.str()?;
        }
        let mut columns = Columns::default();
        let settings = settings(fields)?;
        let row = row_rules(fields, &mut columns)?;
        let (mut key, mut open) = (Vec::new(), Vec::new());
        if let Some(node) = fields.node("columns") {
            let lists = node.fields(&["key", "open"])?;
            if let Some(node) = lists.node("key") {
                for name in node.list()? {
                    key.push(columns.slot_of(&node, name)?);
                }
            }
            if let Some(node) = lists.node("open") {
                open = node
                    .list()?
                    .iter()
                    .map(|name| name.trim().to_owned())
                    .collect();
                if open.len() > COLUMNS_MAX || open.iter().any(String::is_empty) {
                    return Err(node.error(format!("must list 1 to {COLUMNS_MAX} columns")));
                }
            }
        }
        Ok(Self {
            settings,
            columns,
            key,
            open,
            row,
        })
    }
}

fn settings(fields: &Fields<'_>) -> Result<Settings, MappingError> {
    let mut settings = Settings {
        form: TableForm::CSV,
        columns: Vec::new(),
        decimal_comma: false,
        absent: Absent::NONE,
    };
    let Some(node) = fields.node("table") else {
        return Ok(settings);
    };
    let table = node.fields(&TABLE_FIELDS)?;
    if let Some(node) = table.node("separator") {
        let words = [("comma", b','), ("semicolon", b';'), ("tab", b'\t')];
        settings.form.separator = node.choice(&words)?;
    }
    if let Some(node) = table.node("quotes") {
        settings.form.quotes = node.bool()?;
    }
    if let Some(node) = table.node("header") {
        settings.form.header = node.bool()?;
    }
    if let Some(node) = table.node("decimal") {
        settings.decimal_comma = node.choice(&[("point", false), ("comma", true)])?;
    }
    settings.absent = Absent::read(&table)?;
    settings.columns = match (table.node("columns"), settings.form.header) {
        (None, true) => Vec::new(),
        (None, false) => {
            return Err(table.error("a table without header needs columns = [\"…\", …]"));
        }
        (Some(node), true) => return Err(node.error("goes with header = false only")),
        (Some(node), false) => {
            let names = node.list()?;
            if names.is_empty() || names.len() > COLUMNS_MAX {
                return Err(node.error(format!("must list 1 to {COLUMNS_MAX} columns")));
            }
            names.iter().map(|name| name.trim().to_owned()).collect()
        }
    };
    Ok(settings)
}

fn row_rules(fields: &Fields<'_>, columns: &mut Columns) -> Result<Vec<RowRule>, MappingError> {
    let mut rules = Vec::new();
    if let Some(node) = fields.node("sighting") {
        rules.push(RowRule::Sighting(SightingRule::read(&node, columns)?));
    }
    if let Some(node) = fields.node("manifest") {
        rules.push(RowRule::Manifest(ManifestRule::read(&node, columns)?));
    }
    if let Some(node) = fields.node("plan") {
        rules.push(RowRule::Plan(PlanRule::read(&node, columns)?));
    }
    if let Some(node) = fields.node("chain") {
        rules.push(RowRule::Chain(ChainRule::read(&node, columns)?));
    }
    if rules.is_empty() {
        let reason = "a map has at least one of [sighting], [manifest], [plan], [chain]";
        return Err(fields.error(reason));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
