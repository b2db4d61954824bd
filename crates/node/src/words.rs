//! What people and programs read of the folds.
use countersign_reconcile::{Ledger, Timeline};
use serde_json::{Value, json};

/// JSON of a timeline.
#[must_use]
pub fn timeline_json(timeline: &Timeline) -> Value {
    json!({ "debug": format!("{timeline:#?}") })
}

/// JSON of the ledger.
#[must_use]
pub fn ledger_json(ledger: &Ledger) -> Value {
    json!({ "debug": format!("{:#?}", ledger.totals()) })
}
