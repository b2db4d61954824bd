//! A refusal leaves nothing behind: what came with a refused submission is not known afterwards.

mod world;

use countersign_attest::{Header, Kind, Submission, claims_payload, sign1};
use countersign_engine::intake::IntakeError;
use countersign_engine::{Engine, Taken};
use countersign_model::body::{ClaimBody, EnvelopeBody, Part};
use countersign_model::entry::Index;
use countersign_model::ids::PrincipalId;
use world::{Shared, administrator, begin, open, said};

const SITE: &str = r#"{"type":"Define","object":"site","value":{"id":"urn:x:site:a","party":"urn:x:party:a","kind":"hub"}}"#;

/// The administrator signs these bodies in these envelopes.
fn signed(engine: &Engine, envelopes: Vec<EnvelopeBody>, bodies: Vec<ClaimBody>) -> Submission {
    let issuer = PrincipalId::parse("admin-1").expect("a name");
    let origin = engine.intake().register.identity().origin.clone();
    let header = Header::new(issuer, "test", vec![origin], Kind::claims()).expect("a header");
    let digests: Vec<_> = bodies.iter().map(ClaimBody::digest).collect();
    let payload = claims_payload(&digests).expect("claims");
    Submission {
        statement: sign1(&header, &payload, &administrator()),
        envelopes,
        bodies,
        blobs: Vec::new(),
    }
}

fn refused(engine: &mut Engine, submission: &Submission, code: &str) {
    match engine.submit(submission) {
        Err(IntakeError::Refused(refusal)) => assert_eq!(refusal.code, code, "{refusal}"),
        other => panic!("{code}: {other:?}"),
    }
}

fn taken(engine: &mut Engine, submission: &Submission) -> Index {
    match engine.submit(submission).expect("is taken") {
        Taken::Staged(ticket) => ticket.index,
        Taken::Replay(index) => panic!("it stands at {index}"),
    }
}

#[test]
fn an_envelope_that_came_with_a_wrong_cut_comes_again() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let good = said(&engine, 1, &[SITE]);
    let mut sealed = good.bodies[0].clone();
    sealed.parts = vec![Part::Sealed {
        bytes: SITE.as_bytes().to_vec(),
        salt: [7; 32],
    }];
    let bad = signed(&engine, good.envelopes.clone(), vec![sealed]);
    refused(&mut engine, &bad, "bad_cut");
    // The log has no such envelope, and takes it from whoever brings it.
    let mut without = good.clone();
    without.envelopes.clear();
    refused(&mut engine, &without, "envelope_missing");
    let index = taken(&mut engine, &good);
    engine.commit().expect("commits");
    let network = engine.folds().network().clone();
    let read = engine.said_at(index).expect("reads");
    assert!(matches!(read[..], [(_, Some(_))]), "{read:?}");
    drop(engine);
    let (engine, _) = open(&disk).expect("opens");
    assert_eq!(*engine.folds().network(), network, "what was acknowledged");
    let again = engine.said_at(index).expect("reads");
    assert_eq!(format!("{again:?}"), format!("{read:?}"));
}

#[test]
fn a_section_is_no_head() {
    let disk = Shared::default();
    let mut engine = begin(&disk).expect("begins");
    let document = said(&engine, 1, &[SITE]);
    let (head, body) = (document.envelopes[0].clone(), document.bodies[0].clone());
    let section = |head: &EnvelopeBody, salt: u8| {
        let section = EnvelopeBody {
            salt: [salt; 16],
            head: Some(head.digest()),
            section: head.section + 1,
            ..head.clone()
        };
        let body = ClaimBody {
            envelope: section.digest(),
            ..body.clone()
        };
        (section, body)
    };
    taken(&mut engine, &document);
    let (second, of_second) = section(&head, 2);
    let (third, of_third) = section(&second, 3);
    let both = vec![third.clone(), second.clone()];
    let at_once = signed(&engine, both, vec![of_third.clone(), of_second.clone()]);
    refused(&mut engine, &at_once, "bad_body");
    // A section may come before its head, in the submission that brings both.
    let (again, of_again) = section(
        &EnvelopeBody {
            salt: [9; 16],
            ..head.clone()
        },
        4,
    );
    let new_head = EnvelopeBody {
        salt: [9; 16],
        ..head
    };
    let reversed = signed(&engine, vec![again, new_head], vec![of_again]);
    taken(&mut engine, &reversed);
    let submission = signed(&engine, vec![second], vec![of_second]);
    taken(&mut engine, &submission);
    engine.commit().expect("commits");
    let submission = signed(&engine, vec![third], vec![of_third]);
    refused(&mut engine, &submission, "bad_body");
}
