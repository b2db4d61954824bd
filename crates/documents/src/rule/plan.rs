//! Plans with dates: a row says when each stage of one unit is due, and when it was reached.

use std::sync::Arc;

use countersign_model::claim::{Fact, Reached};
use countersign_model::ids::{DocId, PlaceId, UnitId};
use countersign_model::plan::{Expectation, StageKey};
use countersign_model::time::{EventTime, Span};

use super::code::{CodeRule, is_name};
use super::id::IdRule;
use super::sighting::{code, one, optional};
use super::time::{TimeRule, span};
use super::{Columns, Row, Said, needed};
use crate::limits::MILESTONES_MAX;
use crate::mapping::{Fields, MappingError, Node};
use crate::problem::{MISSING_VALUE, Problem};

/// The fields of `[plan]`.
const FIELDS: [&str; 5] = ["id", "line", "unit", "time", "stage"];
/// The fields of `[[plan.stage]]`.
const STAGE_FIELDS: [&str; 6] = ["name", "group", "due", "reached", "place", "grace"];

/// The rule of `[plan]`.
#[derive(Debug)]
pub(crate) struct PlanRule {
    id: IdRule<DocId>,
    line: Option<CodeRule<Arc<str>>>,
    unit: IdRule<UnitId>,
    time: Option<TimeRule>,
    stages: Vec<StageRule>,
}

#[derive(Debug)]
struct StageRule {
    name: Arc<str>,
    group: Arc<str>,
    due: TimeRule,
    reached: Option<TimeRule>,
    place: Option<IdRule<PlaceId>>,
    grace: Span,
}

impl PlanRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let fields = &node.fields(&FIELDS)?;
        let mut stages: Vec<StageRule> = Vec::new();
        for table in fields.required("stage")?.tables(&STAGE_FIELDS)? {
            let stage = StageRule::read(&table, columns)?;
            if stages.iter().any(|other| other.name == stage.name) {
                return Err(table.error_at("name", "is the name of two stages"));
            }
            stages.push(stage);
        }
        if stages.is_empty() || stages.len() > MILESTONES_MAX {
            let reason = format!("1 to {MILESTONES_MAX} stages may be");
            return Err(fields.error_at("stage", &reason));
        }
        Ok(Self {
            id: IdRule::read(&fields.required("id")?, columns)?,
            line: optional(fields, "line", columns, CodeRule::read)?,
            unit: IdRule::read(&fields.required("unit")?, columns)?,
            time: optional(fields, "time", columns, TimeRule::read)?,
            stages,
        })
    }

    pub(crate) fn said(&self, row: &Row<'_>) -> Result<Said, Problem> {
        let plan = needed(self.id.one(row)?, || self.id.blame(row), "the plan's key")?;
        let unit = needed(self.unit.one(row)?, || self.unit.blame(row), "a unit")?;
        let line = match code(self.line.as_ref(), row)? {
            Some(line) => line,
            None => unit.as_str().into(),
        };
        let mut earliest: Option<EventTime> = None;
        let mut facts = Vec::with_capacity(self.stages.len() * 2);
        for stage in &self.stages {
            let key = StageKey {
                plan: plan.clone(),
                line: line.clone(),
                stage: stage.name.clone(),
            };
            let said = stage.said(&key, &unit, row, &mut facts)?;
            let found = earliest.into_iter().chain(said);
            earliest = found.min_by_key(|time| time.at);
        }
        let time = self.time.as_ref().map(|rule| rule.value(row)).transpose()?;
        let nothing = || {
            let first = self.stages.first().map(|stage| stage.due.blame(row));
            let reason = "is empty, as are the times of all other stages";
            Problem::new(MISSING_VALUE, first.unwrap_or_default(), reason)
        };
        let earliest = earliest.ok_or_else(nothing)?;
        Ok(Said {
            time: time.flatten().unwrap_or(earliest),
            facts,
        })
    }
}

impl StageRule {
    fn read(fields: &Fields<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let name: Arc<str> = stage_name(&fields.required("name")?)?;
        let group = fields.node("group").map(|node| stage_name(&node));
        Ok(Self {
            group: group.transpose()?.unwrap_or_else(|| name.clone()),
            name,
            due: TimeRule::read(&fields.required("due")?, columns)?,
            reached: optional(fields, "reached", columns, TimeRule::read)?,
            place: optional(fields, "place", columns, IdRule::read)?,
            grace: span(fields, "grace")?,
        })
    }

    /// Appends what the row says of this stage; returns the earlier of its two times.
    fn said(
        &self,
        key: &StageKey,
        unit: &UnitId,
        row: &Row<'_>,
        facts: &mut Vec<Fact>,
    ) -> Result<Option<EventTime>, Problem> {
        let due = self.due.value(row)?;
        let reached = self.reached.as_ref().map(|rule| rule.value(row));
        let reached = reached.transpose()?.flatten();
        let place = one(self.place.as_ref(), row)?;
        if let Some(due) = due {
            facts.push(Fact::Expected(Expectation {
                key: key.clone(),
                group: self.group.clone(),
                unit: unit.clone(),
                place: place.clone(),
                due,
                grace: self.grace,
            }));
        }
        if let Some(time) = reached {
            facts.push(Fact::Reached(Reached {
                unit: unit.clone(),
                stage: key.clone(),
                time,
                place,
            }));
        }
        Ok(due.into_iter().chain(reached).min_by_key(|time| time.at))
    }
}

/// The name of a stage, a group or a chain.
pub(crate) fn stage_name(node: &Node<'_>) -> Result<Arc<str>, MappingError> {
    let text = node.name()?;
    if is_name(text) {
        Ok(text.into())
    } else {
        Err(node.error("must be a name of at most 512 bytes without control characters"))
    }
}
