//! The workspace as a value: its files and its packages, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process;

/// The root folder of the workspace.
#[derive(Debug)]
pub(crate) struct Root(PathBuf);

impl Root {
    /// The nearest folder at or above the current one whose `Cargo.toml` has a `[workspace]`.
    ///
    /// Looked up at run time: the build folder is shared between clones, so a path compiled in
    /// could name another one.
    pub(crate) fn above_current_folder() -> Result<Self, String> {
        let start = std::env::current_dir().map_err(|error| format!("current folder: {error}"))?;
        let is_root = |folder: &&Path| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.lines().any(|line| line.trim() == "[workspace]")
        };
        let found = start.ancestors().find(is_root);
        found
            .map(|folder| Self(folder.to_path_buf()))
            .ok_or_else(|| format!("no workspace at or above {}", start.display()))
    }

    /// A copy of the workspace.
    pub(crate) const fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// How a package depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Normal,
    Dev,
    Build,
}

/// A package of the workspace. Crates are named by their folder under `crates/`.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Folder name under `crates/`.
    pub(crate) folder: String,
    /// Name in `Cargo.toml`.
    pub(crate) name: String,
    /// Package names of the workspace it depends on.
    pub(crate) edges: Vec<(String, EdgeKind)>,
}

/// Everything a check may look at.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Content by path relative to the root, with `/` between names. Build products are not in it.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) packages: Vec<Package>,
}

impl Tree {
    /// Reads the files git knows or would add, and the packages cargo knows.
    pub(crate) fn read(root: &Root) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for path in file_names(root)? {
            let full = root.path().join(&path);
            // Deleted but still in the index, or a link to a folder: not a file of the tree.
            if !full.is_file() {
                continue;
            }
            let content = fs::read(&full).map_err(|error| format!("{path}: {error}"))?;
            files.insert(path, content);
        }
        Ok(Self {
            files,
            packages: packages(root)?,
        })
    }

    /// Every file that is UTF-8, with its text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, content)| {
            let text = std::str::from_utf8(content).ok()?;
            Some((path.as_str(), text))
        })
    }

    /// Every text file whose name ends with `ending`.
    pub(crate) fn texts_ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(ending))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }

    /// A tree planted by a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let entry = |&(path, text): &(&str, &str)| (path.to_owned(), text.as_bytes().to_vec());
        Self {
            files: files.iter().map(entry).collect(),
            packages: Vec::new(),
        }
    }
}

fn file_names(root: &Root) -> Result<Vec<String>, String> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    match process::output(root, &"git".into(), &arguments) {
        Ok(list) => {
            let names = list
                .split(|&byte| byte == 0)
                .filter(|name| !name.is_empty());
            let name = |name: &[u8]| {
                String::from_utf8(name.to_vec()).map_err(|error| format!("a file name: {error}"))
            };
            names.map(name).collect()
        }
        // An unpacked archive has no history; there everything but build products counts.
        Err(_) if !root.path().join(".git").exists() => {
            let mut names = Vec::new();
            walk(root.path(), "", &mut names).map_err(|error| format!("reading files: {error}"))?;
            Ok(names)
        }
        Err(error) => Err(error),
    }
}

/// Depth is bounded by the file system; links are not followed.
fn walk(root: &Path, folder: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_file() {
            names.push(path);
        } else if kind.is_dir() && !is_product(&entry.path()) {
            walk(root, &path, names)?;
        }
    }
    Ok(())
}

fn is_product(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    folder.join("CACHEDIR.TAG").exists() || name == "__pycache__" || name == "node_modules"
}

fn packages(root: &Root) -> Result<Vec<Package>, String> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let json = process::output(root, &process::cargo(), &arguments)?;
    let json: Value =
        serde_json::from_slice(&json).map_err(|error| format!("cargo metadata: {error}"))?;
    let listed = json.get("packages").and_then(Value::as_array);
    let listed = listed.ok_or("cargo metadata: no packages")?;
    listed
        .iter()
        .map(|value| {
            package(value).ok_or_else(|| "cargo metadata: a package of another shape".to_owned())
        })
        .collect()
}

/// Dependencies with a `path` are those inside the workspace.
fn package(value: &Value) -> Option<Package> {
    let manifest = Path::new(value.get("manifest_path")?.as_str()?);
    let edge = |dependency: &Value| {
        dependency.get("path")?;
        let name = dependency.get("name")?.as_str()?.to_owned();
        let kind = match dependency.get("kind").and_then(Value::as_str) {
            Some("dev") => EdgeKind::Dev,
            Some("build") => EdgeKind::Build,
            _ => EdgeKind::Normal,
        };
        Some((name, kind))
    };
    Some(Package {
        folder: manifest.parent()?.file_name()?.to_str()?.to_owned(),
        name: value.get("name")?.as_str()?.to_owned(),
        edges: value
            .get("dependencies")?
            .as_array()?
            .iter()
            .filter_map(edge)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_becomes_edges_inside_the_workspace() {
        let json = serde_json::json!({
            "name": "countersign-tlog", "manifest_path": "/x/crates/tlog/Cargo.toml",
            "dependencies": [
                {"name": "sha2", "kind": null},
                {"name": "countersign-model", "kind": null, "path": "/x/crates/model"},
                {"name": "countersign-testkit", "kind": "dev", "path": "/x/crates/testkit"},
            ]
        });
        let package = package(&json).unwrap();
        assert_eq!(package.folder, "tlog");
        let expect = [
            ("countersign-model".to_owned(), EdgeKind::Normal),
            ("countersign-testkit".to_owned(), EdgeKind::Dev),
        ];
        assert_eq!(package.edges, expect);
    }

    #[test]
    fn the_tree_holds_this_file_and_this_package() {
        let tree = Tree::read(&Root::above_current_folder().unwrap()).unwrap();
        assert!(
            tree.text("crates/xtask/src/workspace.rs")
                .unwrap()
                .contains("fn walk")
        );
        assert!(tree.packages.iter().any(|package| package.name == "xtask"));
        assert!(!tree.files.keys().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn without_git_build_products_are_left_out() {
        let mut names = Vec::new();
        let root = Root::above_current_folder().unwrap();
        walk(root.path(), "crates", &mut names).unwrap();
        assert!(names.iter().any(|name| name == "crates/xtask/Cargo.toml"));
        assert!(is_product(&root.path().join("anything/node_modules")));
        assert!(!is_product(&root.path().join("crates")));
    }
}
