//! A Python package that Debian does not have, in an environment of its own below cargo's build
//! folder, where the test that calls it looks. What is installed is pinned by hashes; the network is
//! asked once, not at each run.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{cargo, output, succeeds};
use crate::terminal::say;
use crate::workspace::Root;

/// What `cargo xtask test` calls it where it is missing.
pub(crate) const NAME: &str = "scitt-cose==0.5.0 (Python)";

/// Its folder; `ENVIRONMENT` in the test names the same.
const FOLDER: &str = "tmp/scitt-cose-0.5.0";
const PINNED: &str = "crates/pack/tests/cose_receipt/scitt_cose.txt";
const REASON: &str = "COSE receipts are compared with another verifier";
const PROBE: &str =
    "import scitt_cose, sys; sys.exit(0 if scitt_cose.__version__ == '0.5.0' else 1)";
/// Debian's own, for which Debian's package `python3-venv` is.
const PYTHON: &str = "/usr/bin/python3";

/// Installs it where it is missing. False if it is missing still.
pub(crate) fn install(root: &Root) -> bool {
    let folder = match build_folder(root) {
        Ok(folder) => folder.join(FOLDER),
        Err(why) => {
            say(&format!(
                "{NAME}: cargo does not name its build folder: {why}"
            ));
            return false;
        }
    };
    if is_met(root, &folder) {
        return true;
    }
    say(&format!("{NAME} is missing; {REASON}"));
    let at = folder.display().to_string();
    let pip = folder.join("bin/pip").into_os_string();
    let arguments = [
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement",
        PINNED,
    ];
    // What another run left half installed is cleared away.
    let made = succeeds(root, &PYTHON.into(), &["-m", "venv", "--clear", &at])
        && succeeds(root, &pip, &arguments);
    if made && is_met(root, &folder) {
        return true;
    }
    say(&format!(
        "cannot install the Python package {NAME}, pinned in {PINNED}; {REASON}"
    ));
    false
}

fn is_met(root: &Root, folder: &Path) -> bool {
    let python = folder.join("bin/python").into_os_string();
    output(root, &python, &["-I", "-c", PROBE]).is_ok()
}

/// The folder whose `tmp` cargo gives to tests as `CARGO_TARGET_TMPDIR`.
pub(crate) fn build_folder(root: &Root) -> Result<PathBuf, String> {
    let call = ["metadata", "--format-version", "1", "--no-deps"];
    let text = output(root, &cargo(), &call)?;
    let metadata: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let folder = ["build_directory", "target_directory"]
        .iter()
        .find_map(|member| metadata.get(member)?.as_str());
    folder.map(PathBuf::from).ok_or_else(|| "none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_without_it_is_not_taken_for_one() {
        let root = Root::above_current_folder().unwrap();
        assert!(!is_met(&root, Path::new("/nowhere")));
        assert!(build_folder(&root).unwrap().is_absolute());
        assert!(root.path().join(PINNED).is_file());
    }
}
