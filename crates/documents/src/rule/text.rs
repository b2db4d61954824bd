//! Texts: a column, a column with a value table, a fixed text, or a template over columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::absent::Absent;
use super::{Columns, Row, Slot, bad};
use crate::limits::{VALUES_COMPARED_MAX, VALUES_MAX};
use crate::mapping::{Fields, MappingError, Node};
use crate::nearest::did_you_mean;
use crate::problem::{Problem, UNKNOWN_VALUE};

/// The fields of a text in a map.
pub(crate) const TEXT_FIELDS: [&str; 7] = [
    "column",
    "const",
    "template",
    "values",
    "otherwise",
    "absent",
    "absent_like",
];

/// Where a text comes from.
#[derive(Clone, Debug)]
pub(crate) enum TextRule {
    /// `{ const = "…" }`
    Const(Box<str>),
    /// `"Column"`, `{ column = "Column", … }`
    Cell(CellRule),
    /// `{ template = "…{Column}…" }`
    Template(TemplateRule),
}

/// A cell, perhaps with a value table.
#[derive(Clone, Debug)]
pub(crate) struct CellRule {
    slot: Slot,
    values: Option<BTreeMap<Box<str>, Box<str>>>,
    otherwise: Option<Box<str>>,
    absent: Absent,
}

/// Fixed pieces, each but the last with a column behind it.
#[derive(Clone, Debug)]
pub(crate) struct TemplateRule {
    pieces: Vec<(Box<str>, Slot)>,
    end: Box<str>,
    absent: Absent,
}

/// How the cells of a template are written into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As they are.
    Plain,
    /// As a part of a URI: everything but letters, digits and `-._~` percent-encoded.
    Uri,
}

impl TextRule {
    /// Reads a plain column name or a table of [`TEXT_FIELDS`].
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        if node.is_str() {
            return Ok(Self::Cell(CellRule::of(columns.slot(node)?, Absent::NONE)));
        }
        Self::read_fields(&node.fields(&TEXT_FIELDS)?, columns)
    }

    /// Reads [`TEXT_FIELDS`] from a table that may have more fields.
    pub(crate) fn read_fields(
        fields: &Fields<'_>,
        columns: &mut Columns,
    ) -> Result<Self, MappingError> {
        let named = ["column", "const", "template"].map(|name| fields.node(name));
        if named.iter().flatten().count() != 1 {
            return Err(fields.error("needs exactly one of column, const, template"));
        }
        let [column, fixed, template] = named;
        if column.is_none() {
            for name in ["values", "otherwise"] {
                if fields.node(name).is_some() {
                    return Err(fields.error_at(name, "goes with a column only"));
                }
            }
        }
        if let Some(node) = fixed {
            for name in ["absent", "absent_like"] {
                if fields.node(name).is_some() {
                    return Err(fields.error_at(name, "goes with a column or template"));
                }
            }
            return Ok(Self::Const(node.name()?.into()));
        }
        let absent = Absent::read(fields)?;
        if let Some(node) = template {
            return TemplateRule::read(&node, absent, columns).map(Self::Template);
        }
        CellRule::read(fields, absent, columns).map(Self::Cell)
    }

    /// The text; `None` if the cells say nothing.
    pub(crate) fn value<'r>(
        &'r self,
        row: &'r Row<'_>,
        encoding: Encoding,
    ) -> Result<Option<Cow<'r, str>>, Problem> {
        match self {
            Self::Const(text) => Ok(Some(Cow::Borrowed(text))),
            Self::Cell(cell) => cell.value(row),
            Self::Template(template) => template.value(row, encoding),
        }
    }

    /// Name of the column to blame; empty for a fixed text.
    pub(crate) fn blame<'r>(&self, row: &'r Row<'_>) -> &'r str {
        match self {
            Self::Const(_) => "",
            Self::Cell(cell) => row.name(cell.slot),
            Self::Template(template) => row.blamed(template.pieces.iter().map(|(_, slot)| *slot)),
        }
    }

    /// The texts that stand in the map itself, so that they are judged when it is read.
    pub(crate) fn fixed_texts(&self) -> Vec<&str> {
        match self {
            Self::Const(text) => vec![text],
            Self::Cell(cell) => {
                let values = cell.values.iter().flat_map(BTreeMap::values);
                let texts = values.chain(&cell.otherwise).map(AsRef::as_ref);
                texts.filter(|text: &&str| !text.is_empty()).collect()
            }
            Self::Template(_) => Vec::new(),
        }
    }
}

