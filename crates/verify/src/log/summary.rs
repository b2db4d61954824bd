//! From what was found to the report: a piece for each part of a log, and the remarks.

use countersign_attest::{Register, TermsAt};
use countersign_model::entry::{Index, Size};

use super::audit::Audit;
use super::ground::{End, Walked};
use super::kept::Kept;
use super::tally::{Counts, Part};
use crate::bench::on_sand;
use crate::caveat;
use crate::reason::Reason;
use crate::report::{Fault, Piece, Remark, Report, Subject};
use crate::tree::Tree;
use crate::words::{first_words, many, shown};

/// Path of the checkpoint in the published tree.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// What was met beside the entries.
pub(super) struct Met<'a> {
    /// What ended the walk through the ground.
    pub(super) end: &'a End,
    /// What was met on the way.
    pub(super) walked: &'a Walked,
    /// How many entries the ground gave.
    pub(super) from_ground: u64,
    /// Checkpoints that somebody kept.
    pub(super) kept: &'a [Kept],
}

/// Fills the report.
pub(super) fn summarise(
    mut audit: Audit<'_>,
    tree: &Result<Tree, Fault>,
    met: &Met<'_>,
    report: &mut Report,
) {
    let (end, walked, from_ground) = (met.end, met.walked, met.from_ground);
    judge_end(&mut audit, end, from_ground);
    judge_genesis(&mut audit);
    judge_trees(&mut audit, from_ground);
    if from_ground < audit.size().unwrap_or(0) || *end == End::Absent {
        rest_on_ground(&mut audit, end, from_ground);
    }
    let mut pieces = pieces(&audit, walked);
    if let Some(published) = &audit.published {
        let is_ours = |kept: &&Kept| is_name(&audit, tree, kept.origin());
        let ours = met.kept.iter().filter(is_ours);
        pieces.extend(ours.map(|kept| kept.piece(published, next_name(&audit, kept.origin()))));
    }
    let is_trusted = match tree {
        Ok(tree) => {
            let named = terms_of(&audit, tree);
            let named = named.map(|terms| terms.checkpoint_keys.as_slice());
            report.pieces.push(tree.piece(CHECKPOINT, named));
            report.pieces.extend(tree.cosignature_pieces(CHECKPOINT));
            report.origin = Some(tree.origin().to_owned());
            report.size = Some(tree.checkpoint.size().0);
            tree.trusted.is_ok()
        }
        Err(fault) => {
            let claim = "the log had so many entries with this root";
            report
                .pieces
                .push(Piece::fails(CHECKPOINT, claim, fault.clone()));
            false
        }
    };
    let pieces = pieces.into_iter();
    if is_trusted {
        report.pieces.extend(pieces);
    } else {
        report.pieces.extend(pieces.map(on_sand));
    }
    report.remarks = remarks(&audit, end, walked, from_ground);
    let trusted = tree
        .as_ref()
        .ok()
        .and_then(|tree| tree.trusted.as_ref().ok());
    let is_cosigned = trusted.is_some_and(|trusted| !trusted.cosigned.is_empty());
    report.caveats = caveat::list(Subject::Log, is_cosigned);
}

/// What ended the walk through the ground: a fault, or the tail of a write that was broken off.
fn judge_end(audit: &mut Audit<'_>, end: &End, from_ground: u64) {
    let is_published = audit.is_published(Index(from_ground));
    match end {
        // Without a checkpoint nobody knows where the tail begins.
        End::Stopped(stop) if stop.is_unfinished && (!is_published || audit.tree.is_none()) => {}
        End::Stopped(stop) if is_published => {
            let detail = format!("from entry {from_ground} on ({}): {}", stop.at, stop.words);
            audit
                .faults
                .push(Part::Ground, Fault::new(stop.reason, detail));
        }
        End::Stopped(stop) => {
            let detail = format!(
                "behind the published entries ({}): {}; no checkpoint here says whether that was \
                 ever committed",
                stop.at, stop.words
            );
            audit
                .faults
                .push(Part::Ground, Fault::new(Reason::TailUnreadable, detail));
        }
        End::Absent | End::Whole | End::Enough => {}
    }
}

