//! A copy of the tree in which defects are planted. It stays between runs, so that little is built
//! again, and is brought up to date file by file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::python_environment::build_folder;
use crate::workspace::{Root, Tree};

/// Its folder below cargo's build folder.
const FOLDER: &str = "tmp/mutate";

pub(super) struct Copy {
    root: Root,
}

impl Copy {
    /// Brings the copy up to the tree.
    pub(super) fn of(root: &Root, tree: &Tree) -> Result<Self, String> {
        let folder = build_folder(root)?.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let copy = Self {
            root: Root::at(folder),
        };
        copy.remove_others(tree)?;
        for (path, content) in &tree.files {
            copy.write(path, content)?;
            copy.make_executable(root, path)?;
        }
        Ok(copy)
    }

    pub(super) const fn root(&self) -> &Root {
        &self.root
    }

    /// Writes a file unless it says that already: cargo builds again what was written.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), String> {
        let path = self.root.path().join(path);
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        if fs::read(&path).is_ok_and(|there| there == content) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, content).map_err(failed)
    }

    fn make_executable(&self, root: &Root, path: &str) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{path}: {error}");
        let meta = fs::metadata(root.path().join(path)).map_err(failed)?;
        fs::set_permissions(self.root.path().join(path), meta.permissions()).map_err(failed)
    }

    /// What the tree has no more would still be built.
    fn remove_others(&self, tree: &Tree) -> Result<(), String> {
        let wanted: BTreeSet<PathBuf> = tree
            .files
            .keys()
            .map(|path| self.root.path().join(path))
            .collect();
        for folder in ["crates", "testdata", "docs", "tools", "examples"] {
            remove_but(&self.root.path().join(folder), &wanted)
                .map_err(|error| format!("{folder}: {error}"))?;
        }
        Ok(())
    }
}

fn remove_but(folder: &Path, wanted: &BTreeSet<PathBuf>) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_but(&path, wanted)?;
        } else if !wanted.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
