//! Keys of a log are rotated and retired; a log is lost and goes on from a copy under another name.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use run::samples::{UNIT, disclosed, event};
use run::{Log, Node, copied, countersign, ends_with, files_below, json, new_log, ok, program};
use serde_json::Value;

fn capture(log: &Log, data: &str, id: usize) -> Value {
    let file = log.write(
        &format!("event-{id}.json"),
        &event(id, &[("rdfs:comment", format!("secret {id}").into())]),
    );
    json(&["capture", "--data", data, "--json", &file])
}

fn vkey(data: &str) -> String {
    let status = json(&["status", "--data", data, "--json"]);
    status["vkey"].as_str().expect("a key").to_owned()
}

fn size(data: &str) -> u64 {
    let status = json(&["status", "--data", data, "--json"]);
    status["size"].as_u64().expect("a size")
}

/// A pack about the unit.
fn pack(log: &Log, data: &str, name: &str) -> String {
    let out = log.path(name);
    ok(&["export", "--data", data, "--unit", UNIT, "--out", &out]);
    out
}

/// The verdict over one file or folder.
fn verdict(key: &str, what: &str) -> String {
    let output = countersign(&["verify", "--json", "--key", key, what]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    report["verdict"].as_str().expect("a verdict").to_owned()
}

fn check(key: &str, what: &str, expect: &str) {
    assert_eq!(verdict(key, what), expect, "{what} with {key}");
}

#[test]
fn keys_are_rotated_with_an_overlap_and_retired() {
    let log = new_log();
    let data = &log.data;
    capture(&log, data, 1);
    let before = pack(&log, data, "before.zip");
    let kept = log.path("kept");
    fs::copy(Path::new(data).join("log/checkpoint"), &kept).expect("copies");

    let rotated = json(&["key", "rotate", "--data", data, "--json"]);
    assert_eq!(rotated["vkeys"].as_array().map(Vec::len), Some(4));
    let new = vkey(data);
    assert_ne!(new, log.vkey);
    let status = json(&["status", "--data", data, "--json"]);
    let keys = status["keys"].as_array().expect("keys").iter();
    let since = |number: &str| -> Vec<Value> {
        let of = |key: &&Value| {
            key["name"]
                .as_str()
                .is_some_and(|name| name.ends_with(number))
        };
        keys.clone()
            .filter(of)
            .map(|key| key["since"].clone())
            .collect()
    };
    assert_eq!(since("-2"), vec![rotated["renewal"].clone(); 4], "{status}");
    capture(&log, data, 2);
    let between = pack(&log, data, "between.zip");
    for key in [&log.vkey, &new] {
        check(key, &between, "proven");
        check(key, data, "proven");
    }
    check(&log.vkey, &before, "proven");

    ok(&["key", "retire", "--data", data]);
    let text = ends_with(1, &["key", "retire", "--data", data]);
    assert!(text.contains("bad_renewal"), "{text}");
    capture(&log, data, 3);
    let after = pack(&log, data, "after.zip");
    check(&new, &after, "proven");
    check(&log.vkey, &after, "disproven");
    check(&new, data, "proven");
    let with_old = ok(&["verify", "--key", &new, "--key", &log.vkey, data, &kept]);
    assert!(with_old.contains("the log still has"), "{with_old}");
    let files = files_below(&Path::new(data).join("keys"));
    let gone = |name: &str| !files.iter().any(|path| path.ends_with(name));
    assert!(gone("checkpoint.key") && gone("statement.key") && gone("checkpoint-pq.key"));
    assert!(!gone("checkpoint-2.key") && !gone("sealing.key"));

    // What was sealed under the keys of before is still read, and it can be done again.
    let disclosed = disclosed(&log, data, "disclosed.zip");
    let bytes = fs::read(&disclosed).expect("reads");
    assert!(bytes.windows(8).any(|window| window == b"secret 1"));
    ok(&["key", "rotate", "--data", data]);
    ok(&["key", "retire", "--data", data]);
    check(&vkey(data), data, "proven");
    ok(&["fsck", "--data", data]);
}

/// The data folder and its second place, as they were.
fn turned_back(log: &Log, aside: &str) {
    for name in ["data", "data.second"] {
        fs::remove_dir_all(log.path(name)).expect("removes");
        let from = log.path(&format!("{aside}/{name}"));
        copied(Path::new(&from), Path::new(&log.path(name)));
    }
}

#[test]
fn a_rotation_is_made_once() {
    let log = new_log();
    let rotate = ["key", "rotate", "--data", &log.data, "--json"];
    let made = json(&rotate);
    // Whoever was not told that it took effect gives it again.
    let text = ends_with(1, &rotate);
    assert!(text.contains("a rotation is under way"), "{text}");
    assert!(text.contains("countersign key retire"), "{text}");
    let status = json(&["status", "--data", &log.data, "--json"]);
    assert_eq!(status["vkeys"], made["vkeys"]);
    ok(&["key", "retire", "--data", &log.data]);
    ok(&rotate);
}

#[test]
fn a_rotation_that_was_broken_off_among_its_files_is_never_retired_to() {
    let log = new_log();
    capture(&log, &log.data, 1);
    for name in ["data", "data.second"] {
        let aside = log.path(&format!("aside/{name}"));
        copied(Path::new(&log.path(name)), Path::new(&aside));
    }
    let keys = Path::new(&log.data).join("keys");
    let (first, next, vkeys) = ["checkpoint.key", "checkpoint-2.key", "log.vkeys"]
        .map(|name| keys.join(name))
        .into();
    let handed_out = fs::read(&vkeys).expect("reads");
    ok(&["key", "rotate", "--data", &log.data]);
    let made = fs::read(&next).expect("reads");
    turned_back(&log, "aside");
    fs::write(&next, made).expect("writes");

    ok(&["fsck", "--data", &log.data]);
    assert_eq!(fs::read(&vkeys).expect("reads"), handed_out);
    let text = ends_with(1, &["key", "retire", "--data", &log.data]);
    assert!(text.contains("no rotation is under way"), "{text}");
    assert!(first.exists() && !next.exists());
    check(&log.vkey, &log.data, "proven");
}

#[test]
fn the_keys_that_are_handed_out_are_those_in_force() {
    let log = new_log();
    let vkeys = Path::new(&log.data).join("keys/log.vkeys");
    let before = fs::read(&vkeys).expect("reads");
    ok(&["key", "rotate", "--data", &log.data]);
    let right = fs::read(&vkeys).expect("reads");
    let text = ok(&["fsck", "--data", &log.data]);
    assert!(!text.contains("log.vkeys"), "{text}");
    assert_eq!(fs::read(&vkeys).expect("reads"), right);
    // The act stands, and the file is as if the disk had been full then.
    let out = log.path("copy");
    let backup = ["backup", "--data", &log.data, "--out", &out];
    fs::write(&vkeys, &before).expect("writes");
    let text = ends_with(1, &backup);
    assert!(text.contains("countersign fsck"), "{text}");
    ok(&["fsck", "--data", &log.data]);
    assert_eq!(fs::read(&vkeys).expect("reads"), right);
    for spoil in [Some(before), None] {
        match spoil {
            Some(bytes) => fs::write(&vkeys, bytes).expect("writes"),
            None => fs::remove_file(&vkeys).expect("removes"),
        }
        capture(&log, &log.data, 1);
        assert_eq!(fs::read(&vkeys).expect("reads"), right);
    }
    ok(&backup);
}

#[test]
fn a_renewal_is_made_where_the_keys_lie_and_by_nobody_else() {
    let log = new_log();
    let act = r#"{"type":"Renewal","origin":"x.example","checkpointKeys":["x.example+00000000+AA=="],"nodeKey":"n","receiptKey":"r"}"#;
    let text = ends_with(
        1,
        &["say", "--data", &log.data, &log.write("act.json", act)],
    );
    assert!(text.contains("bad_renewal"), "{text}");
    let person = log.path("person.key");
    ok(&["key", "new", "--out", &person]);
    let text = ends_with(1, &["key", "rotate", "--data", &log.data, "--key", &person]);
    assert!(text.contains("not_authorised"), "{text}");
    // Nothing is left of the attempt.
    let keys = files_below(&Path::new(&log.data).join("keys"));
    assert!(
        !keys
            .iter()
            .any(|path| path.to_string_lossy().contains("-2.key")),
        "{keys:?}"
    );
    check(&log.vkey, &log.data, "proven");
}

/// A log of which a copy was made, and which was lost three claims later.
struct Lost {
    log: Log,
    copy: String,
    admin: String,
    /// Receipt of a claim that the copy has not.
    receipt: String,
}

fn lost() -> Lost {
    let log = new_log();
    let path = |name: &str| log.path(name);
    let (copy, admin, receipt) = (path("copy"), path("admin.key"), path("receipt"));
    capture(&log, &log.data, 1);
    capture(&log, &log.data, 2);
    fs::rename(Path::new(&log.data).join("keys/administrator.key"), &admin).expect("moves");
    copied(Path::new(&log.data), Path::new(&copy));
    capture(&log, &log.data, 3);
    let last = json(&["status", "--data", &log.data, "--json"])["size"]
        .as_u64()
        .expect("a size");
    let index = (0..last).rev().find(|index| {
        let claim = format!("{index}.0");
        let out = [
            "export",
            "--data",
            &log.data,
            "--receipt",
            &claim,
            "--with-all",
            "--out",
            &receipt,
        ];
        countersign(&out).status.success()
    });
    index.expect("there is a claim");
    Lost {
        log,
        copy,
        admin,
        receipt,
    }
}

fn restored(lost: &Lost, name: &str, more: &[&str]) -> (String, Value) {
    let data = lost.log.path(name);
    let origin = format!("{name}.example/1");
    let mut arguments = vec!["restore", &lost.copy, &data, "--key", &lost.admin];
    arguments.extend(["--origin", &origin, "--json"]);
    arguments.extend(more);
    let made = json(&arguments);
    (data, made)
}

#[test]
fn a_log_goes_on_from_a_copy_and_says_what_is_lost() {
    let lost = lost();
    let log = &lost.log;
    let old_size = json(&["status", "--data", &log.data, "--json"])["size"].clone();
    let (data, made) = restored(&lost, "linked", &[]);
    let continued = &made["continues"];
    assert_eq!(continued["origin"], log.origin.as_str());
    assert_eq!(made["renewal"], continued["size"]);
    assert_eq!(made["lost"]["from"], continued["size"]);
    assert_eq!(
        made["lost"]["to"], old_size,
        "the second place knew how far it went"
    );

    let new = vkey(&data);
    check(&new, &data, "proven");
    let linked = pack(log, &data, "linked.zip");
    check(&new, &linked, "proven");
    check(&log.vkey, &linked, "cannot_tell");
    // What was promised stays proven by the old key; the new log says that it has it not.
    let loose: Vec<String> = files_below(Path::new(&lost.receipt))
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut arguments = vec!["verify", "--key", &log.vkey];
    arguments.extend(loose.iter().map(String::as_str));
    ok(&arguments);
    let beyond = Path::new(&log.data)
        .join("log/checkpoint")
        .display()
        .to_string();
    let both = ["verify", "--key", &new, "--key", &log.vkey, &data, &beyond];
    let text = ends_with(3, &both);
    assert!(
        text.contains("as linked.example/1, and what stood behind that is lost"),
        "{text}"
    );
    let within = Path::new(&lost.copy)
        .join("log/checkpoint")
        .display()
        .to_string();
    ok(&["verify", "--key", &new, "--key", &log.vkey, &data, &within]);

    // What is sent again is known, or taken; sealed values are read; keys can be rotated.
    assert_eq!(capture(log, &data, 2)["duplicate"], 1);
    assert_eq!(capture(log, &data, 3)["accepted"], 1);
    let disclosed = disclosed(log, &data, "disclosed.zip");
    let bytes = fs::read(&disclosed).expect("reads");
    assert!(bytes.windows(8).any(|window| window == b"secret 1"));
    check(&new, &disclosed, "proven");
    ok(&["key", "rotate", "--data", &data, "--key", &lost.admin]);
    check(&new, &data, "proven");
    ok(&["fsck", "--data", &data]);
    // The longer history of the old name is not taken for one of the new.
    let text = ends_with(3, &both);
    assert!(text.contains("is lost"), "{text}");
}

#[test]
fn a_log_whose_key_was_stolen_goes_on_from_before() {
    let lost = lost();
    let log = &lost.log;
    let before = Path::new(&lost.copy)
        .join("log/checkpoint")
        .display()
        .to_string();
    let (data, made) = restored(&lost, "clean", &["--checkpoint", &before]);
    let size = made["continues"]["size"].as_u64().expect("a size");
    assert!(
        size < json(&["status", "--data", &log.data, "--json"])["size"]
            .as_u64()
            .expect("a size")
    );
    let new = vkey(&data);
    check(&new, &data, "proven");
    // A whole data folder is a copy, too; it goes on from where it stands.
    let again = log.path("again");
    let made = json(&[
        "restore",
        &log.data,
        &again,
        "--key",
        &lost.admin,
        "--origin",
        "again.example/1",
        "--json",
    ]);
    assert_eq!(made["lost"], Value::Null, "nothing is lost");
    check(&vkey(&again), &again, "proven");
    // And once more, from the linked origin.
    let third = log.path("third");
    ok(&[
        "restore",
        &again,
        &third,
        "--key",
        &lost.admin,
        "--origin",
        "third.example/1",
    ]);
    check(&vkey(&third), &third, "proven");
    check(&vkey(&third), &pack(log, &third, "third.zip"), "proven");
}

#[test]
fn what_cannot_be_restored_leaves_nothing_behind() {
    let lost = lost();
    let data = lost.log.path("made");
    let call = ["restore", &lost.copy, &data, "--key"];
    let person = lost.log.path("person.key");
    ok(&["key", "new", "--out", &person]);
    let fails = |more: &[&str], word: &str| {
        let text = ends_with(1, &[&call[..], more].concat());
        assert!(text.contains(word), "{text}");
        let left =
            |path: &str| Path::new(path).exists() && !files_below(Path::new(path)).is_empty();
        assert!(!left(&data) && !left(&format!("{data}.second")), "{word}");
        assert!(!Path::new(&format!("{data}.unlock")).exists(), "{word}");
    };
    fails(&[&person], "not_authorised");
    fails(&[&lost.admin, "--origin", &lost.log.origin], "bad_renewal");
    let garbage = lost.log.write("garbage", "not a checkpoint");
    fails(&[&lost.admin, "--checkpoint", &garbage], "checkpoint");
    fails(&[&lost.admin, "--known", &garbage], "kept");
    let beyond = Path::new(&lost.log.data)
        .join("log/checkpoint")
        .display()
        .to_string();
    fails(&[&lost.admin, "--checkpoint", &beyond], "the ground has");
    ok(&["restore", &lost.copy, &data, "--key", &lost.admin]);
}

#[test]
fn a_second_place_that_the_copy_does_not_know_stands_in_nobodys_way() {
    let lost = lost();
    let log = &lost.log;
    let published = Path::new(&log.data).join("log/checkpoint");
    let (both, alone) = (log.path("both"), log.path("alone"));
    let by_admin = |verb: &str| ok(&["key", verb, "--data", &log.data, "--key", &lost.admin]);
    by_admin("rotate");
    capture(log, &log.data, 4);
    fs::copy(&published, &both).expect("copies");
    let behind = size(&log.data);
    by_admin("retire");
    fs::copy(&published, &alone).expect("copies");
    fs::remove_dir_all(&log.data).expect("is lost");

    let second = log.path("data.second/checkpoint");
    let other = new_log();
    let others = fs::read(other.path("data.second/checkpoint")).expect("reads");
    let written = [
        (None, "no key of the log that the copy knows"),
        (Some(others), "of another log"),
        (Some(vec![1; 8192]), "both slots are spoiled"),
        (Some(vec![0; 8192]), "holds no checkpoint"),
    ];
    for (at, (bytes, why)) in written.into_iter().enumerate() {
        if let Some(bytes) = bytes {
            fs::write(&second, bytes).expect("writes");
        }
        let data = log.path(&format!("again-{at}"));
        let call = ["restore", &lost.copy, &data, "--key", &lost.admin];
        let text = ends_with(0, &call);
        assert!(text.contains(why), "{text}");
        assert!(text.contains("nobody here knows"), "{text}");
        check(&vkey(&data), &data, "proven");
    }
    // What the user names must hold; a kept checkpoint says what was there at least.
    let (_, made) = restored(&lost, "kept", &["--known", &both]);
    assert_eq!(made["lost"]["to"], behind);
    assert_eq!(made["lost"]["at_least"], true);
    let refused = log.path("refused");
    let call = ["restore", &lost.copy, &refused, "--key", &lost.admin];
    let text = ends_with(1, &[&call[..], &["--known", &alone]].concat());
    assert!(text.contains("no key of the log"), "{text}");
}

#[test]
fn what_is_lost_is_told_exactly_by_the_second_place_alone() {
    let lost = lost();
    let log = &lost.log;
    let note = |folder: &str| format!("{folder}/log/checkpoint");
    let (whole, copied) = (size(&log.data), note(&lost.copy));
    let told = |name: &str, more: &[&str]| {
        let (_, made) = restored(&lost, name, more);
        let lost = &made["lost"];
        (lost["to"].as_u64(), lost["at_least"] == true)
    };
    let beyond = note(&log.data);
    assert_eq!(told("exact", &["--known", &copied]), (Some(whole), false));
    let second = log.path("data.second/checkpoint");
    let newest = fs::read(&second).expect("reads");
    capture(log, &log.data, 4);
    let further = size(&log.data);
    // It was turned back, and somebody knows better.
    fs::write(&second, newest).expect("writes");
    assert_eq!(told("back", &["--known", &beyond]), (Some(further), true));
    fs::remove_file(second).expect("is lost");
    assert_eq!(told("kept", &["--known", &beyond]), (Some(further), true));
    assert_eq!(told("short", &["--known", &copied]), (None, false));
    // What the copy itself published counts, too.
    let data = log.path("older");
    let call = ["restore", &log.data, &data, "--key", &lost.admin];
    let text = ends_with(0, &[&call[..], &["--checkpoint", &copied]].concat());
    assert!(text.contains("at least entries"), "{text}");
    assert!(text.contains(&format!("to {} of", further - 1)), "{text}");
}

#[test]
fn what_was_committed_and_not_published_goes_on_too() {
    let lost = lost();
    let log = &lost.log;
    let whole = size(&log.data);
    let published = Path::new(&log.data).join("log/checkpoint");
    // As a node leaves it that was killed between the two.
    fs::copy(Path::new(&lost.copy).join("log/checkpoint"), &published).expect("copies");
    for (at, name) in ["killed", "bare"].into_iter().enumerate() {
        if at == 1 {
            fs::remove_file(&published).expect("removes");
        }
        let data = log.path(name);
        let call = ["restore", &log.data, &data, "--key", &lost.admin, "--json"];
        let made = json(&call);
        assert_eq!(made["continues"]["size"], whole);
        assert_eq!(made["lost"], Value::Null);
        check(&vkey(&data), &data, "proven");
    }
}

#[test]
fn a_copy_is_left_as_it_is() {
    let lost = lost();
    let log = &lost.log;
    let again = |from: &str, name: &str| {
        let data = log.path(name);
        let call = ["restore", from, &data, "--key", &lost.admin];
        countersign(&call)
    };
    let node = Node::start(program(), &log.data);
    let output = again(&log.data, "beside");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "a node is at work on the copy");
    assert!(said.contains("another process owns"), "{said}");
    drop(node);

    let copy = log.path("backup");
    ok(&["backup", "--data", &log.data, "--out", &copy]);
    let segment = "ground/00000000.seg";
    let read_only = fs::Permissions::from_mode(0o444);
    fs::set_permissions(Path::new(&copy).join(segment), read_only).expect("protects");
    let before = files_below(Path::new(&copy));
    assert!(again(&copy, "data-b").status.success());
    assert_eq!(files_below(Path::new(&copy)), before);
    let made = fs::metadata(log.path("data-b/ground/00000000.seg")).expect("is there");
    assert_ne!(made.permissions().mode() & 0o200, 0, "it is written to");
}

#[test]
fn a_second_place_of_somebody_else_stays() {
    let lost = lost();
    let place = lost.log.path("elsewhere");
    let link = Path::new(&place).join("checkpoint");
    fs::create_dir(&place).expect("makes");
    symlink(lost.log.path("not-mounted"), &link).expect("links");
    let data = lost.log.path("made");
    let call = ["restore", &lost.copy, &data, "--key", &lost.admin];
    ends_with(1, &[&call[..], &["--second", &place]].concat());
    assert!(link.is_symlink(), "it was there before");
}
