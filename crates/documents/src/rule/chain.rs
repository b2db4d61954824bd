//! Milestone chains: a row says how long each step of a journey was to take, and took.
//!
//! The columns of a *chain* repeat for each milestone: a planned and an effective duration, and
//! perhaps a place. Both are added up along the chain, each on its own, from the instant at
//! which the chain starts: that of the row, or the latest end of the chains of other groups,
//! planned and effective again each on its own.

use std::sync::Arc;

use countersign_model::claim::{Fact, Reached};
use countersign_model::decimal::Decimal;
use countersign_model::ids::{DocId, PlaceId, UnitId};
use countersign_model::limits::{EVENT_TIME_MS_MAX, EVENT_TIME_MS_MIN};
use countersign_model::plan::{Expectation, StageKey};
use countersign_model::time::{DAY_MS, EventTime, Span, Timestamp};

use super::absent::Absent;
use super::code::{decimal, is_name};
use super::id::IdRule;
use super::text::{CellRule, TextRule};
use super::time::{TimeRule, span};
use super::{Columns, Row, Said, Slot, needed};
use crate::limits::MILESTONES_MAX;
use crate::mapping::{Fields, MappingError, Node};
use crate::nearest::did_you_mean;
use crate::problem::{BAD_TIME, MISSING_VALUE, Problem, quoted};

/// The fields of `[chain]`.
const FIELDS: [&str; 7] = [
    "id",
    "unit",
    "start",
    "durations",
    "absent",
    "grace",
    "group",
];
/// The fields of `[[chain.group]]`.
const GROUP_FIELDS: [&str; 7] = [
    "name",
    "after",
    "chains",
    "milestones",
    "planned",
    "effective",
    "place",
];

const DURATIONS: [(&str, i64); 4] = [
    ("seconds", 1000),
    ("minutes", 60_000),
    ("hours", 3_600_000),
    ("days", DAY_MS),
];

/// The rule of `[chain]`.
#[derive(Debug)]
pub(crate) struct ChainRule {
    id: IdRule<DocId>,
    unit: IdRule<UnitId>,
    start: TimeRule,
    /// Milliseconds of one unit of the durations.
    unit_ms: i64,
    absent: Absent,
    grace: Span,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    name: Arc<str>,
    /// Earlier groups, by their place in the list, whose latest end is the start.
    after: Vec<usize>,
    chains: Vec<Chain>,
}

#[derive(Debug)]
struct Chain {
    name: Arc<str>,
    milestones: Vec<Milestone>,
}

#[derive(Debug)]
struct Milestone {
    stage: Arc<str>,
    planned: Slot,
    effective: Slot,
    place: Option<IdRule<PlaceId>>,
}

/// How far a chain has come, in milliseconds since the row's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    planned_ms: i64,
    /// `None` behind a milestone that is not reached yet.
    effective_ms: Option<i64>,
}

impl Progress {
    const START: Self = Self {
        planned_ms: 0,
        effective_ms: Some(0),
    };

    /// The later of two, planned and effective each on its own.
    fn later(self, other: Self) -> Self {
        let effective = self.effective_ms.zip(other.effective_ms);
        Self {
            planned_ms: self.planned_ms.max(other.planned_ms),
            effective_ms: effective.map(|(one, two)| one.max(two)),
        }
    }
}

impl ChainRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let fields = &node.fields(&FIELDS)?;
        let mut groups: Vec<Group> = Vec::new();
        for table in fields.required("group")?.tables(&GROUP_FIELDS)? {
            let group = Group::read(&table, &groups, columns)?;
            groups.push(group);
        }
        let chains = groups.iter().flat_map(|group| &group.chains);
        let count: usize = chains.map(|chain| chain.milestones.len()).sum();
        if count == 0 || count > MILESTONES_MAX {
            let reason = format!("names {count} milestones; 1 to {MILESTONES_MAX} may be");
            return Err(fields.error_at("group", &reason));
        }
        Ok(Self {
            id: IdRule::read(&fields.required("id")?, columns)?,
            unit: IdRule::read(&fields.required("unit")?, columns)?,
            start: TimeRule::read(&fields.required("start")?, columns)?,
            unit_ms: fields.required("durations")?.choice(&DURATIONS)?,
            absent: Absent::read(fields)?,
            grace: span(fields, "grace")?,
            groups,
        })
    }

    pub(crate) fn said(&self, row: &Row<'_>) -> Result<Said, Problem> {
        let plan = needed(self.id.one(row)?, || self.id.blame(row), "the plan's key")?;
        let unit = needed(self.unit.one(row)?, || self.unit.blame(row), "a unit")?;
        let start = self.start.value(row)?;
        let start = needed(start, || self.start.blame(row), "a start")?;
        let mut journey = Journey {
            rule: self,
            row,
            plan,
            unit,
            start: start.at,
            facts: Vec::new(),
        };
        let mut ends: Vec<Progress> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let before = group.after.iter().filter_map(|at| ends.get(*at).copied());
            let from = before.reduce(Progress::later).unwrap_or(Progress::START);
            let mut end: Option<Progress> = None;
            for chain in &group.chains {
                let reached = journey.follow(group, chain, from)?;
                end = Some(end.map_or(reached, |end| end.later(reached)));
            }
            ends.push(end.unwrap_or(from));
        }
        if journey.facts.is_empty() {
            let reason = "no milestone of the row exists";
            return Err(Problem::new(MISSING_VALUE, "", reason));
        }
        Ok(Said {
            time: start,
            facts: journey.facts,
        })
    }
}

