//! The register of keys: the fold of genesis and of all acts that define or withdraw principals,
//! or renew the keys of the log itself.
//!
//! A key is in force from the index of the act that set it to that of the act that took it away,
//! and stays resolvable for ever: old statements are checked with it. A key that was taken away
//! never comes back, and two principals never share one.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::act::Act;
use countersign_model::entry::{Assurance, Index, Size};
use countersign_model::ids::{KeyId, Origin, PartyId, PrincipalId};
use countersign_model::network::{Object, ObjectKind, Principal, Role};
use countersign_model::{coded, coded_as};

use crate::genesis::{Genesis, NODE_NAME};
use crate::judge::LogIdentity;
use crate::key::PublicKey;
use crate::limits::SCENARIO_CLOCK_INDEX;
use crate::refusal::{Refusal, code};
use crate::renewal::{Renewed, renewed};

/// A key and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Whose.
    pub principal: PrincipalId,
    /// What that principal may do; of a key no longer in force, what it might when it was.
    pub role: Role,
    /// The key.
    pub public_key: PublicKey,
    /// How sure its signatures are.
    pub assurance: Assurance,
    /// For whom the principal speaks.
    pub party: Option<PartyId>,
    /// How far the principal's clock is known to be off, in milliseconds.
    pub clock_offset_ms: i64,
    /// Index of the statement that set it.
    pub since: Index,
    /// Index of the statement that took it out of force.
    pub revoked: Option<Index>,
}

/// The name of a log and the keys that speak for it, from an index on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsAt {
    /// Index of genesis, or of the renewal.
    pub since: Index,
    /// Name of the log.
    pub origin: Origin,
    /// C2SP verifier keys of its checkpoints.
    pub checkpoint_keys: Vec<String>,
    /// Key of its COSE receipts.
    pub receipt_key: PublicKey,
}

/// The key that an act gives a principal, the node included.
#[must_use]
pub fn key_given(act: &Act) -> Option<KeyId> {
    let text = match act {
        Act::Define(object) => match &**object {
            Object::Principal(principal) => &*principal.key,
            _ => return None,
        },
        Act::Renewal(renewal) => &*renewal.node_key,
        _ => return None,
    };
    PublicKey::parse(text).ok().map(|key| key.id())
}

/// All keys that a log ever named. Built from genesis and acts in log order, from nothing else.
#[derive(Clone, Debug)]
pub struct Register {
    keys: BTreeMap<KeyId, KeyEntry>,
    in_force: BTreeMap<PrincipalId, KeyId>,
    node: KeyId,
    /// Which log this is now.
    identity: LogIdentity,
    /// Names and checkpoint keys of all times; the last are those of now.
    terms: Vec<TermsAt>,
    /// Keys of the node that sign no statements, of all times: nobody may have them.
    pub(crate) reserved: BTreeSet<KeyId>,
    scenario_clock: bool,
    has_acts: bool,
    /// Built from some of the log's acts.
    is_partial: bool,
}

impl Register {
    /// The register at index 0: the node (principal `node`, a service) and the administrators
    /// (`admin-1`, `admin-2`, … in the order of the genesis), with software keys.
    #[must_use]
    pub fn new(genesis: &Genesis) -> Self {
        let terms = genesis.terms();
        let mut register = Self {
            keys: BTreeMap::new(),
            in_force: BTreeMap::new(),
            node: terms.node_key.id(),
            identity: LogIdentity {
                origin: terms.origin.clone(),
                predecessors: terms.predecessors.clone(),
            },
            terms: vec![TermsAt {
                since: Index(0),
                origin: terms.origin.clone(),
                checkpoint_keys: terms.checkpoint_keys.clone(),
                receipt_key: terms.receipt_key.clone(),
            }],
            reserved: genesis.checkpoint_key_ids().collect(),
            scenario_clock: false,
            has_acts: false,
            is_partial: false,
        };
        register.reserved.insert(terms.receipt_key.id());
        register.enter(NODE_NAME, Role::Service, &terms.node_key, Index(0));
        for (at, key) in terms.administrators.iter().enumerate() {
            let name = format!("admin-{}", at + 1);
            register.enter(&name, Role::Administrator, key, Index(0));
        }
        register
    }

    /// As [`Register::new`], for who has some of the log's acts and not all: whether an
    /// administrator is the last one is not judged, because another may be in what is missing.
    #[must_use]
    pub fn of_some_acts(genesis: &Genesis) -> Self {
        Self {
            is_partial: true,
            ..Self::new(genesis)
        }
    }

