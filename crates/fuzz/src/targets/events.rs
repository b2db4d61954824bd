//! EPCIS 2.0 in JSON: events, documents, and files of events as feeds read them.

use countersign_epcis::context::Context;
use countersign_epcis::memo::Memo;
use countersign_epcis::problem::Problem;
use countersign_epcis::scan::{Layout, Scanner, Section, Survey};
use countersign_epcis::{cut, decode, document, event};
use countersign_feeds::{ImportSection, Input, Line, Salts, events};
use countersign_model::body::{ClaimBody, EnvelopeBody, Format};
use countersign_model::claim::Provenance;
use countersign_model::digest::Digest;
use countersign_model::ids::PrincipalId;
use countersign_model::json::Doc;

use crate::{Seeds, Target};

const EVENTS: &str = "testdata/vectors/epcis-json/v1/events.json";
const DOCUMENTS: &str = "testdata/vectors/epcis-json/v1/documents.json";

const WORDS: &[&[u8]] = &[
    b"\"@context\":",
    b"\"type\":",
    b"\"eventList\":[",
    b"\"epcisBody\":{",
    b"\"errorDeclaration\":{",
    b"\"eventTime\":",
    b"\"eventTimeZoneOffset\":",
    b"\"quantityList\":[",
    b"\"sensorElementList\":[",
    b"null",
    b"{}",
    b"[]",
    b"\\u0022",
    b"{\"",
    b"\"}",
    b"\n",
    b"\r\n",
    b",",
    b" ",
    b"cs:",
    b"\"rdfs:x\":",
    b"1e400",
    b"\xef\xbb\xbf",
];

pub(super) const EVENT: Target = Target {
    name: "epcis-event",
    what: "EPCIS events: what was found in order decodes; open view, memory and cut change nothing that is said",
    seeds: &[
        Seeds::Text(EVENTS, &["event", "view"]),
        Seeds::Hex(EVENTS, &["bytes"]),
        Seeds::Text("testdata/vectors/epcis-json/v1/said-twice.json", &["event"]),
    ],
    words: WORDS,
    short_run: 3_000,
    run: epcis_event,
};

pub(super) const DOCUMENT: Target = Target {
    name: "epcis-document",
    what: "EPCIS documents in any pieces: the same sections, which filled again are the document",
    seeds: &[
        Seeds::Text(DOCUMENTS, &["document"]),
        Seeds::File("examples/data/arrivals.json"),
    ],
    words: WORDS,
    short_run: 3_000,
    run: epcis_document,
};

pub(super) const FEED: Target = Target {
    name: "feed-events",
    what: "files of events as a feed reads them: bodies and envelopes give the file back, and each claim decodes",
    seeds: &[
        Seeds::Text(DOCUMENTS, &["document"]),
        Seeds::File("examples/data/arrivals.json"),
    ],
    words: WORDS,
    short_run: 2_000,
    run: feed,
};

pub(super) const CONTEXT: Target = Target {
    name: "epcis-envelope",
    what: "bytes and holes as a client may send them: a layout has a cut, the cut a context; nothing is believed",
    seeds: &[
        Seeds::Text(DOCUMENTS, &["bytes"]),
        Seeds::Text(EVENTS, &["context"]),
    ],
    words: WORDS,
    short_run: 4_000,
    run: envelope,
};

fn issuer() -> PrincipalId {
    PrincipalId::parse("urn:x:issuer").expect("a name")
}

fn provenance(issuer: &PrincipalId) -> Provenance<'_> {
    Provenance {
        issuer,
        document: Digest::ZERO,
        nth: 0,
    }
}

fn epcis_event(bytes: &[u8]) {
    let Ok(doc) = Doc::parse(bytes) else {
        assert!(event::check(bytes, &Context::standard()).is_err());
        return;
    };
    let issuer = issuer();
    for context in [Context::standard(), Context::bare_event()] {
        let checked = event::check(bytes, &context);
        assert_eq!(
            event::check_doc(&doc, &context, &mut Memo::usual()),
            checked
        );
        let cut = cut::required(&doc, &context);
        let view = cut::open_view(&doc, &cut);
        let view_doc = Doc::parse(&view).expect("an open view is JSON");
        let again = cut::open_view(&view_doc, &cut::required(&view_doc, &context));
        assert_eq!(again, view, "the open view of an open view");
        let whole = decode::decode_doc(&doc, &context, provenance(&issuer), &mut Memo::usual());
        let open = decode::decode(&view, &context, provenance(&issuer));
        match (&whole, &open) {
            // Where no id is given, bytes are the identity: those of the open view.
            (Ok(whole), Ok(open)) => {
                assert_eq!(
                    (&whole.facts, whole.time, whole.fingerprint),
                    (&open.facts, open.time, open.fingerprint)
                );
                assert_eq!(whole.correction, open.correction);
            }
            (Err(_), Err(_)) => {}
            _ => panic!("whole: {whole:?}, open view: {open:?}"),
        }
        let in_one_walk =
            decode::check_and_decode(&doc, &context, provenance(&issuer), &mut Memo::usual());
        let in_two = checked.clone().and_then(|checked| {
            let claim = whole.clone().map_err(|problem| vec![problem])?;
            Ok((checked, claim))
        });
        assert_eq!(in_one_walk, in_two);
        if let Ok(checked) = &checked {
            assert!(
                whole.is_ok() || checked.kind.is_none(),
                "in order, and {whole:?}"
            );
        }
    }
}

/// Scans in pieces of up to `piece` bytes.
fn scan(
    bytes: &[u8],
    mut scanner: Scanner,
    piece: usize,
) -> Result<(Survey, Vec<Section>), Problem> {
    let mut sections = Vec::new();
    for chunk in bytes.chunks(piece) {
        scanner.push(chunk, &mut |section| sections.push(section))?;
    }
    let survey = scanner.finish(&mut |section| sections.push(section))?;
    Ok((survey, sections))
}

