//! Reads a TOML file field by field, so that every fault names its line and its path.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::did_you_mean;
use crate::problem::{MAPPING_INVALID, quoted};

/// What is wrong with a mapping file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}{reason}", prefix(.path))]
pub struct MappingError {
    /// Line of the file, from 1.
    pub line: usize,
    /// The field, as in `sighting.time.zone`; empty for the whole file.
    pub path: String,
    /// What is wrong, in words.
    pub reason: String,
}

impl MappingError {
    /// One of [`crate::problem::ERROR_CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        MAPPING_INVALID
    }
}

fn prefix(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}: ")
    }
}

/// Line of a byte of a text, from 1.
pub(super) fn line_of(source: &str, offset: usize) -> usize {
    let before = source.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// One value of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'d> {
    source: &'d str,
    value: &'d Spanned<DeValue<'d>>,
    /// Where it stands: the parent's path and the field's name.
    parent: &'d str,
    name: &'d str,
}

/// One table of the file, of which all fields are known.
#[derive(Debug)]
pub(crate) struct Fields<'d> {
    source: &'d str,
    table: &'d DeTable<'d>,
    start: usize,
    path: String,
}

impl<'d> Fields<'d> {
    /// The file itself.
    pub(super) fn of_file(
        source: &'d str,
        table: &'d Spanned<DeTable<'d>>,
        known: &[&str],
    ) -> Result<Self, MappingError> {
        let fields = Self {
            source,
            table: table.get_ref(),
            start: table.span().start,
            path: String::new(),
        };
        fields.refuse_unknown(known)?;
        Ok(fields)
    }

    fn refuse_unknown(&self, known: &[&str]) -> Result<(), MappingError> {
        let unknown = self
            .table
            .iter()
            .find(|(key, _)| !known.contains(&key.get_ref().as_ref()));
        let Some((key, _)) = unknown else {
            return Ok(());
        };
        let name = key.get_ref();
        let hint = match did_you_mean(name, known.iter().copied()) {
            near if near.is_empty() => format!("; known are {}", known.join(", ")),
            near => near,
        };
        Err(MappingError {
            line: line_of(self.source, key.span().start),
            path: self.path.clone(),
            reason: format!("unknown field {}{hint}", quoted(name)),
        })
    }

    /// The value under `name`.
    pub(crate) fn node(&self, name: &'static str) -> Option<Node<'_>> {
        self.table.get(name).map(|value| Node {
            source: self.source,
            value,
            parent: &self.path,
            name,
        })
    }

    /// The value under `name`, which must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<Node<'_>, MappingError> {
        self.node(name)
            .ok_or_else(|| self.error(&format!("field \"{name}\" is missing")))
    }

    /// A fault of the table.
    pub(crate) fn error(&self, reason: &str) -> MappingError {
        MappingError {
            line: line_of(self.source, self.start),
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }

    /// A fault of one field.
    pub(crate) fn error_at(&self, name: &'static str, reason: &str) -> MappingError {
        self.node(name)
            .map_or_else(|| self.error(reason), |node| node.error(reason))
    }

    /// All keys and their texts: for tables that are lists of pairs.
    pub(crate) fn pairs(&self) -> Result<Vec<(&str, &str)>, MappingError> {
        let pair = |(key, value): (&'d Spanned<_>, &'d Spanned<DeValue<'d>>)| {
            let key: &std::borrow::Cow<'d, str> = key.get_ref();
            let node = Node {
                source: self.source,
                value,
                parent: &self.path,
                name: key,
            };
            Ok((node.name, node.str()?))
        };
        self.table.iter().map(pair).collect()
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

impl<'d> Node<'d> {
    /// Its path.
    pub(crate) fn path(&self) -> String {
        joined(self.parent, self.name)
    }

    /// A fault of this value.
    pub(crate) fn error(&self, reason: impl Into<String>) -> MappingError {
        MappingError {
            line: line_of(self.source, self.value.span().start),
            path: self.path(),
            reason: reason.into(),
        }
    }

    fn expected(&self, what: &str) -> MappingError {
        self.error(format!(
            "is {} and must be {what}",
            article(self.value.get_ref().type_str())
        ))
    }

    /// Whether it is a plain text.
    pub(crate) fn is_str(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// A text.
    pub(crate) fn str(&self) -> Result<&'d str, MappingError> {
        let text = self.value.get_ref().as_str();
        text.ok_or_else(|| self.expected("a text"))
    }

    /// A text that is not empty.
    pub(crate) fn name(&self) -> Result<&'d str, MappingError> {
        match self.str()? {
            "" => Err(self.error("is empty")),
            text => Ok(text),
        }
    }

    /// True or false.
    pub(crate) fn bool(&self) -> Result<bool, MappingError> {
        let value = self.value.get_ref().as_bool();
        value.ok_or_else(|| self.expected("true or false"))
    }

    /// One of some words.
    pub(crate) fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, MappingError> {
        let text = self.str()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(text, words.iter().copied());
            self.error(format!(
                "{} is none of {}{hint}",
                quoted(text),
                words.join(", ")
            ))
        })
    }

    /// A list of texts; one text stands for a list of one.
    pub(crate) fn list(&self) -> Result<Vec<&'d str>, MappingError> {
        if self.is_str() {
            return Ok(vec![self.str()?]);
        }
        let items = self.value.get_ref().as_array();
        let items = items.ok_or_else(|| self.expected("a list of texts"))?;
        let text = |item: &'d Spanned<DeValue<'d>>| {
            let node = Node {
                value: item,
                ..*self
            };
            node.str()
        };
        items.iter().map(text).collect()
    }

    /// A table with these fields and no other.
    pub(crate) fn fields(&self, known: &[&str]) -> Result<Fields<'d>, MappingError> {
        let fields = self.any_fields()?;
        fields.refuse_unknown(known)?;
        Ok(fields)
    }

    /// A table with whatever fields.
    pub(crate) fn any_fields(&self) -> Result<Fields<'d>, MappingError> {
        let table = self.value.get_ref().as_table();
        Ok(Fields {
            source: self.source,
            table: table.ok_or_else(|| self.expected("a table"))?,
            start: self.value.span().start,
            path: self.path(),
        })
    }

    /// A list of tables with these fields and no other.
    pub(crate) fn tables(&self, known: &[&str]) -> Result<Vec<Fields<'d>>, MappingError> {
        let items = self.value.get_ref().as_array();
        let items = items.ok_or_else(|| self.expected("a list of tables"))?;
        let mut tables = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let node = Node {
                value: item,
                ..*self
            };
            let mut fields = node.any_fields()?;
            fields.path = format!("{}[{at}]", fields.path);
            fields.refuse_unknown(known)?;
            tables.push(fields);
        }
        Ok(tables)
    }
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
