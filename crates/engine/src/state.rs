//! What intake knows: keys, chains, identities, envelopes. Advanced statement by statement, in
//! log order, live as well as on replay, by the same code.

use std::collections::{BTreeMap, BTreeSet};

use countersign_attest::{Genesis, Register, Statement, key_given};
use countersign_model::act::Act;
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index, Mark, VerdictRecord};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, ChainPosition, Said};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_ports::{StoreError, TreeHead};

use crate::chain_index::ChainIndex;
use crate::envelopes::{Envelopes, Learnt};
use crate::identities::{Identities, ReadBack, ReadClaim, SealedValues};
use crate::log_index::{LogIndex, Past, ReadGroups};
use crate::snapshot::{Sections, Stored};

/// Subjects of the node's statements that hold claims of an unsigned import begin so; what
/// follows is the source that the operator named.
pub const IMPORT_SUBJECT: &str = "import/";

/// What intake knows.
#[derive(Debug)]
pub struct IntakeState {
    /// All keys, and which log this is.
    pub register: Register,
    /// The acts that gave a principal a key, the node included, by key, in log order; keys of genesis
    /// are not in it.
    pub enrolments: BTreeMap<KeyId, Vec<ClaimRef>>,
    /// The node's keys that renewals named: whoever checks a checkpoint needs those acts.
    renewed: BTreeSet<KeyId>,
    /// All chains.
    pub chains: ChainIndex,
    /// All claims that count.
    pub identities: Identities,
    /// How to read bodies.
    pub envelopes: Envelopes,
    /// Where all of that stands in the log.
    pub index: LogIndex,
}

/// A claim as it was decoded, before its verdict.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Digest of its body.
    pub digest: Digest,
    /// What it says; `None` when it cannot be decoded or did not come.
    pub said: Option<Said>,
    /// Its sealed values.
    pub sealed: SealedValues,
}

impl IntakeState {
    /// The state at genesis.
    #[must_use]
    pub fn new(genesis: &Genesis) -> Self {
        Self {
            register: Register::new(genesis),
            enrolments: BTreeMap::new(),
            renewed: BTreeSet::new(),
            chains: ChainIndex::default(),
            identities: Identities::default(),
            envelopes: Envelopes::default(),
            index: LogIndex::default(),
        }
    }

    /// Writes what is in memory of it. Nothing may wait for its commit.
    pub(crate) fn keep(&self, out: &mut Sections) {
        let Self {
            register,
            enrolments,
            renewed,
            chains,
            identities,
            // Those that were read last; read again when they are asked for.
            envelopes: _,
            // On the disk.
            index: _,
        } = self;
        out.put("node.register", register);
        out.put("node.enrolments", enrolments);
        out.put("node.renewed", renewed);
        out.put("node.chains", chains);
        out.put("node.identities", &identities.count());
    }

    /// What intake knew when a snapshot was taken, over an index that has all of that time. `None` where
    /// anything of it is not as it was written.
    pub(crate) fn resume(from: &Stored<'_>, index: LogIndex) -> Option<Self> {
        Some(Self {
            register: from.take("node.register")?,
            enrolments: from.take("node.enrolments")?,
            renewed: from.take("node.renewed")?,
            chains: from.take("node.chains")?,
            identities: Identities::resumed(from.take("node.identities")?),
            envelopes: Envelopes::default(),
            index,
        })
    }

    /// What stands in this ground.
    #[must_use]
    pub const fn past<'a>(&'a self, ground: &'a dyn ReadGroups) -> Past<'a> {
        Past::new(&self.index, ground)
    }

