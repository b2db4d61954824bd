//! Every document is accepted or refused as it must be, is laid out without loss, and its
//! events are cut and decoded alike from whole bytes and from what erasure leaves.

use countersign_epcis::context::Context;
use countersign_epcis::cut;
use countersign_epcis::decode::decode;
use countersign_epcis::document::{self, Head};
use countersign_epcis::scan::{DocumentKind, Scanner, Section, Survey};
use countersign_model::body::Format;
use countersign_model::claim::{Claim, Fact, Provenance};
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;
use countersign_model::json::Doc;

use crate::data;

/// Every problem of a document as `code field`.
fn problems(bytes: &[u8]) -> Vec<String> {
    match document::check(bytes) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            let each = problems.iter().map(|p| format!("{} {}", p.code, p.field));
            each.collect()
        }
    }
}

/// Checks every document of a folder against the few that are refused.
fn check(folder: &str, count: usize, refused: &[(&str, &[&str])]) {
    let files = data::files(folder, folder == data::GS1);
    if files.is_empty() {
        return;
    }
    assert_eq!(files.len(), count, "{folder}");
    for (name, bytes) in files {
        let expect = refused
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(&[][..], |(_, p)| p);
        assert_eq!(problems(&bytes), expect, "{name}");
    }
}

#[test]
fn gs1_examples() {
    check(
        data::GS1,
        47,
        &[(
            "AssociationEvent/AssociationEvent-h.jsonld",
            &["duplicate_key epcisBody.eventList[0]"],
        )],
    );
}

#[test]
fn openepcis_documents() {
    check(data::CAPTURE, 38, &[]);
    check(data::EVENTS, 5, &[]);
    check(data::QUERY, 9, &[]);
}

/// What is wrong with each invalid document: codes and fields, below the event list.
const WRONG: [(&str, &[&str]); 15] = [
    (
        "Combination_of_events_with_missing_mandatory_fields.json",
        &[
            "missing_field [0].action",
            "missing_field [1].eventTimeZoneOffset",
            "missing_field [1].action",
        ],
    ),
    (
        "Combination_of_multiple_invalid_fields.json",
        &[
            "unknown_term [0].bizStep",
            "unknown_term [1].disposition",
            "unknown_term [2].sourceList[0].type",
            "unknown_field [3].ilmd.materialType",
            "not_a_time [4].eventTime",
            "unknown_term [4].action",
        ],
    ),
    (
        "Combination_of_non_standard_bizStep_and_disposition.json",
        &["unknown_term [0].bizStep", "unknown_term [1].disposition"],
    ),
    (
        "EPCISDocument_without_context.json",
        &["missing_field @context"],
    ),
    (
        "ObjectEvent_with_ilmd_field_without_namespace.json",
        &["unknown_field [0].ilmd.materialType"],
    ),
    (
        "ObjectEvent_with_invalid_action.json",
        &["unknown_term [0].action"],
    ),
    (
        "ObjectEvent_with_invalid_certificationInfo.json",
        &[
            "wrong_type [0].certificationInfo[0]",
            "wrong_type [0].certificationInfo[1]",
        ],
    ),
    (
        "ObjectEvent_with_invalid_eventTime_format.json",
        &["not_a_time [0].eventTime"],
    ),
    (
        "ObjectEvent_with_non_standard_bizStep.json",
        &["unknown_term [0].bizStep"],
    ),
    (
        "ObjectEvent_with_non_standard_bizStep_in_second_event.json",
        &["unknown_term [1].bizStep"],
    ),
    (
        "ObjectEvent_with_non_standard_disposition.json",
        &["unknown_term [0].disposition"],
    ),
    (
        "ObjectEvent_with_quantity_as_text.json",
        &["wrong_type [0].quantityList[0].quantity"],
    ),
    (
        "ObjectEvent_with_unknown_field_in_quantityList.json",
        &["unknown_field [0].quantityList[0].weight"],
    ),
    (
        "ObjectEvent_without_action_and_eventTime.json",
        &[
            "missing_field [0].eventTime",
            "missing_field [0].eventTimeZoneOffset",
            "missing_field [0].action",
        ],
    ),
    (
        "ObjectEvent_without_identifier_list.json",
        &["no_units [0].epcList"],
    ),
];