/// Genesis, or the renewal that followed it, names the checkpoint's log and its key.
fn judge_genesis(audit: &mut Audit<'_>) {
    let Some(genesis) = &audit.genesis else {
        for part in [Part::Statements, Part::Batches] {
            let detail = "without genesis no key is known";
            let reason = Reason::KeyNotProven;
            if audit.len > 0 {
                audit.faults.push_if_none(part, reason, detail);
            }
        }
        return;
    };
    let Some(tree) = audit.tree else { return };
    match terms_of(audit, tree) {
        Some(terms) => {
            if let Err(fault) = tree.signed_by_all(&terms.checkpoint_keys) {
                audit.faults.push(Part::Genesis, fault);
            }
        }
        None => {
            let origin = genesis.terms().origin.as_str();
            let (ours, theirs) = (shown(origin), shown(tree.origin()));
            let detail = format!("genesis is of {ours}, the checkpoint of {theirs}");
            audit
                .faults
                .push(Part::Genesis, Fault::new(Reason::OriginMismatch, detail));
        }
    }
}

/// The name and the checkpoint keys that were in force for the checkpoint of a tree.
fn terms_of<'a>(audit: &'a Audit<'_>, tree: &Tree) -> Option<&'a TermsAt> {
    let register = audit.keys.as_ref()?;
    register.terms_of(tree.origin(), Size(tree.checkpoint.size().0))
}

/// Whether the log has, or had, this name; without its genesis that of the checkpoint counts.
fn is_name(audit: &Audit<'_>, tree: &Result<Tree, Fault>, origin: &str) -> bool {
    match &audit.keys {
        Some(register) => {
            let mut terms = register.terms().iter();
            terms.any(|terms| terms.origin.as_str() == origin)
        }
        None => tree.as_ref().is_ok_and(|tree| tree.origin() == origin),
    }
}

/// The name that the log took after this one, if it did.
fn next_name<'a>(audit: &'a Audit<'_>, origin: &str) -> Option<&'a TermsAt> {
    let terms = audit.keys.as_ref()?.terms();
    let last = terms
        .iter()
        .rposition(|terms| terms.origin.as_str() == origin)?;
    terms.get(last + 1)
}

/// The roots of the ground's tree and of the published one.
fn judge_trees(audit: &mut Audit<'_>, from_ground: u64) {
    let (Some(published), Some(tree)) = (&audit.published, audit.tree) else {
        for part in [Part::Tree, Part::Published] {
            let detail = "there is no checkpoint to hold it against";
            audit
                .faults
                .push_if_none(part, Reason::RestsOnCheckpoint, detail);
        }
        return;
    };
    let size = tree.checkpoint.size().0;
    let differs = published.is_whole() && published.root() != *tree.checkpoint.root();
    let is_ground = from_ground >= size;
    if is_ground && differs {
        let detail = "the entries have another root than the checkpoint names";
        audit
            .faults
            .push_if_none(Part::Tree, Reason::TreeDiffers, detail);
    } else if differs {
        let detail = "the published entries have another root than the checkpoint names";
        audit
            .faults
            .push_if_none(Part::Published, Reason::TreeDiffers, detail);
    }
}

/// What the ground does not have, nobody can tell of.
fn rest_on_ground(audit: &mut Audit<'_>, end: &End, from_ground: u64) {
    let size = audit.size().unwrap_or(from_ground);
    if *end == End::Absent {
        let detail = "the ground is not here; the published tree holds digests alone, which say \
                      that something was logged, not what, and not by whom";
        for part in [
            Part::Genesis,
            Part::Ground,
            Part::Statements,
            Part::Batches,
            Part::Bodies,
            Part::Tree,
        ] {
            audit
                .faults
                .push_if_none(part, Reason::GroundAbsent, detail);
        }
        return;
    }
    let detail = format!("the checkpoint covers {size} entries, the ground has {from_ground}");
    audit
        .faults
        .push_if_none(Part::Ground, Reason::GroundShort, detail);
    let detail = format!(
        "those before entry {from_ground} hold; the others are not in the ground, \
                          or cannot be read there"
    );
    for part in [
        Part::Genesis,
        Part::Statements,
        Part::Batches,
        Part::Bodies,
        Part::Tree,
    ] {
        if part == Part::Genesis && from_ground > 0 {
            continue;
        }
        audit
            .faults
            .push_if_none(part, Reason::RestsOnGround, detail.as_str());
    }
}

