//! Renewing the keys of a log: a rotation in place, or a linked origin that goes on from a copy
//! (docs/formats/renewal.md).
//!
//! The renewal stands alone in its commit, and the batch that covers it is signed by the node key
//! that it names.

use countersign_attest::{Ahead, Refusal, Submission, refusal};
use countersign_model::act::OwnObject;
use countersign_model::entry::{Index, Size};
use countersign_model::ids::Origin;

use crate::checkpoint::Read;
use crate::components::{Components, NodeKeys};
use crate::engine::{Engine, Fatal, Taken};
use crate::intake::IntakeError;
use crate::log::Log;

/// Why keys were not renewed.
#[derive(Debug, thiserror::Error)]
pub enum NotRenewed {
    /// The act is refused; nothing changed.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The node cannot go on; whether the act stands in the log is told when it is opened again.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

impl From<IntakeError> for NotRenewed {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Refused(refusal) => Self::Refused(refusal),
            IntakeError::World(error) => Self::Fatal(error.into()),
        }
    }
}

/// What a copy of a log is: under which name it went, and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    /// Its name so far.
    pub origin: Origin,
    /// How many entries it has.
    pub size: Size,
    /// Root over them.
    pub root: [u8; 32],
    /// Number of the last segment that holds any of them.
    pub last_segment: u32,
}

impl Engine {
    /// Renews the keys: commits what waits, then the act, alone. `keys` are those from now on, with
    /// every key that the act names.
    ///
    /// # Errors
    /// [`NotRenewed`]; after [`NotRenewed::Fatal`] the process must end.
    pub fn renew(&mut self, act: &Submission, keys: NodeKeys) -> Result<Index, NotRenewed> {
        if !self.pending.is_empty() {
            self.commit()?;
        }
        let before = std::mem::replace(&mut self.keys, keys);
        let index = match self.stage_renewal(act) {
            Ok(index) => index,
            Err(error) => {
                self.keys = before;
                return Err(error);
            }
        };
        self.commit()?;
        self.publish()?;
        Ok(index)
    }

    /// Stages the act, if it does what it is for: afterwards the log's keys are others, and here.
    fn stage_renewal(&mut self, act: &Submission) -> Result<Index, NotRenewed> {
        let not = |reason: &str| Refusal::new(refusal::code::BAD_RENEWAL, reason);
        let ahead = Ahead::of(act)?;
        let ([body], [_]) = (&*act.bodies, ahead.statement().claim_digests()) else {
            return Err(not("a renewal is the only claim of its statement").into());
        };
        // Intake takes acts by the issuer's key, which of several is not known here.
        let [signer] = *ahead.statement().key_ids() else {
            return Err(not("a renewal has one signer").into());
        };
        let Ok(OwnObject::Act(object)) = OwnObject::of_body(body) else {
            return Err(not("it holds no renewal").into());
        };
        let before = self.state.register.terms().len();
        let mut tried = self.state.register.clone();
        tried.apply(Index(self.log.size().0), &signer, &object)?;
        if tried.terms().len() == before {
            return Err(not("it holds no renewal").into());
        }
        if !self.keys.serve(&tried) {
            return Err(not("a key that it names is not in this data folder").into());
        }
        match self.stage(ahead, true)? {
            Taken::Replay(_) => Err(not("it stands in the log already").into()),
            // Intake takes an act without effect too; the register says what became of it.
            Taken::Staged(_) if self.state.register.terms().len() == before => {
                Err(not("it was taken, and has no effect").into())
            }
            Taken::Staged(ticket) => Ok(ticket.index),
        }
    }

    /// Opens the copy of a log in an empty second place, to go on from `checkpoint` under another
    /// name: what lies behind that is wiped. Nothing is committed before [`Engine::link`].
    ///
    /// # Errors
    /// [`Fatal`] also when the second place holds a checkpoint already, or the copy is not the one
    /// that the checkpoint names.
    pub fn open_copy(
        world: Components,
        keys: NodeKeys,
        checkpoint: &[u8],
    ) -> Result<(Self, Origins), Fatal> {
        let bad = |why: &str| Fatal::Damaged(format!("the checkpoint to go on from: {why}"));
        let read = Read::parse(checkpoint).map_err(|error| bad(&error))?;
        let (stores, clock, entropy) = world.split();
        let log = Log::open_copy(stores, &read)?;
        let mut engine = Self::replayed(log, (clock, entropy), keys)?;
        if read.signed(&engine.state.register).is_none() {
            return Err(bad("no key of the log signed it"));
        }
        engine.log.cut_tail()?;
        engine.finish_erasures()?;
        engine.judge_restart();
        let origins = Origins {
            origin: engine.state.register.identity().origin.clone(),
            size: engine.log.size(),
            root: *engine.log.root().as_bytes(),
            last_segment: engine.log.last_segment(),
        };
        Ok((engine, origins))
    }

    /// Begins the linked origin in a copy that [`Engine::open_copy`] opened: the renewal is its first
    /// commit, and its checkpoint the first in the second place.
    ///
    /// # Errors
    /// [`NotRenewed`].
    pub fn link(&mut self, act: &Submission) -> Result<Index, NotRenewed> {
        let index = self.stage_renewal(act)?;
        self.commit()?;
        self.publish()?;
        Ok(index)
    }
}
