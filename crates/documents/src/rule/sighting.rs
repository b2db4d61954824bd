//! Sightings: a row says that units or quantities were handled or seen.

use countersign_model::claim::{
    Action, ClassQuantity, EventKind, Fact, Sighting, Step, StepRole, Weight,
};
use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, UnitId};
use countersign_model::quantity::{Currency, Uom};

use super::code::{CodeRule, MeasureRule};
use super::id::IdRule;
use super::time::TimeRule;
use super::{Columns, Row, Said, needed};
use crate::mapping::{Fields, MappingError, Node};
use crate::problem::{BAD_CODE, MISSING_VALUE, Problem};

/// The fields of `[sighting]`.
const FIELDS: [&str; 18] = [
    "time",
    "unit",
    "class",
    "quantity",
    "uom",
    "parent",
    "step",
    "action",
    "disposition",
    "place",
    "location",
    "from",
    "to",
    "document",
    "weight",
    "weight_uom",
    "value",
    "currency",
];

/// The rule of `[sighting]`.
#[derive(Debug)]
pub(crate) struct SightingRule {
    time: TimeRule,
    unit: Option<IdRule<UnitId>>,
    class: Option<IdRule<ClassId>>,
    quantity: Option<MeasureRule<Uom>>,
    parent: Option<IdRule<UnitId>>,
    step: Option<CodeRule<Step>>,
    action: Option<CodeRule<Action>>,
    disposition: Option<CodeRule<Box<str>>>,
    place: Option<IdRule<PlaceId>>,
    location: Option<IdRule<PlaceId>>,
    from: Option<IdRule<PartyId>>,
    to: Option<IdRule<PartyId>>,
    document: Option<IdRule<DocId>>,
    weight: Option<MeasureRule<Uom>>,
    value: Option<MeasureRule<Currency>>,
}

