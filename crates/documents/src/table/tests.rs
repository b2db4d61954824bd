use proptest::prelude::*;

use countersign_model::body::EnvelopeBody;
use countersign_model::digest::Digest;
use countersign_model::limits::CLAIM_BYTES_MAX;

use super::*;
use crate::limits::{SECTION_BYTES_MAX, SECTION_ROWS_MAX};

const SEMICOLON: TableForm = TableForm {
    separator: b';',
    quotes: true,
    header: true,
};
const BARE: TableForm = TableForm {
    separator: b',',
    quotes: true,
    header: false,
};

fn scan(form: &TableForm, table: &[u8], step: usize) -> Result<Vec<LineSpan>, ScanError> {
    let mut scanner = RowScanner::new(form);
    let mut out = Vec::new();
    for piece in table.chunks(step.max(1)) {
        scanner.push(piece, &mut out)?;
    }
    scanner.finish(&mut out)?;
    Ok(out)
}

fn bytes_of<'t>(table: &'t [u8], span: &LineSpan) -> &'t [u8] {
    let offset = |at| usize::try_from(at).expect("the table is in memory");
    &table[offset(span.bytes.start)..offset(span.bytes.end)]
}

/// Lines as `number|text`, `H` for the header, `!` for a stray quote; blank lines are left out.
fn shown(table: &[u8], spans: &[LineSpan]) -> Vec<String> {
    let lines = spans.iter().filter(|span| span.kind != LineKind::Blank);
    lines
        .map(|span| {
            let text = String::from_utf8_lossy(bytes_of(table, span));
            let header = if span.kind == LineKind::Header {
                "H"
            } else {
                ""
            };
            let stray = span
                .stray_quote
                .map_or_else(String::new, |line| format!("!{line}"));
            format!("{}{header}{stray}|{text}", span.line)
        })
        .collect()
}

fn check(table: &str, expect: &[&str]) {
    for step in [1, 2, 3, 7, 4096] {
        let spans = scan(&TableForm::CSV, table.as_bytes(), step).expect("is a table");
        assert_eq!(
            shown(table.as_bytes(), &spans),
            expect,
            "{table:?} by {step}"
        );
    }
}

#[test]
fn lines_and_their_ends() {
    check("", &[]);
    check("\n\r\n", &[]);
    check("a,b", &["1H|a,b"]);
    check("a,b\n1,2\n3,4", &["1H|a,b", "2|1,2", "3|3,4"]);
    check("a,b\r\n1,2\r\n", &["1H|a,b", "2|1,2"]);
    check("\n\na\n\n1\n\n", &["3H|a", "5|1"]);
    check("a\n1\r", &["1H|a", "2|1"]);
    check("a\n1\r\r\n", &["1H|a", "2|1\r"]);
    check("a\n\u{0}\n", &["1H|a", "2|\u{0}"]);
    check("\u{feff}a\n1", &["1H|a", "2|1"]);
    check("\u{feff}\"a\nb\"\n1", &["1H|\"a\nb\"", "3|1"]);
    check("\u{feff}", &[]);
}

#[test]
fn quotes_hide_separators_and_line_ends() {
    check("a\n\"x\ny\",1\nz,2", &["1H|a", "2|\"x\ny\",1", "4|z,2"]);
    check("a\n\"x\"\"\n\"\"\",1", &["1H|a", "2|\"x\"\"\n\"\"\",1"]);
    check("a\n\"x\" ,1\r\ny", &["1H|a", "2|\"x\" ,1", "3|y"]);
    check("a\n\"\"\n\"\"", &["1H|a", "2|\"\"", "3|\"\""]);
}

#[test]
fn stray_quotes_are_seen_with_their_line() {
    check("a\n12\" pipe,1\nx", &["1H|a", "2!2|12\" pipe,1", "3|x"]);
    check("a\n\"x\"y,1\nx", &["1H|a", "2!2|\"x\"y,1", "3|x"]);
    check("a\n\"\n\n\"y\nx", &["1H|a", "2!4|\"\n\n\"y", "5|x"]);
    let spans = scan(
        &TableForm {
            quotes: false,
            ..BARE
        },
        b"\"a\n12\"",
        1,
    );
    let spans = spans.expect("is a table");
    assert_eq!(shown(b"\"a\n12\"", &spans), ["1|\"a", "2|12\""]);
}

fn fail(table: &[u8], expect: &ScanError, code: &str) {
    for step in [1, 3, 65_536] {
        let error = scan(&BARE, table, step).expect_err("is refused");
        assert_eq!(error, *expect);
        assert_eq!(error.code(), code);
    }
}