#[test]
fn invalid_documents_are_refused_by_field() {
    let files = data::files(data::INVALID, false);
    for (name, bytes) in &files {
        let (_, expected) = WRONG.iter().find(|(n, _)| n == name).expect("listed");
        let found = problems(bytes);
        let short: Vec<_> = found
            .iter()
            .map(|p| p.replace("epcisBody.eventList", ""))
            .collect();
        assert_eq!(short, *expected, "{name}");
    }
    assert!(files.is_empty() || files.len() == WRONG.len());
    let list = "epcisBody.queryResults.resultsBody.eventList[0]";
    for (name, bytes) in data::files(data::QUERY_INVALID, false) {
        let expect = match name.as_str() {
            "QueryDocument_with_invalid_action.json" => format!("unknown_term {list}.action"),
            _ => format!("unknown_type {list}.type"),
        };
        assert_eq!(problems(&bytes), [expect], "{name}");
    }
}

/// Every document that can be scanned: valid and invalid ones.
fn all() -> Vec<(String, Vec<u8>)> {
    let folders = [
        data::GS1,
        data::CAPTURE,
        data::EVENTS,
        data::INVALID,
        data::QUERY,
        data::QUERY_INVALID,
    ];
    folders
        .into_iter()
        .flat_map(|f| data::files(f, f == data::GS1))
        .collect()
}

fn scan(bytes: &[u8], chunk: usize, per_section: usize) -> (Survey, Vec<Section>) {
    let mut sections = Vec::new();
    let mut scanner = Scanner::new(per_section);
    for piece in bytes.chunks(chunk) {
        scanner
            .push(piece, &mut |section| sections.push(section))
            .expect("a document");
    }
    let survey = scanner
        .finish(&mut |section| sections.push(section))
        .expect("a document");
    (survey, sections)
}

fn events<'b>(bytes: &'b [u8], section: &Section) -> Vec<&'b [u8]> {
    let at = |offset: u64| usize::try_from(offset).expect("small");
    section
        .spans
        .iter()
        .map(|span| &bytes[at(span.start)..at(span.end)])
        .collect()
}

/// The document again, from the bodies of its sections and from its events.
fn refill(bytes: &[u8], survey: &Survey, following: &[Section]) -> Vec<u8> {
    let fill = |section: &Section, rest: &[u8]| {
        let cut = cut::envelope(
            section.index,
            &section.bytes,
            &section.holes,
            section.continues_at,
        );
        let cut = cut.expect("our own layout");
        let body = section.body(&cut, "application/ld+json", None, [1; 16], &mut || [2; 32]);
        let claims: Vec<Vec<u8>> = events(bytes, section).iter().map(|e| e.to_vec()).collect();
        body.fill(&claims, rest).expect("holes fit")
    };
    let rest: Vec<u8> = following
        .iter()
        .flat_map(|section| fill(section, &[]))
        .collect();
    fill(&survey.head, &rest)
}

#[test]
fn every_document_is_its_sections() {
    for (name, bytes) in all() {
        for (chunk, per_section) in [(usize::MAX, 1024), (7, 1), (64, 2), (1, 3)] {
            let (survey, following) = scan(&bytes, chunk, per_section);
            assert_eq!(refill(&bytes, &survey, &following), bytes, "{name}");
            let sections = survey.events.div_ceil(per_section as u64).max(1);
            assert_eq!(following.len() as u64 + 1, sections, "{name}");
        }
    }
}

