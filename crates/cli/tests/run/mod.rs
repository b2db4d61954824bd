//! Running the binary as a user does.
#![expect(dead_code, reason = "each test file uses its part")]

pub(crate) mod samples;

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

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

/// Copies a folder, into one that is made if it is not there.
pub(crate) fn copied(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(path.strip_prefix(from).expect("below"));
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("makes");
        std::fs::copy(&path, target).expect("copies");
    }
}

/// Whether any file below a folder, or its name, holds these bytes.
pub(crate) fn holds(folder: &Path, needle: &[u8]) -> Option<PathBuf> {
    files_below(folder).into_iter().find(|path| {
        let bytes = std::fs::read(path).expect("reads");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

/// The needles that stand in the bytes, each once. One pass over the bytes for all of them.
pub(crate) fn found_in<'n>(bytes: &[u8], needles: &[&'n str]) -> Vec<&'n str> {
    let mut by_start = vec![Vec::new(); 1 << 16];
    for needle in needles {
        let [first, second, ..] = needle.as_bytes() else {
            panic!("a needle of {} bytes finds too much", needle.len());
        };
        by_start[usize::from(*first) << 8 | usize::from(*second)].push(*needle);
    }
    let mut found = std::collections::BTreeSet::new();
    for (at, pair) in bytes.windows(2).enumerate() {
        let starts = &by_start[usize::from(pair[0]) << 8 | usize::from(pair[1])];
        found.extend(
            starts
                .iter()
                .filter(|needle| bytes[at..].starts_with(needle.as_bytes())),
        );
    }
    found.into_iter().collect()
}

/// A running node; ended with the value.
pub(crate) struct Node {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Node {
    /// Starts a node by a command that ends in the program, and waits until it is ready.
    pub(crate) fn start(mut program: Command, data: &str) -> Self {
        let mut child = program
            .args(["node", "--data", data])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        let ready = stderr
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.starts_with("ready at "));
        assert!(ready, "the node says that it is ready");
        Self { child, stderr }
    }

    /// Waits until it ends by itself; its exit code and what it said since it was ready.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let said: Vec<String> = self.stderr.by_ref().map_while(Result::ok).collect();
        let status = self.child.wait().expect("ends");
        (status.code(), said.join("\n"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, run directly.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
}

/// A file system in memory, as large as is asked for. Only processes that [`Disk::program`] starts
/// see it; it is gone with the value, however the test ends.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
    /// Keeps the mount namespace, in which the file system is mounted on `folder`.
    holder: Child,
}

impl Disk {
    /// # Panics
    /// If this process may not mount.
    pub(crate) fn of(bytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = r#"mount -t tmpfs -o "size=$1" tmpfs "$0" && echo mounted && exec cat"#;
        let holder = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", mount])
            .arg(folder.path())
            .arg(bytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut holder = holder.expect("`unshare` of the package util-linux runs");
        let mut answer = String::new();
        let mut stdout = BufReader::new(holder.stdout.take().expect("piped"));
        stdout.read_line(&mut answer).expect("answers");
        if answer != "mounted\n" {
            let said = holder.wait_with_output().expect("ends").stderr;
            panic!(
                "this test mounts a small file system and needs the right to do so (CAP_SYS_ADMIN): run it as \
                 root, in a container that has this capability. It was told: {}",
                String::from_utf8_lossy(&said)
            );
        }
        Self { folder, holder }
    }

    /// The program, where it sees the file system.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id()))
            .arg(env!("CARGO_BIN_EXE_countersign"));
        command
    }

    /// Runs a command that must end with this code; both outputs together.
    pub(crate) fn ends_with(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.program().args(arguments).output().expect("runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "countersign {}\n{text}",
            arguments.join(" ")
        );
        text
    }

    /// A path on the file system, as the program names it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// The same path as the test reaches it.
    pub(crate) fn reach(&self, name: &str) -> PathBuf {
        let inside = self.folder.path().join(name);
        let inside = inside.strip_prefix("/").expect("absolute");
        Path::new("/proc")
            .join(self.holder.id().to_string())
            .join("root")
            .join(inside)
    }

    /// Writes a file of at most that many bytes; fewer when the file system is full.
    pub(crate) fn ballast(&self, name: &str, bytes: u64) {
        let mut file = File::create(self.reach(name)).expect("begins");
        let chunk = [1; 4096];
        for _ in 0..bytes.div_ceil(4096) {
            match file.write_all(&chunk) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("ballast: {error}"),
            }
        }
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.reach(name)).expect("is removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The namespace, and the file system in it, end with their last process.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
