//! tlog-policy.

use countersign_tlog::cosignature::cosign;
use countersign_tlog::note::{Note, Signer as _};
use countersign_tlog::policy::Policy;
use serde_json::{Value, json};

use super::log_cases::{head, signed};
use super::{check, error, log_signer, text, witness_signer};

fn cosigned(witnesses: &[u8]) -> String {
    let mut note = signed(7);
    for number in witnesses {
        let time_s = 1_767_225_600 + u64::from(*number);
        note.push(cosign(&head(7), time_s, &witness_signer(*number)).unwrap())
            .unwrap();
    }
    note.to_string()
}

/// The file may be wrong, the checkpoint may not satisfy it, or these witnesses count.
fn run(case: &Value) -> Value {
    let policy = match Policy::parse(text(&case["policy"]).as_bytes()) {
        Ok(policy) => policy,
        Err(why) => return json!({"error": why.code(), "line": why.line}),
    };
    let note = Note::parse(text(&case["checkpoint"]).as_bytes()).unwrap();
    match policy.evaluate(&note) {
        Ok(verdict) => {
            let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
            let cosigned: Vec<_> = verdict
                .cosignatures
                .iter()
                .map(|by| json!({"name": name(by.witness.name()), "time_s": by.time_s.to_string()}))
                .collect();
            json!({"log": verdict.log.name().as_str(), "cosigned_by": cosigned})
        }
        Err(why) => error(why.code()),
    }
}

fn nested() -> String {
    let vkey = |number| witness_signer(number).key().to_string();
    format!(
        "# two of one house and one of the other\nlog {} https://log.example/\n\
         witness a {}\nwitness b {}\nwitness c\t{} https://c.example/\ngroup x 2 a b c\n\
         witness d {}\nwitness e {}\ngroup y any d e\n\ngroup both all x y\nquorum both\n",
        log_signer().key(),
        vkey(1),
        vkey(2),
        vkey(3),
        vkey(4),
        vkey(5)
    )
}

fn case(name: &str, policy: &str, witnesses: &[u8], expect: &Value) -> Value {
    let checkpoint = cosigned(witnesses);
    json!({"name": name, "policy": policy, "checkpoint": checkpoint, "expect": expect})
}

/// These witnesses count.
fn by(witnesses: &[(&str, u64)]) -> Value {
    let one = |(name, number): &(&str, u64)| json!({"name": name, "time_s": (1_767_225_600 + number).to_string()});
    let cosigned_by: Vec<_> = witnesses.iter().map(one).collect();
    json!({"log": log_signer().key().name().as_str(), "cosigned_by": cosigned_by})
}

fn plain() -> String {
    format!("log {}\nquorum none\n", log_signer().key())
}

fn quorums() -> Vec<Value> {
    let (nested, plain, no_quorum) = (nested(), plain(), error("policy_no_quorum"));
    let two_and_one = by(&[("a", 1), ("b", 2), ("d", 4)]);
    let other_order = by(&[("e", 5), ("c", 3), ("b", 2)]);
    vec![
        case("no-quorum-asked", &plain, &[], &by(&[])),
        case("unlisted-witness-is-ignored", &plain, &[1], &by(&[])),
        case("two-and-one", &nested, &[1, 2, 4], &two_and_one),
        case("in-another-order", &nested, &[5, 3, 2], &other_order),
        case("one-and-one", &nested, &[1, 4], &no_quorum),
        case("three-and-none", &nested, &[1, 2, 3], &no_quorum),
        case("one-witness-twice", &nested, &[1, 1, 4], &no_quorum),
        case("no-witness", &nested, &[], &no_quorum),
    ]
}

fn refused_files() -> impl Iterator<Item = Value> {
    let (plain, vkey) = (plain(), witness_signer(1).key().to_string());
    let a = format!("witness a {vkey}\n");
    let twice = format!("{a}group g any a\ngroup h any a\n");
    let none = format!("witness none {vkey}\n");
    [
        (
            "no-quorum-line",
            plain.replace("quorum none\n", ""),
            2,
            "policy_quorum_count",
        ),
        (
            "two-quorum-lines",
            format!("{plain}quorum none\n"),
            3,
            "policy_quorum_count",
        ),
        (
            "cut-off",
            plain.trim_end().to_owned(),
            2,
            "policy_unterminated",
        ),
        (
            "carriage-returns",
            plain.replace('\n', "\r\n"),
            1,
            "policy_bad_octet",
        ),
        (
            "log-twice",
            format!("{plain}{plain}"),
            3,
            "policy_duplicate_key",
        ),
        (
            "log-key-of-a-witness",
            format!("log {vkey}\n"),
            1,
            "policy_wrong_key_type",
        ),
        ("witness-none", none, 1, "policy_duplicate_name"),
        (
            "undefined",
            "group g any a\n".to_owned(),
            1,
            "policy_undefined_name",
        ),
        ("member-twice", twice, 3, "policy_reused_member"),
        (
            "threshold-above-members",
            format!("{a}group g 2 a\n"),
            2,
            "policy_bad_threshold",
        ),
        ("unknown-keyword", "logs\n".to_owned(), 1, "policy_bad_line"),
    ]
    .into_iter()
    .map(|(name, policy, line, code)| {
        case(name, &policy, &[], &json!({"error": code, "line": line}))
    })
}

#[test]
fn tlog_policy() {
    let mut cases = quorums();
    cases.extend(refused_files());
    let made = json!({
        "page": "c2sp.org/tlog-policy",
        "about": "The log and checkpoint of the checkpoint vectors; witness n has a seed of 32 \
                  bytes 10 + n and cosigns at 1767225600 + n.",
        "cases": cases,
    });
    check("tlog-policy", &made, run);
}
