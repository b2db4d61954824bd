//! Answers requests on one engine, whoever asks: the command line in this process, or a socket.

mod submissions;

use countersign_attest::sign::{claims_payload, sign1};
use countersign_attest::{Ahead, Submission};
use countersign_engine::node_statement::import_header;
use countersign_engine::{Committed, Engine, Fatal};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::{ClassId, KeyId, UnitId};
use countersign_model::json::quote;
use countersign_model::time::Timestamp;
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;
use serde_json::{Value, json};

use crate::compose::Opened;
use crate::request::{Answer, Request};
use crate::wire;

pub use submissions::{KeysSeen, Sent};

/// An engine that answers.
#[derive(Debug)]
pub struct Service {
    opened: Opened,
    /// Why the engine cannot go on, once it cannot.
    stopped: Option<String>,
}

/// Why a request was not done.
enum Stop {
    Refused(String, String),
    Fatal(Fatal),
}

impl From<Fatal> for Stop {
    fn from(fatal: Fatal) -> Self {
        Self::Fatal(fatal)
    }
}

fn refuse(code: &str, reason: impl Into<String>) -> Stop {
    Stop::Refused(code.to_owned(), reason.into())
}

impl Service {
    /// Takes an opened folder.
    #[must_use]
    pub const fn new(opened: Opened) -> Self {
        Self {
            opened,
            stopped: None,
        }
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.opened.engine
    }

    /// The folder.
    #[must_use]
    pub const fn dir(&self) -> &crate::data_dir::DataDir {
        &self.opened.dir
    }

