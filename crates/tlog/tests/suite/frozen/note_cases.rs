//! signed-note.

use countersign_tlog::note::{Ed25519Signer, Note, SignatureType, Signer, VerifierKey};
use serde_json::{Value, json};

use super::{check, error, log_signer, signer, text, witness_signer};

const BODY: &str = "First line\n\nthird line, \u{e8} sera\n";

/// Either the text and who signed it, or the reason code.
fn run(case: &Value) -> Value {
    let vkeys = case["vkeys"].as_array().unwrap();
    let keys: Result<Vec<_>, _> = vkeys
        .iter()
        .map(|vkey| VerifierKey::parse(text(vkey)))
        .collect();
    let keys = match keys {
        Ok(keys) => keys,
        Err(why) => return error(why.code()),
    };
    let note = match Note::parse(text(&case["note"]).as_bytes()) {
        Ok(note) => note,
        Err(why) => return error(why.code()),
    };
    match note.verify(&keys) {
        Ok(verified) => {
            let names: Vec<_> = verified.iter().map(|by| by.key.name().as_str()).collect();
            json!({"text": note.text(), "signed_by": names})
        }
        Err(why) => error(why.code()),
    }
}

fn case(name: &str, note: &str, vkeys: &[String], expect: &Value) -> Value {
    json!({"name": name, "note": note, "vkeys": vkeys, "expect": expect})
}

fn vkeys(signers: &[&Ed25519Signer]) -> Vec<String> {
    signers
        .iter()
        .map(|signer| signer.key().to_string())
        .collect()
}

fn by_log(times: usize) -> Value {
    let names = vec![log_signer().key().name().to_string(); times];
    json!({"text": BODY, "signed_by": names})
}

fn signatures() -> Vec<Value> {
    let (log, other) = (
        log_signer(),
        signer("other.example", SignatureType::Ed25519, 2),
    );
    let impostor = signer("log.example/site-1", SignatureType::Ed25519, 3);
    let one = Note::sign(BODY, &[&log]).unwrap().to_string();
    let two = Note::sign(BODY, &[&other, &log]).unwrap().to_string();
    let signers: [&dyn Signer; 16] = [&log; 16];
    let sixteen = Note::sign(BODY, &signers).unwrap().to_string();
    let forged = two.replace("First", "first");
    let unverified = error("note_unverified");
    vec![
        case("one-signature", &one, &vkeys(&[&log]), &by_log(1)),
        case(
            "an-unknown-key-is-ignored",
            &two,
            &vkeys(&[&log]),
            &by_log(1),
        ),
        case(
            "same-name-other-id-is-unknown",
            &one,
            &vkeys(&[&impostor]),
            &unverified,
        ),
        case("no-known-key", &one, &vkeys(&[&other]), &unverified),
        case("no-keys", &one, &[], &unverified),
        case(
            "one-failing-known-key-refuses-all",
            &forged,
            &vkeys(&[&other, &log]),
            &error("note_invalid_signature"),
        ),
        case("sixteen-signatures", &sixteen, &vkeys(&[&log]), &by_log(16)),
    ]
}

fn refused_notes() -> impl Iterator<Item = Value> {
    let one = Note::sign(BODY, &[&log_signer()]).unwrap().to_string();
    [
        (
            "no-final-newline",
            one.trim_end().to_owned(),
            "note_malformed",
        ),
        ("no-blank-line", one.replace("\n\n", "\n"), "note_malformed"),
        ("no-signature", format!("{BODY}\n"), "note_malformed"),
        (
            "hyphen-for-dash",
            one.replace('\u{2014}', "-"),
            "note_malformed",
        ),
        (
            "two-spaces",
            one.replace("site-1 ", "site-1  "),
            "note_malformed",
        ),
        (
            "plus-in-name",
            one.replace("site-1", "site+1"),
            "note_malformed",
        ),
        (
            "tab-in-text",
            one.replace("First ", "First\t"),
            "note_not_text",
        ),
        (
            "carriage-returns",
            one.replace('\n', "\r\n"),
            "note_not_text",
        ),
        (
            "base64-without-padding",
            one.replace("=\n", "\n"),
            "note_malformed",
        ),
    ]
    .into_iter()
    .map(|(name, note, code)| case(name, &note, &vkeys(&[&log_signer()]), &error(code)))
}

fn refused_keys() -> impl Iterator<Item = Value> {
    let one = Note::sign(BODY, &[&log_signer()]).unwrap().to_string();
    let vkey = log_signer().key().to_string();
    [
        (
            "vkey-with-foreign-id",
            vkey.replacen("site-1", "site-2", 1),
            "key_id_mismatch",
        ),
        (
            "vkey-without-name",
            vkey.replacen("log.example/site-1", "", 1),
            "key_bad_name",
        ),
        (
            "vkey-of-two-parts",
            "log.example+00000000".to_owned(),
            "key_malformed",
        ),
        (
            "vkey-of-type-0x02",
            "log.example+00000000+AgAA".to_owned(),
            "key_unsupported_type",
        ),
    ]
    .into_iter()
    .map(move |(name, vkey, code)| case(name, &one, &[vkey], &error(code)))
}

#[test]
fn signed_note() {
    let mut cases = signatures();
    cases.extend(refused_notes().chain(refused_keys()));
    let made = json!({
        "page": "c2sp.org/signed-note@v1.0.0",
        "about": "Keys: Ed25519 seeds of 32 equal bytes, 1 (log), 2, 3. Type 0x01 only.",
        "witness_vkey_of_type_0x04": witness_signer(1).key().to_string(),
        "cases": cases,
    });
    check("signed-note", &made, run);
}
