//! Manifest lines: a row says that a unit or an amount goes from here to there, by when.

use std::sync::Arc;

use countersign_model::claim::Fact;
use countersign_model::ids::{ClassId, DocId, PlaceId, UnitId};
use countersign_model::plan::{Goods, Manifest, ManifestLine};
use countersign_model::quantity::{Currency, Uom};

use super::code::{CodeRule, MeasureRule};
use super::id::IdRule;
use super::sighting::{code, one, optional};
use super::time::TimeRule;
use super::{Columns, Row, Said, needed};
use crate::mapping::{MappingError, Node};
use crate::problem::{MISSING_VALUE, Problem};

/// The fields of `[manifest]`.
const FIELDS: [&str; 14] = [
    "id",
    "line",
    "lane",
    "time",
    "unit",
    "class",
    "quantity",
    "uom",
    "from",
    "to",
    "depart_by",
    "arrive_by",
    "value",
    "currency",
];

/// The rule of `[manifest]`.
#[derive(Debug)]
pub(crate) struct ManifestRule {
    id: IdRule<DocId>,
    line: Option<CodeRule<Arc<str>>>,
    lane: Option<CodeRule<Arc<str>>>,
    time: Option<TimeRule>,
    unit: Option<IdRule<UnitId>>,
    class: Option<IdRule<ClassId>>,
    quantity: Option<MeasureRule<Uom>>,
    from: IdRule<PlaceId>,
    to: IdRule<PlaceId>,
    depart_by: TimeRule,
    arrive_by: TimeRule,
    value: Option<MeasureRule<Currency>>,
}

impl ManifestRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let fields = &node.fields(&FIELDS)?;
        let rule = Self {
            id: IdRule::read(&fields.required("id")?, columns)?,
            line: optional(fields, "line", columns, CodeRule::read)?,
            lane: optional(fields, "lane", columns, CodeRule::read)?,
            time: optional(fields, "time", columns, TimeRule::read)?,
            unit: optional(fields, "unit", columns, IdRule::read)?,
            class: optional(fields, "class", columns, IdRule::read)?,
            quantity: MeasureRule::read(fields, "quantity", "uom", columns)?,
            from: IdRule::read(&fields.required("from")?, columns)?,
            to: IdRule::read(&fields.required("to")?, columns)?,
            depart_by: TimeRule::read(&fields.required("depart_by")?, columns)?,
            arrive_by: TimeRule::read(&fields.required("arrive_by")?, columns)?,
            value: MeasureRule::read(fields, "value", "currency", columns)?,
        };
        if rule.unit.is_none() && rule.class.is_none() {
            return Err(fields.error("needs a unit or a class"));
        }
        if rule.class.is_some() != rule.quantity.is_some() {
            return Err(fields.error("class and quantity go together"));
        }
        Ok(rule)
    }

    pub(crate) fn said(&self, row: &Row<'_>) -> Result<Said, Problem> {
        let depart_by = self.depart_by.value(row)?;
        let depart_by = needed(
            depart_by,
            || self.depart_by.blame(row),
            "a time to leave by",
        )?;
        let arrive_by = self.arrive_by.value(row)?;
        let arrive_by = needed(
            arrive_by,
            || self.arrive_by.blame(row),
            "a time to arrive by",
        )?;
        let time = self.time.as_ref().map(|rule| rule.value(row)).transpose()?;
        let what = self.goods(row)?;
        let line = match code(self.line.as_ref(), row)? {
            Some(line) => line,
            None => name_of(&what).into(),
        };
        let value = self
            .value
            .as_ref()
            .map(|rule| rule.money(row))
            .transpose()?;
        let manifest = Manifest {
            id: needed(
                self.id.one(row)?,
                || self.id.blame(row),
                "the manifest's key",
            )?,
            lane: code(self.lane.as_ref(), row)?,
            from: needed(
                self.from.one(row)?,
                || self.from.blame(row),
                "where it leaves",
            )?,
            to: needed(self.to.one(row)?, || self.to.blame(row), "where it arrives")?,
            // A deadline that is a day ends with that day.
            depart_by: depart_by.until,
            arrive_by: arrive_by.until,
            lines: vec![ManifestLine {
                line,
                what,
                value: value.flatten(),
                is_seal: false,
            }],
        };
        Ok(Said {
            time: time.flatten().unwrap_or(depart_by),
            facts: vec![Fact::Manifest(manifest)],
        })
    }

    fn goods(&self, row: &Row<'_>) -> Result<Goods, Problem> {
        if let Some(unit) = one(self.unit.as_ref(), row)? {
            return Ok(Goods::Unit(unit));
        }
        let blamed = self.class.as_ref().map(|rule| rule.blame(row));
        let blamed = blamed.or_else(|| self.unit.as_ref().map(|rule| rule.blame(row)));
        let (Some(class), Some(rule)) = (one(self.class.as_ref(), row)?, &self.quantity) else {
            let reason = "is empty: the row names no goods";
            return Err(Problem::new(
                MISSING_VALUE,
                blamed.unwrap_or_default(),
                reason,
            ));
        };
        let quantity = rule.quantity(row, Uom::PIECES)?;
        let quantity = needed(quantity, || rule.blame(row), "the amount of its class")?;
        Ok(Goods::Amount { class, quantity })
    }
}

/// A line without a name is named by what goes.
fn name_of(what: &Goods) -> &str {
    match what {
        Goods::Unit(unit) => unit.as_str(),
        Goods::Amount { class, .. } => class.as_str(),
    }
}