/// One row on its way through the chains.
#[derive(Debug)]
struct Journey<'r> {
    rule: &'r ChainRule,
    row: &'r Row<'r>,
    plan: DocId,
    unit: UnitId,
    start: Timestamp,
    facts: Vec<Fact>,
}

impl Journey<'_> {
    /// Appends the facts of one chain; returns how far it came.
    fn follow(
        &mut self,
        group: &Group,
        chain: &Chain,
        from: Progress,
    ) -> Result<Progress, Problem> {
        let mut at = from;
        for milestone in &chain.milestones {
            let planned = self.duration(milestone.planned)?;
            let effective = self.duration(milestone.effective)?;
            if planned.is_nothing() && effective.is_nothing() {
                continue;
            }
            let lasts = needed(
                planned.ms,
                || self.row.name(milestone.planned),
                "the planned duration of a milestone that was reached",
            )?;
            at.planned_ms = at.planned_ms.saturating_add(lasts);
            let effective = effective.ms.zip(at.effective_ms);
            at.effective_ms = effective.map(|(lasted, before)| before.saturating_add(lasted));
            self.tell(group, chain, milestone, at)?;
        }
        Ok(at)
    }

    fn tell(
        &mut self,
        group: &Group,
        chain: &Chain,
        milestone: &Milestone,
        at: Progress,
    ) -> Result<(), Problem> {
        let key = StageKey {
            plan: self.plan.clone(),
            line: chain.name.clone(),
            stage: milestone.stage.clone(),
        };
        let place = match &milestone.place {
            None => None,
            Some(rule) => rule.one(self.row)?,
        };
        let due = self.instant(at.planned_ms, milestone.planned)?;
        let time = at
            .effective_ms
            .map(|ms| self.instant(ms, milestone.effective));
        let time = time.transpose()?;
        self.facts.push(Fact::Expected(Expectation {
            key: key.clone(),
            group: group.name.clone(),
            unit: self.unit.clone(),
            place: place.clone(),
            due,
            grace: self.rule.grace,
        }));
        if let Some(time) = time {
            self.facts.push(Fact::Reached(Reached {
                unit: self.unit.clone(),
                stage: key,
                time,
                place,
            }));
        }
        Ok(())
    }

    fn instant(&self, after_ms: i64, slot: Slot) -> Result<EventTime, Problem> {
        let ms = self.start.ms().saturating_add(after_ms);
        if (EVENT_TIME_MS_MIN..EVENT_TIME_MS_MAX).contains(&ms) {
            return Ok(EventTime::instant(Timestamp::from_ms(ms), None));
        }
        let reason = "the milestone lies outside 1970 to 2199";
        Err(Problem::new(BAD_TIME, self.row.name(slot), reason))
    }

    fn duration(&self, slot: Slot) -> Result<Duration, Problem> {
        let Some(text) = self.row.text(slot)? else {
            return Ok(Duration::default());
        };
        let is_marker = self.rule.absent.has(&text);
        let value = match decimal(&text, self.row.name(slot), self.row) {
            Ok(value) => value,
            // A marker need not be a number.
            Err(_) if is_marker => {
                return Ok(Duration {
                    ms: None,
                    is_marker,
                });
            }
            Err(problem) => return Err(problem),
        };
        let ms = value.checked_mul(Decimal::whole(self.rule.unit_ms));
        let ms = ms.and_then(Decimal::trunc);
        let too_long = || {
            let reason = "the duration is longer than any time";
            Problem::new(BAD_TIME, self.row.name(slot), reason)
        };
        Ok(Duration {
            ms: Some(ms.ok_or_else(too_long)?),
            is_marker,
        })
    }
}

/// A planned or effective duration of one milestone.
#[derive(Clone, Copy, Debug, Default)]
struct Duration {
    /// `None` for an empty cell.
    ms: Option<i64>,
    /// The cell holds a text by which a milestone that does not exist is marked.
    is_marker: bool,
}

impl Duration {
    const fn is_nothing(self) -> bool {
        self.is_marker || self.ms.is_none()
    }
}

