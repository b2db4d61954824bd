//! What is at risk: the value of a unit or of an amount, as far as anybody said.

use countersign_model::decimal::Decimal;
use countersign_model::gs1::Key;
use countersign_model::ids::ClassId;
use countersign_model::quantity::Money;

use crate::judge::Case;
use crate::known::Known;
use crate::number::{ClassNo, UnitNo};

/// Value of a unit: as its plan's line says (`line`), else another line, else a sighting, else
/// the product of its class.
pub(crate) fn unit_value(case: &Case<'_>, line: Option<Money>) -> Option<Money> {
    line.or_else(|| line_value(&case.known, case.root))
        .or_else(|| {
            let own = case.history.iter();
            let own = own.filter(|event| case.known.container(case.root, **event).is_none());
            let events = own.map(|event| case.known.event(*event));
            let mut standing = events.filter(|row| case.known.is_claim_effective(row.claim));
            standing.find_map(|row| row.value.as_deref().copied())
        })
        .or_else(|| product_value(&case.known, case.root))
}

/// Value of a unit of which only the key is at hand.
pub(crate) fn key_value(known: &Known, root: UnitNo) -> Option<Money> {
    line_value(known, root).or_else(|| product_value(known, root))
}

fn line_value(known: &Known, root: UnitNo) -> Option<Money> {
    let members = known.aliases.members(root);
    let lines = members.flat_map(|key| known.lines_of(key));
    let valued = lines.filter_map(|line| {
        let manifest = known.manifests.standing(line.manifest)?;
        let value = known.lines.terms(&manifest.terms, line.line).value()?;
        Some((known.atlas.names.docs.name(line.manifest), line.line, value))
    });
    let first = valued.min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    first.map(|(_, _, value)| value)
}

fn product_value(known: &Known, root: UnitNo) -> Option<Money> {
    let mut members = known.aliases.members(root);
    members.find_map(|key| {
        let key = Key::parse(&known.atlas.names.units.text(key)).ok()?;
        let class = ClassId::parse(key.class_key()?.canonical()).ok()?;
        known.atlas.network.product(&class)?.value
    })
}

/// Value of an amount of a class: pieces times the product's value; a lot has its class's.
pub(crate) fn amount_value(known: &Known, class: ClassNo, amount: Decimal) -> Option<Money> {
    let product = |class: ClassNo| {
        let name = known.atlas.names.classes.name(class);
        known.atlas.network.product(name)
    };
    let product = product(class).or_else(|| product(known.atlas.class_of(class)?));
    let value = product?.value?;
    Some(Money {
        amount: value.amount.checked_mul(amount.abs())?,
        currency: value.currency,
    })
}
