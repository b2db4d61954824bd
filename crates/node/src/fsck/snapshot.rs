//! The snapshot, compared with the ground: what goes on from it must be what all of the ground gives.

use countersign_engine::{Engine, Fatal};
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::StoreError;
use countersign_store_local::SlotFile;

use super::Unread;
use crate::compose::{OpenError, components, index_to_read};
use crate::data_dir::DataDir;

/// What the next start would make of the log.
#[derive(Debug)]
pub(super) enum Snapshot {
    /// There is none.
    Absent,
    /// It does not read, is of another version or log, or what it rests on is not there.
    Unusable,
    /// It is of so many entries; with what came behind them, everything that was made has this digest.
    Of(Size, Digest),
}

impl Snapshot {
    /// Goes on from the snapshot, to read.
    ///
    /// # Errors
    /// [`OpenError`] for what is no part of the log; what is wrong there is found by whoever folds it.
    pub(super) fn read(dir: &DataDir) -> Result<Self, OpenError> {
        if !dir.index().join("snapshot/manifest").exists() {
            return Ok(Self::Absent);
        }
        let keys = dir.node_keys()?;
        let second = SlotFile::open_to_read(&dir.second())?;
        let world = components(dir, Box::new(second), index_to_read(dir));
        let Ok(engine) = Engine::open_to_read(world, keys) else {
            return Ok(Self::Unusable);
        };
        let (size, digest) = (engine.resumed_at(), engine.digest_of_made());
        let is_used = size > Size(0) && engine.folds().check_history().is_ok();
        Ok(match is_used {
            true => Self::Of(size, digest),
            false => Self::Unusable,
        })
    }

    /// Its size, if it gives what the ground gave this engine; else what was wrong, and it is removed.
    ///
    /// # Errors
    /// [`Fatal`].
    pub(super) fn compared(
        &self,
        dir: &DataDir,
        engine: &Engine,
        is_writing: bool,
    ) -> Result<Result<Option<Size>, String>, Fatal> {
        let wrong = match self {
            Self::Absent => return Ok(Ok(None)),
            Self::Of(size, digest) if *digest == engine.digest_of_made() => {
                return Ok(Ok(Some(*size)));
            }
            Self::Of(size, _) => format!("of {} entries gives another state", size.0),
            Self::Unusable => "cannot be taken up".to_owned(),
        };
        if !is_writing {
            return Ok(Err(format!("index/snapshot {wrong}")));
        }
        let folder = dir.index().join("snapshot");
        std::fs::remove_dir_all(&folder)
            .map_err(|error| StoreError::new(format!("removing {}", folder.display()), error))?;
        Ok(Err(format!(
            "index/snapshot {wrong}, and was removed; it is derived, and the next start folds the ground"
        )))
    }
}

/// What of it was not read: free places, or all of it when there is nothing to compare it with.
pub(super) fn unread(dir: &DataDir, is_compared: bool) -> Vec<Unread> {
    let unread = |name: &str, why: &'static str| {
        let file = format!("index/snapshot/{name}");
        let size = std::fs::metadata(dir.root().join(&file)).ok()?.len();
        (size > 0).then_some(Unread {
            file,
            from: 0,
            to: size,
            why,
        })
    };
    let found = match is_compared {
        true => vec![unread(
            "pages",
            "places that the snapshot does not name; those that it names were read",
        )],
        false => ["pages", "manifest"]
            .map(|name| unread(name, "derived; looked at when the ground can be read"))
            .into(),
    };
    found.into_iter().flatten().collect()
}
