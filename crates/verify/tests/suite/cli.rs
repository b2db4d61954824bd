//! The program: arguments, output, exit codes.

use std::path::PathBuf;
use std::process::{Command, Output};

use countersign_model::body::ClaimBody;

use crate::world::World;

/// A folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("verify-{test}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_countersign-verify");
    Command::new(program)
        .args(arguments)
        .output()
        .expect("it runs")
}

fn check(arguments: &[&str], code: i32, says: &str) -> String {
    let output = run(arguments);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    assert!(text.contains(says), "{arguments:?}: {text}");
    text
}

#[test]
fn exit_codes_tell_the_verdict() {
    let (world, folder) = (World::new(7), folder("exit"));
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    };
    let good = world.pack();
    let mut bad = good.clone();
    bad[1000] ^= 1;
    let vkey = world.log.vkey();
    let key = path("log.vkey", format!("{vkey}\n").as_bytes());
    let policy = path("policy", format!("log {vkey}\nquorum none\n").as_bytes());
    let (good, bad) = (path("good.zip", &good), path("bad.zip", &bad));
    let text = path("text.zip", b"no pack");
    let disclosed = world.builder(ClaimBody::clone).build().expect("a pack");
    let disclosed = path("disclosed.zip", &disclosed);

    check(&["--key", &vkey, &good], 0, "Proven: ");
    check(&[&format!("--key=@{key}"), &good], 0, "Proven: ");
    check(&["--policy", &policy, &good], 0, "Proven: ");
    check(&[&good], 3, "consistent in itself");
    check(&["--key", &vkey, &bad], 1, "[archive_");
    check(&["--key", &vkey, &text], 1, "[archive_damaged]");
    check(&["--key", &vkey, &good, &bad], 1, "== ");
    check(&["--key", &vkey, "--show", &good], 0, "\"name\":[withheld]");
    check(
        &["--key", &vkey, "--show", &disclosed],
        0,
        "\"name\":\"Jane Doe\"",
    );
    let json = check(
        &["--json", "--key", &vkey, &good],
        0,
        "\"verdict\":\"proven\"",
    );
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["subject"], "pack");
    assert!(
        json["pieces"]
            .as_array()
            .is_some_and(|pieces| pieces.len() > 10)
    );

    let receipt = path("a.receipt", &world.log.receipt(world.claims[0]).encode());
    check(&["--key", &vkey, &receipt], 3, "genesis_absent");
}

#[test]
fn wrong_use_is_exit_code_2() {
    check(&[], 2, "no file to check");
    check(&["--what"], 2, "unknown option --what");
    check(
        &["nothing-is-called-so.zip"],
        2,
        "nothing-is-called-so.zip: ",
    );
    let folder = folder("use");
    let file = folder.join("a.zip");
    std::fs::write(&file, b"").expect("a file");
    let file = file.display().to_string();
    check(
        &["--key", "nonsense", &file],
        2,
        "--key: not the key of a log",
    );
    check(&["--policy", &file, &file], 2, "not a policy");
}

#[test]
fn help_and_version() {
    check(&["--help"], 0, "--key KEY");
    check(&["--version"], 0, "countersign-verify ");
}

#[test]
fn a_folder_is_a_whole_log() {
    let (world, folder) = (World::new(7), folder("log"));
    let (data, mirror) = (folder.join("data"), folder.join("mirror"));
    for (name, bytes) in world.log.files(2, world.log.size()) {
        let mut paths = vec![data.join(&name)];
        paths.extend(name.strip_prefix("log/").map(|name| mirror.join(name)));
        for path in paths {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, &bytes).expect("a file");
        }
    }
    let none = path_text(&folder.join("none"));
    let (data, mirror) = (path_text(&data), path_text(&mirror));
    std::fs::create_dir_all(&none).expect("a folder");
    let vkey = world.log.vkey();
    check(&["--key", &vkey, &data], 0, "7 statements signed by 4 keys");
    check(&[&data], 3, "consistent in itself");
    check(&["--key", &vkey, &mirror], 3, "[ground_absent]");
    check(&["--key", &vkey, &none], 3, "[checkpoint_absent]");
    let json = check(&["--json", "--key", &vkey, &data], 0, "\"subject\":\"log\"");
    let report: serde_json::Value = serde_json::from_str(&json).expect("one line of JSON");
    assert_eq!(report["verdict"], "proven");
    assert_eq!(report["remarks"][0]["code"], "segment_size");
    let kept = folder.join("kept");
    std::fs::write(&kept, world.log.checkpoint_at(4)).expect("a file");
    let kept = path_text(&kept);
    check(
        &["--key", &vkey, &data, &kept],
        0,
        "still has the 4 entries",
    );
    // Beside a pack, each under its own heading.
    let pack = folder.join("pack.zip");
    std::fs::write(&pack, world.pack()).expect("a file");
    let both = check(&["--key", &vkey, &path_text(&pack), &data], 0, "== ");
    assert_eq!(both.matches("== ").count(), 2);
    let segment = folder.join("data/ground/00000001.seg");
    let mut bytes = std::fs::read(&segment).expect("a file");
    bytes[1500] ^= 4;
    std::fs::write(&segment, bytes).expect("a file");
    check(&["--key", &vkey, &data], 1, "segment 00000001, offset ");
}

fn path_text(path: &std::path::Path) -> String {
    path.display().to_string()
}

#[test]
fn a_report_that_cannot_be_written_is_no_verdict() {
    for arguments in [&["--version"][..], &["--help"], &["/dev/null"]] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = Command::new(env!("CARGO_BIN_EXE_countersign-verify"))
            .args(arguments)
            .stdout(full.expect("opens"))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("could not be written"),
            "{arguments:?}: {said}"
        );
    }
}
