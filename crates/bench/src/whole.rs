//! The whole engine in this process: judged, decoded, committed, folded, receipts made.

use countersign_attest::Submission;
use countersign_engine::engine::Taken;
use countersign_model::entry::{ClaimRef, Index};
use countersign_node::compose::Opened;

use crate::Failure;
use crate::clock::{Span, measured};
use crate::path::Made;

/// How long taking and committing took, and making receipts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) taken: Span,
    pub(crate) receipts: Span,
}

/// Takes submissions in order, `batch` to a commit; the receipts of the first claims.
pub(crate) fn run(
    opened: &mut Opened,
    submissions: &[Vec<u8>],
    batch: usize,
) -> Result<(Vec<Made>, Times), Failure> {
    let mut made = Vec::with_capacity(submissions.len());
    let mut times = Times::default();
    for group in submissions.chunks(batch) {
        let (indexes, span) = measured(|| take(opened, group));
        add(&mut times.taken, span);
        let indexes = indexes?;
        let (receipts, span) = measured(|| receipts(opened, &indexes));
        add(&mut times.receipts, span);
        made.extend(receipts?);
    }
    Ok((made, times))
}

fn add(sum: &mut Span, span: Span) {
    sum.wall_ns += span.wall_ns;
    sum.cpu_ns += span.cpu_ns;
}

fn take(opened: &mut Opened, group: &[Vec<u8>]) -> Result<Vec<Index>, Failure> {
    let mut indexes = Vec::with_capacity(group.len());
    for bytes in group {
        let submission = Submission::decode(bytes).map_err(|refusal| refusal.reason)?;
        match opened.engine.submit(&submission)? {
            Taken::Staged(ticket) => {
                for claim in &ticket.claims {
                    if claim.status.as_str() != "effective" {
                        return Err(format!("a claim is {}", claim.status.as_str()).into());
                    }
                }
                indexes.push(ticket.index);
            }
            Taken::Replay(_) => return Err("a statement of the bench came twice".into()),
        }
    }
    let committed = opened.engine.commit()?;
    if !committed.findings.is_empty() {
        return Err("the events of the bench gave findings".into());
    }
    Ok(indexes)
}

fn receipts(opened: &Opened, indexes: &[Index]) -> Result<Vec<Made>, Failure> {
    let one = |index: &Index| {
        let at = ClaimRef {
            index: *index,
            ordinal: 0,
        };
        let bytes = opened.engine.claim_receipt(at)?.encode();
        Ok(Made { at, bytes })
    };
    indexes.iter().map(one).collect()
}