impl Group {
    fn read(
        fields: &Fields<'_>,
        earlier: &[Self],
        columns: &mut Columns,
    ) -> Result<Self, MappingError> {
        let name = super::plan::stage_name(&fields.required("name")?)?;
        if earlier.iter().any(|other| other.name == name) {
            return Err(fields.error_at("name", "is the name of two groups"));
        }
        let mut after = Vec::new();
        if let Some(node) = fields.node("after") {
            for wanted in node.list()? {
                let at = earlier.iter().position(|other| *other.name == *wanted);
                let why = "names no group that stands above it";
                after.push(at.ok_or_else(|| node.error(why))?);
            }
        }
        let chains = names(&fields.required("chains")?)?;
        let milestones = names(&fields.required("milestones")?)?;
        if chains.len().saturating_mul(milestones.len()) > MILESTONES_MAX {
            return Err(fields.error(&format!("names more than {MILESTONES_MAX} milestones")));
        }
        let mut used = earlier.iter().flat_map(|group| &group.chains);
        if let Some(twice) = used.find(|chain| chains.contains(&&*chain.name)) {
            let twice = &twice.name;
            let reason = format!("\"{twice}\" is a chain of two groups");
            return Err(fields.error_at("chains", &reason));
        }
        let pattern = ColumnNames::read(fields, &milestones)?;
        let mut chain = |name: &&str| {
            let read = |stage: &&str| pattern.milestone(name, stage, columns);
            let milestones: Result<Vec<_>, _> = milestones.iter().map(read).collect();
            Ok(Chain {
                name: (*name).into(),
                milestones: milestones?,
            })
        };
        let chains: Result<Vec<_>, MappingError> = chains.iter().map(&mut chain).collect();
        Ok(Self {
            name,
            after,
            chains: chains?,
        })
    }
}

/// Names, each once, at least one.
fn names<'d>(node: &Node<'d>) -> Result<Vec<&'d str>, MappingError> {
    let names = node.list()?;
    if names.is_empty() {
        return Err(node.error("names nothing"));
    }
    if names.len() > MILESTONES_MAX {
        return Err(node.error(format!("has more than {MILESTONES_MAX} names")));
    }
    for (at, name) in names.iter().enumerate() {
        if !is_name(name) || names.iter().take(at).any(|other| other == name) {
            return Err(node.error("must list different names without control characters"));
        }
    }
    Ok(names)
}

/// The column names of a group, with `{chain}` and `{milestone}` in them.
#[derive(Debug)]
struct ColumnNames<'d> {
    fields: &'d Fields<'d>,
    planned: String,
    effective: String,
    place: Option<PlaceNames>,
}

#[derive(Debug)]
struct PlaceNames {
    column: String,
    /// The milestones that have such a column; all of them when the map names none.
    only: Option<Vec<String>>,
    scheme: Option<Box<str>>,
    absent: Absent,
}

impl<'d> ColumnNames<'d> {
    fn read(fields: &'d Fields<'d>, milestones: &[&str]) -> Result<Self, MappingError> {
        let text = |name| Ok(fields.required(name)?.name()?.to_owned());
        let place = fields.node("place");
        Ok(Self {
            fields,
            planned: text("planned")?,
            effective: text("effective")?,
            place: place
                .map(|node| PlaceNames::read(&node, milestones))
                .transpose()?,
        })
    }

    fn milestone(
        &self,
        chain: &str,
        stage: &str,
        columns: &mut Columns,
    ) -> Result<Milestone, MappingError> {
        let mut slot = |field, pattern: &str| {
            let name = pattern.replace("{chain}", chain);
            let name = name.replace("{milestone}", stage);
            if name.contains(['{', '}']) {
                let reason = "knows {chain} and {milestone}, and no other name in braces";
                return Err(self.fields.error_at(field, reason));
            }
            columns.slot_of(&self.fields.required(field)?, &name)
        };
        let place = self.place.as_ref().filter(|place| {
            let only = place.only.as_ref();
            only.is_none_or(|only| only.iter().any(|name| name == stage))
        });
        let place = place.map(|place| {
            Ok::<_, MappingError>(IdRule::Read {
                text: TextRule::Cell(CellRule::of(
                    slot("place", &place.column)?,
                    place.absent.clone(),
                )),
                scheme: place.scheme.clone(),
                split: None,
            })
        });
        Ok(Milestone {
            place: place.transpose()?,
            planned: slot("planned", &self.planned)?,
            effective: slot("effective", &self.effective)?,
            stage: stage.into(),
        })
    }
}

impl PlaceNames {
    fn read(node: &Node<'_>, milestones: &[&str]) -> Result<Self, MappingError> {
        if node.is_str() {
            return Ok(Self {
                column: node.name()?.to_owned(),
                only: None,
                scheme: None,
                absent: Absent::NONE,
            });
        }
        let fields = node.fields(&["column", "only", "scheme", "absent"])?;
        let only = fields.node("only").map(|node| node.list()).transpose()?;
        for name in only.iter().flatten() {
            if !milestones.contains(name) {
                let hint = did_you_mean(name, milestones.iter().copied());
                let reason = format!("{} is no milestone of the group{hint}", quoted(name));
                return Err(fields.error_at("only", &reason));
            }
        }
        let scheme = fields.node("scheme").map(|node| node.name()).transpose()?;
        if let Some(scheme) = scheme {
            let tried = PlaceId::private(scheme, "x");
            tried.map_err(|error| fields.error_at("scheme", &error.to_string()))?;
        }
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Ok(Self {
            column: fields.required("column")?.name()?.to_owned(),
            only: only.map(owned),
            scheme: scheme.map(Into::into),
            absent: Absent::read(&fields)?,
        })
    }
}
