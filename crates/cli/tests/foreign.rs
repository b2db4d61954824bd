//! Logs and tables that others made, from the file to the findings, by the commands that a user gives.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use run::{Log, json, new_log, ok, real_data};
use serde_json::Value;

fn of_the_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Converts a log; what the tool tells at its end.
fn convert(log: &Path, out: &str) -> String {
    let output = Command::new("/usr/bin/python3")
        .arg(of_the_project("tools/countersign_ocel.py"))
        .arg("--reading")
        .arg(of_the_project("examples/ocel/container-logistics.toml"))
        .args(["--out", out])
        .arg(log)
        .output()
        .expect("Python runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    told
}

fn findings(log: &Log) -> Vec<Value> {
    let lines = ok(&["findings", "--data", &log.data, "--json"]);
    let lines = lines.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("JSON lines")
}

/// Units by account and the end of its place.
fn accounts(log: &Log, of: &str) -> BTreeMap<(String, String), u64> {
    let mut out = BTreeMap::new();
    let ledger = json(&["ledger", "--data", &log.data, "--json"]);
    for row in ledger["accounts"].as_array().expect("a list") {
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let place = word("place");
        let place = place.rsplit(':').next().unwrap_or_default().to_owned();
        if place.starts_with(of) {
            *out.entry((word("account"), place)).or_default() +=
                row["units"].as_u64().expect("a number");
        }
    }
    out
}

#[test]
fn an_ocel_log_of_containers_is_custody_without_a_theft() {
    let Some(folder) = real_data("real/ocel2-container-logistics") else {
        return;
    };
    let log = new_log();
    let out = log.path("converted");
    let told = convert(&folder.join("container-logistics.sqlite"), &out);
    let file = |name: &str| format!("{out}/{name}");
    // Whatever was not converted is told.
    for line in [
        "510 Drive to Terminal as arriving",
        "200 Book Vehicle: not converted",
        "2540 objects are named and not listed",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    ok(&["apply", "--data", &log.data, &file("network.toml")]);
    let events = json(&[
        "capture",
        "--data",
        &log.data,
        "--json",
        &file("events.json"),
    ]);
    assert_eq!(
        (&events["accepted"], &events["rejected"]),
        (&8437.into(), &0.into())
    );
    let none: [Value; 0] = [];
    assert_eq!(findings(&log), none, "what happened adds up");
    let plans = json(&[
        "capture",
        "--data",
        &log.data,
        "--json",
        "--map",
        &file("plans.toml"),
        &file("plans.csv"),
    ]);
    assert_eq!(
        (&plans["accepted"], &plans["rejected"]),
        (&510.into(), &0.into())
    );
    check_terminal(&log);
    check_missed_vessels(&log);
    // One that stands there, and one that sailed.
    for (unit, account) in [("cr121", "held"), ("cr1", "in_transfer")] {
        let unit = format!("urn:countersign:key:1:container:{unit}");
        let trace = json(&["trace", "--data", &log.data, "--json", &unit]);
        assert_eq!(trace["account"]["account"], account, "{trace}");
    }
}

/// 445 containers and 51 vessels left the terminal; 65 containers stand in its stock: open custody.
/// With them goes what they were loaded with: 344 of the 2,540 handling units are in those 65.
fn check_terminal(log: &Log) {
    let expect = [
        (("held", "terminal-stock"), 65 + 344),
        (("in_transfer", "terminal-bay"), 445 + 51 + 2540 - 344),
    ];
    let expect: BTreeMap<(String, String), u64> = expect
        .map(|((account, place), units)| ((account.to_owned(), place.to_owned()), units))
        .into();
    assert_eq!(accounts(log, "terminal"), expect);
    let ledger = json(&["ledger", "--data", &log.data, "--json"]);
    assert_eq!(ledger["units"], 510 + 51 + 2540);
    assert_eq!(ledger["expectations"]["met"], 445);
    assert_eq!(ledger["expectations"]["late"], 65);
    assert_eq!(ledger["expectations"]["missing"], 0);
}

/// Those 65 came when their vessel had left. That is late, and no loss.
fn check_missed_vessels(log: &Log) {
    let found = findings(log);
    assert!(!found.is_empty());
    let mut units = 0;
    for finding in &found {
        assert_eq!(finding["kind"], "late_units", "{finding}");
        units += finding["units"].as_array().expect("a list").len();
    }
    assert_eq!(units, 65);
}

#[test]
fn a_delivery_history_is_loaded_balanced_and_judged_once() {
    let Some(folder) = real_data("real/scms-delivery-history") else {
        return;
    };
    let log = new_log();
    let table = text(&folder.join("SCMS_Delivery_History_Dataset.csv"));
    let map = text(&of_the_project("examples/mappings/scms-deliveries.toml"));
    let capture = || {
        json(&[
            "capture", "--data", &log.data, "--map", &map, "--json", &table,
        ])
    };
    let taken = capture();
    assert_eq!(
        (&taken["accepted"], &taken["rejected"], &taken["findings"]),
        (&10_324.into(), &0.into(), &684.into()),
        "every finding opens when the import is closed, one for each order with a late line"
    );
    let ledger = json(&["ledger", "--data", &log.data, "--json"]);
    assert_eq!(ledger["units"], 10_324);
    let counts = &ledger["expectations"];
    assert_eq!(
        (&counts["expectations"], &counts["late"], &counts["missing"]),
        (&10_324.into(), &1_186.into(), &0.into())
    );
    let found = findings(&log);
    assert_eq!(found.len(), 684);
    assert!(
        found
            .iter()
            .all(|finding| finding["kind"] == "late_units" && finding["status"] == "open"),
        "late, and nothing else"
    );
    check_article(&log);
    // The same file again is nothing new, and nothing is judged a second time.
    let again = capture();
    assert_eq!(
        (&again["duplicate"], &again["findings"]),
        (&10_324.into(), &0.into())
    );
    assert_eq!(findings(&log), found);
}

/// What came from nowhere in the ledger's sight, and where it is, are the same amount (CUS-1).
fn check_article(log: &Log) {
    let article = "urn:countersign:key:1:article:Efavirenz%20600mg%2C%20tablets%2C%2030%20Tabs";
    let trace = json(&["trace", "--data", &log.data, "--json", article]);
    let accounts = trace["balances"][0]["accounts"].as_array().expect("a list");
    let sum = |of: &str| -> u64 {
        let rows = accounts.iter().filter(|row| row["account"] == of);
        let amounts = rows.map(|row| row["quantity"].as_str().expect("a text"));
        amounts
            .map(|text| text.parse::<u64>().expect("whole"))
            .sum()
    };
    assert_eq!(
        (sum("opening_stock"), sum("held")),
        (23_273_381, 23_273_381)
    );
    let zambia = accounts
        .iter()
        .find(|row| row["site"] == "urn:countersign:key:1:country:Zambia");
    assert_eq!(zambia.expect("a row")["quantity"], "5348843");
}

/// A file has more claims than a statement holds, and says of one second that a pallet left, came and was
/// seen. The order of the file is the order of what happened, over the end of a statement too.
#[test]
fn what_a_file_says_of_one_second_happened_in_the_order_of_the_file() {
    const PER_STATEMENT: usize = 1024;
    let log = new_log();
    let network = "[[site]]\nid = \"urn:x:a\"\nparty = \"urn:x:pa\"\nkind = \"warehouse\"\n\n\
                   [[site]]\nid = \"urn:x:b\"\nparty = \"urn:x:pb\"\nkind = \"hub\"\n\n\
                   [[lane]]\nid = \"a-b\"\nfrom = \"urn:x:a\"\nto = \"urn:x:b\"\nmode = \"both\"\n";
    let network = log.write("network.toml", network);
    ok(&["apply", "--data", &log.data, &network]);
    let steps = [
        ("storing", "a"),
        ("departing", "a"),
        ("arriving", "b"),
        ("inspecting", "b"),
        ("storing", "b"),
    ];
    let line = |n: usize| {
        // Five lines a pallet do not fit evenly: a pallet lies on both sides of the end.
        let (step, place) = steps[n % steps.len()];
        let pallet = n / steps.len();
        format!(
            "{{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":\"2026-03-02T08:00:00Z\",\
             \"eventTimeZoneOffset\":\"+00:00\",\"eventID\":\"urn:x:e:{n}\",\"bizStep\":\"{step}\",\
             \"readPoint\":{{\"id\":\"urn:x:{place}\"}},\"epcList\":[\"urn:x:pallet:{pallet}\"]}}\n"
        )
    };
    let lines: Vec<String> = (0..=PER_STATEMENT).map(line).collect();
    let lines = lines.concat();
    let lines = log.write("events.jsonl", &lines);
    let taken = json(&["capture", "--data", &log.data, "--json", &lines]);
    assert_eq!(taken["accepted"], PER_STATEMENT + 1);
    let none: [Value; 0] = [];
    assert_eq!(findings(&log), none);
}
