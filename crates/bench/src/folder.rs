//! A real data folder, made by the node, in which the bench's devices have keys.

use std::path::{Path, PathBuf};

use countersign_attest::{Header, Kind};
use countersign_engine::node_statement::own_objects;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_node::compose::{self, Opened};
use countersign_node::data_dir::{Settings, read_secret_key};
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;

use crate::Failure;
use crate::making::Device;

const SITE: &str = r#"{"type":"Define","object":"site","value":{"id":"urn:x:a","party":"urn:x:pa","kind":"warehouse","places":["urn:x:a:dock"]}}"#;

/// Name of the logs of the bench.
pub(crate) const ORIGIN: &str = "bench.example/1";

/// Makes a log in `at` in which `devices` may speak; open, and published.
pub(crate) fn make<'a>(
    at: &Path,
    devices: impl IntoIterator<Item = &'a Device>,
) -> Result<Opened, Failure> {
    let root = at.join("data");
    let settings = Settings {
        second: at.join("second").join("checkpoint"),
        origin: ORIGIN.to_owned(),
        unlock: None,
    };
    let mut opened = compose::init(&root, settings, None)?;
    let admin = read_secret_key(&opened.dir.keys().join("administrator.key"))?;
    let header = Header::new(
        PrincipalId::parse("admin-1")?,
        "bench",
        vec![Origin::parse(ORIGIN)?],
        Kind::claims(),
    );
    let header = header.map_err(|refusal| refusal.reason)?;
    let acts: Vec<String> = devices.into_iter().map(Device::act).collect();
    let acts: Vec<&str> = std::iter::once(SITE)
        .chain(acts.iter().map(String::as_str))
        .collect();
    let mut failed = None;
    let mut random = |bytes: &mut [u8]| {
        if let Err(error) = MachineEntropy.fill(bytes) {
            failed.get_or_insert(error);
        }
    };
    let submission = own_objects(&header, &acts, &admin, &mut random)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    opened.engine.submit(&submission)?;
    opened.engine.commit()?;
    opened.engine.publish()?;
    Ok(opened)
}

/// A folder of its own for one case; gone when dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Below `under`, on whose disk the case is measured.
    pub(crate) fn new(under: &Path, name: &str) -> Result<Self, Failure> {
        let path = under.join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind costs disk and nothing else.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
