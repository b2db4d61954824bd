//! The data folder: what lies where, and who owns it.
//!
//! ```text
//! DIR/countersign.toml     settings written by `init`: where the second place is
//! DIR/keys/                key files, encrypted under an unlock key that does not lie in DIR
//! DIR/ground/              segments: the ground state
//! DIR/log/                 the published tree of a C2SP log
//! DIR/run/node.sock        the socket of a running node
//! DIR/lock                 held by the one process that owns the folder
//! DIR.second/checkpoint    the second place (or where `init --second` says)
//! DIR.unlock               the unlock key (or where `init --unlock` says)
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use countersign_engine::NodeKeys;
use countersign_ports::{Entropy, StoreError};
use countersign_store_local::folder::{listed, put_file};
use serde::{Deserialize, Serialize};

use crate::begun_file::BegunFile;
use crate::key_files::KeyFiles;
pub use crate::key_files::read_secret_key;
use crate::unlock::{KeyFault, Unlock, UnlockPlace};

/// What `init` writes and every start reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the committed checkpoint is kept; relative to the data folder if not absolute.
    pub second: PathBuf,
    /// The log's name.
    pub origin: String,
    /// A file with the unlock key of the key files, or with a passphrase; relative to the data
    /// folder if not absolute. The environment can name another one ([`crate::unlock`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock: Option<PathBuf>,
}

/// A data folder that exists.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
    settings: Settings,
}

impl DataDir {
    /// Opens a folder that `init` has made.
    ///
    /// # Errors
    /// [`StoreError`] with what to do.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let path = root.join("countersign.toml");
        let doing = || format!("reading {}", path.display());
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let why = format!(
                    "{} is no data folder; make one with `countersign init`",
                    root.display()
                );
                return Err(StoreError::other(doing(), why));
            }
            Err(error) => return Err(StoreError::new(doing(), error)),
        };
        let settings =
            toml::from_str(&text).map_err(|error| StoreError::other(doing(), error.to_string()))?;
        Ok(Self {
            root: root.to_owned(),
            settings,
        })
    }

    /// A new log's folder, which must be empty or not exist. Nothing but the folder itself is made:
    /// see [`DataDir::lay_out`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn create(root: &Path, settings: Settings) -> Result<Self, StoreError> {
        let doing = || format!("making {}", root.display());
        fs::create_dir_all(root).map_err(|e| StoreError::new(doing(), e))?;
        let this = Self {
            root: root.to_owned(),
            settings,
        };
        // An attempt that failed at its very beginning leaves its lock.
        this.check_empty(&["lock"])?;
        Ok(this)
    }

    /// Whether the folder is empty but for these names.
    fn check_empty(&self, except: &[&str]) -> Result<(), StoreError> {
        let doing = || format!("making {}", self.root.display());
        for entry in listed(&self.root).map_err(|e| StoreError::new(doing(), e))? {
            let name = entry.map_err(|e| StoreError::new(doing(), e))?.file_name();
            if !except.iter().any(|allowed| name == *allowed) {
                let why = "the folder is not empty; `init` never overwrites";
                return Err(StoreError::other(doing(), why));
            }
        }
        Ok(())
    }

    /// Makes what lies in the folder of a new log, and the folder of the second place. Whoever calls
    /// it owns the folder.
    ///
    /// # Errors
    /// [`StoreError`]; what was made is gone again then.
    pub fn lay_out(&self) -> Result<Begun<'_>, StoreError> {
        self.check_empty(&["lock"])?;
        let begun = Begun { dir: Some(self) };
        for folder in self.folders() {
            let doing = || format!("making {}", folder.display());
            fs::create_dir_all(&folder).map_err(|e| StoreError::new(doing(), e))?;
        }
        restrict(&self.keys())?;
        let second = self.second();
        let beside = second.parent().unwrap_or(&self.root);
        fs::create_dir_all(beside)
            .map_err(|e| StoreError::new(format!("making {}", beside.display()), e))?;
        if second.exists() {
            let why =
                "a checkpoint of another log is there already; name another place with --second";
            return Err(StoreError::other(
                format!("making {}", second.display()),
                why,
            ));
        }
        Ok(begun)
    }

    fn folders(&self) -> [PathBuf; 5] {
        [
            self.ground(),
            self.log(),
            self.index(),
            self.keys(),
            self.run(),
        ]
    }

    /// Writes the settings: the last step of `init`, after which the folder is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn write_settings(&self) -> Result<(), StoreError> {
        let text = toml::to_string(&self.settings)
            .map_err(|error| StoreError::other("writing the settings", error.to_string()))?;
        put_file(&self.root.join("countersign.toml"), text.as_bytes())
    }

    /// The settings as they stand in their file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settings_text(&self) -> Result<String, StoreError> {
        let path = self.root.join("countersign.toml");
        fs::read_to_string(&path)
            .map_err(|error| StoreError::new(format!("reading {}", path.display()), error))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.settings.origin
    }

    /// Segments.
    #[must_use]
    pub fn ground(&self) -> PathBuf {
        self.root.join("ground")
    }

    /// What is derived and kept between runs; may be deleted.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The published tree.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Key files.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The verification keys of the log, to be handed out.
    #[must_use]
    pub fn vkeys(&self) -> PathBuf {
        self.keys().join("log.vkeys")
    }

    /// Runtime files.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The socket of a running node.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.run().join("node.sock")
    }

    /// The second place.
    #[must_use]
    pub fn second(&self) -> PathBuf {
        self.root.join(&self.settings.second)
    }

    /// Whether the data folder and the second place lie on one file system: then one failing disk
    /// takes both.
    #[must_use]
    pub fn shares_disk_with_second(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let device = |path: &Path| fs::metadata(path).map(|meta| meta.dev()).ok();
        device(&self.root).is_some() && device(&self.root) == device(&self.second())
    }

    /// The key files.
    #[must_use]
    pub fn key_files(&self) -> KeyFiles {
        KeyFiles::new(self.keys(), self.origin())
    }

    /// Reads the node's keys.
    ///
    /// # Errors
    /// [`KeyFault`] with what to do.
    pub fn node_keys(&self) -> Result<NodeKeys, KeyFault> {
        self.key_files().read(|| Unlock::read(self.unlock_place()?))
    }

    /// Where the unlock key is: what the environment names, else the settings, else `DIR.unlock`.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn unlock_place(&self) -> Result<UnlockPlace, KeyFault> {
        if let Some(place) = UnlockPlace::of_environment() {
            return Ok(place);
        }
        Ok(UnlockPlace::file(match &self.settings.unlock {
            Some(path) => self.root.join(path),
            None => beside(&self.root, ".unlock")?,
        }))
    }

    /// The unlock key for files that are locked from now on: read where the environment or the
    /// settings name a file that is there, else made there, or in `DIR.unlock`. The settings
    /// remember where it is.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn begin_unlock(
        &mut self,
        entropy: &mut dyn Entropy,
    ) -> Result<(Unlock, Option<BegunFile>), KeyFault> {
        if self.settings.unlock.is_none()
            && let Some(place) = UnlockPlace::of_environment()
        {
            return Ok((Unlock::read(place)?, None));
        }
        let path = match &self.settings.unlock {
            Some(path) => self.root.join(path),
            None => beside(&self.root, ".unlock")?,
        };
        self.check_outside(&path)?;
        if self.settings.unlock.is_some() && path.exists() {
            return Ok((Unlock::read(UnlockPlace::file(path))?, None));
        }
        if path.exists() {
            let why = "a file is there already, perhaps the unlock key of another log; move it away, \
                       or name it with --unlock to take it for this log too";
            let doing = format!("making {}", path.display());
            return Err(StoreError::other(doing, why).into());
        }
        let (unlock, made) = Unlock::make(&path, entropy)?;
        self.settings.unlock = Some(path);
        Ok((unlock, Some(made)))
    }

    /// An unlock key in the data folder would be in each copy of it.
    fn check_outside(&self, path: &Path) -> Result<(), StoreError> {
        let doing = || format!("making {}", path.display());
        let root = fs::canonicalize(&self.root).map_err(|e| StoreError::new(doing(), e))?;
        let mut above = path.ancestors().skip(1);
        let folder = above.find_map(|folder| fs::canonicalize(folder).ok());
        if folder.is_some_and(|folder| folder.starts_with(&root)) {
            let why =
                "the unlock key must not lie in the data folder that it opens; name another place";
            return Err(StoreError::other(doing(), why));
        }
        Ok(())
    }

    /// Has the settings name another unlock file, for [`DataDir::write_settings`].
    pub fn set_unlock(&mut self, path: Option<PathBuf>) {
        self.settings.unlock = path;
    }
}