#[test]
fn what_is_no_table_names_its_line() {
    let open = ScanError::QuoteOpen {
        line: 2,
        quote_line: 3,
    };
    fail(b"a\n\"x\n\",\"y\nz\n", &open, "table_quote_open");
    fail(b"\xff\xfea\0\n\0", &ScanError::Utf16, "table_not_utf8");
    fail(b"\xfe\xff\0a\0\n", &ScanError::Utf16, "table_not_utf8");
    let mut long = b"a\n\n".to_vec();
    long.extend(std::iter::repeat_n(b'x', CLAIM_BYTES_MAX + 1));
    let too_long = |line, quote_line| ScanError::RowTooLong { line, quote_line };
    fail(&long, &too_long(3, None), "table_row_too_long");
    long.pop();
    assert_eq!(scan(&BARE, &long, 4096).expect("just fits").len(), 3);
    long.extend(b"\r\n1");
    assert_eq!(scan(&BARE, &long, 4096).expect("just fits").len(), 4);
    // A quote that is never closed is named, even when the table goes on for ever.
    let mut swallowed = b"a\n1,\"2\n".to_vec();
    swallowed.extend(b"3,4\n".repeat(CLAIM_BYTES_MAX / 4));
    fail(&swallowed, &too_long(2, Some(2)), "table_row_too_long");
}

fn cells(form: &TableForm, row: &[u8], expect: &[Result<&str, Fault>]) {
    let got: Vec<_> = Cells::new(row, form)
        .map(|range| text_of(&row[range], form.quotes))
        .collect();
    let got: Vec<_> = got
        .iter()
        .map(|text| text.as_deref().map_err(|f| *f))
        .collect();
    assert_eq!(got, expect, "{}", String::from_utf8_lossy(row));
}

#[test]
fn cells_and_their_texts() {
    let csv = &TableForm::CSV;
    cells(csv, b"", &[Ok("")]);
    cells(csv, b",", &[Ok(""), Ok("")]);
    cells(csv, b" a ,\"b\" ,\" c\"", &[Ok("a"), Ok("b"), Ok("c")]);
    cells(csv, b"\"a,\"\"b\"\"\",c", &[Ok("a,\"b\""), Ok("c")]);
    cells(csv, b"\"a\nb\",c", &[Ok("a\nb"), Ok("c")]);
    cells(&SEMICOLON, b"a,b;c", &[Ok("a,b"), Ok("c")]);
    cells(csv, b"a\"b,c", &[Err(Fault::Quote), Ok("c")]);
    cells(csv, b"\"a\"b,c", &[Err(Fault::Quote), Ok("c")]);
    cells(csv, b"\"a\"b\",c", &[Err(Fault::Quote), Ok("c")]);
    cells(csv, b"\"\"\",c", &[Err(Fault::Quote)]);
    cells(csv, b"\"a,c", &[Err(Fault::Quote)]);
    cells(csv, b"\",c", &[Err(Fault::Quote)]);
    cells(csv, b"\"\",\"\"\"\"", &[Ok(""), Ok("\"")]);
    cells(
        csv,
        b"a\nb,\xff,c",
        &[Err(Fault::Quote), Err(Fault::Utf8), Ok("c")],
    );
    cells(csv, b"\"\xff\"", &[Err(Fault::Utf8)]);
    let bare = TableForm {
        quotes: false,
        ..TableForm::CSV
    };
    cells(&bare, b"\"a,12\"", &[Ok("\"a"), Ok("12\"")]);
}

fn sections(form: &TableForm, table: &[u8], step: usize) -> Option<Vec<Section>> {
    let mut scan = Sections::new(form);
    let mut out = Vec::new();
    for piece in table.chunks(step.max(1)) {
        scan.push(piece, &mut out).ok()?;
    }
    scan.finish(&mut out).ok()?;
    Some(out)
}

/// The table, from its envelopes and the claims in their holes.
fn filled(form: &TableForm, sections: &[Section], refused: &dyn Fn(usize) -> bool) -> Vec<u8> {
    let mut salts = || [7; 32];
    let mut head = None;
    let mut rest = Vec::new();
    let mut first: Option<(EnvelopeBody, Vec<Vec<u8>>)> = None;
    for section in sections {
        let binding = (head, Digest::of(b"map"));
        let envelope = section.envelope(form, [1; 16], binding, refused, &mut salts);
        let envelope = EnvelopeBody::decode(&envelope.encode()).expect("is a body");
        let rows = section.rows.iter().enumerate();
        let rows = rows.filter(|(at, _)| !refused(*at));
        let rows: Vec<_> = rows
            .map(|(_, row)| section.row_bytes(row).to_vec())
            .collect();
        if first.is_none() {
            head = Some(envelope.digest());
            first = Some((envelope, rows));
        } else {
            rest.extend(envelope.fill(&rows, &[]).expect("fits"));
        }
    }
    let (envelope, rows) = first.expect("every table has a head");
    envelope.fill(&rows, &rest).expect("fits")
}

