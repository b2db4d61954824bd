//! How to read bodies: what an envelope says of the claims in it.

use std::sync::Arc;

use countersign_attest::Refusal;
use countersign_documents::{Bound, Mapping};
use countersign_epcis::context::Context;
use countersign_epcis::decode::decode_doc;
use countersign_epcis::memo::Memo;
use countersign_model::act::{OwnObject, sealed_values};
use countersign_model::body::{ClaimBody, Cut, EnvelopeBody, Format};
use countersign_model::claim::{Claim, Fact, Provenance};
use countersign_model::digest::Digest;
use countersign_model::fold::Said;
use countersign_model::json::{Doc, canonical};
use countersign_model::time::{EventTime, Timestamp};

/// Why a claim cannot be decoded, or its cut is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable code with a page under docs/errors.
    pub code: &'static str,
    /// Path of the field.
    pub field: String,
    /// A sentence.
    pub reason: String,
}

impl Problem {
    fn new(code: &'static str, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            code,
            field: field.into(),
            reason: reason.into(),
        }
    }
}

/// Codes that this crate gives.
pub const ERROR_CODES: [&str; 4] = [
    "bad_cut",
    "bad_object",
    "unknown_format",
    "unreadable_envelope",
];

/// What an envelope says of its claims.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Without salts: enters identities.
    content: Digest,
    head: Option<Digest>,
    reader: Reader,
    bytes: usize,
}

#[derive(Clone, Debug)]
enum Reader {
    Epcis(Arc<Context>),
    Table(Arc<Bound>),
    Own,
    /// The envelope cannot be read: its claims are unfoldable, for this reason.
    None(Problem),
}

/// A body that came whole, read once for all that intake asks of it.
#[derive(Debug)]
pub struct Whole<'b> {
    body: &'b ClaimBody,
    bytes: &'b [u8],
    /// Of a format in JSON, if it is JSON.
    doc: Option<Doc<'b>>,
}

impl<'b> Whole<'b> {
    /// Reads a body whose bytes these are.
    #[must_use]
    pub fn read(body: &'b ClaimBody, bytes: &'b [u8]) -> Self {
        let is_table = body.format == Format::TableRow.id();
        let doc = if is_table {
            None
        } else {
            Doc::parse(bytes).ok()
        };
        Self { body, bytes, doc }
    }
}

/// What stands in the way of a body of which a part did not come.
pub(crate) fn withheld() -> Problem {
    Problem::new("bad_cut", "", "a part of the body is withheld")
}

/// What stands in the way of a body whose envelope the log has not.
pub(crate) fn absent() -> Problem {
    Problem::new("unreadable_envelope", "", "the envelope did not come")
}

impl Envelope {
    /// Reads an envelope, whole or with its sealed parts withheld: the same. `head` is that of its
    /// document, if it is a later section; `mapping` the file that it names.
    #[must_use]
    pub fn read(envelope: &EnvelopeBody, head: Option<&Self>, mapping: Option<&[u8]>) -> Self {
        let reader = match head {
            Some(head) => head.reader.clone(),
            None => reader_of(envelope, mapping),
        };
        // A section shares the reader of its head.
        let mapping = mapping.filter(|_| head.is_none()).unwrap_or_default();
        let bytes = envelope.open_view(b"").len() + mapping.len();
        Self {
            content: envelope.content_digest(head.map(|head| head.content)),
            head: envelope.head,
            reader,
            bytes,
        }
    }

    /// Bytes of what its reader was made of.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Digest of what it says, without salts.
    #[must_use]
    pub const fn content_digest(&self) -> Digest {
        self.content
    }

    /// Whether it is the head of a document, or all of it.
    #[must_use]
    pub const fn is_head(&self) -> bool {
        self.head.is_none()
    }

    fn reader(&self, body: &ClaimBody) -> Result<&Reader, Problem> {
        let same_format = match &self.reader {
            Reader::Epcis(_) => body.format == Format::EpcisJson.id(),
            Reader::Table(_) => body.format == Format::TableRow.id(),
            Reader::Own => body.format == Format::CountersignJson.id(),
            Reader::None(problem) => return Err(problem.clone()),
        };
        if same_format && body.version == 1 {
            Ok(&self.reader)
        } else {
            let reason = format!(
                "{} version {} does not belong into its envelope",
                body.format, body.version
            );
            Err(Problem::new("unknown_format", "", reason))
        }
    }

