//! Lines of JSON as decoded claims: plans, and EPCIS events that are checked whole.

use countersign_epcis::context::Context;
use countersign_epcis::decode::{check_and_decode, decode_doc};
use countersign_epcis::memo::Memo;
use countersign_model::claim::{Claim, Fact, Provenance};
use countersign_model::digest::Digest;
use countersign_model::entry::{Assurance, ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedClaim, AdmittedStatement, FoldBatch, Said};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::json::Doc;
use countersign_model::plan::{Manifest, time_field};
use countersign_model::time::{EventTime, Timestamp};

use crate::Failure;

/// Reads lines, batch by batch.
pub(crate) struct Lines {
    issuer: PrincipalId,
    context: Context,
    memo: Memo,
    index: u64,
    /// Whether events are checked in those parts too that no fold reads.
    is_whole: bool,
}

impl Lines {
    pub(crate) fn new(is_whole: bool) -> Result<Self, Failure> {
        Ok(Self {
            issuer: PrincipalId::parse("file")?,
            context: Context::standard(),
            memo: Memo::usual(),
            index: 0,
            is_whole,
        })
    }

    /// What said something, as one commit.
    pub(crate) fn commit(&mut self, tick: Timestamp, said: Vec<(Digest, Said)>) -> FoldBatch {
        self.index += 1;
        let index = Index(self.index);
        let claims = said
            .into_iter()
            .zip(0..)
            .map(|((digest, said), ordinal)| AdmittedClaim {
                at: ClaimRef { index, ordinal },
                digest,
                status: ClaimStatus::Effective,
                said: Some(said),
            });
        let statement = AdmittedStatement {
            index,
            issuer: self.issuer.clone(),
            key: KeyId(Digest::ZERO),
            assurance: Assurance::Import,
            marks: Vec::new(),
            signed: None,
            chain: None,
            claims: claims.collect(),
        };
        self.index += 1;
        FoldBatch {
            index: Index(self.index),
            recorded: tick,
            tick,
            statements: vec![statement],
        }
    }

    /// Lines, each ending with a line feed, as one commit at the time of the latest.
    pub(crate) fn batch(&mut self, bytes: &[u8]) -> Result<FoldBatch, Failure> {
        let mut tick = Timestamp::from_ms(0);
        let mut said = Vec::new();
        for line in bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let claim = self.claim(line)?;
            tick = tick.max(claim.time.at);
            said.push((claim.id.0, Said::Claim(claim)));
        }
        Ok(self.commit(tick, said))
    }

    fn claim(&mut self, line: &[u8]) -> Result<Claim, Failure> {
        let doc = Doc::parse(line)?;
        let from = Provenance {
            issuer: &self.issuer,
            document: Digest::ZERO,
            nth: 0,
        };
        if doc.root().str_at("type").as_deref() == Some("Manifest") {
            return plan(&doc, from, line);
        }
        if self.is_whole {
            let read = check_and_decode(&doc, &self.context, from, &mut self.memo);
            let (_, claim) = read.map_err(|all| format!("{all:?}"))?;
            return Ok(claim);
        }
        let claim = decode_doc(&doc, &self.context, from, &mut self.memo);
        claim.map_err(|problem| format!("{problem:?}").into())
    }
}

fn plan(doc: &Doc<'_>, from: Provenance<'_>, line: &[u8]) -> Result<Claim, Failure> {
    Ok(Claim {
        id: from.of_bytes(line),
        fingerprint: Digest::ZERO,
        time: EventTime::instant(time_field(doc.root(), "eventTime")?, None),
        facts: vec![Fact::Manifest(Manifest::from_json(doc.root())?)],
        correction: None,
        warnings: Vec::new(),
    })
}
