//! A disk that is really full: small file systems in memory, filled to the last byte. Whatever
//! fails, it says which file and what to do, nothing acknowledged is lost, and with room the same
//! command does the rest.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use run::{Disk, Log, Node, new_log, ok, samples};
use serde_json::{Value, json};

const MIB: u64 = 1024 * 1024;
/// A segment of the ground is preallocated.
const SEGMENT: u64 = 64 * MIB;
/// What a log needs beside its segments, generously.
const BESIDE: u64 = 4 * MIB;

/// Events with a field of `padding` bytes each.
fn events(count: usize, padding: usize) -> String {
    let context = json!([
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"example": "https://example.com/"},
    ]);
    let text = json!("x".repeat(padding));
    let other = [("@context", context), ("example:x", text)];
    (1..=count).fold(String::new(), |out, number| {
        out + &samples::event(number, &other) + "\n"
    })
}

/// Says what happened, where, and what to do.
fn check_advice(text: &str, file: &str) {
    for part in [
        file,
        "No space left on device",
        "make room on that disk, then do the same again",
    ] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// A log on a disk of its own, and its verification key.
fn init(disk: &Disk) -> (String, String) {
    let data = disk.path("data");
    let made = disk.ends_with(0, &["init", &data, "--json"]);
    let made = made.lines().find(|line| line.starts_with('{'));
    let made: Value = serde_json::from_str(made.expect("an object")).expect("JSON");
    (data, made["vkey"].as_str().expect("a key").to_owned())
}

/// The number in front of a word.
fn number(text: &str, word: &str) -> u64 {
    let before = text.split(word).next().expect("a part").trim_end();
    let digits = before.rsplit([' ', '\n']).next().expect("a part");
    let digits = digits.replace(',', "");
    digits.parse().unwrap_or_else(|_| panic!("{word}: {text}"))
}

/// How many lines of a report were accepted, each with entry and ordinal.
fn accepted(report: &str) -> usize {
    let lines = std::fs::read_to_string(report).expect("a report");
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .filter(|line| line["status"] == "accepted" && line["entry"].is_u64())
        .count()
}

#[test]
fn init_leaves_nothing_behind_that_blocks_the_next() {
    let disk = Disk::of(SEGMENT + BESIDE);
    disk.ballast("ballast", 8 * MIB);
    let data = disk.path("data");
    for _ in 0..2 {
        let text = disk.ends_with(1, &["init", &data]);
        check_advice(&text, &format!("{data}/ground/00000000.seg"));
    }
    let left = std::fs::read_dir(disk.reach("data"))
        .expect("lists")
        .count();
    assert_eq!(left, 0, "no key, no segment, no settings");
    disk.remove("ballast");
    disk.ballast("ballast", u64::MAX);
    let text = disk.ends_with(1, &["init", &data]);
    assert!(text.contains("make room"), "not a byte left: {text}");
    disk.remove("ballast");
    let (_, vkey) = init(&disk);
    disk.ends_with(0, &["verify", "--key", &vkey, &data]);
}

#[test]
fn a_segment_that_does_not_fit_stops_a_capture_and_loses_nothing() {
    // What is taken twice is written twice, so the second time needs its room as well.
    let disk = Disk::of(3 * SEGMENT + BESIDE);
    let (data, vkey) = init(&disk);
    let aside = tempfile::tempdir().expect("a folder");
    let path = |name: &str| aside.path().join(name).display().to_string();
    let (file, report) = (path("events.jsonl"), path("report.jsonl"));
    // More than a segment, by events just below their limit.
    let count = 76;
    std::fs::write(&file, events(count, 900_000)).expect("writes");
    disk.ballast("ballast", SEGMENT + BESIDE + MIB);
    let capture = ["capture", "--data", &data, "--report", &report, &file];
    let text = disk.ends_with(1, &capture);
    check_advice(&text, &format!("{data}/ground/00000001.seg"));
    let taken = accepted(&report) as u64;
    assert!(taken > 0 && taken < count as u64, "some were taken: {text}");
    assert_eq!(
        number(&text, "lines were accepted"),
        taken,
        "and it says so: {text}"
    );

    // Still full: what is there can be read and proven, and nothing is made worse.
    disk.ends_with(0, &["verify", "--key", &vkey, &data]);
    let text = disk.ends_with(1, &capture);
    check_advice(&text, &format!("{data}/ground/00000001.seg"));

    disk.remove("ballast");
    let text = disk.ends_with(0, &["status", "--data", &data, "--json"]);
    let status: Value = serde_json::from_str(&text).expect("JSON");
    assert!(
        status["claims"].as_u64() >= Some(taken),
        "all acknowledged is there: {text}"
    );
    let text = disk.ends_with(0, &capture);
    assert_eq!(number(&text, "rejected"), 0, "{text}");
    let (new, known) = (number(&text, "accepted"), number(&text, "duplicate"));
    assert_eq!(new + known, count as u64, "{text}");
    assert!(known >= taken && new > 0, "what was taken is known: {text}");
    let text = disk.ends_with(0, &["verify", "--key", &vkey, &data]);
    assert!(text.starts_with("Proven"), "{text}");
}

#[test]
fn a_published_tree_without_room_stops_a_capture_and_is_caught_up() {
    let disk = Disk::of(SEGMENT + BESIDE);
    let (data, vkey) = init(&disk);
    let aside = tempfile::tempdir().expect("a folder");
    let path = |name: &str| aside.path().join(name).display().to_string();
    let (file, report) = (path("events.jsonl"), path("report.jsonl"));
    std::fs::write(&file, events(5, 10)).expect("writes");
    disk.ballast("ballast", u64::MAX);
    let capture = ["capture", "--data", &data, "--report", &report, &file];
    let text = disk.ends_with(1, &capture);
    // The segment has its space since it was made, so the record itself goes on.
    check_advice(&text, &format!("{data}/log/"));
    assert_eq!(number(&text, "lines were accepted"), 5, "{text}");
    assert_eq!(accepted(&report), 5, "each line has its answer");
    let text = disk.ends_with(1, &["capture", "--data", &data, &file]);
    assert!(text.contains("make room"), "{text}");
    disk.remove("ballast");
    let text = disk.ends_with(0, &capture);
    assert!(
        text.contains("0 accepted, 5 duplicate, 0 rejected"),
        "{text}"
    );
    let text = disk.ends_with(0, &["verify", "--key", &vkey, &data]);
    assert!(
        text.starts_with("Proven"),
        "with its published tree: {text}"
    );
}

#[test]
fn a_node_on_a_full_disk_ends_and_says_why() {
    let disk = Disk::of(SEGMENT + BESIDE);
    let (data, vkey) = init(&disk);
    let aside = tempfile::tempdir().expect("a folder");
    let path = |name: &str| aside.path().join(name).display().to_string();
    let (file, report) = (path("events.jsonl"), path("report.jsonl"));
    std::fs::write(&file, events(5, 10)).expect("writes");
    let node = Node::start(disk.program(), &data);
    disk.ballast("ballast", u64::MAX);
    let capture = ["capture", "--data", &data, "--report", &report, &file];
    // Whether the client still gets all its answers is a race with the node's end.
    let _ = disk.program().args(capture).output().expect("runs");
    let taken = accepted(&report) as u64;
    let (code, said) = node.ended();
    assert_eq!(code, Some(1), "{said}");
    check_advice(&said, &format!("{data}/log/"));
    assert!(said.contains("What was acknowledged is durable"), "{said}");
    disk.remove("ballast");
    let node = Node::start(disk.program(), &data);
    let text = disk.ends_with(0, &capture);
    assert!(number(&text, "duplicate") >= taken, "{taken}: {text}");
    assert_eq!(
        number(&text, "accepted") + number(&text, "duplicate"),
        5,
        "{text}"
    );
    drop(node);
    disk.ends_with(0, &["verify", "--key", &vkey, &data]);
}

#[test]
fn a_second_place_without_room_is_made_later_and_then_needs_none() {
    let disk = Disk::of(MIB);
    let aside = tempfile::tempdir().expect("a folder");
    let data = aside.path().join("data").display().to_string();
    let second = disk.path("second");
    std::fs::create_dir(disk.reach("second")).expect("a folder");
    disk.ballast("ballast", u64::MAX);
    let init = ["init", &data, "--second", &second];
    let text = disk.ends_with(1, &init);
    check_advice(&text, &format!("{second}/checkpoint"));
    disk.remove("ballast");
    disk.ends_with(0, &init);
    // Its two slots have their space from the beginning.
    disk.ballast("ballast", u64::MAX);
    let file = aside.path().join("events.jsonl");
    std::fs::write(&file, events(5, 10)).expect("writes");
    let file = file.display().to_string();
    let text = disk.ends_with(0, &["capture", "--data", &data, &file]);
    assert!(text.contains("5 accepted"), "{text}");
}

#[test]
fn what_is_written_for_the_user_says_where_it_did_not_fit() {
    let disk = Disk::of(MIB);
    let log: Log = new_log();
    let file = log.write("events.jsonl", &events(5, 10));
    disk.ballast("ballast", u64::MAX);
    let report = disk.path("report.jsonl");
    let capture = ["capture", "--data", &log.data, "--report", &report, &file];
    check_advice(&disk.ends_with(1, &capture), &report);
    let pack = disk.path("pack.zip");
    let export = [
        "export",
        "--data",
        &log.data,
        "--unit",
        "340123451111111111",
        "--out",
        &pack,
    ];
    check_advice(&disk.ends_with(1, &export), &pack);
    disk.remove("ballast");
    let text = disk.ends_with(0, &capture);
    assert!(
        text.contains("5 duplicate"),
        "the log had taken them: {text}"
    );
    disk.ends_with(0, &export);
    let text = ok(&["verify", "--key", &log.vkey, &log.data]);
    assert!(text.starts_with("Proven"), "{text}");
}

#[test]
fn an_answer_that_cannot_be_written_is_told() {
    let log = new_log();
    let check = |arguments: &[&str], code: i32, words: &str| {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut program = run::program();
        program.args(arguments).stdout(full.expect("opens"));
        let output = program.output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(
            said.contains(words) && said.contains("No space left"),
            "{arguments:?}: {said}"
        );
    };
    check(
        &["status", "--data", &log.data, "--json"],
        1,
        "could not be said",
    );
    check(&["--help"], 1, "could not be said");
    // There 1 says that something is disproven.
    let verify = ["verify", "--json", "--key", &log.vkey, &log.data];
    check(&verify, 2, "could not be written");
    check(&["verify", "--help"], 2, "could not be written");
}
