//! What a log has promised, and whether it keeps it.

use countersign_engine::Engine;
use countersign_engine::mend::Wrong;
use countersign_model::entry::ClaimRef;
use countersign_record::segment::{HEADER_LEN, read_record};
use countersign_record::stored::read_commit;
use countersign_testkit::unproven;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::Note;
use countersign_tlog::proof::{prove_consistency, verify_consistency};

use crate::disk::Disk;
use crate::disk::random::Random;
use crate::disk::stores::{published_checkpoint, segments};

/// What left the process: receipts, checkpoints, and that something is erased.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    acknowledged: Vec<Acknowledged>,
    checkpoints: Vec<Vec<u8>>,
    erased: Vec<ClaimRef>,
}

#[derive(Debug)]
struct Acknowledged {
    claim: ClaimRef,
    /// The receipt, with all that it rests on.
    files: Vec<(String, Vec<u8>)>,
}

impl Promises {
    /// The claim is committed: its receipt is handed out.
    pub(crate) fn acknowledge(&mut self, engine: &Engine, claim: ClaimRef) {
        let files = engine.receipt_with_all(claim).expect("a receipt");
        self.acknowledged.push(Acknowledged { claim, files });
        self.show(engine);
    }

    /// How many receipts were given.
    pub(crate) fn receipts(&self) -> u64 {
        self.acknowledged.len() as u64
    }

    /// The checkpoint is shown to whoever asks.
    pub(crate) fn show(&mut self, engine: &Engine) {
        self.checkpoints
            .push(engine.outward().expect("signs").to_vec());
    }

    /// Somebody looks at the published log.
    pub(crate) fn seen(&mut self, disk: &Disk) {
        self.checkpoints.extend(published_checkpoint(disk));
    }

    /// Erases one of the claims that were acknowledged.
    pub(crate) fn erase(&mut self, engine: &mut Engine, random: &mut Random) {
        let chosen = random.below(self.acknowledged.len());
        let Some(one) = self.acknowledged.get(chosen) else {
            return;
        };
        if engine.erase(one.claim).is_ok() {
            self.erased.push(one.claim);
        }
    }

    /// Each receipt that was given still verifies, and is given again.
    pub(crate) fn hold_receipts(&self, engine: &Engine) -> Result<(), String> {
        let vkeys = engine.vkeys();
        let verify = |claim: ClaimRef, files: &[(String, Vec<u8>)]| {
            let wrong = unproven(files, &vkeys);
            let is_there = files
                .iter()
                .any(|(name, _)| *name == format!("{claim}.receipt"));
            match wrong.is_empty() && is_there {
                true => Ok(()),
                false => Err(format!("the receipt of {claim}: {}", wrong.join("; "))),
            }
        };
        for one in &self.acknowledged {
            verify(one.claim, &one.files)?;
            let again = engine.receipt_with_all(one.claim);
            let again = again.map_err(|error| format!("{} anew: {error}", one.claim))?;
            verify(one.claim, &again)?;
        }
        Ok(())
    }

    /// Every checkpoint that was shown is the beginning of this log, what was erased stays so, and
    /// its files are right.
    pub(crate) fn hold(&mut self, engine: &mut Engine, disk: &Disk) -> Result<(), String> {
        for claim in &self.erased {
            let body = engine.body(*claim, true);
            let body = body.map_err(|error| format!("{claim} was erased: {error}"))?;
            if body.bytes().is_some() {
                return Err(format!("{claim} was erased, and is there again"));
            }
        }
        self.seen(disk);
        self.show(engine);
        for note in &self.checkpoints {
            goes_on_from(engine, note)?;
        }
        derived_is_whole(engine)?;
        nothing_behind_the_end(engine, disk)
    }
}

/// The log goes on from a checkpoint that was shown: by a proof, as a witness would ask for it.
fn goes_on_from(engine: &Engine, note: &[u8]) -> Result<(), String> {
    let note = Note::parse(note).map_err(|error| format!("a checkpoint: {error}"))?;
    let old = Checkpoint::parse(note.text()).map_err(|error| format!("a checkpoint: {error}"))?;
    let (size, now) = (old.size(), countersign_tlog::TreeSize(engine.size().0));
    let failed = |error: String| format!("the checkpoint of size {} was shown: {error}", size.0);
    let proof = prove_consistency(engine.nodes(), size, now);
    let proof = proof.map_err(|error| failed(error.to_string()))?;
    verify_consistency(size, now, &proof, old.root(), &engine.root())
        .map_err(|error| failed(error.to_string()))
}

/// Everything that the published checkpoint promises is there, but for what a broken write left.
fn derived_is_whole(engine: &mut Engine) -> Result<(), String> {
    let mended = engine
        .mend_published(true)
        .map_err(|error| error.to_string())?;
    let mut wrong = mended.wrong.iter();
    if let Some((path, wrong)) = wrong.find(|(_, wrong)| *wrong != Wrong::HalfWritten) {
        return Err(format!("after the start {path} is {}", wrong.as_str()));
    }
    let again = engine
        .mend_published(false)
        .map_err(|error| error.to_string())?;
    if again.wrong.is_empty() && again.stray.is_empty() {
        return Ok(());
    }
    Err(format!("what was mended is not right: {again:?}"))
}

/// Behind the last commit there are zeros: what was never committed is wiped (LOG-4).
fn nothing_behind_the_end(engine: &Engine, disk: &Disk) -> Result<(), String> {
    let mut size = 0;
    for segment in segments(disk) {
        let mut end = HEADER_LEN;
        while size < engine.size().0 {
            let read = read_commit(&segment, end).map_err(|error| error.to_string())?;
            let Some(commit) = read else { break };
            (size, end) = (commit.batch_index.0 + 1, commit.end);
        }
        let behind = segment.get(end..).unwrap_or_default();
        if behind.iter().any(|byte| *byte != 0) {
            let is_record = matches!(read_record(&segment, end), Ok(Some(_)));
            return Err(format!(
                "something lies behind the committed end, a record: {is_record}"
            ));
        }
    }
    Ok(())
}