fn epcis_document(bytes: &[u8]) {
    let _ = document::check(bytes);
    for make in [Scanner::new, Scanner::line_by_line] {
        let whole = scan(bytes, make(2), bytes.len().max(1));
        for piece in [1, 7] {
            let again = scan(bytes, make(2), piece);
            let code = |problem: &Problem| problem.code;
            assert_eq!(again.as_ref().map_err(code), whole.as_ref().map_err(code));
        }
        let Ok((survey, sections)) = whole else {
            continue;
        };
        assert!(
            filled(bytes, &survey, &sections) == bytes,
            "filled again it is the document"
        );
        for section in std::iter::once(&survey.head).chain(&sections) {
            assert_eq!(section.holes.len(), section.spans.len());
            let layout = Layout::of(
                section.index,
                &section.bytes,
                &section.holes,
                section.continues_at,
            );
            assert!(layout.is_ok(), "{layout:?} of {section:?}");
        }
        let _ = document::check_head(&survey);
    }
}

fn filled(bytes: &[u8], survey: &Survey, sections: &[Section]) -> Vec<u8> {
    let fill = |section: &Section, rest: &[u8]| {
        let number = |at: u64| usize::try_from(at).expect("it fits in memory");
        let event = |span: &std::ops::Range<u64>| {
            bytes
                .get(number(span.start)..number(span.end))
                .expect("a span")
                .to_vec()
        };
        let events: Vec<Vec<u8>> = section.spans.iter().map(event).collect();
        let cut = countersign_model::body::Cut::default();
        let body = section.body(&cut, "application/ld+json", None, [0; 16], &mut || [0; 32]);
        body.fill(&events, rest).expect("holes where events were")
    };
    let rest: Vec<u8> = sections
        .iter()
        .flat_map(|section| fill(section, b""))
        .collect();
    fill(&survey.head, &rest)
}

fn feed(bytes: &[u8]) {
    let mut drawn = 0_u8;
    let mut random = |place: &mut [u8]| {
        drawn = drawn.wrapping_add(1);
        place.fill(drawn);
    };
    let mut imported: Vec<ImportSection> = Vec::new();
    let mut sink = |section| {
        imported.push(section);
        Ok::<(), std::convert::Infallible>(())
    };
    let input = Input::Memory(bytes.to_vec());
    if events::read(&input, &mut Salts::new(&mut random), &mut sink).is_err() {
        return;
    }
    let envelopes: Vec<&EnvelopeBody> = imported.iter().flat_map(|s| &s.envelopes).collect();
    let bodies: Vec<&ClaimBody> = imported.iter().flat_map(|s| &s.bodies).collect();
    let lines = imported.iter().flat_map(|section| &section.lines);
    let claims = lines.filter_map(|line| match line {
        Line::Claim { digest, .. } => Some(*digest),
        Line::Refused { .. } => None,
    });
    let digests: Vec<Digest> = bodies.iter().map(|body| body.digest()).collect();
    assert_eq!(claims.collect::<Vec<_>>(), digests);
    // An event that was refused is not kept.
    let holes: usize = envelopes.iter().map(|envelope| envelope.holes.len()).sum();
    if holes == bodies.len() {
        assert!(given_back(&envelopes, &bodies) == bytes, "the file again");
    }
    let issuer = issuer();
    let head = envelopes
        .first()
        .map(|head| head.open_view(Format::EpcisJson.blank()));
    let context = head.map(|view| Context::of_envelope(&view).expect("the context of the head"));
    for body in bodies {
        let view = body.open_view(Format::EpcisJson.blank());
        let claim = decode::decode(
            &view,
            context.as_ref().expect("a head"),
            provenance(&issuer),
        );
        // What could be read in two ways is kept whole and sealed, and says nothing.
        assert!(
            claim.is_ok() || view == Format::EpcisJson.blank(),
            "{claim:?}"
        );
    }
}

fn given_back(envelopes: &[&EnvelopeBody], bodies: &[&ClaimBody]) -> Vec<u8> {
    let fill = |envelope: &&EnvelopeBody, rest: &[u8]| {
        let digest = envelope.digest();
        let own = bodies.iter().filter(|body| body.envelope == digest);
        let claims: Vec<Vec<u8>> = own.map(|body| body.bytes().expect("whole")).collect();
        envelope.fill(&claims, rest).expect("a claim for each hole")
    };
    let Some((head, others)) = envelopes.split_first() else {
        return Vec::new();
    };
    let rest: Vec<u8> = others
        .iter()
        .flat_map(|envelope| fill(envelope, b""))
        .collect();
    fill(head, &rest)
}

/// The last bytes are the offsets of holes.
fn envelope(bytes: &[u8]) {
    let (text, holes) = bytes.split_at(bytes.len() - bytes.len().min(3));
    let mut holes: Vec<u64> = holes.iter().map(|at| u64::from(*at) * 2).collect();
    holes.sort_unstable();
    for (section, bytes, holes) in [(0, bytes, &[][..]), (0, text, &holes), (1, text, &holes)] {
        for continues_at in [None, holes.last().copied()] {
            let layout = Layout::of(section, bytes, holes, continues_at);
            let cut = cut::envelope(section, bytes, holes, continues_at);
            assert!(layout.is_ok() || cut.is_err());
            for range in cut.iter().flat_map(|cut| cut.sealed()) {
                let value = bytes.get(range.clone()).expect("inside");
                assert!(Doc::parse(value).is_ok(), "a sealed part is one value");
            }
        }
    }
    let _ = Context::of_envelope(bytes);
}
