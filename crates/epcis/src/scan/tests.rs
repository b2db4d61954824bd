use proptest::prelude::*;

use super::*;

/// Scans `bytes` in chunks of `chunk` bytes and gives all sections.
pub(crate) fn scan(
    bytes: &[u8],
    chunk: usize,
    per_section: usize,
) -> Result<(Survey, Vec<Section>), Problem> {
    scan_with(Scanner::new(per_section), bytes, chunk)
}

fn scan_with(
    mut scanner: Scanner,
    bytes: &[u8],
    chunk: usize,
) -> Result<(Survey, Vec<Section>), Problem> {
    let mut rest = Vec::new();
    for piece in bytes.chunks(chunk.max(1)) {
        scanner.push(piece, &mut |section| rest.push(section))?;
    }
    let survey = scanner.finish(&mut |section| rest.push(section))?;
    Ok((survey, rest))
}

/// Puts the events back into the holes of every section.
fn refill(bytes: &[u8], survey: &Survey, rest: &[Section]) -> Vec<u8> {
    let event = |span: &Range<u64>| {
        bytes
            [usize::try_from(span.start).expect("small")..usize::try_from(span.end).expect("small")]
            .to_vec()
    };
    let fill = |section: &Section, rest: &[u8]| {
        let cut = countersign_model::body::Cut::default();
        let body = section.body(&cut, "application/json", None, [0; 16], &mut || [0; 32]);
        let events: Vec<Vec<u8>> = section.spans.iter().map(event).collect();
        body.fill(&events, rest).expect("holes fit")
    };
    let following: Vec<u8> = rest.iter().flat_map(|section| fill(section, &[])).collect();
    fill(&survey.head, &following)
}

fn check(text: &str, expect: Result<(DocumentKind, &[&str]), &str>) {
    for (chunk, per_section) in [(1, 1024), (3, 1), (1000, 2)] {
        let got = scan(text.as_bytes(), chunk, per_section);
        let (kind, events) = match (got, expect) {
            (Err(problem), expect) => {
                assert_eq!(Err(problem.code), expect, "{text}");
                continue;
            }
            (Ok((survey, rest)), expect) => {
                assert_eq!(
                    refill(text.as_bytes(), &survey, &rest),
                    text.as_bytes(),
                    "{text}"
                );
                let all = std::iter::once(&survey.head).chain(&rest);
                let mut events = Vec::new();
                for section in all {
                    Layout::of(
                        section.index,
                        &section.bytes,
                        &section.holes,
                        section.continues_at,
                    )
                    .expect("our own layout");
                    for span in &section.spans {
                        let range = usize::try_from(span.start).expect("small")
                            ..usize::try_from(span.end).expect("small");
                        events.push(&text[range]);
                    }
                }
                assert_eq!(survey.events, events.len() as u64);
                let (kind, expected) = expect.expect("refusal expected");
                assert_eq!(survey.kind, kind, "{text}");
                assert_eq!(events, expected, "{text}");
                (kind, events)
            }
        };
        let _ = (kind, events);
    }
}

