//! The keys of a log at rest: a copy of its folder opens nothing without the unlock key.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_record::key_file::{KEY_FILE_PREFIX, KeyFile, UnlockKey};
use run::samples::{KEY_NAMES, say};
use run::{Log, ends_with, files_below, json, new_log, ok, program};

fn key_path(log: &Log, name: &str) -> PathBuf {
    Path::new(&log.data)
        .join("keys")
        .join(format!("{name}.key"))
}

/// The lines of the log's keys, opened with the unlock key of this file.
fn lines(log: &Log, unlock: &str) -> Vec<(&'static str, String)> {
    let unlock = fs::read_to_string(unlock).expect("an unlock file");
    let unlock = UnlockKey::parse(&unlock).expect("an unlock key");
    let open = |name: &'static str| {
        let text = fs::read_to_string(key_path(log, name)).expect("a key file");
        let file = KeyFile::parse(&text).expect("a locked one");
        let line = file.open((name, &log.origin), &unlock).expect("opens");
        (name, line.to_string())
    };
    KEY_NAMES.into_iter().map(open).collect()
}

/// No file of the data folder holds one of these keys, as text or as bytes.
fn holds_none(log: &Log, lines: &[(&str, String)]) {
    let mut needles = Vec::new();
    for (_, line) in lines {
        let text = line.rsplit(':').next().expect("a line");
        needles.push(text.as_bytes().to_vec());
        needles.push(STANDARD.decode(text).expect("base64"));
    }
    for path in files_below(Path::new(&log.data)) {
        let mut bytes = fs::read(&path).expect("reads");
        let used = bytes.iter().rposition(|byte| *byte != 0);
        bytes.truncate(used.map_or(0, |last| last + 64));
        for needle in &needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{} holds a key", path.display());
        }
    }
}

