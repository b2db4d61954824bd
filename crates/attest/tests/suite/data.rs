//! Where third-party test data lies: `COUNTERSIGN_DATA`, else `../shared/data` beside the
//! workspace. It is no part of the project; a test that does not find it says so and passes.

use std::path::{Path, PathBuf};

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The path of a file or folder of the data, if it is there.
pub(crate) fn find(what: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COUNTERSIGN_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let path = root.join(what);
    if path.exists() {
        return Some(path);
    }
    println!("data absent: {what}");
    None
}

pub(crate) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    countersign_model::digest::hex_decode(text).unwrap()
}