#[test]
fn documents() {
    use DocumentKind::{Document, Event, Lines, QueryDocument};
    check(
        r#"{"a":[1,{}],"epcisBody":{"eventList":[ {"x":"]"} , {} ]},"z":"\"["}"#,
        Ok((Document, &[r#"{"x":"]"}"#, "{}"])),
    );
    check(r#"{"epcisBody":{"eventList":[]}} "#, Ok((Document, &[])));
    check(
        r#"{"epcisBody":{"eventList":[1,"a,b",null,[{}],true]}}"#,
        Ok((Document, &["1", r#""a,b""#, "null", "[{}]", "true"])),
    );
    check(
        r#"{"epcis\u0042ody":{"eventList":[{}]}}"#,
        Ok((Document, &["{}"])),
    );
    check(
        r#"{"epcisBody":{"queryResults":{"queryName":"q","resultsBody":{"eventList":[{},{}]}}}}"#,
        Ok((QueryDocument, &["{}", "{}"])),
    );
    check(
        " {\"type\":\"ObjectEvent\"}\n",
        Ok((Event, &["{\"type\":\"ObjectEvent\"}"])),
    );
    check("{\n}", Ok((Event, &["{\n}"])));
    check(
        "{}\n\n {\"a\":1}\n{}",
        Ok((Lines, &["{}", "{\"a\":1}", "{}"])),
    );
    check("1\n2", Ok((Lines, &["1", "2"])));
}

#[test]
fn refusals() {
    check("", Err("empty_document"));
    check(" \n", Err("empty_document"));
    check("[{}]", Err("array_document"));
    check("{} {}", Err("not_json_lines"));
    check("1\"a\"", Err("invalid_json"));
    check("{\n}\n{}", Err("not_json_lines"));
    check("{}\n{\n}", Err("not_json_lines"));
    check(
        r#"{"epcisBody":{"eventList":[]}} {}"#,
        Err("not_json_lines"),
    );
    check(r#"{"type":"EPCISDocument"}"#, Err("missing_event_list"));
    check(
        r#"{"type":"EPCISDocument","epcisBody":{"eventList":{}}}"#,
        Err("missing_event_list"),
    );
    check(
        r#"{"epcisBody":{"eventList":[{}],"eventList":[{}]}}"#,
        Err("second_event_list"),
    );
    check(
        r#"{"epcisBody":{"eventList":[],"queryResults":{"resultsBody":{"eventList":[]}}}}"#,
        Err("second_event_list"),
    );
    for bad in [
        "{",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "\"",
        "{\"epcisBody\":{\"eventList\":[{},]}}",
        "}",
        "{\"epcisBody\":{\"eventList\":[{}{}]}}",
        "\u{feff}{}",
    ] {
        check(bad, Err("invalid_json"));
    }
    check(&"{\"a\":".repeat(60), Err("too_deep"));
}

#[test]
fn limits_hold() {
    let large = format!(
        "{{\"epcisBody\":{{\"eventList\":[\"{}\"]}}}}",
        "x".repeat(CLAIM_BYTES_MAX)
    );
    assert_eq!(
        scan(large.as_bytes(), 4096, 1024)
            .expect_err("too large")
            .code,
        "claim_too_large"
    );
    let header = format!(
        "{{\"x\":\"{}\",\"epcisBody\":{{\"eventList\":[]}}}}",
        "x".repeat(ENVELOPE_BYTES_MAX)
    );
    assert_eq!(
        scan(header.as_bytes(), 4096, 1024)
            .expect_err("too large")
            .code,
        "envelope_too_large"
    );
    let spaces = format!(
        "{{\"epcisBody\":{{\"eventList\":[1,{} 2]}}}}",
        " ".repeat(ENVELOPE_BYTES_MAX)
    );
    assert_eq!(
        scan(spaces.as_bytes(), 4096, 1)
            .expect_err("too large")
            .code,
        "envelope_too_large"
    );
}

#[test]
fn what_a_layout_refuses() {
    let refuse = |section: u64, bytes: &str, holes: &[u64], continues: Option<u64>| {
        let got = Layout::of(section, bytes.as_bytes(), holes, continues);
        assert_eq!(
            got.map_err(|p| p.code),
            Err("bad_envelope"),
            "{bytes} {holes:?}"
        );
    };
    let head = r#"{"epcisBody":{"eventList":[,]}}"#;
    assert!(Layout::of(0, head.as_bytes(), &[27, 28], None).is_ok());
    refuse(0, head, &[27], None);
    refuse(0, head, &[27, 27], None);
    refuse(0, head, &[1, 28], None);
    refuse(0, head, &[27, 99], None);
    refuse(0, head, &[28, 27], None);
    refuse(0, head, &[27, 28], Some(5));
    refuse(0, r#"{"epcisBody":{"eventList":[{}]}}"#, &[], None);
    refuse(0, r#"{"a":1}"#, &[3], None);
    refuse(0, "  ", &[0, 1], None);
    refuse(0, "", &[], None);
    refuse(1, ", ,", &[3], None);
    refuse(1, ",x", &[2], None);
    refuse(1, ", ", &[1], None);
    refuse(1, "", &[], None);
}

/// The lines of a file that is scanned line by line.
fn check_lines(text: &str, expect: Result<&[&str], &str>) {
    for (chunk, per_section) in [(1, 1024), (3, 1), (100_000, 2)] {
        let scanner = Scanner::line_by_line(per_section);
        let got = scan_with(scanner, text.as_bytes(), chunk);
        let spans = got.as_ref().map(|(survey, rest)| {
            assert_eq!(refill(text.as_bytes(), survey, rest), text.as_bytes());
            let all = std::iter::once(&survey.head).chain(rest);
            all.flat_map(|section| &section.spans)
                .map(|span| {
                    &text[usize::try_from(span.start).expect("small")
                        ..usize::try_from(span.end).expect("small")]
                })
                .collect::<Vec<_>>()
        });
        let spans = spans.map_err(|problem| problem.code);
        assert_eq!(spans.as_deref().map_err(|code| *code), expect, "{text:?}");
    }
}

#[test]
fn a_line_that_is_no_event_is_a_hole_like_any_other() {
    check_lines("{}\n{\"a\":\n{}", Ok(&["{}", "{\"a\":", "{}"]));
    check_lines("{}\n \"cut \r\n{},\n", Ok(&["{}", "\"cut", "{},"]));
    check_lines("{}\nx  y \n\n{} {}\n", Ok(&["{}", "x  y", "{} {}"]));
    check_lines("{}\n{\n}", Ok(&["{}", "{", "}"]));
    let deep = "[".repeat(100);
    let long = "x".repeat(CLAIM_BYTES_MAX + 1);
    check_lines(
        &format!("{{}}\n{deep}\n{long}\n"),
        Ok(&["{}", &deep, &long]),
    );
    // The first line says what the file is, so it must be whole; a document is never lines.
    check_lines("{\n}\n{}", Err("not_json_lines"));
    check_lines("{},\n{}", Err("invalid_json"));
    check_lines("{\"a\":\n{}", Err("invalid_json"));
    check_lines(r#"{"epcisBody":{"eventList":[{},]}}"#, Err("invalid_json"));
    check_lines(
        "{\"epcisBody\":{\"eventList\":[]}}\n{}",
        Err("not_json_lines"),
    );
    check_lines("{\n}\n", Ok(&["{\n}"]));
}

fn json(depth: u32) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-1.5e3".to_owned()),
        "[a-z\\[\\]{},: ]{0,6}".prop_map(|s| format!("\"{s}\"")),
        Just("\"\\\"\\\\\"".to_owned()),
    ];
    leaf.prop_recursive(depth, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|v| format!("[{}]", v.join(" ,"))),
            prop::collection::vec(("[a-z]{1,3}", inner), 0..4).prop_map(|v| {
                let members: Vec<_> = v.iter().map(|(k, v)| format!("\"{k}\" :{v}")).collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_its_sections(
        events in prop::collection::vec(json(3), 0..9),
        space in "[ \n\t\r]{0,2}",
        other in json(2),
        chunk in 1_usize..40,
        per_section in 1_usize..4,
    ) {
        let list = events.join(&format!("{space},{space}"));
        let text = format!("{{\"a\":{other},\"epcisBody\":{{\"eventList\":[{space}{list}{space}],\"b\":{other}}}}}{space}");
        let (survey, rest) = scan(text.as_bytes(), chunk, per_section).expect("a document");
        prop_assert_eq!(survey.events, events.len() as u64);
        prop_assert_eq!(survey.bytes, text.len() as u64);
        prop_assert_eq!(refill(text.as_bytes(), &survey, &rest), text.as_bytes());
        for section in std::iter::once(&survey.head).chain(&rest) {
            let layout = Layout::of(section.index, &section.bytes, &section.holes, section.continues_at);
            prop_assert!(layout.is_ok(), "{:?}", layout);
        }
    }

    #[test]
    fn lines_are_their_sections(
        events in prop::collection::vec("\\{\"[a-z]\":[0-9]\\}", 1..9),
        blank in "(\n| \n|\r\n){1,2}",
        chunk in 1_usize..40,
        per_section in 1_usize..4,
    ) {
        let text = format!("{}{blank}", events.join(&blank));
        let (survey, rest) = scan(text.as_bytes(), chunk, per_section).expect("lines");
        prop_assert_eq!(survey.events, events.len() as u64);
        prop_assert_eq!(refill(text.as_bytes(), &survey, &rest), text.as_bytes());
    }

    #[test]
    fn line_by_line_differs_only_where_the_whole_is_refused(
        text in r#"[{}",:0 \n\r\\x\[]{0,40}|([{}]{0,2}[ \r,x]{0,2}\n{0,2}){0,6}|(\{\}[ x]?\n){1,4}"#,
        chunk in 1_usize..9,
        per_section in 1_usize..4,
    ) {
        let by_line = |chunk| scan_with(Scanner::line_by_line(per_section), text.as_bytes(), chunk);
        let whole = by_line(usize::MAX);
        prop_assert_eq!(&by_line(chunk), &whole);
        if let Ok(strict) = scan(text.as_bytes(), chunk, per_section) {
            prop_assert_eq!(whole.as_ref(), Ok(&strict));
        }
        if let Ok((survey, rest)) = whole {
            prop_assert_eq!(refill(text.as_bytes(), &survey, &rest), text.as_bytes());
            for section in std::iter::once(&survey.head).chain(&rest) {
                let layout = Layout::of(section.index, &section.bytes, &section.holes, section.continues_at);
                prop_assert!(layout.is_ok(), "{} {:?}", text, layout);
            }
        }
    }

    #[test]
    fn hostile_bytes_and_chunks(text in r#"[\[\]{}",:0-9a \n\\]{0,60}"#, chunk in 1_usize..8) {
        let whole = scan(text.as_bytes(), text.len().max(1), 2);
        prop_assert_eq!(scan(text.as_bytes(), chunk, 2), whole);
    }

    #[test]
    fn pieces_of_documents_in_any_order(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"epcisBody\":{\"eventList\":[", "]}}", "\"a\":1", "{}", "7", "\"x\"",
            "\"epcisBody\":{\"queryResults\":{\"resultsBody\":{\"eventList\":[", "\n", " ", "\\", "\"",
            "\"type\":\"EPCISDocument\"", "null",
        ]), 0..14),
        chunk in 1_usize..9,
    ) {
        let text = pieces.concat();
        let whole = scan(text.as_bytes(), usize::MAX, 2);
        prop_assert_eq!(&scan(text.as_bytes(), chunk, 2), &whole);
        if let Ok((survey, rest)) = whole {
            prop_assert_eq!(refill(text.as_bytes(), &survey, &rest), text.as_bytes());
            for section in std::iter::once(&survey.head).chain(&rest) {
                let layout = Layout::of(section.index, &section.bytes, &section.holes, section.continues_at);
                prop_assert!(layout.is_ok(), "{} {:?}", text, layout);
            }
            let text = crate::cut::envelope(0, &survey.head.bytes, &survey.head.holes, survey.head.continues_at);
            let _ = (text, crate::context::Context::of_envelope(&survey.head.bytes));
        }
    }
}
