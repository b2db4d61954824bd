//! Times: one or several columns, or a fixed time; how it is written, and in which zone.

use std::borrow::Cow;

use countersign_model::time::{EventTime, Span, TimeError};

use super::absent::Absent;
use super::pattern::{Local, Pattern, read_iso};
use super::zone::{Zone, Zones};
use super::{Columns, Row, Slot, bad};
use crate::limits::TIME_TEXT_BYTES_MAX;
use crate::mapping::{Fields, MappingError, Node};
use crate::nearest::did_you_mean;
use crate::problem::{AMBIGUOUS_TIME, BAD_TIME, Problem, quoted};

const TIME_FIELDS: [&str; 7] = [
    "column",
    "columns",
    "const",
    "format",
    "zone",
    "absent",
    "absent_like",
];

/// How a time is read from a row.
#[derive(Debug)]
pub(crate) enum TimeRule {
    /// The same for every row.
    Fixed(EventTime),
    /// From cells.
    Read(Box<ReadRule>),
}

/// How a time is read from cells.
#[derive(Debug)]
pub(crate) struct ReadRule {
    /// Joined by one blank.
    slots: Vec<Slot>,
    written: Written,
    zone: ZoneRule,
    absent: Absent,
}

#[derive(Debug)]
enum Written {
    Iso,
    Pattern(Box<str>, Pattern),
}

#[derive(Debug)]
enum ZoneRule {
    /// The cell itself carries its offset.
    InCell,
    Fixed(Zone),
    Column(Slot, Zones),
}

impl TimeRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        if node.is_str() {
            return Ok(Self::Read(Box::new(ReadRule {
                slots: vec![columns.slot(node)?],
                written: Written::Iso,
                zone: ZoneRule::InCell,
                absent: Absent::NONE,
            })));
        }
        let fields = node.fields(&TIME_FIELDS)?;
        let written = fields.node("format").map(|node| Written::read(&node));
        let written = written.transpose()?.unwrap_or(Written::Iso);
        let zone = ZoneRule::read(&fields, columns)?;
        if let Written::Pattern(_, pattern) = &written
            && matches!(zone, ZoneRule::InCell)
            && !pattern.has_offset()
        {
            let why = "needs a zone: an IANA name (like \"Europe/Amsterdam\"), an offset (like \"+01:00\"), or { column = \"…\" }";
            return Err(fields.error(why));
        }
        let named = ["column", "columns", "const"].map(|name| fields.node(name));
        if named.iter().flatten().count() != 1 {
            return Err(fields.error("needs exactly one of column, columns, const"));
        }
        let [column, list, fixed] = named;
        if let Some(fixed) = fixed {
            return Self::fixed(&fixed, &written, &zone);
        }
        let mut slots = Vec::new();
        for node in column.iter().chain(&list) {
            for name in node.list()? {
                slots.push(columns.slot_of(node, name)?);
            }
        }
        if slots.is_empty() {
            return Err(fields.error_at("columns", "names no column"));
        }
        Ok(Self::Read(Box::new(ReadRule {
            slots,
            written,
            zone,
            absent: Absent::read(&fields)?,
        })))
    }

    fn fixed(node: &Node<'_>, written: &Written, zone: &ZoneRule) -> Result<Self, MappingError> {
        let local = written.local(node.str()?);
        let time = match zone {
            ZoneRule::InCell => local.and_then(with_own_offset),
            ZoneRule::Fixed(zone) => local.and_then(|local| zone.event_time(local)),
            ZoneRule::Column(..) => {
                return Err(node.error("a fixed time needs a fixed zone"));
            }
        };
        time.map(Self::Fixed)
            .map_err(|error| node.error(written.why(error)))
    }

    /// The time; `None` if the cells say nothing.
    pub(crate) fn value(&self, row: &Row<'_>) -> Result<Option<EventTime>, Problem> {
        match self {
            Self::Fixed(time) => Ok(Some(*time)),
            Self::Read(rule) => rule.value(row),
        }
    }

    /// Name of the column to blame.
    pub(crate) fn blame<'r>(&self, row: &'r Row<'_>) -> &'r str {
        match self {
            Self::Fixed(_) => "",
            Self::Read(rule) => row.blamed(rule.slots.iter().copied()),
        }
    }
}