    /// Checks that a body that came whole is cut as its format asks (format law 1).
    ///
    /// # Errors
    /// [`Problem`] `bad_cut`, or why the cut cannot be told.
    pub fn check_claim_cut(&self, whole: &Whole<'_>) -> Result<(), Problem> {
        let Whole { body, bytes, doc } = whole;
        let given = body.cut().ok_or_else(withheld)?;
        let required = match (self.reader(body)?, doc) {
            (Reader::Epcis(context), Some(doc)) => countersign_epcis::cut::required(doc, context),
            (Reader::Own, Some(doc)) => Cut::new(sealed_values(doc.root())),
            // What cannot be read as JSON has one right cut too: nobody can tell what in it is
            // personal, so it is sealed whole, and its claim is unfoldable.
            (Reader::Epcis(_) | Reader::Own, None) => whole_sealed(bytes),
            (Reader::Table(bound), _) => bound.cut(bytes),
            (Reader::None(problem), _) => return Err(problem.clone()),
        };
        if given == required {
            return Ok(());
        }
        Err(wrong_cut(bytes, &given, &required))
    }

    /// As [`Envelope::decode`] of a body whose bytes are at hand. Where nothing is sealed they are the
    /// open view, and what was read of them is not read again.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn decode_whole(
        &self,
        whole: &Whole<'_>,
        open_view: &[u8],
        from: Provenance<'_>,
    ) -> Result<Said, Problem> {
        match (self.reader(whole.body)?, &whole.doc) {
            (Reader::Epcis(context), Some(doc)) if open_view == whole.bytes => {
                decode_doc(doc, context, from, &mut Memo::none())
                    .map(Said::Claim)
                    .map_err(of_epcis)
            }
            _ => self.decode(whole.body, open_view, from),
        }
    }

    /// Decodes a claim from its open view.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn decode(
        &self,
        body: &ClaimBody,
        open_view: &[u8],
        from: Provenance<'_>,
    ) -> Result<Said, Problem> {
        match self.reader(body)? {
            Reader::Epcis(context) => countersign_epcis::decode::decode(open_view, context, from)
                .map(Said::Claim)
                .map_err(of_epcis),
            Reader::Table(bound) => bound
                .decode(open_view, from)
                .map(Said::Claim)
                .map_err(|problem| Problem::new(problem.code, problem.field, problem.reason)),
            Reader::Own => own_object(open_view, from),
            Reader::None(problem) => Err(problem.clone()),
        }
    }
}

fn reader_of(envelope: &EnvelopeBody, mapping: Option<&[u8]>) -> Reader {
    match Format::known(&envelope.format, envelope.version) {
        Some(Format::EpcisJson) => match Context::of_envelope(&envelope.open_view(b"null")) {
            Ok(context) => Reader::Epcis(Arc::new(context)),
            Err(problems) => Reader::None(first(problems)),
        },
        Some(Format::TableRow) => match bound(envelope, mapping) {
            Ok(bound) => Reader::Table(Arc::new(bound)),
            Err(problem) => Reader::None(problem),
        },
        Some(Format::CountersignJson) => Reader::Own,
        None => {
            let reason = format!(
                "{} version {} is unknown to this release",
                envelope.format, envelope.version
            );
            Reader::None(Problem::new("unknown_format", "", reason))
        }
    }
}

fn bound(envelope: &EnvelopeBody, mapping: Option<&[u8]>) -> Result<Bound, Problem> {
    let unreadable = |reason: String| Problem::new("unreadable_envelope", "mapping", reason);
    if envelope.mapping.is_none() {
        return Err(unreadable("a table names its mapping file".into()));
    }
    let bytes = mapping.ok_or_else(|| unreadable("the mapping file did not come".into()))?;
    let mapping = Mapping::parse(bytes).map_err(|error| unreadable(error.to_string()))?;
    mapping
        .bind_envelope(envelope)
        .map_err(|error| Problem::new(error.code(), "", error.to_string()))
}

/// Checks that an envelope that came whole is cut as its format asks.
///
/// # Errors
/// [`Refusal`] `bad_cut`.
pub fn check_cut(envelope: &EnvelopeBody) -> Result<(), Refusal> {
    let refused = |reason: String| Refusal::new("bad_cut", reason);
    let Some(bytes) = envelope.bytes() else {
        return Err(refused("a part of the envelope is withheld".into()));
    };
    let required = match Format::known(&envelope.format, envelope.version) {
        Some(Format::EpcisJson) => {
            let cut = countersign_epcis::cut::envelope(
                envelope.section,
                &bytes,
                &envelope.holes,
                envelope.continues_at,
            );
            cut.map_err(|problem| refused(format!("the envelope: {}", problem.reason)))?
        }
        // Rows that were refused are sealed, each whole; header and line ends are open.
        Some(Format::TableRow) => return Ok(()),
        // One object, or one a line.
        Some(Format::CountersignJson) if bytes.iter().all(u8::is_ascii_whitespace) => {
            Cut::default()
        }
        Some(Format::CountersignJson) => {
            return Err(refused(
                "around objects of ours stands white space alone".into(),
            ));
        }
        None => return Ok(()),
    };
    let given = cut_of(&envelope.parts).unwrap_or_default();
    if given == required {
        Ok(())
    } else {
        Err(refused("the envelope is not cut as its format asks".into()))
    }
}

