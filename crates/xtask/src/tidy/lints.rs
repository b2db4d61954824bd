//! A crate that forgets to inherit the lints is checked by none.

use super::Fault;
use crate::workspace::Tree;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let manifests = tree
        .texts_ending("/Cargo.toml")
        .filter(|(path, _)| path.starts_with("crates/"));
    manifests
        .filter_map(|(path, text)| refuse(text).map(|text| Fault::of(path, text)))
        .collect()
}

fn refuse(manifest: &str) -> Option<String> {
    let table = match manifest.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => return Some(format!("not TOML: {error}")),
    };
    let inherits = table
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    (inherits != Some(true)).then(|| "lacks `[lints] workspace = true`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    #[test]
    fn lints_are_inherited() {
        let path = "crates/a/Cargo.toml";
        check(
            faults,
            &[
                (path, "[lints]\nworkspace = true\n"),
                ("Cargo.toml", "[workspace]"),
            ],
            &[],
        );
        check(
            faults,
            &[(path, "[package]\n")],
            &["crates/a/Cargo.toml: lacks `[lints] workspace = true`"],
        );
        check(
            faults,
            &[(path, "[lints]\nworkspace = false\n")],
            &["crates/a/Cargo.toml: lacks `[lints] workspace = true`"],
        );
    }
}
