//! Running the binary as a user does.
#![expect(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Runs a command that must succeed; its standard output.
pub(crate) fn ok(arguments: &[&str]) -> String {
    let output = countersign(arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "countersign {}\n{text}{complaint}",
        arguments.join(" ")
    );
    text
}

/// Runs a command that must end with this code; both outputs together.
pub(crate) fn ends_with(code: i32, arguments: &[&str]) -> String {
    let output = countersign(arguments);
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "countersign {}\n{text}",
        arguments.join(" ")
    );
    text
}

/// Runs a command that must print one JSON object.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let text = ok(arguments);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("countersign {}: {error}: {text}", arguments.join(" ")))
}

/// A folder with a new log in `data`; the data folder and the verification key.
pub(crate) struct Log {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) data: String,
    pub(crate) vkey: String,
    pub(crate) origin: String,
}

pub(crate) fn new_log() -> Log {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data").display().to_string();
    let made = json(&["init", &data, "--json"]);
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    Log {
        vkey: text("vkey"),
        origin: text("origin"),
        data,
        folder,
    }
}

impl Log {
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("writes");
        path
    }
}

/// The folder of real files, if it is there.
#[expect(
    clippy::print_stdout,
    reason = "the run says where real files are absent"
)]
pub(crate) fn real_data(what: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("COUNTERSIGN_DATA")
        .map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let path = folder.join(what);
    if path.exists() {
        return Some(path);
    }
    println!("data absent: {what}");
    None
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path)
            } else {
                out.push(path)
            }
        }
    }
    out.sort();
    out
}

/// Whether any file below a folder, or its name, holds these bytes.
pub(crate) fn holds(folder: &Path, needle: &[u8]) -> Option<PathBuf> {
    files_below(folder).into_iter().find(|path| {
        let bytes = std::fs::read(path).expect("reads");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}
