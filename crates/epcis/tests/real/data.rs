//! Where the data of others lies.

use std::path::{Path, PathBuf};

/// The folder with the EPCIS data, if it is there.
fn root() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("COUNTERSIGN_DATA").map_or(beside, PathBuf::from);
    let epcis = root.join("epcis");
    epcis.is_dir().then_some(epcis)
}

/// Folder of GS1's examples.
pub(crate) const GS1: &str = "gs1-epcis/JSON";
/// Folders of openepcis.
pub(crate) const CAPTURE: &str =
    "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Documents";
pub(crate) const EVENTS: &str =
    "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Events";
pub(crate) const INVALID: &str =
    "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Invalid";
pub(crate) const QUERY: &str =
    "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Query";
pub(crate) const QUERY_INVALID: &str =
    "openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Query/Invalid";

/// Every JSON file under a folder, by its path from there, sorted.
pub(crate) fn files(folder: &str, deep: bool) -> Vec<(String, Vec<u8>)> {
    let Some(root) = root().map(|root| root.join(folder)).filter(|f| f.is_dir()) else {
        println!("data absent: {folder}");
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(&root, &root, deep, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, root: &Path, deep: bool, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if deep {
                collect(&path, root, deep, found);
            }
        } else if path
            .extension()
            .is_some_and(|e| e == "json" || e == "jsonld")
        {
            let name = path
                .strip_prefix(root)
                .expect("inside")
                .display()
                .to_string();
            found.push((name, std::fs::read(&path).expect("readable")));
        }
    }
}

/// The ratified schema, if it is there.
pub(crate) fn schema() -> Option<serde_json::Value> {
    let path = root()?.join("epcis-json-schema.json");
    let bytes = std::fs::read(path).ok()?;
    serde_json::from_slice(&bytes).ok()
}
