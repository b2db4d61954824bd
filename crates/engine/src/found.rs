//! Making a log: genesis, its batch, and the scenario clock if there is one. Only this makes one.

use countersign_attest::genesis::Terms;
use countersign_attest::{Genesis, PublicKey};
use countersign_model::entry::{VerdictRecord, entry_of};
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_record::commit::Staged;

use crate::components::{Components, NodeKeys};
use crate::engine::{Engine, Fatal, stored_statement};
use crate::envelopes::Learnt;
use crate::folds::FOLD_VERSION;
use crate::log::Log;

/// What a new log is founded on.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Its name, unique for ever.
    pub origin: Origin,
    /// Public keys of those who may set contracts and keys.
    pub administrators: Vec<PublicKey>,
    /// What the log says of whom it registers.
    pub registration_policy: String,
    /// Time is told by a scenario that begins here; such a log is never proven as to time.
    pub scenario_start: Option<Timestamp>,
}

/// The genesis statement of a new log, signed by the node key. Its entry names the log in the
/// headers of its segments.
///
/// # Errors
/// [`Fatal`] when the system gives no random bytes or a key stands for two things.
pub fn found(
    founding: &Founding,
    world: &mut Components,
    keys: &NodeKeys,
) -> Result<(Genesis, Vec<u8>), Fatal> {
    let mut nonce = [0; 16];
    world.entropy.fill(&mut nonce)?;
    let absent = || Fatal::Damaged("a key of the new log is not there".to_owned());
    let node = keys.statement.first().ok_or_else(absent)?;
    let terms = Terms {
        origin: founding.origin.clone(),
        fold_version: u64::from(FOLD_VERSION),
        checkpoint_keys: keys.checkpoint_vkeys(),
        receipt_key: keys.receipt.first().ok_or_else(absent)?.public(),
        node_key: node.public(),
        administrators: founding.administrators.clone(),
        predecessors: Vec::new(),
        registration_policy: founding.registration_policy.clone(),
        nonce,
    };
    let refused = |refusal: countersign_attest::Refusal| Fatal::Damaged(refusal.reason);
    let genesis = Genesis::new(terms).map_err(refused)?;
    let statement = genesis.sign(node.to_sign_once());
    let statement = statement.map_err(refused)?;
    Ok((genesis, statement))
}

impl Engine {
    /// Begins a log in an empty world: genesis at index 0, its batch at 1, the scenario clock at 2
    /// if there is one. Only this makes a log.
    ///
    /// # Errors
    /// [`Fatal`], also when the second place holds a checkpoint already.
    pub fn begin(
        mut world: Components,
        keys: NodeKeys,
        genesis: Genesis,
        statement: Vec<u8>,
        founding: &Founding,
    ) -> Result<Self, Fatal> {
        let mut salt = [0; 16];
        world.entropy.fill(&mut salt)?;
        let (stores, clock, entropy) = world.split();
        let log = Log::begin(stores, entry_of(&statement))?;
        let mut engine = Self::new(log, (clock, entropy), keys, genesis)?;
        engine.scenario = founding.scenario_start;
        let read = stored_statement(&statement)?;
        let verdict = VerdictRecord {
            salt,
            assurance: countersign_model::entry::Assurance::SoftwareKey,
            marks: Vec::new(),
            claims: Vec::new(),
        };
        let key = engine.state.register.node_key();
        let index = countersign_model::entry::Index(0);
        let nothing = (Vec::new(), Learnt::default());
        let admitted = engine.state.admit(index, &read, key, nothing, &verdict);
        let staged = Staged {
            statement,
            records: Vec::new(),
            verdict,
        };
        engine
            .pending
            .push(crate::engine::Pending { staged, admitted });
        engine.commit()?;
        if let Some(start) = founding.scenario_start {
            let object = format!(r#"{{"type":"ScenarioClock","start":"{start}"}}"#);
            engine.say(&[&object])?;
            engine.commit()?;
        }
        engine.publish()?;
        Ok(engine)
    }
}
