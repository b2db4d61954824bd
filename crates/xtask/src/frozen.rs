//! The list of frozen files, `testdata/FROZEN.sha256`: one `HEX  PATH` a line, sorted by path, so
//! that `sha256sum --check testdata/FROZEN.sha256` in the root says the same as we do.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Where the list lies, from the root of the workspace.
pub(crate) const LIST: &str = "testdata/FROZEN.sha256";

/// SHA-256 in hexadecimal, by path from the root.
pub(crate) type Frozen = BTreeMap<String, String>;

/// Whether a path is one that must be frozen: `testdata/vectors/*/v*/**` and `testdata/golden/**`.
pub(crate) fn is_frozen(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["testdata", "vectors", _, version, _, ..] => version.starts_with('v'),
        ["testdata", "golden", _, ..] => true,
        _ => false,
    }
}

pub(crate) fn sha256_hex(content: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Reads the list; a wrong line is an error that names it.
pub(crate) fn parse(list: &str) -> Result<Frozen, (usize, String)> {
    let mut frozen = Frozen::new();
    for (number, line) in list.lines().enumerate() {
        let is_digest = |hex: &&str| {
            hex.len() == 64
                && hex
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let (hex, path) = line
            .split_once("  ")
            .filter(|(hex, path)| is_digest(hex) && !path.is_empty())
            .ok_or_else(|| (number + 1, "not a line of the form `HEX  PATH`".to_owned()))?;
        if frozen.insert(path.to_owned(), hex.to_owned()).is_some() {
            return Err((number + 1, format!("{path} is listed twice")));
        }
    }
    Ok(frozen)
}

pub(crate) fn render(frozen: &Frozen) -> String {
    frozen
        .iter()
        .map(|(path, hex)| format!("{hex}  {path}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_paths_are_frozen() {
        let check = |path: &str, expect: bool| assert_eq!(is_frozen(path), expect, "{path}");
        check("testdata/vectors/claim/v1/a.json", true);
        check("testdata/vectors/claim/v1/deep/a.bin", true);
        check("testdata/golden/0.1/log", true);
        check("testdata/vectors/claim/README.md", false);
        check("testdata/vectors/claim/make/a.py", false);
        check("testdata/vectors/v1", false);
        check("crates/a/testdata/golden/x", false);
    }

    #[test]
    fn digests_and_lines() {
        // FIPS 180-4, the one-block example.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        let list = format!("{abc}  a b\n{abc}  c\n");
        assert_eq!(render(&parse(&list).unwrap()), list);
        assert_eq!(parse("x  y").unwrap_err().0, 1);
        assert_eq!(
            parse(&format!("{abc}  a\n{abc}  a\n")).unwrap_err(),
            (2, "a is listed twice".to_owned())
        );
    }
}
