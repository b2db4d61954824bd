//! How a log and its folder are.

use serde_json::{Value, json};

use crate::compose::Opened;

/// The status, as JSON.
#[must_use]
pub fn status(opened: &Opened) -> Value {
    let engine = &opened.engine;
    let folds = engine.folds();
    let dir = &opened.dir;
    json!({
        "origin": engine.intake().register.identity().origin.as_str(),
        "vkey": engine.vkey(),
        "vkeys": engine.vkeys(),
        "size": engine.size().0,
        "published": engine.published_size().0,
        "as_of": folds.index().0,
        "claims": engine.intake().identities.count(),
        "second_place": dir.second().display().to_string(),
        "second_place_on_same_disk": dir.shares_disk_with_second(),
        "fold_version": countersign_engine::folds::FOLD_VERSION,
        "state_digest": folds.state_digest().to_string(),
        "clock": {
            "now": engine.now().to_string(),
            "scenario": engine.intake().register.has_scenario_clock(),
            "jumped": engine.clock_jumped(),
        },
        "findings": {
            "open": folds.detect().standing().count(),
        },
        "sequenced_again": opened.recovered.sequenced_again,
    })
}