#[test]
fn sections_end_by_rows_and_by_bytes() {
    let rows = |count: usize| format!("a,b\n{}", "1,2\n".repeat(count));
    let numbers = |table: &str| {
        let sections = sections(&TableForm::CSV, table.as_bytes(), 1000).expect("is a table");
        let shape = |s: &Section| (s.rows.len(), s.continues);
        sections.iter().map(shape).collect::<Vec<_>>()
    };
    assert_eq!(numbers(""), [(0, false)]);
    assert_eq!(numbers(&rows(SECTION_ROWS_MAX)), [(1024, false)]);
    let blank = rows(SECTION_ROWS_MAX) + "\n\n";
    assert_eq!(numbers(&blank), [(1024, false)]);
    assert_eq!(
        numbers(&rows(SECTION_ROWS_MAX + 1)),
        [(1024, true), (1, false)]
    );
    let blank = "\n".repeat(SECTION_BYTES_MAX + 10);
    assert_eq!(numbers(&blank), [(0, true), (0, false)]);
    let wide = format!("{}\n", "x".repeat(SECTION_BYTES_MAX / 3)).repeat(7);
    assert_eq!(numbers(&wide), [(2, true), (3, true), (1, false)]);
}

#[test]
fn a_long_table_comes_back_byte_for_byte() {
    let mut table = b"\xef\xbb\xbfid;name\r\n".to_vec();
    for row in 0..2500 {
        table.extend(format!("{row};\"x\n{row}\"").as_bytes());
        table.extend(if row % 3 == 0 { &b"\n\n"[..] } else { b"\r\n" });
    }
    let sections = sections(&SEMICOLON, &table, 777).expect("is a table");
    assert_eq!(sections.len(), 3);
    assert_eq!(filled(&SEMICOLON, &sections, &|_| false), table);
    assert_eq!(filled(&SEMICOLON, &sections, &|row| row % 5 == 0), table);
    let mut salts = || [7; 32];
    let binding = (None, Digest::of(b"map"));
    let head = sections[0].envelope(&SEMICOLON, [1; 16], binding, &|at| at == 1, &mut salts);
    assert!(head.open_view(b"").starts_with(b"\xef\xbb\xbfid;name\r\n"));
    assert_eq!(head.holes.len(), 1023, "a refused row has no hole");
    assert_eq!(
        head.continues_at,
        Some(head.bytes().expect("whole").len() as u64)
    );
}

fn tables() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(&b"a"[..]),
        3 => Just(&b","[..]),
        3 => Just(&b"\n"[..]),
        2 => Just(&b"\r"[..]),
        2 => Just(&b"\""[..]),
        2 => Just(&b"\"b,\r\n\"\"\""[..]),
        1 => Just(&b" "[..]),
        1 => Just(&b"\xef\xbb\xbf"[..]),
        1 => Just(&b"\xff"[..]),
        1 => Just(&b"\0"[..]),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_do_not_matter(table in tables(), step in 1_usize..9, header in any::<bool>()) {
        let form = TableForm { header, ..TableForm::CSV };
        prop_assert_eq!(scan(&form, &table, step), scan(&form, &table, usize::MAX));
        prop_assert_eq!(sections(&form, &table, step), sections(&form, &table, usize::MAX));
    }

    #[test]
    fn every_table_comes_back(table in tables(), header in any::<bool>(), odd in any::<bool>()) {
        let form = TableForm { header, ..TableForm::CSV };
        if let Some(sections) = sections(&form, &table, 16) {
            prop_assert_eq!(filled(&form, &sections, &|row| odd && row % 2 == 1), table);
        }
    }

    #[test]
    fn lines_and_cells_agree(table in tables()) {
        // A row is one line to the scanner when it is looked at alone.
        for span in scan(&BARE, &table, usize::MAX).unwrap_or_default() {
            let row = bytes_of(&table, &span);
            let cells: Vec<_> = Cells::new(row, &BARE).collect();
            let covered: usize = cells.iter().map(|cell| cell.len() + 1).sum();
            prop_assert_eq!(covered, row.len() + 1);
            let faulty = cells.iter().any(|cell| {
                text_of(&row[cell.clone()], true) == Err(Fault::Quote)
            });
            let breaks = String::from_utf8_lossy(row).contains('\r');
            prop_assert!(!faulty || breaks || span.stray_quote.is_some());
        }
    }

    #[test]
    fn no_bytes_panic(table in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = scan(&TableForm::CSV, &table, 5);
        for range in Cells::new(&table, &SEMICOLON) {
            let _ = text_of(&table[range], true);
        }
    }
}
