//! A map bound to a table's header: cuts rows, and decodes them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use countersign_model::body::Cut;
use countersign_model::claim::{Claim, Provenance};
use countersign_model::digest::Digest;
use countersign_model::ids::ClaimId;

use crate::fingerprint;
use crate::limits::{COLUMNS_MAX, MISSING_SHOWN_MAX};
use crate::mapping::Rules;
use crate::nearest::{did_you_mean, nearest};
use crate::problem::{BAD_HEADER, COLUMN_COUNT, MAPPING_COLUMN_MISSING, MISSING_VALUE, Problem};
use crate::rule::{Row, RowRule, Said};
use crate::table::{Cells, text_of};

/// A column that a map needs and a table does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingColumn {
    /// Its name in the map.
    pub name: String,
    /// The field of the map that names it.
    pub path: String,
    /// Columns of the table with a like name, nearest first; for the first [`MISSING_SHOWN_MAX`]
    /// missing columns.
    pub nearest: Vec<String>,
}

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = self.nearest.iter().map(String::as_str);
        let hint = did_you_mean(&self.name, near);
        write!(
            f,
            "the table has no column \"{}\" ({}){hint}",
            self.name, self.path
        )
    }
}

/// Why a map does not fit a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Columns are missing: all of them, in the order of the map.
    #[error("{}", listed(.0))]
    Missing(Vec<MissingColumn>),
    /// A column that the map reads has a name that two columns have.
    #[error("columns {} and {} are both named \"{name}\"", .first + 1, .second + 1)]
    Twice {
        /// The name.
        name: String,
        /// Place of the one, from 0.
        first: usize,
        /// Place of the other.
        second: usize,
    },
    /// The header line is not what its own form says: which column, and why.
    #[error("column {} of the header {reason}", .column + 1)]
    Header {
        /// Place of the column, from 0.
        column: usize,
        /// What is wrong, in words.
        reason: &'static str,
    },
    /// The table has no header line, or has one that the map does not speak of.
    #[error("{0}")]
    NoHeader(&'static str),
    /// More columns than a body has parts.
    #[error("the table has more than {COLUMNS_MAX} columns")]
    TooManyColumns,
}

fn listed(missing: &[MissingColumn]) -> String {
    let lines: Vec<String> = missing
        .iter()
        .take(MISSING_SHOWN_MAX)
        .map(ToString::to_string)
        .collect();
    let more = missing.len().saturating_sub(lines.len());
    let rest = if more == 0 {
        String::new()
    } else {
        format!("\nand {more} columns more")
    };
    lines.join("\n") + &rest
}

impl BindError {
    /// One of [`crate::problem::ERROR_CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => MAPPING_COLUMN_MISSING,
            Self::Twice { .. } | Self::Header { .. } | Self::NoHeader(_) | Self::TooManyColumns => {
                BAD_HEADER
            }
        }
    }
}

/// What the map does with one column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Nothing: its cells are sealed.
    Sealed,
    /// Nothing, but its cells are open.
    Open,
    /// Read, by slot.
    Read(usize),
}

/// A map bound to the columns of a table.
///
/// The same columns give the same bound map: it can be kept and used for every table with that
/// header.
#[derive(Clone, Debug)]
pub struct Bound {
    mapping: Digest,
    rules: Arc<Rules>,
    /// By column.
    uses: Vec<Use>,
}

