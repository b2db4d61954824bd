//! Renewing the keys of a log where they lie (docs/formats/renewal.md).
//!
//! A rotation has two steps, and between them as much time as those need who pinned the old key:
//! [`rotate`] makes new keys, with which checkpoints are signed beside the old ones; [`retire`] ends
//! the old ones and destroys them. Both take the folder for themselves.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use countersign_attest::{Header, Kind, Refusal, Register, SecretKey, Submission};
use countersign_engine::node_statement::own_objects;
use countersign_engine::{NodeKeys, NotRenewed};
use countersign_model::act::Continued;
use countersign_model::entry::Index;
use countersign_model::json::quote;
use countersign_ports::{Entropy as _, StoreError};
use countersign_store_local::MachineEntropy;
use countersign_store_local::folder::put_file;
use countersign_tlog::note::Signer as _;

use crate::compose::{self, OpenError, Opened};
use crate::data_dir::DataDir;
use crate::key_files::Protection;
use crate::unlock::{KeyFault, Unlock};

/// What was renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// Where the act stands.
    pub index: Index,
    /// Verifier keys of the log from now on, the first to be handed out.
    pub vkeys: Vec<String>,
    /// Key files that were made or destroyed.
    pub files: u64,
}

/// Why keys were not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The folder cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The act is refused.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

impl From<NotRenewed> for RenewError {
    fn from(error: NotRenewed) -> Self {
        match error {
            NotRenewed::Refused(refusal) => Self::Refused(refusal),
            NotRenewed::Fatal(fatal) => Self::Open(fatal.into()),
        }
    }
}

impl From<KeyFault> for RenewError {
    fn from(fault: KeyFault) -> Self {
        Self::Open(fault.into())
    }
}

impl From<StoreError> for RenewError {
    fn from(error: StoreError) -> Self {
        Self::Open(error.into())
    }
}

/// Makes new keys of each kind that signs, and has them sign beside those of before; the node's
/// statements and receipts have the new ones at once.
///
/// # Errors
/// [`RenewError`]. What is refused changes nothing. Refused is also a rotation while one is under way:
/// it may be this one, given again because nobody was told that it took effect. After a failure of the
/// disk the log has the keys that it has when it is opened again, and all key files are there.
pub fn rotate(root: &Path, administrator: &SecretKey) -> Result<Renewed, RenewError> {
    let mut opened = compose::open(root)?;
    if opened.dir.key_files().protection()? != Protection::All {
        let text = "the key files lie in the open; `countersign key protect` first";
        return Err(KeyFault::Locked(text.to_owned()).into());
    }
    // What an attempt left that was broken off.
    destroy_unused(&opened)?;
    if newest(&opened).len() < opened.engine.vkeys().len() {
        let reason = "a rotation is under way: the log signs with new keys beside those of before, and \
                      keys/log.vkeys has them all. Hand out the first; when everybody has it: \
                      `countersign key retire`";
        return Err(Refusal::new("bad_renewal", reason).into());
    }
    let files = opened.dir.key_files();
    let mut unlock = Unlock::read(opened.dir.unlock_place()?)?;
    let made = files.make_next(&mut unlock, &mut MachineEntropy)?;
    let keys = opened.dir.node_keys()?;
    let renewed = rotate_to(&mut opened, (keys, made), administrator);
    // After a failure of the world nobody here knows which keys the log has: all of them stay, and the
    // next rotation destroys those that it has not.
    if matches!(renewed, Err(RenewError::Refused(_))) {
        destroy_unused(&opened)?;
    }
    renewed
}

fn rotate_to(
    opened: &mut Opened,
    (keys, files): (NodeKeys, u64),
    administrator: &SecretKey,
) -> Result<Renewed, RenewError> {
    let register = &opened.engine.intake().register;
    let mut vkeys = first_of_each(&keys, |_| true);
    vkeys.extend_from_slice(register.checkpoint_keys());
    let act = act(register, &keys, (None, &vkeys), administrator)?;
    let index = opened.engine.renew(&act, keys)?;
    write_vkeys(&opened.dir, &vkeys)?;
    Ok(Renewed {
        index,
        vkeys,
        files,
    })
}

/// Ends the keys of before a rotation: from now on the newest of the log sign alone. Their files are
/// destroyed, and before them those that the log never had, of a rotation that was broken off.
///
/// # Errors
/// [`RenewError`], also when no rotation is under way.
pub fn retire(root: &Path, administrator: &SecretKey) -> Result<Renewed, RenewError> {
    let mut opened = compose::open(root)?;
    let newest = newest(&opened);
    // What a retirement left that was broken off behind its act, or a rotation before it.
    let left = destroy_unused(&opened)?;
    let keys = opened.dir.node_keys()?;
    let register = &opened.engine.intake().register;
    if register.checkpoint_keys().len() == newest.len() {
        let destroyed = match left {
            0 => String::new(),
            files => format!("; key files that it does not use are destroyed now: {files}"),
        };
        let reason =
            format!("no rotation is under way: the newest keys of the log sign alone{destroyed}");
        return Err(Refusal::new("bad_renewal", reason).into());
    }
    let act = act(register, &keys, (None, &newest), administrator)?;
    let index = opened.engine.renew(&act, keys)?;
    write_vkeys(&opened.dir, &newest)?;
    let files = left + destroy_unused(&opened)?;
    Ok(Renewed {
        index,
        vkeys: newest,
        files,
    })
}

