//! A report as text and as JSON.

use std::fmt::Write as _;

use countersign_model::json::quote;

use super::{Piece, Report, Verdict};
use crate::words::plain;

/// Kind and version of the JSON.
const JSON_KIND: &str = "countersign-verify-report";

pub(super) fn text(report: &Report, summary: &str) -> String {
    let mut out = format!("{}\n", plain(summary));
    if let (Some(origin), Some(size)) = (&report.origin, report.size) {
        let _ = writeln!(out, "\nLog {}, {size} entries.", plain(origin));
    }
    let mut name = None;
    for piece in &report.pieces {
        if name != Some(&piece.name) {
            let _ = writeln!(out, "\n{}", plain(&piece.name));
            name = Some(&piece.name);
        }
        one_piece(piece, &mut out);
    }
    if !report.remarks.is_empty() {
        out.push_str("\nMet beside it, and no fault:\n");
        for remark in &report.remarks {
            let _ = writeln!(out, "  - {} [{}]", plain(&remark.words), remark.code);
        }
    }
    if !report.caveats.is_empty() {
        out.push_str("\nNot proven by any of this:\n");
        for caveat in &report.caveats {
            let _ = writeln!(out, "  - {}", caveat.words);
        }
    }
    out
}

fn one_piece(piece: &Piece, out: &mut String) {
    let word = match piece.verdict {
        Verdict::Proven => "proven     ",
        Verdict::CannotTell => "cannot tell",
        Verdict::Disproven => "DISPROVEN  ",
    };
    let _ = writeln!(out, "  {word}  {}", plain(&piece.claim));
    let indent = " ".repeat(15);
    match (piece.verdict, piece.detail.is_empty()) {
        (Verdict::Proven, true) => {}
        (Verdict::Proven, false) => {
            let _ = writeln!(out, "{indent}{}", plain(&piece.detail));
        }
        _ => {
            let _ = writeln!(out, "{indent}{} [{}]", plain(&piece.detail), piece.code);
        }
    }
}

pub(super) fn json(report: &Report) -> String {
    let mut out = format!(
        "{{\"kind\":\"{JSON_KIND}\",\"version\":1,\"subject\":\"{}\",\"origin\":{},\"size\":{},\
         \"pinned\":{},\"verdict\":\"{}\",\"consistent_in_itself\":{},\"summary\":{},\"pieces\":[",
        report.subject.as_str(),
        report
            .origin
            .as_deref()
            .map_or_else(|| "null".to_owned(), quote),
        report
            .size
            .map_or_else(|| "null".to_owned(), |size| size.to_string()),
        report.pinned,
        report.verdict().as_str(),
        report.is_consistent_in_itself(),
        quote(&report.summary()),
    );
    for (at, piece) in report.pieces.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            out,
            "{comma}{{\"name\":{},\"claim\":{},\"verdict\":\"{}\",\"code\":\"{}\",\"detail\":{}}}",
            quote(&piece.name),
            quote(&piece.claim),
            piece.verdict.as_str(),
            piece.code,
            quote(&piece.detail),
        );
    }
    out.push_str("],\"remarks\":[");
    for (at, remark) in report.remarks.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let (code, words) = (remark.code, quote(&remark.words));
        let _ = write!(out, "{comma}{{\"code\":\"{code}\",\"words\":{words}}}");
    }
    out.push_str("],\"not_proven\":[");
    for (at, caveat) in report.caveats.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let (code, words) = (caveat.code, quote(caveat.words));
        let _ = write!(out, "{comma}{{\"code\":\"{code}\",\"words\":{words}}}");
    }
    out.push_str("]}\n");
    out
}
