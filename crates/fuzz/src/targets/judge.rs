//! Statements before the register of a log: nothing that was not signed is admitted.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use countersign_attest::{Chains, Content, LogIdentity, Register, Statement, Verdict, judge};
use countersign_model::act::OwnObject;
use countersign_model::digest::{Digest, hex_decode};
use countersign_model::entry::Index;
use countersign_model::json::Doc;
use countersign_model::time::Timestamp;
use serde_json::Value;

use super::encodings::CBOR_WORDS;
use crate::seeds::strings_under;
use crate::{Seeds, Target};

pub(super) const JUDGE: Target = Target {
    name: "judge",
    what: "statements before a register: none is admitted whose Sig_structure was not signed in the vectors",
    seeds: &[
        Seeds::Hex(
            "testdata/vectors/statement/v1/judgements.json",
            &["statement"],
        ),
        Seeds::Hex("testdata/vectors/statement/v1/vectors.json", &["statement"]),
    ],
    words: CBOR_WORDS,
    short_run: 3_000,
    run,
};

struct Court {
    register: Register,
    log: LogIdentity,
    /// Digests of the Sig_structures of every statement in the vectors.
    signed: BTreeSet<Digest>,
    received: Timestamp,
}

fn court() -> &'static Court {
    static COURT: OnceLock<Court> = OnceLock::new();
    COURT.get_or_init(|| Court::of_vectors().expect("the vectors hold a genesis and enrolments"))
}

impl Court {
    fn of_vectors() -> Option<Self> {
        let texts = [
            include_str!("../../../../testdata/vectors/statement/v1/judgements.json"),
            include_str!("../../../../testdata/vectors/statement/v1/vectors.json"),
        ];
        let [judgements, others] = texts.map(serde_json::from_str::<Value>);
        let (judgements, others) = (judgements.ok()?, others.ok()?);
        let case = judgements.pointer("/cases/0")?;
        let genesis = Statement::parse(&hex_decode(case.get("genesis")?.as_str()?)?).ok()?;
        let Content::Genesis(genesis) = genesis.content() else {
            return None;
        };
        let mut register = Register::new(genesis);
        let (administrator, _) = register
            .keys()
            .find(|(_, entry)| entry.principal.as_str() == "admin-1")
            .map(|(key, entry)| (*key, entry.role))?;
        for (at, text) in (1..).zip(case.get("enrolments")?.as_array()?) {
            let doc = Doc::parse(text.as_str()?.as_bytes()).ok()?;
            if let OwnObject::Act(act) = OwnObject::from_json(doc.root()).ok()? {
                register.apply(Index(at), &administrator, &act).ok()?;
            }
        }
        let mut signed = BTreeSet::new();
        for value in [&judgements, &others] {
            for hex in strings_under(value, &["statement", "logged", "genesis"]) {
                let statement = hex_decode(&hex).and_then(|bytes| Statement::parse(&bytes).ok());
                signed.extend(statement.map(|statement| statement.sig_digest()));
            }
        }
        let received = case.pointer("/steps/0/received_ms")?;
        let received = received
            .as_i64()
            .or_else(|| received.as_str()?.parse().ok())?;
        Some(Self {
            register,
            log: LogIdentity {
                origin: genesis.terms().origin.clone(),
                predecessors: genesis.terms().predecessors.clone(),
            },
            signed,
            received: Timestamp::from_ms(received),
        })
    }
}

fn run(bytes: &[u8]) {
    let Ok(statement) = Statement::parse(bytes) else {
        return;
    };
    let court = court();
    let mut chains = Chains::default();
    let verdict = judge(
        &court.register,
        &chains,
        &statement,
        &court.log,
        court.received,
    );
    let Verdict::Admit { key, .. } = verdict else {
        return;
    };
    assert!(
        court.signed.contains(&statement.sig_digest()),
        "admitted, and nobody signed it"
    );
    chains.record(&key, &statement, Index(7));
    let again = judge(
        &court.register,
        &chains,
        &statement,
        &court.log,
        court.received,
    );
    assert_eq!(again, Verdict::Replay { index: Index(7) });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Project;

    /// A target that admits none of its seeds would assert nothing.
    #[test]
    fn seeds_are_admitted_as_long_as_nothing_is_changed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let seeds = Project::at(&root).seeds(&JUDGE).expect("seeds");
        let court = court();
        let statements = seeds.iter().filter_map(|seed| Statement::parse(seed).ok());
        let verdicts = statements.map(|statement| {
            let chains = Chains::default();
            judge(
                &court.register,
                &chains,
                &statement,
                &court.log,
                court.received,
            )
        });
        let admitted = verdicts.filter(|verdict| matches!(verdict, Verdict::Admit { .. }));
        assert!(admitted.count() >= 10);
    }
}
