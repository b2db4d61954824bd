//! The key files of a rotation, and of a log that goes on from a copy.

use countersign_attest::Register;
use countersign_ports::Entropy;
use countersign_store_local::folder::{destroy_secret, finish_destroying, put_secret};
use countersign_tlog::note::Signer as _;

use super::{KeyFiles, NAMES, Open, Protection, SEALING, number};
use crate::unlock::{KeyFault, Unlock};

impl KeyFiles {
    /// Makes one more of each key that signs, for a rotation; how many files that are.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn make_next(
        &self,
        unlock: &mut Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<u64, KeyFault> {
        let names = self.names()?;
        let next = names.iter().map(|name| number(name)).max().unwrap_or(1) + 1;
        let signing = NAMES.iter().filter(|name| !SEALING.contains(name));
        let wanted: Vec<String> = signing.map(|name| format!("{name}-{next}")).collect();
        self.make_keys(&wanted, unlock, entropy)?;
        Ok(wanted.len() as u64)
    }

    /// Makes the keys that sign, and locks those two of another log's folder under this one's lock:
    /// what was sealed there stays readable here.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn make_linked(
        &self,
        sealing: &[Open],
        unlock: &mut Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<(), KeyFault> {
        let signing = NAMES.iter().filter(|name| !SEALING.contains(name));
        let wanted: Vec<String> = signing.map(|name| (*name).to_owned()).collect();
        self.make_keys(&wanted, unlock, entropy)?;
        let lock = unlock.new_lock(entropy)?;
        for (name, line) in sealing {
            let text = self.locked(name, line, (lock, unlock), entropy)?;
            put_secret(&self.path(name), &text)?;
        }
        Ok(())
    }

    /// The two keys without which nothing sealed can be read.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn sealing(
        &self,
        unlock: impl FnOnce() -> Result<Unlock, KeyFault>,
    ) -> Result<Vec<Open>, KeyFault> {
        let mut unlock = match self.protection()? {
            Protection::None => None,
            Protection::Part | Protection::All => Some(unlock()?),
        };
        let mut out = Vec::new();
        for name in SEALING {
            out.push((name.to_owned(), self.line(name, unlock.as_mut())?));
        }
        Ok(out)
    }

    /// Destroys the files of keys that are of no use any more, and ends what was begun of that before;
    /// how many files that were.
    ///
    /// # Errors
    /// [`KeyFault`]; given again, it goes on where it was.
    pub fn destroy(&self, names: &[String]) -> Result<u64, KeyFault> {
        let left = finish_destroying(&self.folder)?;
        for name in names {
            destroy_secret(&self.path(name))?;
        }
        Ok(left + names.len() as u64)
    }

    /// The files whose keys the log does not sign with any more, or never did.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn unused(
        &self,
        register: &Register,
        unlock: impl FnOnce() -> Result<Unlock, KeyFault>,
    ) -> Result<Vec<String>, KeyFault> {
        let keys = self.read(unlock)?;
        let stays = |vkey: &dyn ToString| register.checkpoint_keys().contains(&vkey.to_string());
        let mut out = Vec::new();
        let mut add = |kind: &str, used: Vec<bool>| -> Result<(), KeyFault> {
            let names = self.of_kind(kind)?.into_iter().zip(used);
            out.extend(names.filter(|(_, used)| !used).map(|(name, _)| name));
            Ok(())
        };
        let used = keys.checkpoint.iter();
        add(
            "checkpoint",
            used.map(|signer| stays(signer.key())).collect(),
        )?;
        let used = keys.checkpoint_pq.iter();
        add(
            "checkpoint-pq",
            used.map(|signer| stays(signer.key())).collect(),
        )?;
        let node = register.node_key();
        let used = keys.statement.iter();
        add(
            "statement",
            used.map(|key| key.public().id() == node).collect(),
        )?;
        let used = keys.receipt.iter();
        add(
            "receipt",
            used.map(|key| key.public() == *register.receipt_key())
                .collect(),
        )?;
        Ok(out)
    }
}