    /// Puts the published tree in order, unless the folder is only read.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn publish(&mut self) -> Result<(), Fatal> {
        self.check_going()?;
        if self.opened.is_read_only() {
            return Ok(());
        }
        self.opened.engine.publish()
    }

    /// Before a clean stop: publishes, and sees to it that the next start has little to fold.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn finish(&mut self) -> Result<(), Fatal> {
        self.publish()?;
        if self.opened.is_read_only() {
            return Ok(());
        }
        self.opened.engine.rest()
    }

    fn check_going(&self) -> Result<(), Fatal> {
        let stopped = self.stopped.clone();
        stopped.map_or(Ok(()), |reason| Err(Fatal::Damaged(reason)))
    }

    /// Makes a batch without statements, so that deadlines fire.
    ///
    /// # Errors
    /// [`Fatal`].
    pub fn tick(&mut self) -> Result<Committed, Fatal> {
        self.check_going()?;
        self.opened.engine.commit()
    }

    /// Answers a request. A [`Answer::Failed`] means that the process must end.
    ///
    /// After one the engine is left alone: what is on the disk is not known (LOG-2), and a commit
    /// behind one whose end is unknown would part the ground from its checkpoint.
    pub fn answer(&mut self, request: &Request, blob: &[u8]) -> (Answer, Vec<u8>) {
        if let Some(reason) = self.stopped.clone() {
            return (Answer::Failed { reason }, Vec::new());
        }
        let handled = self.handle(request, blob).and_then(|done| {
            let folds = self.opened.engine.folds();
            folds.check_history().map_err(Fatal::Store)?;
            Ok(done)
        });
        match handled {
            Ok((value, blob)) => (Answer::Ok { value }, blob),
            Err(Stop::Refused(code, reason)) => (Answer::Refused { code, reason }, Vec::new()),
            Err(Stop::Fatal(fatal)) => {
                let reason = fatal.to_string();
                self.stopped = Some(reason.clone());
                (Answer::Failed { reason }, Vec::new())
            }
        }
    }

    fn handle(&mut self, request: &Request, blob: &[u8]) -> Result<(Value, Vec<u8>), Stop> {
        let plain = |value: Value| Ok((value, Vec::new()));
        match request {
            Request::Status => plain(crate::status::status(&self.opened)),
            Request::Submit { at } => plain(self.submit(at.as_deref(), blob)?),
            Request::Import { source } => plain(self.import(source, blob)?),
            Request::ImportOpen => plain(self.import_open()?),
            Request::ImportClose { id } => plain(self.import_close(id)?),
            Request::Trace { unit } => plain(self.trace(unit)?),
            Request::Findings { all } => plain(self.findings(*all)),
            Request::Ledger => plain(self.ledger()),
            Request::Day { day, zone } => plain(self.day(day.as_deref(), zone)?),
            Request::Network => plain(self.network()),
            Request::WhoHas { key } => plain(self.who_has(key)?),
            Request::KeyOf { name } => plain(self.key_of(name)?),
            Request::Proposals => plain(self.proposals()?),
            Request::Pack {
                unit,
                finding,
                disclose,
            } => {
                let about = (unit.as_deref(), finding.as_deref());
                Ok((
                    Value::Null,
                    crate::evidence::pack(self.engine(), about, *disclose)
                        .map_err(evidence_stop)?,
                ))
            }
            Request::Documents => plain(self.documents()?),
            Request::Document { head } => {
                let head = Digest::from_hex(head)
                    .ok_or_else(|| refuse("bad_argument", "not a digest of 64 hex digits"))?;
                Ok((Value::Null, self.engine().document(head).map_err(raw_stop)?))
            }
            Request::Claim { claim } => plain(self.claim(claim)?),
            Request::DocumentOf { claim } => {
                let head = self
                    .engine()
                    .document_of(claim_ref(claim)?)
                    .map_err(raw_stop)?;
                plain(json!({ "head": head.to_string() }))
            }
            Request::Receipt { claim } => {
                let receipt = self
                    .engine()
                    .claim_receipt(claim_ref(claim)?)
                    .map_err(raw_stop)?;
                Ok((Value::Null, receipt.encode()))
            }
            Request::CoseReceipt { entry, transparent } => {
                self.cose_receipt(Index(*entry), *transparent)
            }
            Request::Receipts { from, count } => {
                let files = self.engine().receipts(*from, *count).map_err(raw_stop)?;
                Ok((Value::Null, named(files)))
            }
            Request::ReceiptWithAll { claim } => {
                let files = self.engine().receipt_with_all(claim_ref(claim)?);
                Ok((Value::Null, named(files.map_err(raw_stop)?)))
            }
            Request::Erase { claim } => plain(self.erase(claim)?),
            Request::Publish => {
                self.publish()?;
                plain(Value::Null)
            }
            Request::ConfirmClock => plain(self.confirm_clock()?),
            Request::Stop => plain(Value::Null),
        }
    }

    /// A COSE receipt of an entry, or its statement with one; and the key that signed it.
    fn cose_receipt(&self, index: Index, transparent: bool) -> Result<(Value, Vec<u8>), Stop> {
        let engine = self.engine();
        let made = match transparent {
            true => engine.transparent_statement(index),
            false => engine.cose_receipt(index),
        };
        let key = engine.intake().register.receipt_key();
        let value = json!({ "key": key.to_string(), "pem": key.to_pem() });
        Ok((value, made.map_err(raw_stop)?))
    }

    fn confirm_clock(&mut self) -> Result<Value, Stop> {
        self.opened.engine.confirm_clock();
        // The tick of a batch keeps the confirmation beyond this run.
        self.opened.engine.commit()?;
        Ok(Value::Null)
    }

    fn commit(&mut self) -> Result<Vec<Value>, Stop> {
        let committed = self.opened.engine.commit()?;
        let network = self.engine().folds().network();
        let shown = |moved: &countersign_engine::folds::Moved| {
            countersign_report::finding::finding_json(&moved.finding, network)
        };
        Ok(committed.findings.iter().map(shown).collect())
    }

    /// Signs a section of an unsigned import and stages it.
    fn import(&mut self, source: &str, blob: &[u8]) -> Result<Value, Stop> {
        let items = wire::split(blob)
            .ok_or_else(|| refuse("bad_submission", "the list of sections is damaged"))?;
        let mut answers = Vec::with_capacity(items.len());
        let mut findings = Vec::new();
        for item in items {
            let mut section =
                Submission::decode(item).map_err(|refusal| refuse(refusal.code, refusal.reason))?;
            let origin = self.engine().intake().register.identity().origin.clone();
            let header =
                import_header(&origin, source).map_err(|reason| refuse("bad_argument", reason))?;
            let digests: Vec<Digest> = section
                .bodies
                .iter()
                .map(countersign_model::body::ClaimBody::digest)
                .collect();
            let payload =
                claims_payload(&digests).map_err(|refusal| refuse(refusal.code, refusal.reason))?;
            section.statement = sign1(&header, &payload, self.engine().statement_key()?);
            let ahead =
                Ahead::of(&section).map_err(|refusal| refuse(refusal.code, refusal.reason))?;
            answers.push(self.take(ahead, &mut findings)?);
        }
        findings.extend(self.commit()?);
        Ok(json!({ "answers": answers, "findings": findings, "size": self.engine().size().0 }))
    }

    fn import_open(&mut self) -> Result<Value, Stop> {
        let mut random = [0; 16];
        MachineEntropy.fill(&mut random).map_err(Fatal::Store)?;
        let id = crate::uuid::v7(self.engine().now(), random);
        self.opened
            .engine
            .say(&[&format!(r#"{{"type":"ImportOpened","id":{}}}"#, quote(&id))])?;
        self.commit()?;
        Ok(json!({ "id": id }))
    }

    fn import_close(&mut self, id: &str) -> Result<Value, Stop> {
        self.opened
            .engine
            .say(&[&format!(r#"{{"type":"ImportClosed","id":{}}}"#, quote(id))])?;
        let findings = self.commit()?;
        Ok(json!({ "findings": findings, "size": self.engine().size().0 }))
    }

    fn advance(&mut self, to: &str) -> Result<(), Stop> {
        let (to, _) =
            Timestamp::parse(to).map_err(|error| refuse("bad_argument", error.to_string()))?;
        if !self.engine().intake().register.has_scenario_clock() {
            return Err(refuse(
                "no_scenario_clock",
                "time is told by the machine's clock in this log",
            ));
        }
        self.opened.engine.advance_scenario(to);
        Ok(())
    }

    fn trace(&self, unit: &str) -> Result<Value, Stop> {
        let unit = read_unit(unit)?;
        let folds = self.engine().folds();
        if let Some(timeline) = folds.ledger().timeline(&unit) {
            return Ok(countersign_report::timeline::timeline_json(
                &timeline,
                folds.network(),
            ));
        }
        // What is counted has no timeline; it has accounts.
        let class = ClassId::parse(unit.as_str()).ok();
        class
            .and_then(|class| countersign_report::class::class_json(folds.ledger(), &class))
            .ok_or_else(|| refuse("unknown_unit", crate::unit_text::nothing_on(&unit)))
    }

    fn findings(&self, all: bool) -> Value {
        let findings = self.engine().folds().detect().findings();
        let shown = findings.filter(|finding| all || finding.is_standing());
        let network = self.engine().folds().network();
        Value::Array(
            shown
                .map(|finding| countersign_report::finding::finding_json(finding, network))
                .collect(),
        )
    }

    fn network(&self) -> Value {
        crate::network::to_json(self.engine().folds().network())
    }

    fn who_has(&self, key: &str) -> Result<Value, Stop> {
        let id = Digest::from_hex(key)
            .ok_or_else(|| refuse("bad_argument", "not a key id of 64 hex digits"))?;
        let intake = self.engine().intake();
        let entry = intake
            .register
            .resolve(&KeyId(id))
            .filter(|entry| entry.revoked.is_none());
        let entry = entry.ok_or_else(|| {
            refuse(
                "unknown_key",
                "no principal of this log has that key in force",
            )
        })?;
        Ok(json!({
            "principal": entry.principal.as_str(),
            "role": entry.role.as_str(),
            "origin": intake.register.identity().origin.as_str(),
        }))
    }

    fn key_of(&self, name: &str) -> Result<Value, Stop> {
        let register = &self.engine().intake().register;
        let by_id = Digest::from_hex(name).map(KeyId);
        let found = match by_id {
            Some(id) => register.resolve(&id).map(|entry| (id, entry)),
            None => {
                let keys = register.keys();
                let own = keys.filter(|(_, entry)| entry.principal.as_str() == name);
                own.max_by_key(|(_, entry)| (entry.revoked.is_none(), entry.since))
                    .map(|(id, entry)| (*id, entry))
            }
        };
        let (id, entry) = found.ok_or_else(|| {
            let reason = "the log knows no such key, and no principal of that name";
            refuse("unknown_key", reason)
        })?;
        Ok(json!({
            "key": id.0.to_string(),
            "principal": entry.principal.as_str(),
            "role": entry.role.as_str(),
            "since": entry.since.0,
            "revoked": entry.revoked.map(|at| at.0),
            "is_node": register.is_nodes(&id),
        }))
    }

    fn ledger(&self) -> Value {
        countersign_report::ledger::ledger_json(self.engine().folds().ledger())
    }

    fn day(&self, day: Option<&str>, zone: &str) -> Result<Value, Stop> {
        let ledger = self.engine().folds().ledger();
        if !countersign_report::text::is_time_zone(zone) {
            let reason = format!("`{zone}` is no time zone; one is Europe/Amsterdam");
            return Err(refuse("bad_argument", reason));
        }
        let today = || countersign_report::text::day_of(ledger.tick(), zone);
        let day = day.map_or_else(today, str::to_owned);
        let bounds = countersign_report::text::day_bounds(&day, zone);
        let bounds = bounds.ok_or_else(|| {
            refuse(
                "bad_argument",
                format!("`{day}` is no day; one is 2026-03-02"),
            )
        })?;
        Ok(countersign_report::day::day_json(ledger, bounds, zone))
    }

    fn proposals(&self) -> Result<Value, Stop> {
        let mut rows = Vec::new();
        for open in self.engine().folds().four_eyes().open() {
            rows.push(json!({
                "id": open.proposal.id,
                "action": crate::network::action_json(&open.proposal.action),
                "expires": open.proposal.expires.to_string(),
                "by": open.proposer.as_str(),
                "reason": self.reason_of(open.at)?,
            }));
        }
        Ok(Value::Array(rows))
    }

    /// The sealed reason of an act, for whoever may open the folder; null once it is erased.
    fn reason_of(&self, at: ClaimRef) -> Result<Value, Stop> {
        let body = self.engine().body(at, true).map_err(raw_stop)?;
        let said = body
            .bytes()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let reason = said.and_then(|mut said| said.get_mut("reason").map(Value::take));
        Ok(reason.unwrap_or_default())
    }

    fn documents(&self) -> Result<Value, Stop> {
        let heads = self.engine().documents().map_err(raw_stop)?;
        Ok(Value::Array(
            heads
                .iter()
                .map(|head| Value::String(head.to_string()))
                .collect(),
        ))
    }

    /// A claim by its place or by its digest.
    fn claim_at(&self, claim: &str) -> Result<ClaimRef, Stop> {
        let Some(digest) = Digest::from_hex(claim) else {
            return claim_ref(claim);
        };
        let found = self.engine().find_claim(digest)?;
        found.ok_or_else(|| refuse("unknown_claim", format!("the log has no claim {digest}")))
    }

    fn claim(&self, claim: &str) -> Result<Value, Stop> {
        let at = self.claim_at(claim)?;
        let receipt = self.engine().claim_receipt(at).map_err(raw_stop)?;
        let digest = receipt.claim.to_string();
        Ok(json!({ "claim": at.to_string(), "digest": digest }))
    }

    fn erase(&mut self, claim: &str) -> Result<Value, Stop> {
        let at = self.claim_at(claim)?;
        let destroyed = self.opened.engine.erase(at).map_err(raw_stop)?;
        Ok(json!({ "claim": at.to_string(), "destroyed": destroyed }))
    }
}

/// Names and files in turn, as one blob.
fn named(files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let turns = files
        .into_iter()
        .flat_map(|(name, bytes)| [name.into_bytes(), bytes]);
    wire::join(&turns.collect::<Vec<_>>())
}

fn claim_ref(text: &str) -> Result<ClaimRef, Stop> {
    let parts = text
        .split_once('.')
        .and_then(|(i, o)| Some((i.parse().ok()?, o.parse().ok()?)));
    let (index, ordinal) =
        parts.ok_or_else(|| refuse("bad_argument", "a claim is INDEX.ORDINAL, like 12.0"))?;
    Ok(ClaimRef {
        index: Index(index),
        ordinal,
    })
}

fn read_unit(text: &str) -> Result<UnitId, Stop> {
    crate::unit_text::read_unit_text(text).map_err(|reason| refuse("bad_argument", reason))
}

fn raw_stop(error: countersign_engine::raw::RawError) -> Stop {
    use countersign_engine::raw::RawError;
    match error {
        RawError::Fatal(fatal) => Stop::Fatal(fatal),
        RawError::NoClaim(_) => refuse("unknown_claim", error.to_string()),
        RawError::NoEntry(_) => refuse("unknown_entry", error.to_string()),
        RawError::NoReceipt(_) => refuse("no_cose_receipt", error.to_string()),
        RawError::Erased(_) => refuse("erased", error.to_string()),
        RawError::Missing(_) => refuse("document_incomplete", error.to_string()),
    }
}

fn evidence_stop(error: crate::evidence::EvidenceError) -> Stop {
    match error {
        crate::evidence::EvidenceError::Fatal(fatal) => Stop::Fatal(fatal),
        other => refuse(other.code(), other.to_string()),
    }
}
