//! Locking the key files of a folder that is there: the first time, or under another unlock key.
//!
//! Both take the folder for themselves, replace one file after the other, and can be given again
//! when they were broken off.

use std::path::{Path, PathBuf};

use countersign_ports::StoreError;
use countersign_store_local::{DirLock, MachineEntropy};

use crate::compose::OpenError;
use crate::data_dir::DataDir;
use crate::key_files::Protection;
use crate::unlock::{KeyFault, Unlock, UnlockPlace};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Files that were locked.
    pub count: usize,
    /// Where the unlock key lies now.
    pub unlock: PathBuf,
    /// Where it lay before; that file is not touched.
    pub before: Option<PathBuf>,
}

fn own(root: &Path) -> Result<(DataDir, DirLock), OpenError> {
    let dir = DataDir::open(root)?;
    let lock = DirLock::take(root)?.ok_or_else(|| OpenError::Owned(root.display().to_string()))?;
    Ok((dir, lock))
}

/// Locks key files that lie in the open. `wanted` is a file with an unlock key or a passphrase, or
/// where to make one; by default what the environment or the settings name, else `DIR.unlock`.
///
/// # Errors
/// [`OpenError`]; a file that was locked before the error stays so.
pub fn protect(root: &Path, wanted: Option<PathBuf>) -> Result<Locked, OpenError> {
    let (mut dir, _lock) = own(root)?;
    let files = dir.key_files();
    if files.protection()? == Protection::All {
        let text = "all key files are locked already; `countersign key change-unlock` gives them \
                    another unlock key";
        return Err(KeyFault::Locked(text.to_owned()).into());
    }
    if wanted.is_some() {
        dir.set_unlock(wanted);
    }
    let (mut unlock, made) = dir.begin_unlock(&mut MachineEntropy)?;
    let open = files.to_protect(&mut unlock)?;
    let lock = unlock.new_lock(&mut MachineEntropy)?;
    // From the first locked file on, the unlock key must be where the settings say.
    dir.write_settings()?;
    if let Some(made) = made {
        made.keep();
    }
    files.lock(&open, (lock, &mut unlock), &mut MachineEntropy)?;
    Ok(Locked {
        count: open.len(),
        unlock: unlock.place().path.clone(),
        before: None,
    })
}

/// Locks the key files under another unlock key: the one in the file `wanted`, made there if there
/// is none. The file with the old one stays where it is.
///
/// # Errors
/// [`OpenError`].
pub fn change_unlock(root: &Path, wanted: PathBuf) -> Result<Locked, OpenError> {
    let (mut dir, _lock) = own(root)?;
    let before = dir.unlock_place()?;
    if before.path == wanted {
        let why = "the unlock key lies there already; name another file for the new one";
        return Err(StoreError::other(format!("making {}", wanted.display()), why).into());
    }
    let mut old = Unlock::read(before.clone())?;
    dir.set_unlock(Some(wanted.clone()));
    let (mut new, made) = dir.begin_unlock(&mut MachineEntropy)?;
    let files = dir.key_files();
    let again = files.to_change(&mut old, &mut new)?;
    let lock = new.new_lock(&mut MachineEntropy)?;
    // From the first file that it locks on, it must stay.
    if let Some(made) = made {
        made.keep();
    }
    files.lock(&again, (lock, &mut new), &mut MachineEntropy)?;
    dir.write_settings()?;
    Ok(Locked {
        count: again.len(),
        unlock: wanted,
        before: Some(before.path),
    })
}

/// A passphrase in a file, read to see that it is one.
///
/// # Errors
/// [`KeyFault`].
pub fn check_passphrase(path: &Path) -> Result<(), KeyFault> {
    Unlock::read(UnlockPlace::passphrase(path.to_owned())).map(drop)
}
