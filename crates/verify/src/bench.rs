//! The bench: where evidence of one log is laid out and judged, piece by piece, in log order.

use std::collections::{BTreeMap, BTreeSet};

use countersign_attest::{Genesis, Register, Statement, TermsAt};
use countersign_model::act::Act;
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, Size};
use countersign_model::ids::KeyId;
use countersign_tlog::tlog_proof::TlogProof;

use crate::act;
use crate::caveat;
use crate::content;
use crate::evidence::{Evidence, File, ReceiptFile};
use crate::keys::{Keys, Said};
use crate::reason::Reason;
use crate::receipt;
use crate::report::{Fault, Piece, Report, Verdict};
use crate::tree::Tree;
use crate::trust::Trust;
use crate::words::{first_words, shown};

/// What is known while evidence is judged.
#[derive(Debug)]
pub(crate) struct Bench<'e> {
    /// What is judged.
    pub(crate) evidence: &'e Evidence<'e>,
    /// The keys proven so far; `None` without a genesis that holds.
    pub(crate) keys: Option<Keys>,
    /// Names and checkpoint keys of the log, those of renewals that the evidence proves included.
    named: Option<Register>,
    /// The first of two rounds: what renewals there are is not known yet, so names of logs and keys
    /// of checkpoints are not judged.
    is_first_round: bool,
    /// Claims of which a receipt shows that they were logged.
    pub(crate) logged: BTreeSet<Digest>,
    /// Ids of findings of which a conclusion shows that the node recorded them.
    pub(crate) findings: BTreeSet<Digest>,
    /// Batch statements that were read, by their bytes: one stands behind many receipts.
    pub(crate) batches: BTreeMap<Digest, Result<(Digest, Batch), Fault>>,
    /// Batch statements that the node signed: with which of its keys, and their bytes.
    pub(crate) node_batches: BTreeSet<(KeyId, Digest)>,
    /// Who said the statement that was judged last: log, entry, signer. Forgotten when keys change.
    pub(crate) said: Option<((String, Digest), Result<Said, Fault>)>,
    trust: &'e Trust,
    /// Trees by the bytes of their note.
    trees: BTreeMap<Digest, Result<Tree, Fault>>,
    pieces: Vec<Piece>,
}

impl<'e> Bench<'e> {
    pub(crate) fn new(evidence: &'e Evidence<'e>, trust: &'e Trust) -> Self {
        Self {
            evidence,
            keys: None,
            named: None,
            is_first_round: false,
            logged: BTreeSet::new(),
            findings: BTreeSet::new(),
            batches: BTreeMap::new(),
            node_batches: BTreeSet::new(),
            said: None,
            trust,
            trees: BTreeMap::new(),
            pieces: Vec::new(),
        }
    }

    /// Judges everything and puts the pieces into the report.
    pub(crate) fn judge(&mut self, report: &mut Report) {
        let genesis = self.genesis();
        if let Ok((_, genesis)) = &genesis {
            self.named = Some(self.named_from(genesis));
        }
        let pieces = self.checkpoints();
        report.pieces.extend(pieces);
        self.judge_genesis(genesis);
        self.judge_proofs();
        receipt::judge_all(self);
        content::judge_all(self);
        if let Some(Ok(tree)) = self.trees.values().next() {
            report.origin = Some(tree.origin().to_owned());
            report.size = Some(tree.checkpoint.size().0);
        }
        let cosigned = |tree: &Tree| {
            let trusted = tree.trusted.as_ref();
            trusted.is_ok_and(|trusted| !trusted.cosigned.is_empty())
        };
        let mut trees = self.trees.values();
        let is_cosigned = trees.all(|tree| tree.as_ref().is_ok_and(cosigned));
        report.caveats = caveat::list(report.subject, is_cosigned && !self.trees.is_empty());
        let rests_on_sand = self
            .trees
            .values()
            .any(|tree| tree.as_ref().map_or(true, |tree| tree.trusted.is_err()));
        let pieces = std::mem::take(&mut self.pieces);
        if rests_on_sand {
            report.pieces.extend(pieces.into_iter().map(on_sand));
        } else {
            report.pieces.extend(pieces);
        }
    }

    /// Names and checkpoint keys from genesis on: where there are renewals, a round of its own finds
    /// those that hold.
    fn named_from(&self, genesis: &Genesis) -> Register {
        let is_renewal = |file: &ReceiptFile| {
            let body = content::body_of(self.evidence, file.receipt.claim);
            body.is_some_and(|body| matches!(act::read(&body), Ok(Act::Renewal(_))))
        };
        let mut keys = None;
        if self.evidence.receipts.iter().any(is_renewal) {
            let mut first = Bench::new(self.evidence, self.trust);
            first.is_first_round = true;
            first.judge_genesis(first.genesis());
            receipt::judge_all(&mut first);
            keys = first.keys;
        }
        keys.map_or_else(|| Register::of_some_acts(genesis), Keys::into_register)
    }

