//! The data folder: what lies where, and who owns it.
//!
//! ```text
//! DIR/countersign.toml     settings written by `init`: where the second place is
//! DIR/keys/                key files, readable by their owner only
//! DIR/ground/              segments: the ground state
//! DIR/log/                 the published tree of a C2SP log
//! DIR/run/node.sock        the socket of a running node
//! DIR/lock                 held by the one process that owns the folder
//! DIR.second/checkpoint    the second place (or where `init --second` says)
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_attest::{Algorithm, PublicKey, SecretKey};
use countersign_engine::NodeKeys;
use countersign_ports::{Entropy, StoreError};
use countersign_record::sealing::SealingKey;
use countersign_store_local::folder::{put_file, put_secret};
use countersign_tlog::note::{Ed25519Signer, KeyName, MlDsa44Signer, SignatureType};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What `init` writes and every start reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the committed checkpoint is kept; relative to the data folder if not absolute.
    pub second: PathBuf,
    /// The log's name.
    pub origin: String,
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
        this.check_empty(&[])?;
        Ok(this)
    }

    /// Whether the folder is empty but for these names.
    fn check_empty(&self, except: &[&str]) -> Result<(), StoreError> {
        let doing = || format!("making {}", self.root.display());
        for entry in fs::read_dir(&self.root).map_err(|e| StoreError::new(doing(), e))? {
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

    fn folders(&self) -> [PathBuf; 4] {
        [self.ground(), self.log(), self.keys(), self.run()]
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

    /// Makes the keys of a new log. The administrator's key lies here for the first day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn make_keys(&self, entropy: &mut dyn Entropy) -> Result<PublicKey, StoreError> {
        let mut administrator = None;
        for (name, algorithm) in [
            ("statement", Algorithm::Ed25519),
            ("receipt", Algorithm::Ed25519),
            ("administrator", Algorithm::Ed25519),
        ] {
            let mut seed = Zeroizing::new([0; 32]);
            entropy.fill(&mut *seed)?;
            let key = SecretKey::generate(algorithm, *seed);
            put_secret(
                &self.keys().join(format!("{name}.key")),
                &format!("{}\n", key.to_text().as_str()),
            )?;
            if name == "administrator" {
                administrator = Some(key.public());
            }
        }
        for name in ["checkpoint", "checkpoint-pq", "sealing", "fingerprint"] {
            let mut secret = Zeroizing::new([0; 32]);
            entropy.fill(&mut *secret)?;
            let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*secret)));
            put_secret(&self.keys().join(format!("{name}.key")), &text)?;
        }
        administrator.ok_or_else(|| StoreError::other("making keys", "no administrator's key"))
    }

    /// Reads the node's keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn node_keys(&self) -> Result<NodeKeys, StoreError> {
        let name = KeyName::new(self.origin()).map_err(|error| {
            StoreError::other("reading the settings", format!("origin: {error}"))
        })?;
        let checkpoint_pq = match self.keys().join("checkpoint-pq.key").exists() {
            true => Some(self.pq_signer(name.clone())?),
            false => None,
        };
        Ok(NodeKeys {
            checkpoint_pq,
            checkpoint: Ed25519Signer::new(
                name,
                SignatureType::Ed25519,
                &*self.raw_key("checkpoint")?,
            ),
            statement: self.secret_key("statement")?,
            receipt: self.secret_key("receipt")?.public(),
            sealing: SealingKey::new(*self.raw_key("sealing")?),
            fingerprint: *self.raw_key("fingerprint")?,
        })
    }

    fn pq_signer(&self, name: KeyName) -> Result<MlDsa44Signer, StoreError> {
        let signer = MlDsa44Signer::new(name, &*self.raw_key("checkpoint-pq")?);
        signer.map_err(|error| StoreError::other("reading checkpoint-pq.key", error.to_string()))
    }

    /// Reads a signing key of the folder.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn secret_key(&self, name: &str) -> Result<SecretKey, StoreError> {
        read_secret_key(&self.keys().join(format!("{name}.key")))
    }

    fn raw_key(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let path = self.keys().join(format!("{name}.key"));
        let doing = || format!("reading {}", path.display());
        let text =
            Zeroizing::new(fs::read_to_string(&path).map_err(|e| StoreError::new(doing(), e))?);
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
        let key: Result<[u8; 32], _> = bytes.as_slice().try_into();
        key.map(Zeroizing::new)
            .map_err(|_| StoreError::other(doing(), "not a key of 32 bytes"))
    }
}

/// Reads a key file of one line.
///
/// # Errors
/// [`StoreError`].
pub fn read_secret_key(path: &Path) -> Result<SecretKey, StoreError> {
    let doing = || format!("reading {}", path.display());
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|e| StoreError::new(doing(), e))?);
    SecretKey::parse(text.trim()).map_err(|error| StoreError::other(doing(), error.to_string()))
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
