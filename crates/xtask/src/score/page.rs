//! `docs/score.json`, which keeps what was measured, and `docs/score.md`, which is made of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::Stop;
use crate::workspace::Root;

const JSON: &str = "docs/score.json";
const PAGE: &str = "docs/score.md";

/// What was measured, by case.
pub(super) type Table = BTreeMap<String, Value>;

/// What was measured before; nothing if there is no file that can be read.
pub(super) fn read(root: &Root) -> Table {
    let text = std::fs::read_to_string(root.path().join(JSON)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes both files; cases stand in the order given.
pub(super) fn write(root: &Root, table: &Table, cases: &[(&str, &str)]) -> Result<(), Stop> {
    let put = |name: &str, text: String| {
        let path = root.path().join(name);
        std::fs::write(path, text).map_err(|error| super::failed(format!("{name}: {error}")))
    };
    put(JSON, format!("{:#}\n", json!(table)))?;
    put(PAGE, page(table, cases))
}

/// Model of the processor, cores, memory.
pub(super) fn machine() -> String {
    let line = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = line("/proc/meminfo", "MemTotal");
    format!(
        "{}, {cores} cores, {memory} of memory",
        line("/proc/cpuinfo", "model name")
    )
}

fn page(table: &Table, cases: &[(&str, &str)]) -> String {
    let measured: Vec<(&str, &str, &Value)> = cases
        .iter()
        .filter_map(|(name, about)| Some((*name, *about, table.get(*name)?)))
        .collect();
    let mut out = String::from(HEAD);
    for (name, about, score) in &measured {
        line(&mut out, &sums(name, about, score));
    }
    out.push_str(FAMILIES);
    let names: Vec<&str> = measured.iter().map(|(name, ..)| *name).collect();
    line(&mut out, &format!("| family | {} |", names.join(" | ")));
    line(&mut out, &format!("|---|{}", "---|".repeat(names.len())));
    for family in families(&measured) {
        let cells = measured.iter().map(|(.., score)| cell(score, &family));
        let cells: Vec<String> = cells.collect();
        line(&mut out, &format!("| `{family}` | {} |", cells.join(" | ")));
    }
    out.push_str(
        "\n## Made by\n\n| case | seeds | units | commit | machine |\n|---|---|---|---|---|\n",
    );
    for (name, _, score) in &measured {
        let seeds = score
            .get("seeds")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        line(
            &mut out,
            &format!(
                "| {name} | {seeds} | {} | {} | {} |",
                plain(score, "/units"),
                plain(score, "/commit"),
                plain(score, "/machine")
            ),
        );
    }
    out
}

const HEAD: &str = "# The score\n\n\
    Written by `cargo xtask score`: worlds of fixed seeds, each generated, played into a node of its own \
    and scored by three processes ([scenario](formats/scenario.md) says how). A golden table: worse figures \
    are seen in review. Times are those of the scenario's clock.\n\n\
    *Not detectable*: acts that an oracle of plans and claims alone cannot know; *recall* is of the others. \
    *Precision* and *false* count what was taken back again, unless it was allowed there; *stood* says how \
    long that was. *Seconds* run from when an act could be known.\n\n\
    | case | disorder | acts | not detectable | recall | precision | false per 10,000 units | seconds: median | \
    p99 | from the act: median | taken back: rightly | wrongly | false | stood: median s |\n\
    |---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";

const FAMILIES: &str = "\n## By family\n\n\
    Of acts: found / detectable / planted, and behind `+` the false findings there. Of look-alikes the false \
    findings alone; `–` is none.\n\n";

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn number(score: &Value, path: &str) -> u64 {
    score.pointer(path).and_then(Value::as_u64).unwrap_or(0)
}

/// A value as it is read; nothing is a dash.
fn plain(score: &Value, path: &str) -> String {
    match score.pointer(path) {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn sums(name: &str, about: &str, score: &Value) -> String {
    let hidden = number(score, "/planted") - number(score, "/detectable");
    let mut cells = vec![
        name.to_owned(),
        about.to_owned(),
        number(score, "/planted").to_string(),
        hidden.to_string(),
    ];
    let paths = [
        "/recall",
        "/precision",
        "/false_per_10k_units",
        "/seconds_to_finding/median",
        "/seconds_to_finding/p99",
        "/seconds_from_act/median",
        "/retracted/right",
        "/retracted/wrong",
        "/retracted/false",
        "/retracted/seconds_stood/median",
    ];
    cells.extend(paths.map(|path| plain(score, path)));
    format!("| {} |", cells.join(" | "))
}

fn list(score: &Value) -> impl Iterator<Item = &Value> {
    let families = score.get("families").and_then(Value::as_array);
    families.into_iter().flatten()
}

fn is_act(family: &Value) -> bool {
    family.get("act").and_then(Value::as_bool) == Some(true)
}

/// Names of all families, acts first.
fn families(measured: &[(&str, &str, &Value)]) -> Vec<String> {
    let mut names: Vec<(bool, String)> = Vec::new();
    for family in measured.iter().flat_map(|(.., score)| list(score)) {
        let name = (!is_act(family), plain(family, "/family"));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

fn cell(score: &Value, name: &str) -> String {
    let found = list(score).find(|family| plain(family, "/family") == name);
    let Some(family) = found else {
        return String::new();
    };
    let wrong = number(family, "/false");
    if is_act(family) {
        let [found, detectable, planted] =
            ["/found", "/detectable", "/planted"].map(|path| number(family, path));
        let wrong = if wrong == 0 {
            String::new()
        } else {
            format!(" +{wrong}")
        };
        format!("{found}/{detectable}/{planted}{wrong}")
    } else if wrong == 0 {
        "–".to_owned()
    } else {
        wrong.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_line_a_case_and_a_line_a_family() {
        let score = json!({
            "planted": 3, "detectable": 2, "recall": 0.5, "precision": null, "units": 100,
            "seconds_to_finding": {"median": 7}, "retracted": {"right": 4}, "seeds": [1, 2],
            "commit": "abc", "machine": "m", "families": [
                {"family": "late_truck", "act": false, "planted": 2, "false": 0},
                {"family": "raid", "act": true, "planted": 3, "detectable": 2, "found": 1, "false": 5},
            ],
        });
        let table = Table::from([("clean".to_owned(), score)]);
        let page = page(&table, &[("skew", "none"), ("clean", "calm")]);
        let row = "| clean | calm | 3 | 1 | 0.5 | – | – | 7 | – | – | 4 | – | – | – |\n";
        assert!(page.contains(row), "{page}");
        assert!(
            page.contains("| `raid` | 1/2/3 +5 |\n| `late_truck` | – |\n"),
            "{page}"
        );
        assert!(page.contains("| clean | 2 | 100 | abc | m |\n") && !page.contains("skew"));
    }
}