/// Runs a command with a variable; what it said, and whether it succeeded.
fn with(variable: (&str, &str), arguments: &[&str]) -> (bool, String) {
    let mut command = program();
    let output = command.env(variable.0, variable.1).args(arguments).output();
    let output = output.expect("runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.success(), text)
}

fn locked(arguments: &[&str]) -> String {
    let text = ends_with(1, arguments);
    assert!(text.contains("[keys_locked, see docs/errors/"), "{text}");
    text
}

fn size(log: &Log) -> u64 {
    let status = json(&["status", "--data", &log.data, "--json"]);
    status["size"].as_u64().expect("a number")
}

/// The folder as it was made before key files were locked.
fn unlocked(log: &Log) -> Vec<(&'static str, String)> {
    let unlock = log.path("data.unlock");
    let lines = lines(log, &unlock);
    for (name, line) in &lines {
        fs::write(key_path(log, name), format!("{line}\n")).expect("writes");
    }
    fs::remove_file(unlock).expect("removes");
    let settings = Path::new(&log.data).join("countersign.toml");
    let text = fs::read_to_string(&settings).expect("reads");
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("unlock"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(settings, text).expect("writes");
    lines
}

#[test]
fn a_folder_without_its_unlock_key_opens_nothing_and_still_proves() {
    let log = new_log();
    say(&log, 1);
    let unlock = log.path("data.unlock");
    holds_none(&log, &lines(&log, &unlock));
    let kept = log.path("kept");
    fs::rename(&unlock, &kept).expect("moves");
    let status = ["status", "--data", &log.data];
    let text = locked(&status);
    assert!(
        text.contains(&unlock) && text.contains("COUNTERSIGN_UNLOCK_FILE"),
        "{text}"
    );
    locked(&["node", "--data", &log.data]);
    ok(&["verify", "--key", &log.vkey, &log.data]);

    let (done, text) = with(("COUNTERSIGN_UNLOCK_FILE", &kept), &status);
    assert!(done, "{text}");
    let credentials = log.path("credentials");
    fs::create_dir(&credentials).expect("makes");
    fs::copy(&kept, Path::new(&credentials).join("countersign-unlock")).expect("copies");
    let (done, text) = with(("CREDENTIALS_DIRECTORY", &credentials), &status);
    assert!(done, "{text}");
    let (done, text) = with(("COUNTERSIGN_PASSPHRASE_FILE", &kept), &status);
    assert!(!done && text.contains("passphrase was asked for"), "{text}");

    let other = UnlockKey::new(&[1; 32]).to_text();
    fs::write(&unlock, format!("{}\n", *other)).expect("writes");
    let text = locked(&status);
    assert!(
        text.contains("does not open") && !text.contains(&*other),
        "{text}"
    );
    fs::write(&unlock, "correct horse battery\n").expect("writes");
    let text = locked(&status);
    assert!(
        text.contains("a passphrase was given") && !text.contains("horse"),
        "{text}"
    );
}

#[test]
fn key_files_cannot_be_exchanged_or_damaged() {
    let log = new_log();
    let status = ["status", "--data", &log.data];
    let sealing = key_path(&log, "sealing");
    let good = fs::read_to_string(&sealing).expect("reads");
    let refused = |text: &str, code: &str| {
        fs::write(&sealing, text).expect("writes");
        let said = ends_with(1, &status);
        assert!(said.contains(&format!("[{code}, see")), "{said}");
    };
    let fingerprint = fs::read_to_string(key_path(&log, "fingerprint")).expect("reads");
    refused(&fingerprint, "key_file_damaged");
    refused(
        &fingerprint.replace(":fingerprint:", ":sealing:"),
        "keys_locked",
    );
    refused(&good[..good.len() - 8], "key_file_damaged");
    refused(&good.replace(":1:", ":2:"), "key_file_damaged");
    // Who can write here, and knows no key, puts one of their own here.
    refused(&STANDARD.encode([9; 32]), "keys_locked");
    // The same unlock key, and another log.
    let (other, unlock) = (log.path("other"), log.path("data.unlock"));
    ok(&["init", &other, "--unlock", &unlock]);
    let others = Path::new(&other).join("keys").join("sealing.key");
    refused(&fs::read_to_string(others).expect("reads"), "keys_locked");
    fs::write(&sealing, good).expect("writes");
    ok(&status);
}

#[test]
fn a_folder_of_before_opens_is_locked_and_goes_on() {
    let log = new_log();
    let lines = unlocked(&log);
    say(&log, 1);
    let before = size(&log);
    let done = json(&["key", "protect", "--data", &log.data, "--json"]);
    assert_eq!(done["locked"], 6, "{done}");
    assert_eq!(done["unlock"], log.path("data.unlock"));
    for name in KEY_NAMES {
        let text = fs::read_to_string(key_path(&log, name)).expect("reads");
        assert!(text.starts_with(KEY_FILE_PREFIX), "{name}");
    }
    holds_none(&log, &lines);
    assert_eq!(
        self::lines(&log, &log.path("data.unlock")),
        lines,
        "the same keys"
    );
    say(&log, 2);
    assert!(size(&log) > before);
    ok(&["verify", "--key", &log.vkey, &log.data]);
    let again = ends_with(1, &["key", "protect", "--data", &log.data]);
    assert!(again.contains("locked already"), "{again}");
}

#[test]
fn protecting_that_was_broken_off_is_given_again() {
    let log = new_log();
    let lines = unlocked(&log);
    ok(&["key", "protect", "--data", &log.data]);
    for (name, line) in &lines[3..] {
        fs::write(key_path(&log, name), format!("{line}\n")).expect("writes");
    }
    locked(&["status", "--data", &log.data]);
    let done = json(&["key", "protect", "--data", &log.data, "--json"]);
    assert_eq!(done["locked"], 3, "{done}");
    say(&log, 1);
}

#[test]
fn the_unlock_key_is_changed() {
    let log = new_log();
    let old = log.path("data.unlock");
    let change = |to: &str| {
        let what = ["key", "change-unlock", "--data", &log.data, "--json"];
        json(&[&what[..], &["--unlock", to]].concat())
    };
    let lines = lines(&log, &old);
    let new = log.path("elsewhere/unlock");
    let done = change(&new);
    assert_eq!(
        (&done["locked"], &done["before"]),
        (&6.into(), &old.clone().into())
    );
    assert_eq!(self::lines(&log, &new), lines, "the same keys");
    fs::remove_file(&old).expect("removes");
    say(&log, 1);
    ends_with(
        1,
        &[
            "key",
            "change-unlock",
            "--data",
            &log.data,
            "--unlock",
            &new,
        ],
    );

    // A change that was broken off: some files and the settings are still as before it.
    let settings = Path::new(&log.data).join("countersign.toml");
    let read = |path: &Path| (path.to_owned(), fs::read(path).expect("reads"));
    let mut kept: Vec<_> = KEY_NAMES[3..]
        .iter()
        .map(|name| read(&key_path(&log, name)))
        .collect();
    kept.push(read(&settings));
    let last = log.path("last");
    change(&last);
    for (path, bytes) in kept {
        fs::write(path, bytes).expect("writes");
    }
    let text = locked(&["status", "--data", &log.data]);
    assert!(text.contains("change-unlock"), "{text}");
    assert_eq!(change(&last)["locked"], 3);
    assert_eq!(self::lines(&log, &last), lines, "the same keys");
    say(&log, 2);
    ok(&["verify", "--key", &log.vkey, &log.data]);
}

#[test]
fn a_passphrase_in_place_of_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, file) = (path("data"), path("passphrase"));
    let init = ["init", &data, "--passphrase-file", &file];
    locked(&init);
    fs::write(&file, "too short\n").expect("writes");
    locked(&init);
    fs::write(&file, "correct horse battery\n").expect("writes");
    ok(&init);
    assert!(!Path::new(&path("data.unlock")).exists());
    let status = ["status", "--data", &data];
    ok(&status);
    let moved = path("moved");
    fs::rename(&file, &moved).expect("moves");
    locked(&status);
    let (done, text) = with(("COUNTERSIGN_PASSPHRASE_FILE", &moved), &status);
    assert!(done, "{text}");
    fs::write(&file, "correct horse cattery\n").expect("writes");
    let text = locked(&status);
    assert!(
        text.contains("does not open") && !text.contains("cattery"),
        "{text}"
    );
    fs::rename(&moved, &file).expect("moves");
    let unlock = path("key");
    ok(&["key", "change-unlock", "--data", &data, "--unlock", &unlock]);
    fs::remove_file(&file).expect("removes");
    ok(&status);
}

#[test]
fn where_an_unlock_key_may_be_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, unlock) = (path("data"), path("data.unlock"));
    let inside = path("data/keys/unlock");
    let text = ends_with(1, &["init", &data, "--unlock", &inside]);
    assert!(text.contains("must not lie in the data folder"), "{text}");
    fs::write(&unlock, "of another log").expect("writes");
    let text = ends_with(1, &["init", &data]);
    assert!(text.contains("--unlock"), "{text}");
    fs::remove_file(&unlock).expect("removes");
    ok(&["init", &data]);
    // One key may open two logs.
    ok(&["init", &path("other"), "--unlock", &unlock]);
    let mode = |path: &str| {
        let output = Command::new("stat").args(["-c", "%a", path]).output();
        String::from_utf8(output.expect("runs").stdout).expect("text")
    };
    assert_eq!(mode(&unlock), "600\n");
    assert_eq!(mode(&path("data/keys/sealing.key")), "600\n");
}