impl ReadRule {
    fn value(&self, row: &Row<'_>) -> Result<Option<EventTime>, Problem> {
        let Some(text) = self.text(row)? else {
            return Ok(None);
        };
        let blamed = self.slots.first().copied();
        let field = blamed.map_or("", |slot| row.name(slot));
        let fault = |error| bad(BAD_TIME, field, &text, &self.written.why(error));
        let local = self.written.local(&text).map_err(fault)?;
        let time = match &self.zone {
            ZoneRule::InCell => with_own_offset(local),
            ZoneRule::Fixed(zone) => zone.event_time(local),
            ZoneRule::Column(slot, zones) => column_zone(*slot, zones, row)?.event_time(local),
        };
        let time = time.map_err(fault)?;
        if time.ambiguous {
            row.warn(AMBIGUOUS_TIME, field);
        }
        Ok(Some(time))
    }

    /// The cells, joined by blanks; `None` if one of them says nothing.
    fn text<'r>(&self, row: &Row<'r>) -> Result<Option<Cow<'r, str>>, Problem> {
        let mut joined: Option<Cow<'r, str>> = None;
        for slot in &self.slots {
            let cell = row.text(*slot)?;
            let Some(cell) = cell.filter(|text| !self.absent.has(text)) else {
                return Ok(None);
            };
            joined = Some(match joined {
                None => cell,
                Some(before) => Cow::Owned(format!("{before} {cell}")),
            });
        }
        Ok(joined)
    }
}

fn column_zone(slot: Slot, zones: &Zones, row: &Row<'_>) -> Result<Zone, Problem> {
    let name = row.text(slot)?;
    let name = super::needed(name, || row.name(slot), "the zone of its local time")?;
    let zone = zones.find(&name);
    zone.ok_or_else(|| {
        let why = "is neither an IANA time zone nor an offset";
        bad(BAD_TIME, row.name(slot), &name, why)
    })
}

fn with_own_offset(local: Local) -> Result<EventTime, TimeError> {
    // A day, or a local time, without a zone to put it in.
    local.offset_min.ok_or(TimeError::Form)?;
    Zone::Fixed(0).event_time(local)
}

impl Written {
    fn read(node: &Node<'_>) -> Result<Self, MappingError> {
        match node.name()? {
            "iso" => Ok(Self::Iso),
            text if text.len() > TIME_TEXT_BYTES_MAX => {
                Err(node.error(format!("has more than {TIME_TEXT_BYTES_MAX} bytes")))
            }
            text => {
                let pattern = Pattern::compile(text);
                let pattern = pattern
                    .map_err(|why| node.error(format!("the pattern {}: {why}", quoted(text))))?;
                Ok(Self::Pattern(text.into(), pattern))
            }
        }
    }

    fn local(&self, text: &str) -> Result<Local, TimeError> {
        if text.len() > TIME_TEXT_BYTES_MAX {
            return Err(TimeError::Form);
        }
        match self {
            Self::Iso => read_iso(text),
            Self::Pattern(_, pattern) => pattern.read(text),
        }
    }

    fn why(&self, error: TimeError) -> String {
        match (error, self) {
            (TimeError::Form, Self::Iso) => {
                "is not an ISO 8601 time with an offset (like 2026-03-02T08:15:00+01:00), or the map names no zone for it".to_owned()
            }
            (TimeError::Form, Self::Pattern(text, _)) => {
                format!("is not written as {}", quoted(text))
            }
            (TimeError::NoSuchTime, _) => "is no such date or time of day".to_owned(),
            (TimeError::OutOfRange, _) => "lies outside 1970 to 2199".to_owned(),
        }
    }
}

impl ZoneRule {
    fn read(fields: &Fields<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let Some(node) = fields.node("zone") else {
            return Ok(Self::InCell);
        };
        let zones = Zones::built_in();
        if !node.is_str() {
            let column = node.fields(&["column"])?;
            let slot = columns.slot(&column.required("column")?)?;
            return Ok(Self::Column(slot, zones));
        }
        let name = node.name()?;
        zones.find(name).map(Self::Fixed).ok_or_else(|| {
            let names = zones.names();
            let hint = did_you_mean(name, names.iter().map(String::as_str));
            node.error(format!(
                "{} is neither an IANA time zone nor an offset like \"+01:00\"{hint}",
                quoted(name)
            ))
        })
    }
}

/// The ISO 8601 duration under `name`; zero when it is missing.
pub(crate) fn span(fields: &Fields<'_>, name: &'static str) -> Result<Span, MappingError> {
    let Some(node) = fields.node(name) else {
        return Ok(Span::ZERO);
    };
    let text = node.str()?;
    Span::parse(text).ok_or_else(|| {
        let why = "is not an ISO 8601 duration (like PT15M or P1D)";
        node.error(format!("{} {why}", quoted(text)))
    })
}