/// What folds read of a body: its sealed parts blank.
///
/// # Errors
/// [`Problem`] when the format is unknown.
pub fn open_view(body: &ClaimBody) -> Result<Vec<u8>, Problem> {
    let format = Format::known(&body.format, body.version);
    let format = format.ok_or_else(|| {
        let reason = format!(
            "{} version {} is unknown to this release",
            body.format, body.version
        );
        Problem::new("unknown_format", "", reason)
    })?;
    Ok(body.open_view(format.blank()))
}

fn own_object(open_view: &[u8], from: Provenance<'_>) -> Result<Said, Problem> {
    let doc =
        Doc::parse(open_view).map_err(|error| Problem::new(error.code, "", error.to_string()))?;
    let object = OwnObject::from_json(doc.root())
        .map_err(|error| Problem::new("bad_object", error.field, error.reason))?;
    let fact = match object {
        OwnObject::Act(act) => return Ok(Said::Act(act)),
        OwnObject::Testimony(fact) => fact,
    };
    let at = doc
        .root()
        .str_at("eventTime")
        .and_then(|text| Timestamp::parse(&text).ok());
    let (at, offset) = at.map_or_else(
        || (starts_at(&fact), None),
        |(at, offset)| (at, Some(offset)),
    );
    Ok(Said::Claim(Claim {
        id: from.of_bytes(open_view),
        fingerprint: Digest::of_parts(
            "countersign/own-object/v1",
            &[canonical(doc.root()).as_bytes()],
        ),
        time: EventTime::instant(at, offset),
        facts: vec![fact],
        correction: None,
        warnings: Vec::new(),
    }))
}

/// When a plan without a time of its own is taken to be said: at its first instant.
fn starts_at(fact: &Fact) -> Timestamp {
    match fact {
        Fact::Manifest(manifest) => manifest.depart_by,
        Fact::CountDue(count) => count.opens,
        Fact::DocumentDue(document) => document.due,
        Fact::Route(route) => {
            let opens = route.stops.iter().map(|stop| stop.opens);
            opens.min().unwrap_or(Timestamp::from_ms(0))
        }
        Fact::Sighting(sighting) => sighting.time.at,
        Fact::Reached(reached) => reached.time.at,
        Fact::Expected(expected) => expected.due.at,
        Fact::Alias(_) => Timestamp::from_ms(0),
    }
}

fn whole_sealed(bytes: &[u8]) -> Cut {
    Cut::new(std::iter::once(0..bytes.len()).collect())
}

/// Says where a cut is not the one that is required.
fn wrong_cut(bytes: &[u8], given: &Cut, required: &Cut) -> Problem {
    let only_in = |one: &Cut, other: &Cut| {
        let mut own = one.sealed().iter();
        own.find(|range| !other.sealed().contains(range)).cloned()
    };
    let (range, how) = match (only_in(given, required), only_in(required, given)) {
        (Some(range), _) => (range, "sealed and must be open, or are no one value"),
        (None, Some(range)) => (range, "open and must be sealed"),
        (None, None) => {
            let words = "the parts are not in their one right form";
            return Problem::new("bad_cut", "", words);
        }
    };
    let doc = Doc::parse(bytes);
    let field = doc.map_or_else(|_| String::new(), |doc| doc.path_to(&range));
    let words = format!("bytes {}..{} are {how}", range.start, range.end);
    Problem::new("bad_cut", field, words)
}

fn cut_of(parts: &[countersign_model::body::Part]) -> Option<Cut> {
    use countersign_model::body::Part;
    let mut at = 0;
    let mut sealed = Vec::new();
    for part in parts {
        match part {
            Part::Open(bytes) => at += bytes.len(),
            Part::Sealed { bytes, .. } => {
                sealed.push(at..at + bytes.len());
                at += bytes.len();
            }
            Part::Withheld(_) => return None,
        }
    }
    Some(Cut::new(sealed))
}

fn first(problems: Vec<countersign_epcis::problem::Problem>) -> Problem {
    let first = problems.into_iter().next();
    first.map_or_else(
        || Problem::new("unreadable_envelope", "", "the envelope cannot be read"),
        of_epcis,
    )
}

fn of_epcis(problem: countersign_epcis::problem::Problem) -> Problem {
    Problem::new(problem.code, problem.field, problem.reason)
}
