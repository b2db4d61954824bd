//! What the program publishes, read by programs that others wrote for themselves.
//!
//! Go: `oracles/readlog` makes the tree again from the published entries, with the functions by
//! which Go checks its module log, and compares every file. Debian's own packages `golang-go` and
//! `golang-golang-x-mod-dev`; no module is fetched.
#![expect(clippy::indexing_slicing, reason = "a test fails where it stands")]

mod run;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use run::{Log, copied, files_below, new_log, ok, samples};

/// Debian's own Go: another one earlier in the path may be of a version that wants modules.
const GO: &str = "/usr/bin/go";
/// Where Debian's packages put the sources of Go libraries.
const GO_PATH: &str = "/usr/share/gocode";

/// Builds the Go program; its path. What Go built before is kept in the target folder.
fn readlog(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/readlog");
    let out = folder.join("readlog");
    let output = Command::new(GO)
        .args(["build", "-o"])
        .arg(&out)
        .arg("main.go")
        .current_dir(source)
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_PATH)
        .env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build"),
        )
        .env("GOENV", "off")
        .env("GOFLAGS", "")
        .env("GOPROXY", "off")
        .env("GOTOOLCHAIN", "local")
        .env_remove("GOROOT")
        .output();
    let hint =
        "install the packages golang-go and golang-golang-x-mod-dev; `cargo xtask test` does it";
    let output = output.unwrap_or_else(|error| panic!("{GO}: {error}; {hint}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{GO} build: {said}\n{hint}");
    out
}

/// Captures events `from..to`, each as a file of its own, so that each is a statement and a commit
/// of its own; keeps a copy of the checkpoint that the log publishes then.
fn capture(log: &Log, data: &str, from: usize, to: usize) -> String {
    let files: Vec<String> = (from..to)
        .map(|number| log.write(&format!("{number}.jsonl"), &samples::event(number, &[])))
        .collect();
    let mut arguments = vec!["capture", "--data", data];
    arguments.extend(files.iter().map(String::as_str));
    ok(&arguments);
    let kept = log.path(&format!("checkpoint-{from}-{to}"));
    std::fs::copy(Path::new(data).join("log/checkpoint"), &kept).expect("copies");
    kept
}

/// The size that a checkpoint states.
fn size_of(checkpoint: &str) -> u64 {
    let text = std::fs::read_to_string(checkpoint).expect("reads");
    let size = text.lines().nth(1).expect("a second line");
    size.parse().expect("a number")
}

struct Reader {
    program: PathBuf,
    vkey: String,
}

impl Reader {
    fn read(&self, published: &Path, older: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.arg(&self.vkey).arg(published).args(older);
        command.output().expect("runs")
    }

    fn accepts(&self, published: &Path, older: &[&str]) -> String {
        let output = self.read(published, older);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn refuses(&self, published: &Path, older: &[&str], what: &str) {
        let output = self.read(published, older);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{what} was not noticed");
        assert!(said.starts_with("readlog: "), "{what}: {said}");
    }
}

/// One byte is another one while `check` runs.
fn flipped(path: &Path, at: usize, check: impl FnOnce()) {
    let bytes = std::fs::read(path).expect("reads");
    let mut changed = bytes.clone();
    *changed.get_mut(at).expect("a byte") ^= 1;
    std::fs::write(path, changed).expect("writes");
    check();
    std::fs::write(path, bytes).expect("writes");
}

/// The middle of a file: of a tile a hash, of a bundle an entry.
fn middle(path: &Path) -> usize {
    usize::try_from(std::fs::metadata(path).expect("is there").len() / 2).expect("fits")
}

/// A place in each line of a checkpoint that counts for who knows the Ed25519 key alone: the text
/// and that key's signature, which is one of 4 + 64 bytes.
fn places(checkpoint: &Path) -> Vec<usize> {
    let text = std::fs::read_to_string(checkpoint).expect("reads");
    let mut begin = 0;
    let mut out = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let signature = line.rsplit(' ').next().expect("a part").trim_end();
        if number < 3 || signature.len() == (4_usize + 64).div_ceil(3) * 4 {
            let in_it = signature.len() / 2;
            out.push(begin + line.trim_end().len() - signature.len() + in_it);
        }
        begin += line.len();
    }
    assert_eq!(out.len(), 4, "three lines and a signature: {text}");
    out
}

#[test]
fn go_reads_the_published_log_as_it_was_signed() {
    let log = new_log();
    let reader = Reader {
        program: readlog(log.folder.path()),
        vkey: log.vkey.clone(),
    };
    let published = Path::new(&log.data).join("log");
    let checkpoints = [(0, 1), (1, 60), (60, 250), (250, 400)]
        .map(|(from, to)| capture(&log, &log.data, from, to));
    let sizes = checkpoints.each_ref().map(|path| size_of(path));
    let [first, second, third, last] = sizes;
    assert!(
        first < second && second < 256 && third > 256 && last > 3 * 256 && last % 256 != 0,
        "below and beyond the first full tile, with a partial one at the edge: {sizes:?}"
    );
    let older = checkpoints.each_ref().map(String::as_str);
    let said = reader.accepts(&published, &older);
    let files = files_below(&published.join("tile"));
    let expect = format!("size {last}, files {}\n", files.len());
    assert!(said.starts_with(&expect), "{said}, not {expect}");
    for size in sizes {
        let expect = format!("consistent with size {size}\n");
        assert!(said.contains(&expect), "{said}");
    }

    // A check that cannot fail is none.
    for path in &files {
        let what = format!("a flipped byte in {}", path.display());
        flipped(path, middle(path), || {
            reader.refuses(&published, &[], &what)
        });
    }
    let checkpoint = published.join("checkpoint");
    for at in places(&checkpoint) {
        let what = format!("byte {at} of the checkpoint");
        flipped(&checkpoint, at, || reader.refuses(&published, &[], &what));
    }
    let one = files.first().expect("a tile");
    let aside = log.folder.path().join("aside");
    std::fs::rename(one, &aside).expect("moves");
    reader.refuses(&published, &[], "a missing file");
    std::fs::rename(&aside, one).expect("moves");
    reader.accepts(&published, &older);
}

#[test]
fn go_sees_two_histories_under_one_key() {
    let log = new_log();
    let reader = Reader {
        program: readlog(log.folder.path()),
        vkey: log.vkey.clone(),
    };
    capture(&log, &log.data, 0, 20);
    // Who owns the folder and the second place can set both back, and go on in two ways.
    let (copy, second) = (log.path("copy"), format!("{}.second/checkpoint", log.data));
    copied(Path::new(&log.data), Path::new(&copy));
    let before = std::fs::read(&second).expect("reads");
    let here = capture(&log, &log.data, 20, 30);
    std::fs::write(&second, before).expect("writes");
    let there = capture(&log, &copy, 40, 60);
    let published = Path::new(&copy).join("log");
    reader.accepts(&published, &[&there]);
    reader.refuses(&published, &[&here], "another history");
}
