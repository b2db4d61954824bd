//! Submissions: read ahead on any thread, staged one after the other, committed together.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use countersign_attest::{Ahead, PublicKey, Refusal, Register};
use countersign_engine::Fatal;
use countersign_engine::engine::Taken;
use countersign_engine::intake::{ClaimAnswer, IntakeError};
use countersign_model::entry::ClaimStatus;
use countersign_model::ids::KeyId;
use serde_json::{Value, json};

use super::{Service, Stop, refuse};
use crate::request::Answer;
use crate::wire;

/// Keys that the log has named, for threads that check signatures before the engine asks. Which of
/// them may speak is for the engine to say.
#[derive(Clone, Debug, Default)]
pub struct KeysSeen(Arc<RwLock<BTreeMap<KeyId, PublicKey>>>);

impl KeysSeen {
    /// Takes in what the register has more.
    pub fn learn(&self, register: &Register) {
        if self.read(BTreeMap::len) == register.count() {
            return;
        }
        let all = register.keys();
        let all = all.map(|(id, entry)| (*id, entry.public_key.clone()));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all.collect();
    }

    /// A key by its id.
    #[must_use]
    pub fn resolve(&self, id: &KeyId) -> Option<PublicKey> {
        self.read(|keys| keys.get(id).cloned())
    }

    fn read<T>(&self, look: impl FnOnce(&BTreeMap<KeyId, PublicKey>) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one request to submit brought, read; `None` when its list is damaged.
#[derive(Debug)]
pub struct Sent(Option<Vec<Result<Ahead<'static>, Refusal>>>);

impl Sent {
    /// Reads a [`wire::join`]ed list of submissions, and checks the signatures of keys that `resolve`
    /// knows.
    #[must_use]
    pub fn read(blob: &[u8], resolve: &dyn Fn(&KeyId) -> Option<PublicKey>) -> Self {
        let read = |item: &[u8]| Ahead::read(item, resolve);
        Self(wire::split(blob).map(|items| items.into_iter().map(read).collect()))
    }
}

impl Service {
    /// Takes what several clients sent and commits it together; an answer for each, in order. An
    /// answer tells the findings that moved with the commit, whoever's claims moved them.
    pub fn submit_together(&mut self, all: Vec<Sent>) -> Vec<(Answer, Vec<u8>)> {
        let count = all.len();
        if let Some(reason) = self.stopped.clone() {
            return failed(count, &reason);
        }
        let mut findings = Vec::new();
        let done = all
            .into_iter()
            .map(|sent| match self.stage(sent, &mut findings) {
                Err(Stop::Fatal(fatal)) => Err(fatal),
                staged => Ok(staged),
            })
            .collect::<Result<Vec<_>, Fatal>>();
        let committed = done.and_then(|done| match self.commit() {
            Ok(moved) => Ok((done, moved)),
            Err(Stop::Fatal(fatal)) => Err(fatal),
            Err(Stop::Refused(_, reason)) => Err(Fatal::Damaged(reason)),
        });
        let (done, moved) = match committed {
            Ok(committed) => committed,
            Err(fatal) => {
                let reason = fatal.to_string();
                self.stopped = Some(reason.clone());
                return failed(count, &reason);
            }
        };
        findings.extend(moved);
        let answer = |staged: Result<Vec<Value>, Stop>| match staged {
            Ok(answers) => Answer::Ok {
                value: self.submitted(&answers, &findings),
            },
            Err(Stop::Refused(code, reason)) => Answer::Refused { code, reason },
            Err(Stop::Fatal(fatal)) => Answer::Failed {
                reason: fatal.to_string(),
            },
        };
        done.into_iter()
            .map(|staged| (answer(staged), Vec::new()))
            .collect()
    }

    pub(super) fn submit(&mut self, at: Option<&str>, blob: &[u8]) -> Result<Value, Stop> {
        if let Some(at) = at {
            self.advance(at)?;
        }
        let mut findings = Vec::new();
        // On one thread there is nothing to be gained by checking signatures before.
        let answers = self.stage(Sent::read(blob, &|_| None), &mut findings)?;
        findings.extend(self.commit()?);
        Ok(self.submitted(&answers, &findings))
    }

    fn submitted(&self, answers: &[Value], findings: &[Value]) -> Value {
        json!({ "answers": answers, "findings": findings, "size": self.engine().size().0 })
    }

    fn stage(&mut self, sent: Sent, findings: &mut Vec<Value>) -> Result<Vec<Value>, Stop> {
        let items = sent
            .0
            .ok_or_else(|| refuse("bad_submission", "the list of submissions is damaged"))?;
        let mut answers = Vec::with_capacity(items.len());
        for item in items {
            answers.push(match item {
                Ok(ahead) => self.take(ahead, findings)?,
                Err(refusal) => refused_json(refusal.code, &refusal.reason),
            });
        }
        Ok(answers)
    }

    pub(super) fn take(
        &mut self,
        ahead: Ahead<'_>,
        findings: &mut Vec<Value>,
    ) -> Result<Value, Stop> {
        if self.opened.engine.is_full() {
            findings.extend(self.commit()?);
        }
        match self.opened.engine.submit_ahead(ahead) {
            Ok(Taken::Replay(index)) => Ok(json!({ "status": "replay", "entry": index.0 })),
            Ok(Taken::Staged(ticket)) => {
                let claims: Vec<Value> = ticket.claims.iter().map(claim_json).collect();
                Ok(json!({ "status": "accepted", "entry": ticket.index.0, "claims": claims }))
            }
            Err(IntakeError::Refused(refusal)) => Ok(refused_json(refusal.code, &refusal.reason)),
            Err(IntakeError::World(error)) => Err(Fatal::Store(error).into()),
        }
    }
}

fn failed(count: usize, reason: &str) -> Vec<(Answer, Vec<u8>)> {
    let one = |_| {
        let reason = reason.to_owned();
        (Answer::Failed { reason }, Vec::new())
    };
    (0..count).map(one).collect()
}

fn claim_json(answer: &ClaimAnswer) -> Value {
    let mut out = json!({ "digest": answer.digest.to_string(), "status": answer.status.as_str() });
    if let (ClaimStatus::Duplicate(at) | ClaimStatus::Conflicting(at), Some(map)) =
        (answer.status, out.as_object_mut())
    {
        map.insert(
            "of".into(),
            json!({ "entry": at.index.0, "ordinal": at.ordinal }),
        );
    }
    if let (Some(problem), Some(map)) = (&answer.problem, out.as_object_mut()) {
        map.insert("code".into(), json!(problem.code));
        map.insert("field".into(), json!(problem.field));
        map.insert("reason".into(), json!(problem.reason));
    }
    out
}

fn refused_json(code: &str, reason: &str) -> Value {
    json!({ "status": "rejected", "code": code, "reason": reason })
}