/// The path beside a folder that has its name and something behind it: `DIR.second`.
///
/// # Errors
/// [`StoreError`] for a folder without a name.
pub fn beside(dir: &Path, behind: &str) -> Result<PathBuf, StoreError> {
    let doing = || format!("looking beside {}", dir.display());
    let absolute = std::path::absolute(dir).map_err(|e| StoreError::new(doing(), e))?;
    let name = absolute
        .file_name()
        .ok_or_else(|| StoreError::other(doing(), "the data folder needs a name"))?;
    let mut name = name.to_os_string();
    name.push(behind);
    Ok(absolute.with_file_name(name))
}

/// The folder of a log that is being made: emptied again unless the log is [finished](Self::keep),
/// so that the same can be tried once more. The folder itself and that of the second place stay.
#[derive(Debug)]
pub struct Begun<'a> {
    dir: Option<&'a DataDir>,
}

impl Begun<'_> {
    /// The log is made.
    pub fn keep(mut self) {
        self.dir = None;
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let Some(dir) = self.dir else { return };
        // What cannot be removed is named by the next attempt: the folder is not empty then.
        for folder in dir.folders() {
            let _ = fs::remove_dir_all(folder);
        }
        for file in ["countersign.toml", "lock"] {
            let _ = fs::remove_file(dir.root.join(file));
        }
    }
}

fn restrict(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let doing = || format!("restricting {}", folder.display());
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(|e| StoreError::new(doing(), e))
}
