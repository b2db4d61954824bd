//! Where third-party test data lies: `COUNTERSIGN_DATA`, else `../shared/data` beside the
//! workspace. It is no part of the project; a test that does not find it says so and passes.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_attest::{Algorithm, PublicKey};
use countersign_model::digest::hex_decode;
use countersign_tlog::Hash;

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

/// Names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The key in a PEM file (SubjectPublicKeyInfo); `None` for one of another algorithm than ours.
pub(crate) fn pem_key(path: &Path) -> Option<PublicKey> {
    pem_key_of(&String::from_utf8(read(path)).unwrap())
}

/// The same of the text.
pub(crate) fn pem_key_of(text: &str) -> Option<PublicKey> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    // RFC 8410 §4 and RFC 5480 §2: all before the key is the same for all keys of a kind.
    let ed25519 = hex("302a300506032b6570032100");
    let p256 = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
    let of = |prefix: &[u8], algorithm| {
        let bytes = der.strip_prefix(prefix)?;
        Some(PublicKey::new(algorithm, bytes).expect("a valid key"))
    };
    of(&ed25519, Algorithm::Ed25519).or_else(|| of(&p256, Algorithm::Es256))
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex_decode(text).expect("hex")
}

pub(crate) fn hash(text: &str) -> Hash {
    Hash::from_slice(&hex(text)).expect("32 bytes")
}
