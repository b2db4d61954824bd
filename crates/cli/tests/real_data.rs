//! Real files through the command line: nothing lost, nothing guessed.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::path::Path;

use run::{Log, countersign, ends_with, files_below, found_in, json, new_log, ok, real_data};
use serde_json::Value;

fn report_lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a report");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON lines"))
        .collect()
}

/// Captures each document in a log of its own run, and compares what comes back with what went in.
fn capture_and_give_back(log: &Log, documents: &[std::path::PathBuf]) -> Value {
    let report = log.path("report.jsonl");
    let mut arguments = vec![
        "capture", "--data", &log.data, "--report", &report, "--json",
    ];
    let paths: Vec<String> = documents
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    arguments.extend(paths.iter().map(String::as_str));
    let summary = json(&arguments);
    assert_eq!(
        summary["rejected"],
        0,
        "{}",
        fs::read_to_string(&report).unwrap_or_default()
    );
    let out = log.path("raw");
    ok(&["export", "--data", &log.data, "--raw", "--out", &out]);
    let back = files_below(Path::new(&out));
    assert_eq!(
        back.len(),
        documents.len(),
        "one document back for each that went in"
    );
    for (document, back) in documents.iter().zip(&back) {
        let same = fs::read(document).expect("reads") == fs::read(back).expect("reads");
        assert!(same, "{} came back changed", document.display());
    }
    summary
}

#[test]
fn gs1_documents_come_back_byte_for_byte() {
    let Some(folder) = real_data("epcis/gs1-epcis/JSON") else {
        return;
    };
    let documents: Vec<_> = files_below(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "jsonld"))
        .collect();
    assert_eq!(documents.len(), 47);
    let log = new_log();
    let summary = capture_and_give_back(&log, &documents);
    assert!(
        summary["conflicting"].as_u64().expect("a number") > 0,
        "some of GS1's share an eventID: {summary}"
    );
}

#[test]
fn openepcis_events_and_documents_come_back_byte_for_byte() {
    let Some(folder) =
        real_data("epcis/openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture")
    else {
        return;
    };
    for (name, count) in [("Events", 5), ("Documents", 38)] {
        let documents = files_below(&folder.join(name));
        assert_eq!(documents.len(), count, "{name}");
        capture_and_give_back(&new_log(), &documents);
    }
}

#[test]
fn invalid_documents_are_refused_with_the_field() {
    let Some(folder) = real_data(
        "epcis/openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Invalid",
    ) else {
        return;
    };
    let documents = files_below(&folder);
    assert_eq!(documents.len(), 15);
    for document in documents {
        let log = new_log();
        let report = log.path("report.jsonl");
        let path = document.display().to_string();
        ends_with(
            1,
            &[
                "capture", "--data", &log.data, "--report", &report, "--json", &path,
            ],
        );
        let rejected: Vec<Value> = report_lines(&report)
            .into_iter()
            .filter(|line| line["status"] == "rejected")
            .collect();
        assert!(!rejected.is_empty(), "{path} was taken");
        for line in rejected {
            let has = |name: &str| line[name].as_str().is_some_and(|text| !text.is_empty());
            assert!(
                has("code") && has("field") && has("reason"),
                "{path}: {line}"
            );
        }
    }
}

#[test]
fn cargo2000_gives_the_reference_numbers_by_the_map_alone() {
    let Some(folder) = real_data("real/cargo2000") else {
        return;
    };
    let table = folder.join("c2k_data_comma.csv");
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mappings/cargo2000.toml");
    let text = fs::read_to_string(&table).expect("reads");
    let (header, rows) = text.split_once('\n').expect("a header");
    let program = fs::read(env!("CARGO_BIN_EXE_countersign")).expect("reads");
    // Two of the names, `nr` and `legs`, are words like others.
    let names: Vec<&str> = header
        .trim_end()
        .split(',')
        .filter(|name| name.contains('_'))
        .collect();
    assert!(names.len() > 90, "{} columns", names.len());
    let none: [&str; 0] = [];
    assert_eq!(
        found_in(&program, &names),
        none,
        "the program knows no column of it"
    );
    // A copy with other column names, and a map that says so.
    let renamed = header
        .split(',')
        .map(|name| format!("col {name}"))
        .collect::<Vec<_>>()
        .join(",");
    check_cargo2000(&table.display().to_string(), &map.display().to_string());
    let log = new_log();
    let copy = log.write("copy.csv", &format!("{renamed}\n{rows}"));
    let edited = rename_columns(&fs::read_to_string(&map).expect("reads"));
    let edited = log.write("map.toml", &edited);
    check_cargo2000(&copy, &edited);
}