/// Reads an optional field by `read`.
pub(crate) fn optional<T>(
    fields: &Fields<'_>,
    name: &'static str,
    columns: &mut Columns,
    read: impl Fn(&Node<'_>, &mut Columns) -> Result<T, MappingError>,
) -> Result<Option<T>, MappingError> {
    fields
        .node(name)
        .map(|node| read(&node, columns))
        .transpose()
}

impl SightingRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let fields = &node.fields(&FIELDS)?;
        let rule = Self {
            time: TimeRule::read(&fields.required("time")?, columns)?,
            unit: optional(fields, "unit", columns, IdRule::read_many)?,
            class: optional(fields, "class", columns, IdRule::read)?,
            quantity: MeasureRule::read(fields, "quantity", "uom", columns)?,
            parent: optional(fields, "parent", columns, IdRule::read)?,
            step: optional(fields, "step", columns, CodeRule::read)?,
            action: optional(fields, "action", columns, CodeRule::read)?,
            disposition: optional(fields, "disposition", columns, CodeRule::read)?,
            place: optional(fields, "place", columns, IdRule::read)?,
            location: optional(fields, "location", columns, IdRule::read)?,
            from: optional(fields, "from", columns, IdRule::read)?,
            to: optional(fields, "to", columns, IdRule::read)?,
            document: optional(fields, "document", columns, IdRule::read_many)?,
            weight: MeasureRule::read(fields, "weight", "weight_uom", columns)?,
            value: MeasureRule::read(fields, "value", "currency", columns)?,
        };
        if rule.unit.is_none() && rule.class.is_none() {
            return Err(fields.error("needs a unit or a class"));
        }
        if rule.quantity.is_some() && rule.class.is_none() {
            return Err(fields.error_at("quantity", "goes with a class only"));
        }
        Ok(rule)
    }

    /// Whether the row has no time for it.
    pub(crate) fn has_no_time(&self, row: &Row<'_>) -> Result<bool, Problem> {
        Ok(self.time.value(row)?.is_none())
    }

    pub(crate) fn said(&self, row: &Row<'_>) -> Result<Said, Problem> {
        let time = self.time.value(row)?;
        let time = needed(time, || self.time.blame(row), "the time of the sighting")?;
        let step = code(self.step.as_ref(), row)?;
        let action = code(self.action.as_ref(), row)?;
        let units = all(self.unit.as_ref(), row)?;
        let quantities: Vec<_> = self.class_quantity(row)?.into_iter().collect();
        let parent = one(self.parent.as_ref(), row)?;
        if units.is_empty() && quantities.is_empty() {
            return Err(self.nothing(row));
        }
        let sighting = Sighting {
            kind: if parent.is_some() {
                EventKind::Aggregation
            } else {
                EventKind::Object
            },
            action: Some(action.unwrap_or_else(|| action_of(step.as_ref()))),
            time,
            step,
            disposition: code(self.disposition.as_ref(), row)?,
            place: one(self.place.as_ref(), row)?,
            location: one(self.location.as_ref(), row)?,
            units,
            parent,
            outputs: Vec::new(),
            quantities,
            output_quantities: Vec::new(),
            from: one(self.from.as_ref(), row)?,
            to: one(self.to.as_ref(), row)?,
            documents: all(self.document.as_ref(), row)?,
            weights: self.weight(row)?.into_iter().collect(),
            value: match &self.value {
                None => None,
                Some(rule) => rule.money(row)?,
            },
        };
        Ok(Said {
            time,
            facts: vec![Fact::Sighting(sighting)],
        })
    }

    fn class_quantity(&self, row: &Row<'_>) -> Result<Option<ClassQuantity>, Problem> {
        let Some(class) = one(self.class.as_ref(), row)? else {
            return Ok(None);
        };
        let quantity = match &self.quantity {
            None => None,
            Some(rule) => rule.quantity(row, Uom::PIECES)?,
        };
        Ok(Some(ClassQuantity { class, quantity }))
    }

    fn weight(&self, row: &Row<'_>) -> Result<Option<Weight>, Problem> {
        let Some(rule) = &self.weight else {
            return Ok(None);
        };
        let Some(mass) = rule.quantity(row, Uom::KILOGRAM)? else {
            return Ok(None);
        };
        let weight = Weight::of(mass.value, mass.uom);
        weight.map(Some).ok_or_else(|| {
            let reason = format!("is a weight in {}, which is no unit of mass", mass.uom);
            Problem::new(BAD_CODE, rule.blame(row), reason)
        })
    }

    fn nothing(&self, row: &Row<'_>) -> Problem {
        let unit = self.unit.as_ref().map(|rule| rule.blame(row));
        let class = self.class.as_ref().map(|rule| rule.blame(row));
        let field = unit.or(class).unwrap_or_default();
        Problem::new(MISSING_VALUE, field, "is empty: the row names no goods")
    }
}

/// The action that a step stands for where the table says none.
fn action_of(step: Option<&Step>) -> Action {
    match step.map(Step::role) {
        Some(StepRole::Issues) => Action::Add,
        Some(StepRole::Ends) => Action::Delete,
        _ => Action::Observe,
    }
}

/// The key of an optional rule.
pub(crate) fn one<T: super::id::Key>(
    rule: Option<&IdRule<T>>,
    row: &Row<'_>,
) -> Result<Option<T>, Problem> {
    rule.map_or(Ok(None), |rule| rule.one(row))
}

/// The keys of an optional rule.
fn all<T: super::id::Key>(rule: Option<&IdRule<T>>, row: &Row<'_>) -> Result<Vec<T>, Problem> {
    rule.map_or_else(|| Ok(Vec::new()), |rule| rule.all(row))
}

/// The word of an optional rule.
pub(crate) fn code<T: super::code::Code>(
    rule: Option<&CodeRule<T>>,
    row: &Row<'_>,
) -> Result<Option<T>, Problem> {
    rule.map_or(Ok(None), |rule| rule.value(row))
}
