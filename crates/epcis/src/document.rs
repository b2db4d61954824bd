//! The document level: the header, and a whole document that fits into memory.

use countersign_model::claim::Warning;
use countersign_model::json::{Doc, Item};

use crate::context::Context;
use crate::event;
use crate::memo::Memo;
use crate::print::Print;
use crate::problem::{Path, Problem};
use crate::scan::{DocumentKind, Layout, Scanner, Section, Survey};
use crate::shape::{DOCUMENT, QUERY_DOCUMENT};
use crate::walk::Walk;

/// What the head of a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The names in force for its events.
    pub context: Context,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
}

/// A whole document that was found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What kind of document it is.
    pub kind: DocumentKind,
    /// Its events.
    pub events: u64,
    /// What was odd about it and them.
    pub warnings: Vec<Warning>,
}

/// Checks what stands around the events.
///
/// # Errors
/// Every problem found in the header; of JSON lines and bare events there are none here.
pub fn check_head(survey: &Survey) -> Result<Head, Vec<Problem>> {
    let head = &survey.head;
    let layout = Layout::of(head.index, &head.bytes, &head.holes, head.continues_at);
    let emptied = match layout.map_err(|problem| vec![problem])? {
        Layout::Document(emptied) => emptied,
        Layout::Space | Layout::Following => {
            let context = if survey.kind == DocumentKind::Event {
                Context::bare_event()
            } else {
                Context::standard()
            };
            return Ok(Head {
                context,
                warnings: Vec::new(),
            });
        }
    };
    let doc = Doc::parse(emptied.text()).map_err(|error| vec![Problem::from(error)])?;
    check_header(doc.root())
}

fn check_header(item: Item<'_, '_>) -> Result<Head, Vec<Problem>> {
    let (context, mut problems) = match item.get("@context").map(Context::parse) {
        Some(Ok(context)) => (context, Vec::new()),
        Some(Err(problems)) => (Context::standard(), problems),
        // That it is missing is found by the table.
        None => (Context::standard(), Vec::new()),
    };
    let mut memo = Memo::none();
    let mut walk = Walk::new(&context, &mut memo, true, Print::default());
    let root = Path::Root;
    match item.str_at("type").as_deref() {
        Some("EPCISQueryDocument") => walk.object(&QUERY_DOCUMENT, item, &root),
        Some("EPCISDocument") => walk.object(&DOCUMENT, item, &root),
        Some(_) => {
            let reason = "is neither EPCISDocument nor EPCISQueryDocument";
            walk.refuse("unknown_type", &root.name("type"), reason);
        }
        None => walk.refuse(
            "missing_field",
            &root.name("type"),
            "is missing, or no text",
        ),
    }
    problems.append(&mut walk.problems);
    let warnings = walk.warnings;
    if problems.is_empty() {
        let mut all = context.warnings().to_vec();
        all.extend(warnings);
        Ok(Head {
            context,
            warnings: all,
        })
    } else {
        Err(problems)
    }
}

/// Checks a whole document in memory: its header and each of its events.
///
/// # Errors
/// Every problem found, each with the path from the top of the document.
pub fn check(bytes: &[u8]) -> Result<Report, Vec<Problem>> {
    let one = |problem| vec![problem];
    let mut sections: Vec<Section> = Vec::new();
    let mut scanner = Scanner::default();
    scanner
        .push(bytes, &mut |section| sections.push(section))
        .map_err(one)?;
    let survey = scanner
        .finish(&mut |section| sections.push(section))
        .map_err(one)?;
    let (context, mut warnings, mut problems) = match check_head(&survey) {
        Ok(head) => (head.context, head.warnings, Vec::new()),
        Err(problems) => (Context::standard(), Vec::new(), problems),
    };
    let spans = std::iter::once(&survey.head).chain(&sections);
    for (at, span) in spans.flat_map(|section| &section.spans).enumerate() {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let end = usize::try_from(span.end).unwrap_or(usize::MAX);
        let event = bytes.get(start..end).unwrap_or_default();
        let place = place_of(survey.kind, at);
        match event::check(event, &context) {
            Ok(checked) => warnings.extend(checked.warnings.into_iter().map(|warning| Warning {
                field: format!("{place}.{}", warning.field),
                ..warning
            })),
            Err(found) => problems.extend(found.into_iter().map(|p| p.inside(&place))),
        }
    }
    if problems.is_empty() {
        Ok(Report {
            kind: survey.kind,
            events: survey.events,
            warnings,
        })
    } else {
        Err(problems)
    }
}

/// Path of the event at `at` (from 0) of a document of this kind.
#[must_use]
pub fn place_of(kind: DocumentKind, at: usize) -> String {
    match kind {
        DocumentKind::Document => format!("epcisBody.eventList[{at}]"),
        DocumentKind::QueryDocument => {
            format!("epcisBody.queryResults.resultsBody.eventList[{at}]")
        }
        DocumentKind::Event => String::new(),
        DocumentKind::Lines => format!("line[{at}]"),
    }
}