fn pieces(audit: &Audit<'_>, walked: &Walked) -> Vec<Piece> {
    let counts = &audit.counts;
    let statements = many(counts.statements, "statement", "statements");
    let entries = many(audit.size().unwrap_or(audit.len), "entry", "entries");
    let keys = many(audit.signers.len() as u64, "key", "keys");
    let bodies = many(counts.bodies, "body", "bodies");
    let tiles = audit
        .published
        .as_ref()
        .map_or(0, |published| published.right);
    let tiles = many(tiles, "tile or bundle", "tiles and bundles");
    let batches = many(counts.batches, "batch", "batches");
    let parts = [
        (
            Part::Genesis,
            "the first entry names the key of the checkpoint, the node's keys and its administrators",
            audit.genesis.as_ref().map(first_words).unwrap_or_default(),
        ),
        (
            Part::Ground,
            "every record of the ground can be read, and stands at its place",
            format!(
                "{}, {} bytes",
                many(u64::from(walked.segments), "segment", "segments"),
                walked.commit_bytes
            ),
        ),
        (
            Part::Statements,
            "every statement was said by whom it names, with a key that the log knew then",
            format!("{statements} signed by {keys}"),
        ),
        (
            Part::Batches,
            "the node recorded every statement, in batches that follow one another",
            format!("{batches} signed by the node: its word, which it cannot take back"),
        ),
        (
            Part::Bodies,
            "what the claims say is what was signed",
            format!(
                "{bodies} in {}",
                many(counts.envelopes, "envelope", "envelopes")
            ),
        ),
        (
            Part::Tree,
            "the entries of the ground are the tree that the checkpoint names",
            format!("the root over {entries} is that of the checkpoint"),
        ),
        (
            Part::Published,
            "what is published is what the entries give",
            tiles,
        ),
    ];
    parts
        .into_iter()
        .flat_map(|(part, claim, detail)| audit.faults.pieces(part, claim, detail))
        .collect()
}

fn remarks(audit: &Audit<'_>, end: &End, walked: &Walked, from_ground: u64) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut add = |code: &'static str, words: String| remarks.push(Remark { code, words });
    if let Some(size) = audit.size().filter(|size| *size < from_ground) {
        let behind = many(from_ground - size, "entry", "entries");
        let words = format!(
            "{behind} from entry {size} on stand behind the published checkpoint: checked like the \
             others, but no checkpoint here covers them"
        );
        add("unpublished", words);
    }
    if let End::Stopped(stop) = end
        && stop.is_unfinished
        && !audit.faults.has(Part::Ground)
    {
        let words = format!(
            "the ground ends inside a commit ({}): a write that was broken off and never \
             acknowledged, or one that goes on just now",
            stop.at
        );
        add("unfinished_tail", words);
    }
    for (code, count, words) in counted(&audit.counts) {
        if count > 0 {
            add(code, format!("{words}: {count}"));
        }
    }
    let register = audit.keys.as_ref();
    if register.is_some_and(Register::has_scenario_clock) {
        let words = "recorded times are told by a scenario, not by a clock: a simulation, never \
                     proven as to time";
        add("scenario_clock", words.to_owned());
    }
    for spot in &walked.stray {
        let words = format!("free space is not empty ({spot}); nothing reads it");
        add("free_space_used", words);
    }
    for number in &walked.odd_sizes {
        let words = format!("segment {number:08} does not have the size of a segment, 64 MiB");
        add("segment_size", words);
    }
    remarks
}

/// What is worth a remark if there is any of it.
const fn counted(counts: &Counts) -> [(&'static str, u64, &'static str); 6] {
    [
        (
            "erased",
            counts.erased,
            "sealed records that were erased; what they belong to still proves",
        ),
        (
            "erasure_unfinished",
            counts.erasing,
            "erasures that were begun and not finished; the node finishes them when it starts",
        ),
        (
            "bodies_absent",
            counts.bodies_absent,
            "claims that came without a body, as the node recorded",
        ),
        (
            "unknown_kinds",
            counts.unknown_kinds,
            "statements of a kind or version unknown here: signed and logged, not read",
        ),
        (
            "unknown_formats",
            counts.unknown_formats,
            "bodies of a format or version unknown here: signed and logged, not read",
        ),
        (
            "unknown_records",
            counts.unknown_records,
            "verdict records of a version unknown here: in their batch, not read",
        ),
    ]
}