/// Puts `col ` before every column that the map names: patterns and templates begin there.
fn rename_columns(map: &str) -> String {
    let mut out = Vec::new();
    for line in map.lines() {
        let names_column = [
            "planned",
            "effective",
            "place",
            "column",
            "template",
            "id ",
            "unit",
            "plan ",
            "key",
        ]
        .iter()
        .any(|word| line.trim_start().starts_with(word));
        out.push(if names_column && !line.trim_start().starts_with('#') {
            prefixed(line)
        } else {
            line.to_owned()
        });
    }
    out.join("\n") + "\n"
}

/// Column names in the map are built on the names of legs; they all hold an underscore.
fn prefixed(line: &str) -> String {
    let mut out = String::new();
    for (at, piece) in line.split('"').enumerate() {
        if at > 0 {
            out.push('"');
        }
        let column = at % 2 == 1 && piece.contains('_');
        if column {
            out.push_str(&with_prefix(piece))
        } else {
            out.push_str(piece)
        }
    }
    out
}

fn with_prefix(piece: &str) -> String {
    match piece.strip_prefix('{') {
        // A template: the column stands in braces, unless the brace is a list's own word.
        Some(rest) if !piece.contains("}_") => format!("{{col {rest}"),
        _ => format!("col {piece}"),
    }
}

fn check_cargo2000(table: &str, map: &str) {
    let log = new_log();
    let summary = json(&[
        "capture", "--data", &log.data, "--map", map, "--json", table,
    ]);
    assert_eq!(
        (&summary["accepted"], &summary["rejected"]),
        (&Value::from(3942), &Value::from(0))
    );
    let ledger = json(&["ledger", "--data", &log.data, "--json"]);
    assert_eq!(
        (
            &ledger["expectations"]["expectations"],
            &ledger["expectations"]["late"]
        ),
        (&56_082.into(), &8_389.into())
    );
    let named = |list: &Value, key: &str, name: &str| {
        let found = list
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one[key] == name);
        found.unwrap_or_else(|| panic!("{name}: {list}")).clone()
    };
    let (inbound, outbound) = (
        named(&ledger["groups"], "group", "inbound"),
        named(&ledger["groups"], "group", "outbound"),
    );
    assert_eq!(
        (&inbound["units_late"], &outbound["units_late"]),
        (&2_177.into(), &1_303.into())
    );
    assert_eq!(named(&outbound["stages"], "stage", "dlv")["late"], 1_048);
    let findings = ok(&["findings", "--data", &log.data, "--json"]);
    assert_eq!(
        findings.lines().count(),
        2_401,
        "one grouped finding for each shipment with a late milestone"
    );
    let again = json(&[
        "capture", "--data", &log.data, "--map", map, "--json", table,
    ]);
    assert_eq!(
        again["duplicate"], 3942,
        "the same file again is nothing new"
    );
}

#[test]
fn a_file_that_is_none_of_ours_is_told_so() {
    let log = new_log();
    let xml = log.write("a.xml", "<epcis:EPCISDocument/>");
    let text = ends_with(1, &["capture", "--data", &log.data, &xml]);
    assert!(text.contains("rejected"), "{text}");
    let missing = countersign(&["capture", "--data", &log.data, "no-such-file"]);
    assert_eq!(missing.status.code(), Some(1));
}
