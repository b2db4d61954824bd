//! Rules: what a map says of one field, compiled, and how it reads a row.
//!
//! Each kind of row has one file: [`sighting`], [`manifest`], [`plan`], [`chain`]. It holds the
//! fields that the kind has in a mapping file, and makes a row's facts of them. They are built
//! from four small rules: a text ([`text`]), a key ([`id`]), a number or code ([`code`]) and a
//! time ([`time`]).
//!
//! A rule names a column by its [`Slot`]: the place of the column among those that the map
//! reads. Which cell of a row that is, is known once the map is bound to a table's header.

pub(crate) mod absent;
pub(crate) mod chain;
pub(crate) mod code;
pub(crate) mod id;
pub(crate) mod manifest;
pub(crate) mod pattern;
pub(crate) mod plan;
pub(crate) mod sighting;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod zone;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use countersign_model::claim::{Fact, Warning};
use countersign_model::time::EventTime;

use self::absent::Absent;
use crate::limits::COLUMNS_MAX;
use crate::mapping::{MappingError, Node};
use crate::problem::{BAD_QUOTE, MISSING_VALUE, NOT_UTF8, Problem, quoted};
use crate::table::{Fault, TableForm, text_of};

/// Place of a column among those that a map reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u16);

impl Slot {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The columns that a map reads, in the order in which it names them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    names: Vec<String>,
    /// The field of the map that named it first.
    paths: Vec<String>,
    slots: BTreeMap<String, Slot>,
}

impl Columns {
    /// The slot of the column that `node` names.
    pub(crate) fn slot(&mut self, node: &Node<'_>) -> Result<Slot, MappingError> {
        self.slot_of(node, node.name()?)
    }

    /// The slot of a column of which `node` speaks.
    pub(crate) fn slot_of(&mut self, node: &Node<'_>, name: &str) -> Result<Slot, MappingError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(node.error("names no column"));
        }
        if let Some(slot) = self.slots.get(name) {
            return Ok(*slot);
        }
        let next = u16::try_from(self.names.len()).ok();
        let next = next.filter(|next| usize::from(*next) < COLUMNS_MAX);
        let slot =
            Slot(next.ok_or_else(|| {
                node.error(format!("the map reads more than {COLUMNS_MAX} columns"))
            })?);
        self.names.push(name.to_owned());
        self.paths.push(node.path());
        self.slots.insert(name.to_owned(), slot);
        Ok(slot)
    }

    /// Names and the map's fields that named them, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.paths.iter().map(String::as_str))
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }
}

/// What holds for every cell of a table.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) form: TableForm,
    /// Names of the columns of a table without header.
    pub(crate) columns: Vec<String>,
    /// The decimal sign is a comma.
    pub(crate) decimal_comma: bool,
    /// Texts that say nothing, besides the empty one.
    pub(crate) absent: Absent,
}

/// The cells of one row that the map reads.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// By slot.
    pub(crate) cells: Vec<&'a [u8]>,
    pub(crate) columns: &'a Columns,
    pub(crate) settings: &'a Settings,
    pub(crate) warnings: RefCell<Vec<Warning>>,
}

impl<'a> Row<'a> {
    /// Text of a cell; `None` if it says nothing.
    pub(crate) fn text(&self, slot: Slot) -> Result<Option<Cow<'a, str>>, Problem> {
        let cell = self.cells.get(slot.index()).copied().unwrap_or_default();
        let text = text_of(cell, self.settings.form.quotes).map_err(|fault| {
            let (code, reason) = match fault {
                Fault::Quote => (
                    BAD_QUOTE,
                    "has a quote or a line break where none may stand",
                ),
                Fault::Utf8 => (NOT_UTF8, "is not UTF-8"),
            };
            Problem::new(code, self.name(slot), reason)
        })?;
        let absent = text.is_empty() || self.settings.absent.has(&text);
        Ok((!absent).then_some(text))
    }

    /// Of some columns, the name of the first whose cell says nothing; else of the first.
    pub(crate) fn blamed(&self, mut slots: impl Iterator<Item = Slot> + Clone) -> &'a str {
        let first = slots.clone().next();
        let empty = slots.find(|slot| matches!(self.text(*slot), Ok(None)));
        empty.or(first).map_or("", |slot| self.name(slot))
    }

    /// Name of a column.
    pub(crate) fn name(&self, slot: Slot) -> &'a str {
        let name = self.columns.names.get(slot.index());
        name.map_or("", String::as_str)
    }

    /// Says that something was odd, though it was taken.
    pub(crate) fn warn(&self, code: &'static str, field: &str) {
        let field = field.to_owned();
        let warning = Warning { code, field };
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}

/// What one row says.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) time: EventTime,
    pub(crate) facts: Vec<Fact>,
}

/// The rule of one kind of row.
#[derive(Debug)]
pub(crate) enum RowRule {
    Sighting(sighting::SightingRule),
    Manifest(manifest::ManifestRule),
    Plan(plan::PlanRule),
    Chain(chain::ChainRule),
}

impl RowRule {
    /// Whether this is a sighting without a time: beside a plan, one that is not made yet.
    pub(crate) fn is_yet_to_come(&self, row: &Row<'_>) -> Result<bool, Problem> {
        match self {
            Self::Sighting(rule) => rule.has_no_time(row),
            Self::Manifest(_) | Self::Plan(_) | Self::Chain(_) => Ok(false),
        }
    }

    pub(crate) fn said(&self, row: &Row<'_>) -> Result<Said, Problem> {
        match self {
            Self::Sighting(rule) => rule.said(row),
            Self::Manifest(rule) => rule.said(row),
            Self::Plan(rule) => rule.said(row),
            Self::Chain(rule) => rule.said(row),
        }
    }
}

/// The value, or that `field` says nothing although the map needs it.
pub(crate) fn needed<'r, T>(
    value: Option<T>,
    field: impl FnOnce() -> &'r str,
    what: &str,
) -> Result<T, Problem> {
    value.ok_or_else(|| {
        let reason = format!("is empty, and a row needs {what}");
        Problem::new(MISSING_VALUE, field(), reason)
    })
}

/// A problem of a cell's text.
pub(crate) fn bad(code: &'static str, field: &str, text: &str, why: &str) -> Problem {
    Problem::new(code, field, format!("{} {why}", quoted(text)))
}
