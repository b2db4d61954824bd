//! Words to people: standard output for results, standard error for progress and complaints.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::fail::Failure;

/// Why the first line of result was not written, if one was not.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// Writes a line of result. A reader that has gone (a closed pipe) wants no more of it; any other
/// failure is for [`unwritten`] to tell.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush());
    if let Err(error) = written {
        failed_to_write(error);
    }
}

/// Keeps why a result could not be written, for [`unwritten`].
pub(crate) fn failed_to_write(error: io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        // The first one says it.
        let _ = UNWRITTEN.set(error);
    }
}

/// Why not all of the result could be written, if that is so.
pub(crate) fn unwritten() -> Option<&'static io::Error> {
    UNWRITTEN.get()
}

/// Writes a JSON value as one line.
pub(crate) fn json(value: &Value) {
    line(value.to_string());
}

/// Writes a line beside the result.
pub(crate) fn note(text: impl AsRef<str>) {
    // Nothing better can be done when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Says why a command failed.
pub(crate) fn complain(failure: &Failure) {
    match &failure.reason_code {
        Some(code) => note(format!(
            "countersign: {} [{code}, see docs/errors/{code}.md]",
            failure.message
        )),
        None => note(format!("countersign: {}", failure.message)),
    }
}

/// A progress bar on standard error, hidden where nobody looks at it.
pub(crate) fn progress(total: u64, what: &'static str, quiet: bool) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if quiet || !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{prefix:>10} [{bar:40}] {percent:>3}% {msg}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(what);
    bar
}

/// A number in groups of three digits: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    countersign_report::text::grouped(&number.to_string())
}

/// `1 entry`, `2 entries`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    countersign_report::text::counted(number, one, many)
}