impl Bound {
    pub(crate) fn new(
        mapping: Digest,
        rules: Arc<Rules>,
        header: &[u8],
    ) -> Result<Self, BindError> {
        let settings = &rules.settings;
        let names: Vec<Cow<'_, str>> = match (settings.form.header, header.is_empty()) {
            (true, true) => return Err(BindError::NoHeader("the table has no header line")),
            (false, false) => {
                let reason = "the map says that the table has no header line";
                return Err(BindError::NoHeader(reason));
            }
            (true, false) => header_names(header, &rules)?,
            (false, true) => settings.columns.iter().map(Cow::from).collect(),
        };
        if names.len() > COLUMNS_MAX {
            return Err(BindError::TooManyColumns);
        }
        let uses = uses(&rules, &names)?;
        Ok(Self {
            mapping,
            rules,
            uses,
        })
    }

    /// Digest of the map.
    #[must_use]
    pub const fn mapping(&self) -> Digest {
        self.mapping
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.uses.len()
    }

    /// The ranges of a row that must be sealed: every cell, quotes included, of a column that
    /// the map neither reads nor opens, also the empty ones; cells beyond the last column are
    /// sealed as one part.
    #[must_use]
    pub fn cut(&self, row: &[u8]) -> Cut {
        let mut sealed = Vec::new();
        self.walk(row, |range, at| {
            if matches!(at, Use::Sealed) {
                sealed.push(range);
            }
        });
        Cut::new(sealed)
    }

    /// The row with its sealed cells left empty: what folds read.
    #[must_use]
    pub fn open_view(&self, row: &[u8]) -> Vec<u8> {
        let mut view = Vec::with_capacity(row.len());
        let mut at = 0;
        for range in self.cut(row).sealed() {
            view.extend(row.get(at..range.start).unwrap_or_default());
            at = range.end;
        }
        view.extend(row.get(at..).unwrap_or_default());
        view
    }

    /// What a row says; the row may be whole or an open view, the claim is the same.
    ///
    /// # Errors
    /// [`Problem`] says which column is wrong, and why.
    pub fn decode(&self, row: &[u8], from: Provenance<'_>) -> Result<Claim, Problem> {
        let rules = &*self.rules;
        let mut cells: Vec<&[u8]> = vec![&[]; rules.columns.len()];
        let count = self.walk(row, |range, at| {
            if let Use::Read(slot) = at
                && let Some(cell) = cells.get_mut(slot)
            {
                *cell = row.get(range).unwrap_or_default();
            }
        });
        if count != self.uses.len() {
            let than = if count < self.uses.len() {
                "fewer"
            } else {
                "more"
            };
            let reason = format!(
                "the row has {than} cells than the table has columns ({})",
                self.uses.len()
            );
            return Err(Problem::new(COLUMN_COUNT, "", reason));
        }
        let read = Row {
            cells,
            columns: &rules.columns,
            settings: &rules.settings,
            warnings: RefCell::default(),
        };
        let Said { time, facts } = said(&rules.row, &read)?;
        Ok(Claim {
            id: self.identity(row, &read, from)?,
            fingerprint: fingerprint::of(time, &facts),
            time,
            facts,
            correction: None,
            warnings: read.warnings.into_inner(),
        })
    }

    /// Identity by the key columns, or by the open view (format law 7).
    fn identity(
        &self,
        row: &[u8],
        read: &Row<'_>,
        from: Provenance<'_>,
    ) -> Result<ClaimId, Problem> {
        if self.rules.key.is_empty() {
            return Ok(from.of_bytes(&self.open_view(row)));
        }
        let texts = self.rules.key.iter().map(|slot| read.text(*slot));
        let texts: Vec<Cow<'_, str>> = texts
            .map(|text| Ok(text?.unwrap_or_default()))
            .collect::<Result<_, Problem>>()?;
        if texts.iter().all(|text| text.is_empty()) {
            let first = self.rules.key.first().map_or("", |slot| read.name(*slot));
            let reason = "is empty, and with it the whole key of the row";
            return Err(Problem::new(MISSING_VALUE, first, reason));
        }
        let keys: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        Ok(from.of_columns(self.mapping, &keys))
    }

    /// Shows each cell with the use of its column, and all surplus ones as one sealed range.
    /// Returns the number of cells, the surplus counted as one.
    fn walk(&self, row: &[u8], mut see: impl FnMut(Range<usize>, Use)) -> usize {
        let mut cells = Cells::new(row, &self.rules.settings.form);
        let mut count = 0;
        for at in &self.uses {
            let Some(range) = cells.next() else {
                return count;
            };
            see(range, *at);
            count += 1;
        }
        if let Some(surplus) = cells.next() {
            see(surplus.start..row.len(), Use::Sealed);
            count += 1;
        }
        count
    }
}

/// What a row says by its rules. Its time is that of the first which says something.
fn said(rules: &[RowRule], row: &Row<'_>) -> Result<Said, Problem> {
    if let [only] = rules {
        return only.said(row);
    }
    let mut all: Option<Said> = None;
    for rule in rules {
        if rule.is_yet_to_come(row)? {
            continue;
        }
        let part = rule.said(row)?;
        match &mut all {
            None => all = Some(part),
            Some(all) => all.facts.extend(part.facts),
        }
    }
    let nothing = || Problem::new(MISSING_VALUE, "", "the row says nothing that the map reads");
    all.ok_or_else(nothing)
}

/// Names in a header line, without quotes and the blanks around them.
fn header_names<'h>(header: &'h [u8], rules: &Rules) -> Result<Vec<Cow<'h, str>>, BindError> {
    let form = &rules.settings.form;
    let mut names = Vec::new();
    for (column, range) in Cells::new(header, form).enumerate() {
        if column >= COLUMNS_MAX {
            return Err(BindError::TooManyColumns);
        }
        let cell = header.get(range).unwrap_or_default();
        let name = text_of(cell, form.quotes).map_err(|fault| BindError::Header {
            column,
            reason: match fault {
                crate::table::Fault::Quote => "has a quote or a line break where none may stand",
                crate::table::Fault::Utf8 => "is not UTF-8",
            },
        });
        names.push(name?);
    }
    Ok(names)
}

fn uses(rules: &Rules, names: &[Cow<'_, str>]) -> Result<Vec<Use>, BindError> {
    let mut uses = vec![Use::Sealed; names.len()];
    let mut missing: Vec<MissingColumn> = Vec::new();
    let opened = rules
        .open
        .iter()
        .map(|name| (name.as_str(), "columns.open"));
    for (name, path) in rules.columns.iter().chain(opened) {
        let mut found = names.iter().enumerate().filter(|(_, other)| *other == name);
        let Some((at, _)) = found.next() else {
            // Comparing all names with all others is for a few missing columns.
            let shown = missing.len() < MISSING_SHOWN_MAX;
            let others = names.iter().filter(|_| shown).map(AsRef::as_ref);
            let near = nearest(name, others);
            let near = near.into_iter().map(str::to_owned);
            missing.push(MissingColumn {
                name: name.to_owned(),
                path: path.to_owned(),
                nearest: near.collect(),
            });
            continue;
        };
        if let Some((second, _)) = found.next() {
            return Err(BindError::Twice {
                name: name.to_owned(),
                first: at,
                second,
            });
        }
        let slot = rules.columns.find(name);
        if let Some(place) = uses.get_mut(at) {
            *place = slot.map_or(Use::Open, |slot| Use::Read(slot.index()));
        }
    }
    if missing.is_empty() {
        Ok(uses)
    } else {
        Err(BindError::Missing(missing))
    }
}

#[cfg(test)]
mod tests;