impl CellRule {
    /// A cell without value table.
    pub(crate) const fn of(slot: Slot, absent: Absent) -> Self {
        Self {
            slot,
            values: None,
            otherwise: None,
            absent,
        }
    }

    fn read(
        fields: &Fields<'_>,
        absent: Absent,
        columns: &mut Columns,
    ) -> Result<Self, MappingError> {
        let slot = columns.slot(&fields.required("column")?)?;
        let table = fields
            .node("values")
            .map(|node| node.any_fields())
            .transpose()?;
        let mut values = None;
        if let Some(table) = table {
            let pairs = table.pairs()?;
            if pairs.is_empty() || pairs.len() > VALUES_MAX {
                let reason = format!("has {} entries; 1 to {VALUES_MAX} may be", pairs.len());
                return Err(table.error(&reason));
            }
            let pairs = pairs
                .iter()
                .map(|(from, to)| (from.trim().into(), (*to).into()));
            values = Some(pairs.collect());
        }
        let otherwise = fields
            .node("otherwise")
            .map(|node| node.str())
            .transpose()?;
        if otherwise.is_some() && values.is_none() {
            return Err(fields.error_at("otherwise", "goes with values only"));
        }
        Ok(Self {
            slot,
            values,
            otherwise: otherwise.map(Into::into),
            absent,
        })
    }

    fn value<'r>(&'r self, row: &'r Row<'_>) -> Result<Option<Cow<'r, str>>, Problem> {
        let text = row.text(self.slot)?.filter(|text| !self.absent.has(text));
        let (Some(text), Some(values)) = (&text, &self.values) else {
            return Ok(text);
        };
        let meant = values.get(text.as_ref()).or(self.otherwise.as_ref());
        let meant = meant.ok_or_else(|| {
            let few = values.len() <= VALUES_COMPARED_MAX;
            let words = values.keys().filter(|_| few).map(AsRef::as_ref);
            let hint = did_you_mean(text, words);
            let why = format!("is not in the map's value table{hint}");
            bad(UNKNOWN_VALUE, row.name(self.slot), text, &why)
        })?;
        Ok((!meant.is_empty()).then_some(Cow::Borrowed(meant)))
    }
}

impl TemplateRule {
    fn read(node: &Node<'_>, absent: Absent, columns: &mut Columns) -> Result<Self, MappingError> {
        let mut pieces = Vec::new();
        let mut rest = node.name()?;
        while let Some((text, after)) = rest.split_once('{') {
            let (column, after) = after
                .split_once('}')
                .ok_or_else(|| node.error("has a { without its }"))?;
            pieces.push((text.into(), columns.slot_of(node, column)?));
            rest = after;
        }
        if pieces.is_empty() || rest.contains('}') {
            let reason = "must name columns in braces, as in \"https://id.gs1.org/00/{SSCC}\"";
            return Err(node.error(reason));
        }
        Ok(Self {
            pieces,
            end: rest.into(),
            absent,
        })
    }

    fn value<'r>(
        &'r self,
        row: &Row<'_>,
        encoding: Encoding,
    ) -> Result<Option<Cow<'r, str>>, Problem> {
        let mut out = String::new();
        for (before, slot) in &self.pieces {
            out.push_str(before);
            let cell = row.text(*slot)?;
            match cell.filter(|text| !self.absent.has(text)) {
                None => return Ok(None),
                Some(text) if encoding == Encoding::Plain => out.push_str(&text),
                Some(text) => push_encoded(&mut out, &text),
            }
        }
        out.push_str(&self.end);
        Ok(Some(Cow::Owned(out)))
    }
}

fn push_encoded(out: &mut String, text: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(HEX.get(usize::from(byte >> 4)));
            out.extend(HEX.get(usize::from(byte & 15)));
        }
    }
}