    /// What was in force for the checkpoint of a tree; `None` for a tree of another log.
    fn terms_of(&self, tree: &Tree) -> Option<&TermsAt> {
        let size = Size(tree.checkpoint.size().0);
        self.named.as_ref()?.terms_of(tree.origin(), size)
    }

    /// The keys proven so far, for what is in a tree.
    pub(crate) fn keys_in(&self, tree: &Tree) -> Option<&Keys> {
        let is_ours = self.is_first_round || self.terms_of(tree).is_some();
        self.keys.as_ref().filter(|_| is_ours)
    }

    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    /// The tree of a note.
    pub(crate) fn tree(&mut self, note: &[u8]) -> Result<Tree, Fault> {
        let trust = self.trust;
        let tree = self.trees.entry(Digest::of(note));
        tree.or_insert_with(|| Tree::read(note, trust)).clone()
    }

    /// The statement and terms of genesis, if they hold in themselves.
    fn genesis(&self) -> Result<(Statement, Genesis), Option<Fault>> {
        let (file, _) = self.evidence.genesis.as_ref().ok_or(None)?;
        read_genesis(file.bytes).map_err(Some)
    }

    /// A piece for each checkpoint, and one for each pair that contradicts.
    fn checkpoints(&mut self) -> Vec<Piece> {
        let notes = self.notes();
        let mut pieces = Vec::new();
        let mut seen: BTreeMap<(String, u64), (String, String)> = BTreeMap::new();
        for (name, note) in &notes {
            let tree = match self.tree(note) {
                Ok(tree) => tree,
                Err(fault) => {
                    pieces.push(Piece::fails(name, "what the log had at some time", fault));
                    continue;
                }
            };
            let named = self.terms_of(&tree);
            pieces.push(tree.piece(name, named.map(|terms| terms.checkpoint_keys.as_slice())));
            pieces.extend(tree.cosignature_pieces(name));
            let place = (tree.origin().to_owned(), tree.checkpoint.size().0);
            let root = tree.checkpoint.root().to_string();
            let (other, before) = seen
                .entry(place)
                .or_insert_with(|| (name.clone(), root.clone()));
            if *before != root {
                let detail = format!("{other} has another root for the same size: two histories");
                let fault = Fault::new(Reason::CheckpointsConflict, detail);
                pieces.push(Piece::fails(name, "the log has one history", fault));
            }
        }
        pieces
    }

    /// Every distinct note, under the first name at which it is met.
    fn notes(&self) -> Vec<(String, Vec<u8>)> {
        let evidence = self.evidence;
        let mut notes: BTreeMap<Digest, usize> = BTreeMap::new();
        let mut out: Vec<(String, Vec<u8>)> = Vec::new();
        let mut add = |name: &str, note: &[u8]| {
            notes.entry(Digest::of(note)).or_insert_with(|| {
                out.push((name.to_owned(), note.to_vec()));
                out.len()
            });
        };
        for file in &evidence.checkpoints {
            add(&file.name, file.bytes);
        }
        let genesis = evidence.genesis.iter().map(|(_, proof)| proof);
        for file in genesis.chain(evidence.proofs.iter().map(|(proof, _)| proof)) {
            if let Ok(proof) = TlogProof::parse(file.bytes) {
                add(&file.name, proof.checkpoint().to_string().as_bytes());
            }
        }
        for file in &evidence.receipts {
            add(&file.name, &file.receipt.checkpoint);
        }
        out
    }

    fn judge_genesis(&mut self, genesis: Result<(Statement, Genesis), Option<Fault>>) {
        let Some((file, proof)) = &self.evidence.genesis else {
            return;
        };
        let claim = "these are the log's first entry, its keys and its administrators";
        let (statement, genesis) = match genesis {
            Ok(read) => read,
            Err(fault) => {
                let absent = || Fault::new(Reason::GenesisAbsent, "there is no genesis");
                self.push(Piece::fails(
                    &file.name,
                    claim,
                    fault.unwrap_or_else(absent),
                ));
                return;
            }
        };
        let piece = match self.place_genesis(&statement, &genesis, proof) {
            Ok(()) => {
                let detail = format!("entry 0 of {}", first_words(&genesis));
                self.keys = Some(Keys::new(&genesis));
                Piece::proven(&file.name, claim, detail)
            }
            Err(fault) => Piece::fails(&file.name, claim, fault),
        };
        self.push(piece);
    }

