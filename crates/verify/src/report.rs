//! The report: for each piece of evidence, what it would prove, and whether it does.
//!
//! The whole is as good as its worst piece. What nothing of this kind ever proves is said too
//! ([`Caveat`]): silence about a limit reads like a promise.

mod render;

use crate::reason::Reason;

/// Whether something is proven. The order is from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It follows from what the reader trusts.
    Proven,
    /// Nothing contradicts it, and something is missing to prove it.
    CannotTell,
    /// Something contradicts it.
    Disproven,
}

impl Verdict {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::CannotTell => "cannot_tell",
            Self::Disproven => "disproven",
        }
    }

    /// The exit code of the program: 0, 3 or 1 (2 is for wrong use).
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Proven => 0,
            Self::Disproven => 1,
            Self::CannotTell => 3,
        }
    }
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file it is in.
    pub name: String,
    /// What it would prove, in words.
    pub claim: String,
    /// Whether it does.
    pub verdict: Verdict,
    /// Stable code: `proven`, or one of the codes with a page under docs/errors.
    pub code: &'static str,
    /// What was found, in words; may be empty.
    pub detail: String,
}

impl Piece {
    /// A piece that proves what it claims.
    #[must_use]
    pub fn proven(name: &str, claim: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            claim: claim.into(),
            verdict: Verdict::Proven,
            code: PROVEN,
            detail: detail.into(),
        }
    }

    /// A piece that does not, and why.
    #[must_use]
    pub fn fails(name: &str, claim: impl Into<String>, fault: Fault) -> Self {
        Self {
            name: name.to_owned(),
            claim: claim.into(),
            verdict: fault.verdict,
            code: fault.code,
            detail: fault.detail,
        }
    }
}

/// The code of a piece that is proven.
pub const PROVEN: &str = "proven";

/// Why a piece is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// [`Verdict::CannotTell`] or [`Verdict::Disproven`].
    pub verdict: Verdict,
    /// Stable code.
    pub code: &'static str,
    /// Words.
    pub detail: String,
}

impl Fault {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            verdict: reason.verdict(),
            code: reason.code(),
            detail: detail.into(),
        }
    }
}

/// Something that evidence of this kind does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caveat {
    /// Stable code.
    pub code: &'static str,
    /// Words.
    pub words: &'static str,
}

/// Something that was met and is no fault: named, so that nobody overlooks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Stable code: docs/verify.md lists them.
    pub code: &'static str,
    /// Words.
    pub words: String,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One evidence pack.
    Pack,
    /// Receipts and what belongs to them, as loose files.
    Receipts,
    /// A whole log.
    Log,
}

impl Subject {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Receipts => "receipts",
            Self::Log => "log",
        }
    }
}

/// The verdict in one sentence, where all is proven.
const ALL_PROVEN: &str = "Proven: every piece follows from the key that you pinned.";

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was looked at.
    pub subject: Subject,
    /// Identity of the log, as far as it was read. Not to be believed unless the whole is proven.
    pub origin: Option<String>,
    /// Number of entries at the checkpoint, as far as it was read.
    pub size: Option<u64>,
    /// Whether the reader brought a key or a policy.
    pub pinned: bool,
    /// Each piece.
    pub pieces: Vec<Piece>,
    /// What was met beside, and is no fault.
    pub remarks: Vec<Remark>,
    /// What is not proven whatever the pieces say.
    pub caveats: Vec<Caveat>,
}

impl Report {
    /// A report without pieces, which proves nothing.
    #[must_use]
    pub const fn new(subject: Subject, pinned: bool) -> Self {
        Self {
            subject,
            origin: None,
            size: None,
            pinned,
            pieces: Vec::new(),
            remarks: Vec::new(),
            caveats: Vec::new(),
        }
    }

    /// The verdict on the whole: that of the worst piece; without pieces, cannot tell.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let worst = self.pieces.iter().map(|piece| piece.verdict).max();
        worst.unwrap_or(Verdict::CannotTell)
    }

    /// The first of the worst pieces, unless all are proven.
    #[must_use]
    pub fn worst(&self) -> Option<&Piece> {
        let verdict = self.verdict();
        let worst = self.pieces.iter().find(|piece| piece.verdict == verdict);
        worst.filter(|_| verdict != Verdict::Proven)
    }

    /// The verdict in one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        self.summary_with(ALL_PROVEN)
    }

    fn summary_with(&self, all_proven: &str) -> String {
        let Some(worst) = self.worst() else {
            return if self.pieces.is_empty() {
                "Cannot tell: there is nothing to check.".to_owned()
            } else {
                all_proven.to_owned()
            };
        };
        let why = format!("{}: {} ({})", worst.name, worst.detail, worst.code);
        match self.verdict() {
            Verdict::Disproven => format!("Disproven: {why}."),
            _ if self.is_consistent_in_itself() => {
                "Cannot tell: consistent in itself, but no key of this log was pinned, and a forger \
                 can make something consistent. Get the log's key from somebody you trust."
                    .to_owned()
            }
            _ => format!("Cannot tell: {why}."),
        }
    }

    /// Whether all that keeps it from being proven is that the reader has not pinned the log's key.
    #[must_use]
    pub fn is_consistent_in_itself(&self) -> bool {
        let unpinned = [
            Reason::NoPinnedKey.code(),
            Reason::OriginNotPinned.code(),
            Reason::RestsOnCheckpoint.code(),
        ];
        let harmless =
            |piece: &Piece| piece.verdict == Verdict::Proven || unpinned.contains(&piece.code);
        self.verdict() == Verdict::CannotTell
            && self.pieces.iter().all(harmless)
            && self
                .pieces
                .iter()
                .any(|piece| piece.code != Reason::RestsOnCheckpoint.code())
    }

    /// Plain words, for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_text_with(ALL_PROVEN)
    }

    /// As [`Report::to_text`], with another sentence where all is proven: for who holds a log against
    /// something else than a key that a reader pinned.
    #[must_use]
    pub fn to_text_with(&self, all_proven: &str) -> String {
        render::text(self, &self.summary_with(all_proven))
    }

    /// One line of JSON: docs/formats/pack.md, section 5.
    #[must_use]
    pub fn to_json(&self) -> String {
        render::json(self)
    }
}

#[cfg(test)]
mod tests;