    fn enter(&mut self, name: &str, role: Role, key: &PublicKey, since: Index) {
        let principal = PrincipalId::parse(name).expect("names made here are names");
        self.in_force.insert(principal.clone(), key.id());
        let entry = KeyEntry {
            principal,
            role,
            public_key: key.clone(),
            assurance: Assurance::SoftwareKey,
            party: None,
            clock_offset_ms: 0,
            since,
            revoked: None,
        };
        self.keys.insert(key.id(), entry);
    }

    /// The key of that id, in force or not.
    #[must_use]
    pub fn resolve(&self, key: &KeyId) -> Option<&KeyEntry> {
        self.keys.get(key)
    }

    /// The key in force of a principal.
    #[must_use]
    pub fn key_of(&self, principal: &PrincipalId) -> Option<&KeyEntry> {
        self.keys.get(self.in_force.get(principal)?)
    }

    /// How many keys there ever were; it only grows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// Every key, by id.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &KeyEntry)> {
        self.keys.iter()
    }

    /// Id of the node's statement key.
    #[must_use]
    pub const fn node_key(&self) -> KeyId {
        self.node
    }

    /// Whether a key is, or was, the one of the node's statements.
    #[must_use]
    pub fn is_nodes(&self, key: &KeyId) -> bool {
        let entry = self.keys.get(key);
        entry.is_some_and(|entry| entry.principal.as_str() == NODE_NAME)
    }

    /// Which log this is: its name, and whose audience it accepts too.
    #[must_use]
    pub const fn identity(&self) -> &LogIdentity {
        &self.identity
    }

    /// C2SP verifier keys of the checkpoints: those of genesis or of the last renewal.
    #[must_use]
    pub fn checkpoint_keys(&self) -> &[String] {
        &self.now().checkpoint_keys
    }

    fn now(&self) -> &TermsAt {
        self.terms
            .last()
            .expect("the first terms are those of genesis")
    }

    /// Under which names and with which checkpoint keys the log went, in the order of the log; the
    /// first are those of genesis.
    #[must_use]
    pub fn terms(&self) -> &[TermsAt] {
        &self.terms
    }

    /// What was in force for a checkpoint of this name and size; `None` for a name that the log
    /// never had.
    #[must_use]
    pub fn terms_of(&self, origin: &str, size: Size) -> Option<&TermsAt> {
        let mut back = self.terms.iter().rev();
        back.find(|terms| terms.origin.as_str() == origin && terms.since.0 < size.0)
    }

    /// Key of the COSE receipts.
    #[must_use]
    pub fn receipt_key(&self) -> &PublicKey {
        &self.now().receipt_key
    }

    /// Whether time is told by a scenario (format law 9): then device clocks are not judged.
    #[must_use]
    pub const fn has_scenario_clock(&self) -> bool {
        self.scenario_clock
    }

    /// Whether a statement signed by `key` may do `act` now (ACT-4).
    #[must_use]
    pub fn is_authorised(&self, act: &Act, key: &KeyId) -> bool {
        let Some(entry) = self.resolve(key).filter(|entry| entry.revoked.is_none()) else {
            return false;
        };
        let administrator = entry.role == Role::Administrator;
        let node = *key == self.node;
        match act {
            Act::Finding(_)
            | Act::ScenarioClock { .. }
            | Act::Erasure { .. }
            | Act::ClockOffset(_)
            | Act::Outage(_)
            | Act::Import { .. } => administrator || node,
            Act::Proposal(_) | Act::Approval(_) => administrator || entry.role == Role::Person,
            Act::Define(_) | Act::Withdraw { .. } | Act::Renewal(_) | Act::Suspect(_) => {
                administrator
            }
            // Kept, without effect: there is nothing to be allowed to do.
            Act::Unknown(_) => false,
        }
    }

    /// Takes in an act of the statement at `index`, signed by `signer`. Acts that set no keys
    /// change nothing; an act that is refused changes nothing either.
    ///
    /// # Errors
    /// [`Refusal`] with `not_authorised`, `bad_key`, `bad_renewal`, `key_taken`, `revoked_key`,
    /// `reserved_name`, `last_administrator` or `scenario_clock_late`.
    pub fn apply(&mut self, index: Index, signer: &KeyId, act: &Act) -> Result<(), Refusal> {
        if !self.is_authorised(act, signer) {
            let reason = "the key may not do this act";
            return Err(Refusal::new(code::NOT_AUTHORISED, reason));
        }
        match act {
            Act::Define(object) => {
                if let Object::Principal(principal) = &**object {
                    self.define(index, principal)?;
                }
            }
            Act::Withdraw { kind, id } if *kind == ObjectKind::Principal => {
                self.withdraw(index, id)?;
            }
            Act::ScenarioClock { .. } => {
                if index.0 != SCENARIO_CLOCK_INDEX || self.has_acts {
                    let reason = "a scenario clock is set directly after genesis or never";
                    return Err(Refusal::new(code::SCENARIO_CLOCK_LATE, reason));
                }
                self.scenario_clock = true;
            }
            Act::Renewal(renewal) => {
                let renewed = renewed(self, index, renewal)?;
                self.renew(index, renewed);
            }
            // Every other act is somebody else's to carry out.
            _ => {}
        }
        self.has_acts = true;
        Ok(())
    }

    fn define(&mut self, index: Index, principal: &Principal) -> Result<(), Refusal> {
        let public_key = PublicKey::parse(&principal.key)
            .map_err(|e| Refusal::new(code::BAD_KEY, e.to_string()))?;
        let id = public_key.id();
        if principal.id.as_str() == NODE_NAME {
            let reason = "the name `node` is the log's own";
            return Err(Refusal::new(code::RESERVED_NAME, reason));
        }
        self.check_free(&principal.id, &id)?;
        if principal.role != Role::Administrator {
            self.check_administrators_without(&principal.id)?;
        }
        let old = self.in_force.insert(principal.id.clone(), id);
        let mut since = index;
        if old == Some(id) {
            since = self.keys.get(&id).map_or(index, |entry| entry.since);
        } else if let Some(entry) = old.and_then(|old| self.keys.get_mut(&old)) {
            entry.revoked = Some(index);
        }
        let entry = KeyEntry {
            principal: principal.id.clone(),
            role: principal.role,
            public_key,
            assurance: principal.assurance,
            party: principal.party.clone(),
            clock_offset_ms: principal.clock_offset_ms,
            since,
            revoked: None,
        };
        self.keys.insert(id, entry);
        Ok(())
    }

    fn renew(&mut self, index: Index, renewed: Renewed) {
        let node = renewed.node.id();
        if node != self.node {
            if let Some(entry) = self.keys.get_mut(&self.node) {
                entry.revoked = Some(index);
            }
            self.node = node;
            self.enter(NODE_NAME, Role::Service, &renewed.node, index);
        }
        self.reserved.extend(renewed.reserved);
        self.terms.push(TermsAt {
            since: index,
            origin: renewed.identity.origin.clone(),
            checkpoint_keys: renewed.checkpoint_keys,
            receipt_key: renewed.receipt,
        });
        self.identity = renewed.identity;
    }

    fn check_free(&self, principal: &PrincipalId, key: &KeyId) -> Result<(), Refusal> {
        let taken = |reason: &str| Err(Refusal::new(code::KEY_TAKEN, reason));
        if self.reserved.contains(key) {
            return taken("the key is one of the node's own");
        }
        match self.keys.get(key) {
            Some(entry) if entry.principal != *principal => {
                taken("the key belongs, or belonged, to another principal")
            }
            Some(entry) if entry.revoked.is_some() => {
                let reason = "a key that was taken out of force never comes back";
                Err(Refusal::new(code::REVOKED_KEY, reason))
            }
            _ => Ok(()),
        }
    }

    fn withdraw(&mut self, index: Index, id: &str) -> Result<(), Refusal> {
        if id == NODE_NAME {
            let reason = "the name `node` is the log's own";
            return Err(Refusal::new(code::RESERVED_NAME, reason));
        }
        let Ok(principal) = PrincipalId::parse(id) else {
            return Ok(());
        };
        self.check_administrators_without(&principal)?;
        if let Some(key) = self.in_force.remove(&principal)
            && let Some(entry) = self.keys.get_mut(&key)
        {
            entry.revoked = Some(index);
        }
        Ok(())
    }

    /// Nobody could ever set a key again in a log without administrators.
    fn check_administrators_without(&self, principal: &PrincipalId) -> Result<(), Refusal> {
        if self.is_partial {
            return Ok(());
        }
        let other = self.in_force.iter().any(|(name, key)| {
            name != principal
                && self
                    .keys
                    .get(key)
                    .is_some_and(|entry| entry.role == Role::Administrator)
        });
        if other {
            Ok(())
        } else {
            let reason = "the log would have no administrator left";
            Err(Refusal::new(code::LAST_ADMINISTRATOR, reason))
        }
    }
}

coded! {
    Register {
        keys, in_force, node, identity, terms, reserved, scenario_clock, has_acts, is_partial,
    }
    KeyEntry {
        principal, role, public_key, assurance, party, clock_offset_ms, since, revoked,
    }
    TermsAt { since, origin, checkpoint_keys, receipt_key }
    LogIdentity { origin, predecessors }
}

coded_as! {
    PublicKey: String, |key| key.to_string(), |text| {
        Self::parse(&text).ok().filter(|key| key.to_string() == text)
    };
}
