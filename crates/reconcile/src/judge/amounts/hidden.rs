//! Amounts that were short until a correction said otherwise. Kind `record_tampering`.

use std::collections::BTreeMap;

use countersign_model::quantity::Quantity;

use super::{Differs, Sums, differences, question, sums};
use crate::discrepancy::{Amount, Discrepancy, FactValue};
use crate::judge::tampering::{Correction, replaces};
use crate::judge::waits::is_awaited;
use crate::kind::{Kind, STAGE_DEPART};
use crate::known::View;
use crate::known::class_events::ClassKey;
use crate::known::manifests::Manifest;
use crate::known::plan_events::Named;
use crate::known::sources::Question;
use crate::number::{DocNo, EventNo};
use crate::value::amount_value;

/// What would be short if nothing had been taken back, and is not.
pub(super) fn judge(
    known: View<'_>,
    (doc, manifest): (DocNo, &Manifest),
    now: &BTreeMap<ClassKey, Sums>,
    questions: &mut Vec<Question>,
) -> Vec<Discrepancy> {
    if now.is_empty() {
        return Vec::new();
    }
    let named = known.document(doc).into_iter().flat_map(Named::all);
    let corrections = named.filter_map(|event| Correction::of(known, event));
    let late: Vec<Correction> = corrections.filter(|it| it.is_late(known)).collect();
    if late.is_empty() {
        return Vec::new();
    }
    let is_wrong = |event: EventNo| late.iter().any(|it| it.wrong == event);
    let is_instead = |event: EventNo| late.iter().any(|it| replaces(known, event, it.wrong));
    let stood = sums(known, doc, manifest, &|event| {
        is_wrong(event) || (known.is_effective(event) && !is_instead(event))
    });
    let mut found = Vec::new();
    for (class, sums) in &stood {
        for short in differences(manifest, *class, sums) {
            let differs_still = now.get(class).is_some_and(|now| {
                differences(manifest, *class, now).any(|d| d.stage == short.stage)
            });
            if differs_still || short.difference.is_negative() || known.tick <= short.deadline {
                continue;
            }
            let asked = question(known, manifest, short.deadline);
            if !is_awaited(&known, asked, questions) {
                let spoke = |it: &&Correction| {
                    it.time > short.deadline
                        && (sums.givers.contains(&it.wrong) || sums.takers.contains(&it.wrong))
                };
                let hiding = late.iter().filter(spoke);
                found.extend(hiding.filter_map(|it| draft(known, (doc, manifest), it, &short)));
            }
        }
    }
    found
}

fn draft(
    known: View<'_>,
    (doc, manifest): (DocNo, &Manifest),
    correction: &Correction,
    short: &Differs,
) -> Option<Discrepancy> {
    let (class, uom) = short.class;
    let amount = Amount {
        class: known.atlas.names.classes.name(class).clone(),
        difference: Quantity {
            value: short.difference,
            uom,
        },
    };
    let place = match short.stage {
        STAGE_DEPART => manifest.terms.from,
        _ => manifest.terms.to,
    };
    let draft = correction
        .draft(known)?
        .plan(Some(doc))
        .amount(amount, amount_value(&known, class, short.difference))
        .at(Some(place))
        .overdue(short.deadline)
        .fact("hidden", FactValue::Word(Kind::QuantityMismatch.as_str()));
    Some(draft.finish())
}