    /// What was admitted since is committed.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn committed(&mut self) -> Result<(), StoreError> {
        let claims = self.identities.committed();
        let all = claims.chain(self.chains.committed());
        for (key, at) in all.chain(self.envelopes.committed()) {
            self.index.insert(key, at)?;
        }
        Ok(())
    }

    /// All that stands below that head of the log was admitted.
    ///
    /// # Errors
    /// [`StoreError`]; the caller stops.
    pub fn seal(&mut self, head: TreeHead) -> Result<(), StoreError> {
        self.index.seal(head)
    }

    /// Who speaks and how sure that is: for an import the source that was named, unsigned.
    #[must_use]
    pub fn speaker(&self, statement: &Statement, key: &KeyId) -> (PrincipalId, Assurance) {
        let entry = self.register.resolve(key);
        let assurance = entry.map_or(Assurance::Import, |entry| entry.assurance);
        let import = statement.subject().starts_with(IMPORT_SUBJECT) && self.register.is_nodes(key);
        match PrincipalId::parse(statement.subject()) {
            Ok(source) if import => (source, Assurance::Import),
            _ => (statement.issuer().clone(), assurance),
        }
    }

    /// Judges the decoded claims of the statement that will stand at `index`.
    ///
    /// # Errors
    /// [`StoreError`] when what they are compared with cannot be read.
    pub fn statuses(
        &self,
        index: Index,
        claims: &[Decoded],
        came: &[bool],
        key: &KeyId,
        (past, read): (Past<'_>, &ReadBack<'_>),
    ) -> Result<Vec<ClaimStatus>, StoreError> {
        let mut fresh: Vec<(countersign_model::ids::ClaimId, usize)> = Vec::new();
        let judge = |at: usize, claim: &Decoded| {
            Ok(match &claim.said {
                None if came.get(at) != Some(&true) => ClaimStatus::BodyAbsent,
                None => ClaimStatus::Unfoldable,
                Some(Said::Act(act)) if self.register.is_authorised(act, key) => {
                    ClaimStatus::Effective
                }
                Some(Said::Act(Act::Unknown(_))) => ClaimStatus::Unfoldable,
                Some(Said::Act(_)) => ClaimStatus::Unauthorised,
                Some(Said::Claim(said)) => {
                    let claim = ReadClaim {
                        id: said.id,
                        open: said.fingerprint,
                        sealed: claim.sealed,
                    };
                    return self.identities.judge(&claim, past, read);
                }
            })
        };
        let mut out: Vec<ClaimStatus> = claims
            .iter()
            .enumerate()
            .map(|(at, claim)| judge(at, claim))
            .collect::<Result<_, StoreError>>()?;
        // Two claims of one statement may be the same claim.
        for (at, claim) in claims.iter().enumerate() {
            let (Some(Said::Claim(said)), Some(ClaimStatus::Effective)) =
                (&claim.said, out.get(at))
            else {
                continue;
            };
            let before = fresh
                .iter()
                .find(|(id, _)| *id == said.id)
                .map(|(_, before)| *before);
            match before.and_then(|before| Some((before, claims.get(before)?))) {
                None => fresh.push((said.id, at)),
                Some((before, first)) => {
                    let ordinal = u32::try_from(before).unwrap_or(u32::MAX);
                    let status = same_statement(first, claim, ClaimRef { index, ordinal });
                    if let Some(slot) = out.get_mut(at) {
                        *slot = status;
                    }
                }
            }
        }
        Ok(out)
    }

    /// An act that sets no keys, or that the register refuses, changes no keys.
    fn take_act(&mut self, at: ClaimRef, signer: &KeyId, act: &Act) {
        if self.register.apply(at.index, signer, act).is_ok()
            && let Some(key) = key_given(act)
        {
            self.enrolments.entry(key).or_default().push(at);
            if matches!(act, Act::Renewal(_)) {
                self.renewed.insert(key);
            }
        }
    }

    /// The node's keys that renewals named.
    #[must_use]
    pub fn renewed_keys(&self) -> BTreeSet<KeyId> {
        self.renewed.clone()
    }

    /// Takes in a statement that has its place, with what it brought: chains, keys, identities,
    /// envelopes. Returns what folds read.
    pub fn admit(
        &mut self,
        index: Index,
        statement: &Statement,
        key: KeyId,
        (claims, learnt): (Vec<Decoded>, Learnt),
        verdict: &VerdictRecord,
    ) -> AdmittedStatement {
        let section = learnt.section();
        self.envelopes.keep(learnt, index);
        self.chains.record(&key, statement, index);
        let (issuer, _) = self.speaker(statement, &key);
        let mut admitted = Vec::with_capacity(claims.len());
        for ((ordinal, claim), status) in (0_u32..).zip(claims).zip(&verdict.claims) {
            let at = ClaimRef { index, ordinal };
            let said = claim.said.filter(|_| *status != ClaimStatus::Unauthorised);
            if *status == ClaimStatus::Effective {
                match &said {
                    Some(Said::Claim(said)) => {
                        self.identities
                            .keep(said.id, at, said.fingerprint, claim.sealed);
                    }
                    Some(Said::Act(act)) => self.take_act(at, &key, act),
                    None => {}
                }
            }
            admitted.push(AdmittedClaim {
                at,
                digest: claim.digest,
                status: *status,
                said,
            });
        }
        AdmittedStatement {
            index,
            issuer,
            key,
            assurance: verdict.assurance,
            marks: verdict.marks.clone(),
            chain: position(statement, verdict.assurance, section),
            signed: statement.clock(),
            claims: admitted,
        }
    }
}

/// Place of a statement among those of its source. An import has no chain; each of its statements is a
/// section of a document, and their order is that of the file (format law 9).
fn position(statement: &Statement, assurance: Assurance, section: u64) -> Option<ChainPosition> {
    let link = statement.chain().map(|link| ChainPosition {
        epoch: link.epoch(),
        counter: link.counter(),
    });
    let section = ChainPosition {
        epoch: 0,
        counter: section,
    };
    link.or_else(|| (assurance == Assurance::Import).then_some(section))
}

/// Status of a claim whose identity stands earlier in the same statement.
fn same_statement(first: &Decoded, claim: &Decoded, at: ClaimRef) -> ClaimStatus {
    let same = match (&first.said, &claim.said) {
        (Some(Said::Claim(a)), Some(Said::Claim(b))) => {
            a.fingerprint == b.fingerprint && first.sealed == claim.sealed
        }
        _ => false,
    };
    if same {
        ClaimStatus::Duplicate(at)
    } else {
        ClaimStatus::Conflicting(at)
    }
}

/// Marks of a statement, sorted and without repeats.
#[must_use]
pub fn all_marks(mut marks: Vec<Mark>, more: &[Mark]) -> Vec<Mark> {
    marks.extend_from_slice(more);
    marks.sort_unstable();
    marks.dedup();
    marks
}
