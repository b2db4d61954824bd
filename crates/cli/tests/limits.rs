//! Limits and bad input as a user meets them; `docs/limits.md` says the same in a table.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::path::Path;
use std::process::Command;

use run::{Log, Node, countersign, ends_with, json, new_log, ok, program};
use serde_json::{Value, json};

const CLAIM_BYTES_MAX: usize = 1024 * 1024;

/// An event without its end.
fn head(number: u32, time: &str) -> String {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{{"example":"https://example.com/"}}],"type":"ObjectEvent","eventID":"urn:uuid:0192c0de-0000-7000-8000-{number:012}","eventTime":"{time}","eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"storing","readPoint":{{"id":"urn:x:a:dock"}},"epcList":["urn:epc:id:sscc:4012345.3111111111"]"#
    )
}

/// An event with a field of somebody's own, of any JSON.
fn event(number: u32, time: &str, field: &[u8]) -> Vec<u8> {
    let head = head(number, time);
    [head.as_bytes(), br#","example:x":"#, field, b"}"].concat()
}

/// An event of standard fields alone, which may all be open.
fn plain(number: u32, time: &str) -> Vec<u8> {
    format!("{}}}", head(number, time)).into_bytes()
}

const TIME: &str = "2026-03-02T08:00:00Z";

fn good(number: u32) -> Vec<u8> {
    event(number, TIME, b"1")
}

/// An event with a value inside `depth` others.
fn nested(depth: usize) -> Vec<u8> {
    let inner = depth - 1;
    event(
        2,
        TIME,
        format!("{}1{}", "[".repeat(inner), "]".repeat(inner)).as_bytes(),
    )
}

/// An event of so many bytes.
fn of_size(bytes: usize) -> Vec<u8> {
    let text = "x".repeat(bytes - event(2, TIME, br#""""#).len());
    event(2, TIME, format!("\"{text}\"").as_bytes())
}

fn with_units(count: usize) -> Vec<u8> {
    let units: Vec<String> = (0..count)
        .map(|n| format!(r#""urn:epc:id:sgtin:4012345.011111.{n}""#))
        .collect();
    changed(r#""urn:epc:id:sscc:4012345.3111111111""#, &units.join(","))
}

/// A good event with one text in place of another.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(good(2)).expect("text");
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

fn write(log: &Log, name: &str, bytes: &[u8]) -> String {
    let path = log.path(name);
    std::fs::write(&path, bytes).expect("writes");
    path
}

/// Captures a file with these further arguments; the exit code and the answers line by line.
fn capture(log: &Log, more: &[&str], file: &str) -> (Option<i32>, Vec<Value>) {
    let report = log.path("report.jsonl");
    let always = ["capture", "--data", &log.data, "--report", &report];
    let output = countersign(&[&always[..], more, &[file]].concat());
    let lines = std::fs::read_to_string(&report).expect("a report");
    let lines = lines.lines().map(serde_json::from_str);
    (
        output.status.code(),
        lines.collect::<Result<_, _>>().expect("JSON"),
    )
}

fn claims(log: &Log) -> u64 {
    json(&["status", "--data", &log.data, "--json"])["claims"]
        .as_u64()
        .expect("a number")
}

/// The middle one of three lines is answered so; those beside it are accepted.
fn check_line(what: &str, middle: &[u8], status: &str, code: &str) -> Value {
    let log = new_log();
    let lines = [&good(1), middle, &good(3)].map(<[u8]>::to_vec);
    let file = write(&log, "events.jsonl", &lines.join(&b'\n'));
    let (exit, answers) = capture(&log, &[], &file);
    let short: Vec<_> = answers.iter().map(|a| (&a["line"], &a["status"])).collect();
    let expect = json!([[1, "accepted"], [2, status], [3, "accepted"]]);
    assert_eq!(json!(short), expect, "{what}: {answers:?}");
    let found = answers[1]["code"].as_str().unwrap_or_default();
    assert_eq!(found, code, "{what}: {}", answers[1]);
    let is_rejected = status == "rejected";
    assert_eq!(exit, Some(i32::from(is_rejected)), "{what}");
    if is_rejected {
        assert!(answers[1]["reason"].is_string(), "{what}: {}", answers[1]);
        assert_eq!(
            claims(&log),
            2,
            "{what}: the good ones, and nothing of the bad one"
        );
    }
    if !code.is_empty() {
        let page = format!("../../docs/errors/{code}.md");
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        assert!(page.is_file(), "{what}: {code} has a page");
    }
    answers[1].clone()
}

#[test]
fn a_line_beyond_a_limit_is_refused_alone() {
    let rejected = |what: &str, middle: &[u8], code: &str| {
        check_line(what, middle, "rejected", code);
    };
    let accepted = |what: &str, middle: &[u8]| {
        check_line(what, middle, "accepted", "");
    };
    accepted("1 MiB", &of_size(CLAIM_BYTES_MAX));
    rejected(
        "a byte more",
        &of_size(CLAIM_BYTES_MAX + 1),
        "claim_too_large",
    );
    rejected("5 MiB", &of_size(5 * CLAIM_BYTES_MAX), "claim_too_large");
    accepted("32 levels", &nested(32));
    rejected("33 levels", &nested(33), "too_deep");
    rejected("100,000 levels", &nested(100_000), "too_deep");
    accepted("16,384 units", &with_units(16_384));
    rejected("a unit more", &with_units(16_385), "too_many_units");
    let id = |bytes: usize| changed("urn:x:a:dock", &format!("urn:x:{}", "a".repeat(bytes - 6)));
    accepted("a name of 512 bytes", &id(512));
    rejected("a name of 513 bytes", &id(513), "malformed_key");
}

#[test]
fn a_line_that_is_no_event_is_refused_alone() {
    let rejected = |what: &str, middle: &[u8], code: &str| {
        check_line(what, middle, "rejected", code);
    };
    let cut = good(2);
    rejected("cut off", &cut[..cut.len() - 20], "invalid_json");
    rejected("cut off in a text", &cut[..120], "invalid_json");
    rejected("no JSON", b"hello", "invalid_json");
    rejected(
        "two in a line",
        &[good(2), good(4)].concat(),
        "invalid_json",
    );
    rejected("zeros", &[0; 300], "invalid_json");
    rejected("Latin-1", &event(2, TIME, b"\"Andr\xe9\""), "invalid_utf8");
    rejected(
        "half a character",
        &event(2, TIME, b"\"\xe2\x82\""),
        "invalid_utf8",
    );
    rejected(
        "a surrogate",
        &event(2, TIME, b"\"\xed\xa0\x80\""),
        "invalid_utf8",
    );
}

#[test]
fn a_name_that_stands_twice_is_kept_without_effect() {
    let twice = changed(r#""action""#, r#""action":"ADD","action""#);
    let answer = check_line("twice", &twice, "accepted", "wrong_type");
    assert_eq!(answer["warnings"][0]["code"], "duplicate_key", "{answer}");
    assert_eq!(answer["claim_status"], "unfoldable", "{answer}");
}

#[test]
fn absurd_times_are_refused_and_odd_ones_are_read() {
    for time in [
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "2200-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-03-02T08:00:00",
        "2026-03-02",
        "2026-02-30T08:00:00Z",
        "2026-03-02T24:00:00Z",
        "2016-12-31T23:59:61Z",
        "1772438400",
        "",
    ] {
        let answer = check_line(time, &event(2, time, b"1"), "rejected", "not_a_time");
        assert_eq!(answer["field"], "eventTime", "{time}");
    }
    for time in [
        "1970-01-01T00:00:00Z",
        "2199-12-31T23:59:59.999Z",
        "2016-12-31T23:59:60Z",
        "2026-03-02T08:00:00.123456789+14:00",
    ] {
        check_line(time, &event(2, time, b"1"), "accepted", "");
    }
}

/// The record keeps what was said of the future, in its place; no deadline fires by it.
#[test]
fn a_time_far_behind_the_recording_is_kept_as_it_was_said() {
    let log = new_log();
    let lines = [event(1, "2190-05-05T05:00:00Z", b"1"), good(2)].join(&b'\n');
    let (exit, answers) = capture(&log, &[], &write(&log, "events.jsonl", &lines));
    assert_eq!(exit, Some(0), "{answers:?}");
    let trace = json(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    let links = trace["links"].as_array().expect("links");
    let times: Vec<_> = links.iter().map(|link| &link["time"]).collect();
    assert_eq!(
        json!(times),
        json!([TIME, "2190-05-05T05:00:00Z"]),
        "{trace}"
    );
    let status = json(&["status", "--data", &log.data, "--json"]);
    let now = status["clock"]["now"].as_str().expect("a time");
    assert!(now < "2190", "the node's time does not follow: {now}");
    assert_eq!(status["findings"]["open"], 0, "{status}");
}

fn document(events: &[u8], more: &str) -> Vec<u8> {
    let head = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{{"example":"https://example.com/"}}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T09:00:00Z","example:more":"{more}","epcisBody":{{"eventList":["#
    );
    [head.as_bytes(), events, b"]}}"].concat()
}

#[test]
fn a_document_that_cannot_be_taken_apart_is_refused_whole() {
    let beside = |middle: &[u8]| {
        document(
            &[&good(1), middle, &good(3)].map(<[u8]>::to_vec).join(&b','),
            "",
        )
    };
    let whole = document(&[good(1), good(3)].join(&b','), "");
    let cut = whole[..whole.len() - 7].to_vec();
    let lines = |first: &[u8]| [first, &good(1)].join(&b'\n');
    let many = format!(
        r#"","example:n":[{}0],"example:o":""#,
        "0,".repeat(1_000_000)
    );
    for (what, file, code) in [
        (
            "a large event",
            beside(&of_size(CLAIM_BYTES_MAX + 1)),
            "claim_too_large",
        ),
        ("a deep event", beside(&nested(100)), "too_deep"),
        ("no JSON inside", beside(b"hello"), "invalid_json"),
        ("cut off", cut, "invalid_json"),
        (
            "a large head",
            document(&good(1), &"x".repeat(4 << 20)),
            "envelope_too_large",
        ),
        ("a million values", document(&good(1), &many), "too_large"),
        (
            "the first of the lines is cut off",
            lines(&good(2)[..90]),
            "invalid_json",
        ),
        ("a byte order mark", lines(b"\xef\xbb\xbf"), "invalid_json"),
        (
            "an array",
            [b"[", &good(1)[..], b"]"].concat(),
            "array_document",
        ),
        ("nothing", Vec::new(), "empty_document"),
    ] {
        let log = new_log();
        let (exit, answers) = capture(&log, &[], &write(&log, "events.json", &file));
        assert_eq!(exit, Some(1), "{what}");
        assert_eq!(answers.len(), 1, "{what}: {answers:?}");
        let answer = (
            &answers[0]["status"],
            &answers[0]["line"],
            &answers[0]["code"],
        );
        assert_eq!(
            json!(answer),
            json!(["rejected", null, code]),
            "{what}: {answers:?}"
        );
        assert_eq!(claims(&log), 0, "{what}");
        // Nothing of it was kept, so the mended file is new to the log.
        let (exit, answers) = capture(&log, &[], &write(&log, "events.json", &whole));
        assert_eq!(exit, Some(0), "{what}: {answers:?}");
        assert_eq!(claims(&log), 2, "{what}");
    }
}

const TABLE: &str = "Scan no;Scanned at;Action;SSCC;Zone;Gross kg;Customer;Badge\n\
    5001;02.03.2026 07:58:11;PUT;395212340000001011;A-01;12,00;Jansen;B04\n";

#[test]
fn a_bad_row_is_refused_alone_and_a_swallowed_table_whole() {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mappings/wms-scans.toml");
    let map = map.display().to_string();
    let row = |number: u32, time: &str, zone: &[u8], name: &str| {
        let head = format!("{number};{time};PUT;395212340000001028;");
        [
            head.as_bytes(),
            zone,
            format!(";12,00;{name};B04\n").as_bytes(),
        ]
        .concat()
    };
    let now = "02.03.2026 07:59:00";
    let long = "x".repeat(CLAIM_BYTES_MAX);
    for (what, bad, code, line) in [
        (
            "Latin-1",
            row(5002, now, b"\xe9", "x"),
            "table_not_utf8",
            Some(3),
        ),
        (
            "year 9999",
            row(5002, "02.03.9999 07:59:00", b"A", "x"),
            "table_bad_time",
            Some(3),
        ),
        (
            "year 0001",
            row(5002, "02.03.0001 07:59:00", b"A", "x"),
            "table_bad_time",
            Some(3),
        ),
        (
            "cells missing",
            b"5002;x\n".to_vec(),
            "table_column_count",
            Some(3),
        ),
        (
            "a long row",
            row(5002, now, b"A", &long),
            "table_row_too_long",
            None,
        ),
        (
            "an open quote",
            row(5002, now, b"A", "\"x"),
            "table_quote_open",
            None,
        ),
    ] {
        let log = new_log();
        let table = [TABLE.as_bytes(), &bad, &row(5003, now, b"A", "x")].concat();
        let file = write(&log, "table.csv", &table);
        let (exit, answers) = capture(&log, &["--map", &map], &file);
        let refused: Vec<_> = answers
            .iter()
            .filter(|a| a["status"] == "rejected")
            .collect();
        assert_eq!((exit, refused.len()), (Some(1), 1), "{what}: {answers:?}");
        let answer = (&refused[0]["code"], &refused[0]["line"]);
        assert_eq!(json!(answer), json!([code, line]), "{what}: {answers:?}");
        let taken = if line.is_some() { 2 } else { 0 };
        assert_eq!(claims(&log), taken, "{what}");
    }
}

#[test]
fn a_map_and_standard_input_have_limits() {
    let log = new_log();
    let file = log.write("table.csv", TABLE);
    let map = write(&log, "long.toml", &vec![b'#'; CLAIM_BYTES_MAX + 1]);
    let (exit, answers) = capture(&log, &["--map", &map], &file);
    let code = &answers[0]["code"];
    assert_eq!(
        (exit, code),
        (Some(1), &json!("mapping_invalid")),
        "{answers:?}"
    );
    let endless = std::fs::File::open("/dev/zero").expect("opens");
    let mut command = program();
    command
        .args(["capture", "--data", &log.data, "-"])
        .stdin(endless);
    let output = command.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("limited to 256 MiB; write it to a file"),
        "{said}"
    );
    assert_eq!(claims(&log), 0);
}

#[test]
fn a_replay_is_a_duplicate_of_the_first_and_other_content_a_conflict() {
    let log = new_log();
    let file = write(&log, "event.json", &good(1));
    let (_, first) = capture(&log, &[], &file);
    let at = json!({ "entry": first[0]["entry"], "ordinal": first[0]["ordinal"] });
    let (exit, again) = capture(&log, &[], &file);
    assert_eq!((exit, &again[0]["status"]), (Some(0), &json!("duplicate")));
    assert_eq!(again[0]["of"], at, "it names the first one");
    assert_eq!(claims(&log), 1);

    let other = write(&log, "other.json", &event(1, "2026-03-02T11:11:00Z", b"1"));
    let (exit, conflict) = capture(&log, &[], &other);
    assert_eq!(exit, Some(0), "kept and shown: {conflict:?}");
    assert_eq!(conflict[0]["code"], "conflicting_claim", "{conflict:?}");
    assert_eq!(conflict[0]["of"], at, "{conflict:?}");
    let trace = ok(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    assert!(trace.contains(TIME), "the first keeps its effect: {trace}");
    let findings = ok(&["findings", "--data", &log.data, "--json"]);
    assert!(
        findings.contains(r#""kind":"conflicting_claim""#),
        "{findings}"
    );

    // The receipt of the first is what a duplicate is answered with: it proves, now as then.
    let claim = format!("{}.{}", at["entry"], at["ordinal"]);
    let receipt = log.path("first.receipt");
    ok(&[
        "export",
        "--data",
        &log.data,
        "--receipt",
        &claim,
        "--out",
        &receipt,
    ]);
    // Who said it takes more files than the receipt alone, hence `cannot tell`.
    let text = ends_with(3, &["verify", "--key", &log.vkey, &receipt]);
    let logged = format!("was logged as entry {}", at["entry"]);
    assert!(text.contains(&logged), "{text}");
    ok(&["verify", "--key", &log.vkey, &log.data]);
}

/// The bytes of a submission, and where its statement ends: the first member is that byte string.
fn statement_end(submission: &[u8]) -> usize {
    match submission {
        [0xa4, 0x01, 0x59, high, low, ..] => 5 + usize::from(*high) * 256 + usize::from(*low),
        [0xa4, 0x01, 0x58, length, ..] => 4 + usize::from(*length),
        _ => panic!("not a submission as it is made here"),
    }
}

/// A submission that was changed in some ways, and the code that each is answered with.
fn tampered(submission: &[u8]) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let flipped = |at: usize| {
        let mut bytes = submission.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let end = statement_end(submission);
    let find = |text: &[u8]| submission.windows(text.len()).position(|w| w == text);
    let mut long = submission.to_vec();
    long.resize(16 * 1024 * 1024 + 1, 0);
    vec![
        ("the signature", flipped(end - 1), "bad_signature"),
        ("the payload", flipped(end - 70), "bad_signature"),
        (
            "the event",
            flipped(find(b"storing").expect("open")),
            "stray_body",
        ),
        (
            "cut off",
            submission[..submission.len() - 1].to_vec(),
            "bad_submission",
        ),
        ("more than 16 MiB", long, "bad_submission"),
        ("no CBOR", b"hello".to_vec(), "bad_submission"),
        ("nothing", Vec::new(), "bad_submission"),
    ]
}

/// Debian's own Python, for which Debian's package `python3-cryptography` is.
const PYTHON: &str = "/usr/bin/python3";

/// Signs with the Python tool; the file it wrote.
fn sign_in_python(
    log: &Log,
    key: &str,
    counter: u32,
    event: &[u8],
    previous: &str,
) -> (String, String) {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/countersign_sign.py");
    let event = write(log, "event.json", event);
    let out = log.path(&format!("python-{counter}.submission"));
    let mut command = Command::new(PYTHON);
    command
        .arg("-B")
        .arg(tool)
        .args(["sign", "--key", key, "--issuer", "device:python"]);
    command.args(["--audience", &log.origin, "--event", &event, "--out", &out]);
    command.args(["--counter", &counter.to_string()]);
    if !previous.is_empty() {
        command.args(["--previous", previous]);
    }
    let output = command
        .args(["--seal", r#"example:driver="J. Jansen""#])
        .output();
    let output = output.expect("Python runs; install the package python3-cryptography");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "is the package python3-cryptography installed? {said}"
    );
    let digest = String::from_utf8(output.stdout).expect("text");
    (out, digest.trim().to_owned())
}

/// A log whose network names a device; the device's key file.
fn log_with_a_device() -> (Log, String) {
    let log = new_log();
    let file = log.path("device.key");
    let key = json(&["device", "new", "--out", &file, "--json"])["key"].clone();
    let network = format!(
        "[[site]]\nid = \"urn:x:site:a\"\nparty = \"urn:x:party:a\"\nkind = \"warehouse\"\n\
         places = [\"urn:x:a:dock\"]\n\n\
         [[principal]]\nid = \"device:python\"\nrole = \"device\"\nkey = {key}\nparty = \"urn:x:party:a\"\n"
    );
    ok(&[
        "apply",
        "--data",
        &log.data,
        &log.write("network.toml", &network),
    ]);
    (log, file)
}

#[test]
fn a_running_node_takes_what_python_signs_and_nothing_tampered() {
    let (log, key) = log_with_a_device();
    let node = Node::start(program(), &log.data);
    let (first, digest) = sign_in_python(&log, &key, 1, &plain(1, TIME), "");
    let bytes = std::fs::read(&first).expect("reads");
    let before = json(&["status", "--data", &log.data, "--json"])["claims"].clone();
    for (what, bytes, code) in tampered(&bytes) {
        let file = write(&log, "tampered.submission", &bytes);
        let text = ends_with(1, &["submit", "--data", &log.data, &file]);
        assert!(text.contains(&format!("[{code}]")), "{what}: {text}");
    }
    let status = json(&["status", "--data", &log.data, "--json"]);
    assert_eq!(
        (&status["node_running"], &status["claims"]),
        (&json!(true), &before)
    );

    // A bad one beside it does not stop the good one.
    let bad = log.path("tampered.submission");
    let text = ends_with(1, &["submit", "--data", &log.data, "--json", &bad, &first]);
    let answers: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .collect();
    assert_eq!(answers[0]["code"], "bad_submission", "{text}");
    assert_eq!(answers[1]["status"], "accepted", "{text}");
    assert_eq!(answers[1]["claims"][0]["status"], "effective", "{text}");
    let again = json(&["submit", "--data", &log.data, "--json", &first]);
    assert_eq!(again["status"], "replay", "{again}");
    assert_eq!(
        again["entry"], answers[1]["entry"],
        "the first entry is named"
    );

    let (second, _) = sign_in_python(&log, &key, 2, &plain(2, "2026-03-02T09:00:00Z"), &digest);
    let answer = json(&["submit", "--data", &log.data, "--json", &second]);
    assert_eq!(answer["claims"][0]["status"], "effective", "{answer}");
    let trace = json(&["trace", "--data", &log.data, "--json", "340123451111111111"]);
    let links = trace["links"].as_array().expect("links");
    assert_eq!(links.len(), 2, "{trace}");
    for link in links {
        assert_eq!(link["signer"], "device:python", "{link}");
        assert_eq!(link["assurance"], "software_key", "{link}");
    }
    assert!(
        !trace.to_string().contains("Jansen"),
        "what was sealed is not shown"
    );
    drop(node);
    ok(&["verify", "--key", &log.vkey, &log.data]);
}

#[test]
fn a_device_that_is_not_enrolled_is_refused() {
    let (log, _) = log_with_a_device();
    let key = log.path("stranger.key");
    ok(&["device", "new", "--out", &key]);
    let (file, _) = sign_in_python(&log, &key, 1, &plain(1, TIME), "");
    let text = ends_with(1, &["submit", "--data", &log.data, &file]);
    assert!(text.contains("[unknown_key]"), "{text}");
}