    /// Genesis is entry 0 of the tree, of the log whose checkpoint it is, and it, or the renewal that
    /// followed it, names its key.
    fn place_genesis(
        &mut self,
        statement: &Statement,
        genesis: &Genesis,
        file: &File<'_>,
    ) -> Result<(), Fault> {
        let proof = read_proof(file.bytes)?;
        let tree = self.tree(proof.checkpoint().to_string().as_bytes())?;
        if !self.is_first_round && self.terms_of(&tree).is_none() {
            let origin = genesis.terms().origin.as_str();
            let (ours, theirs) = (shown(origin), shown(tree.origin()));
            let detail = format!("genesis is of {ours}, the checkpoint of {theirs}");
            return Err(Fault::new(Reason::OriginMismatch, detail));
        }
        if proof.index().0 != 0 {
            let detail = format!("the proof is of entry {}", proof.index().0);
            return Err(Fault::new(Reason::GenesisNotFirst, detail));
        }
        let first = countersign_model::entry::Index(0);
        tree.holds(
            statement.entry(),
            first,
            proof.path(),
            Reason::GenesisNotFirst,
        )?;
        match self.terms_of(&tree) {
            Some(terms) => tree.signed_by(&terms.checkpoint_keys),
            None => Ok(()),
        }
    }

    fn judge_proofs(&mut self) {
        for (file, statement) in &self.evidence.proofs {
            let piece = self.judge_proof(file, statement.as_ref());
            self.push(piece);
        }
    }

    fn judge_proof(&mut self, file: &File<'_>, statement: Option<&File<'_>>) -> Piece {
        let claim = "a statement was logged";
        let proven = read_proof(file.bytes).and_then(|proof| {
            let tree = self.tree(proof.checkpoint().to_string().as_bytes())?;
            let of = statement.ok_or_else(|| {
                let detail = "the statement that it is of is not among the files";
                Fault::new(Reason::StatementAbsent, detail)
            })?;
            let statement = read_statement(of.bytes, false)?;
            let index = countersign_model::entry::Index(proof.index().0);
            tree.holds(
                statement.entry(),
                index,
                proof.path(),
                Reason::StatementNotLogged,
            )?;
            Ok((index, tree.origin().to_owned(), of.name.clone(), statement))
        });
        match proven {
            Ok((index, origin, name, statement)) => {
                let claim = format!("{name} was logged as entry {index} of {}", shown(&origin));
                let by = shown(statement.issuer().as_str());
                let detail =
                    format!("in the name of {by}; whose signature that is, this does not prove");
                Piece::proven(&file.name, claim, detail)
            }
            Err(fault) => Piece::fails(&file.name, claim, fault),
        }
    }
}

/// What holds in itself, under a checkpoint that does not hold.
pub(crate) fn on_sand(piece: Piece) -> Piece {
    if piece.verdict != Verdict::Proven {
        return piece;
    }
    let detail = match piece.detail.as_str() {
        "" => "consistent in itself; the checkpoint is not proven".to_owned(),
        detail => format!("consistent in itself; the checkpoint is not proven ({detail})"),
    };
    Piece::fails(
        &piece.name,
        piece.claim,
        Fault::new(Reason::RestsOnCheckpoint, detail),
    )
}

pub(crate) fn read_genesis(bytes: &[u8]) -> Result<(Statement, Genesis), Fault> {
    let statement = read_statement(bytes, true)?;
    let wrong = |error: countersign_attest::Refusal| Fault::new(Reason::GenesisWrong, error.reason);
    let genesis = Genesis::open(&statement).map_err(wrong)?;
    Ok((statement, genesis))
}

pub(crate) fn read_proof(bytes: &[u8]) -> Result<TlogProof, Fault> {
    TlogProof::parse(bytes).map_err(|error| Fault::new(Reason::ProofUnreadable, error.to_string()))
}

/// Reads a statement; `logged`: it must be in the form in which the log keeps it.
pub(crate) fn read_statement(bytes: &[u8], logged: bool) -> Result<Statement, Fault> {
    let unreadable = |words: String| Fault::new(Reason::StatementUnreadable, words);
    let statement = Statement::parse(bytes).map_err(|error| unreadable(shown(&error.reason)))?;
    if logged && statement.logged_bytes() != bytes {
        return Err(unreadable(
            "it is not in the form in which the log keeps it".to_owned(),
        ));
    }
    Ok(statement)
}