#[test]
fn events_as_json_lines() {
    for (name, bytes) in all() {
        let (survey, _) = scan(&bytes, 4096, 1024);
        let lines: Vec<String> = events(&bytes, &survey.head)
            .iter()
            .filter_map(|event| serde_json::from_slice::<serde_json::Value>(event).ok())
            .map(|event| event.to_string())
            .collect();
        if lines.len() < 2 {
            continue;
        }
        let text = lines.join("\n");
        let (as_lines, following) = scan(text.as_bytes(), 10, 2);
        assert_eq!(as_lines.kind, DocumentKind::Lines, "{name}");
        assert_eq!(as_lines.events, lines.len() as u64, "{name}");
        assert_eq!(
            refill(text.as_bytes(), &as_lines, &following),
            text.as_bytes()
        );
    }
}

fn decoded(event: &[u8], context: &Context) -> Result<Claim, String> {
    let issuer = PrincipalId::parse("urn:x:issuer").expect("a name");
    let provenance = Provenance {
        issuer: &issuer,
        document: Digest::of(b"document"),
        nth: 0,
    };
    decode(event, context, provenance).map_err(|p| p.to_string())
}

#[test]
fn what_erasure_leaves_says_the_same() {
    let (mut claims, mut sealed_values, mut facts) = (0, 0, 0);
    for (name, bytes) in all() {
        let (survey, _) = scan(&bytes, 4096, 1024);
        let Ok(Head { context, .. }) = document::check_head(&survey) else {
            continue;
        };
        let head = &survey.head;
        let cut = cut::envelope(0, &head.bytes, &head.holes, head.continues_at).expect("a head");
        let body = head.body(&cut, "application/json", None, [0; 16], &mut || [0; 32]);
        let view = body.withheld().open_view(Format::EpcisJson.blank());
        let from_view = Context::of_envelope(&view).expect("the context is open");
        let said = Doc::parse(b"{\"a:b\":1}").expect("JSON");
        assert_eq!(
            cut::required(&said, &from_view),
            cut::required(&said, &context),
            "{name}"
        );
        for event in events(&bytes, head) {
            let Ok(doc) = Doc::parse(event) else { continue };
            let cut = cut::required(&doc, &context);
            let view = cut::open_view(&doc, &cut);
            let of_whole = decoded(event, &context);
            assert_eq!(of_whole, decoded(&view, &from_view), "{name}");
            let view_doc = Doc::parse(&view).expect("a view is JSON");
            let again = cut::required(&view_doc, &from_view);
            assert_eq!(cut::open_view(&view_doc, &again), view, "{name}");
            assert_eq!(again.sealed().len(), cut.sealed().len(), "{name}");
            claims += 1;
            sealed_values += cut.sealed().len();
            facts += of_whole.map_or(0, |claim| claim.facts.len());
        }
    }
    assert!(
        claims == 0 || (claims > 170 && sealed_values > 400 && facts > 140),
        "{claims} {sealed_values} {facts}"
    );
}

#[test]
fn a_valid_event_decodes() {
    for (name, bytes) in all() {
        if document::check(&bytes).is_err() {
            continue;
        }
        let (survey, _) = scan(&bytes, 4096, 1024);
        let head = document::check_head(&survey).expect("checked");
        for event in events(&bytes, &survey.head) {
            let claim = decoded(event, &head.context);
            let claim = claim.unwrap_or_else(|problem| panic!("{name}: {problem}"));
            let doc = Doc::parse(event).expect("JSON");
            let without_id =
                doc.root().get("errorDeclaration").is_some() && doc.root().get("eventID").is_none();
            assert_eq!(claim.facts.len(), usize::from(!without_id), "{name}");
            let declares = doc.root().get("errorDeclaration").is_some();
            assert_eq!(
                claim.correction.is_some(),
                declares && !without_id,
                "{name}"
            );
            let seen = claim
                .facts
                .iter()
                .any(|fact| matches!(fact, Fact::Sighting(_)));
            assert_eq!(seen, !without_id, "{name}");
        }
    }
}