/// Verifier keys of the newest signers that the log names. A file that was made last may be of a
/// rotation that never was.
fn newest(opened: &Opened) -> Vec<String> {
    let named = opened.engine.vkeys();
    first_of_each(opened.engine.keys(), |vkey| named.contains(vkey))
}

/// The first verifier key of each kind that is meant; of several the newest.
fn first_of_each(keys: &NodeKeys, is_meant: impl Fn(&String) -> bool) -> Vec<String> {
    let ed25519 = keys.checkpoint.iter();
    let mut ed25519 = ed25519.map(|signer| signer.key().to_string());
    let pq = keys.checkpoint_pq.iter();
    let mut pq = pq.map(|signer| signer.key().to_string());
    let first = [ed25519.find(&is_meant), pq.find(&is_meant)];
    first.into_iter().flatten().collect()
}

fn destroy_unused(opened: &Opened) -> Result<u64, RenewError> {
    let files = opened.dir.key_files();
    let unlock = || Unlock::read(opened.dir.unlock_place()?);
    let unused = files.unused(&opened.engine.intake().register, unlock)?;
    Ok(files.destroy(&unused)?)
}

/// Lays the verifier keys where whoever hands them out finds them.
pub(crate) fn write_vkeys(dir: &DataDir, vkeys: &[String]) -> Result<(), StoreError> {
    put_file(&dir.vkeys(), vkeys_text(vkeys).as_bytes())
}

/// Whether `keys/log.vkeys` holds the keys in force: a renewal may have been broken off behind its act.
/// A log whose keys were never renewed can be without the file, for genesis names them.
pub(crate) fn are_vkeys_right(dir: &DataDir, register: &Register) -> Result<bool, StoreError> {
    let path = dir.vkeys();
    match fs::read(&path) {
        Ok(there) => Ok(there == vkeys_text(register.checkpoint_keys()).as_bytes()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(register.terms().len() == 1),
        Err(error) => {
            let doing = format!("reading {}", path.display());
            Err(StoreError::new(doing, error))
        }
    }
}

fn vkeys_text(vkeys: &[String]) -> String {
    format!("{}\n", vkeys.join("\n"))
}

/// The act, signed by an administrator of the log as it is. What is `continues` goes on under
/// another name.
pub(crate) fn act(
    register: &Register,
    keys: &NodeKeys,
    (linked, vkeys): (Option<(&str, &Continued)>, &[String]),
    administrator: &SecretKey,
) -> Result<Submission, RenewError> {
    let refused = |reason: &str| Refusal::new("not_authorised", reason);
    let issuer = register.resolve(&administrator.public().id());
    let issuer = issuer.ok_or_else(|| refused("no administrator of the log has this key"))?;
    let now = register.identity().origin.clone();
    let origin = linked.map_or(now.as_str(), |(origin, _)| origin);
    let (node, receipt) = (keys.statement.first(), keys.receipt.first());
    let (Some(node), Some(receipt)) = (node, receipt) else {
        return Err(StoreError::other("renewing the keys", "a key file is missing").into());
    };
    let vkeys: Vec<String> = vkeys.iter().map(|key| quote(key)).collect();
    let mut json = format!(
        r#"{{"type":"Renewal","origin":{},"checkpointKeys":[{}],"nodeKey":{},"receiptKey":{}"#,
        quote(origin),
        vkeys.join(","),
        quote(&node.public().to_string()),
        quote(&receipt.public().to_string()),
    );
    if let Some((_, continued)) = linked {
        json.push_str(&continues(continued));
    }
    json.push('}');
    let header = Header::new(
        issuer.principal.clone(),
        now.as_str(),
        vec![now.clone()],
        Kind::claims(),
    )?;
    let mut failed = None;
    let mut random = |bytes: &mut [u8]| {
        if let Err(error) = MachineEntropy.fill(bytes) {
            failed.get_or_insert(error);
        }
    };
    let made = own_objects(&header, &[&json], administrator, &mut random);
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(made.map_err(|reason| StoreError::other("making the renewal", reason))?),
    }
}

fn continues(continued: &Continued) -> String {
    let Continued {
        origin, size, root, ..
    } = continued;
    let checkpoint = continued.checkpoint.as_ref();
    let checkpoint = checkpoint.map(|note| format!(r#","checkpoint":{}"#, quote(note)));
    let lost = continued.lost.map(|lost| {
        let to = lost.to.map(|to| format!(r#","to":{}"#, to.0));
        format!(
            r#","lost":{{"from":{}{}}}"#,
            lost.from.0,
            to.unwrap_or_default()
        )
    });
    format!(
        r#","continues":{{"origin":{},"size":{},"root":"{root}"{}{}}}"#,
        quote(origin.as_str()),
        size.0,
        checkpoint.unwrap_or_default(),
        lost.unwrap_or_default()
    )
}
