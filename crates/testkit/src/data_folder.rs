//! A real data folder on disk: made by the node, with real keys, files and syncs.

use std::path::{Path, PathBuf};

use countersign_attest::{Algorithm, SecretKey};
use countersign_engine::engine::Taken;
use countersign_engine::node_statement::own_objects;
use countersign_model::entry::{ClaimRef, Index};
use countersign_node::compose::{Opened, init, open};
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;

use crate::{Files, Signer};

/// A data folder that is open; dropping it lets it go as a kill would, without publishing.
#[derive(Debug)]
pub struct DataFolder {
    root: PathBuf,
    opened: Opened,
    /// The administrator that genesis names.
    pub admin: Signer,
}

impl DataFolder {
    /// Makes a log in `folder/data`, its second place beside it.
    ///
    /// # Panics
    /// When the disk fails; so below.
    #[must_use]
    pub fn new(folder: &Path, origin: &str) -> Self {
        let root = folder.join("data");
        let second = folder.join("second").join("checkpoint");
        let origin = origin.to_owned();
        let settings = Settings {
            second,
            origin,
            unlock: None,
        };
        let opened = init(&root, settings, None).expect("an empty folder");
        let path = opened.dir.keys().join("administrator.key");
        let key = read_secret_key(&path).expect("a key that init made");
        let admin = Signer::new("admin-1", key, false);
        Self {
            root,
            opened,
            admin,
        }
    }

    /// Opens the folder anew, as a node does that starts.
    #[must_use]
    pub fn reopened(self) -> Self {
        let Self {
            root,
            opened,
            admin,
        } = self;
        drop(opened);
        let opened = open(&root).expect("a folder that was closed");
        Self {
            root,
            opened,
            admin,
        }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The key to pin.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.opened.engine.vkey()
    }

    /// Entries that are committed.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.opened.engine.size().0
    }

    /// A device with a key of its own, which the administrator defines.
    pub fn device(&mut self, name: &str) -> Signer {
        let key = SecretKey::generate(Algorithm::Es256, random());
        let text = key.public();
        let act = format!(
            r#"{{"type":"Define","object":"principal","value":{{"id":"{name}","role":"device","key":"{text}","assurance":"software_key"}},"reason":"a test"}}"#
        );
        let mut admin = self.admin.clone();
        self.say(&mut admin, &[&act]);
        self.admin = admin;
        Signer::new(name, key, true)
    }

    /// Signs claims, `countersign-json` objects, and stages them for the next commit.
    pub fn say(&mut self, signer: &mut Signer, objects: &[&str]) -> Index {
        let engine = &mut self.opened.engine;
        let header = signer.header(&engine.intake().register.identity().origin, engine.now());
        let mut random = |bytes: &mut [u8]| MachineEntropy.fill(bytes).expect("random bytes");
        let submission = own_objects(&header, objects, &signer.key, &mut random);
        let submission = submission.expect("a test tells JSON");
        signer.has_said(&submission.statement);
        match engine.submit(&submission).expect("is taken") {
            Taken::Staged(ticket) => ticket.index,
            Taken::Replay(index) => index,
        }
    }

    /// Commits what is staged.
    pub fn commit(&mut self) {
        self.opened.engine.commit().expect("commits");
    }

    /// Publishes what is committed.
    pub fn publish(&mut self) {
        self.opened.engine.publish().expect("publishes");
    }

    /// Destroys the sealed parts of a claim; gives how many records that were.
    pub fn erase(&mut self, at: ClaimRef) -> usize {
        self.opened.engine.erase(at).expect("erases")
    }

    /// Publishes, closes, and reads what `ground/` and `log/` hold. Segments are cut off a little
    /// behind their last byte that is not zero, so that a test can hold them many times.
    #[must_use]
    pub fn files(mut self) -> Files {
        self.publish();
        let mut files = Files::new();
        read_below(&self.root, "ground", &mut files);
        read_below(&self.root, "log", &mut files);
        for bytes in files.values_mut().filter(|bytes| bytes.len() > 1 << 20) {
            let used = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            bytes.truncate(used.next_multiple_of(8) + 64);
            bytes.shrink_to_fit();
        }
        files
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    MachineEntropy.fill(&mut bytes).expect("random bytes");
    bytes
}

fn read_below(root: &Path, folder: &str, files: &mut Files) {
    for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name of ours");
        let path = format!("{folder}/{name}");
        if entry.file_type().expect("a type").is_dir() {
            read_below(root, &path, files);
        } else {
            let bytes = std::fs::read(root.join(&path)).expect("a file");
            files.insert(path, bytes);
        }
    }
}
