//! The one place that prints.

#[expect(clippy::print_stdout, reason = "what the bench is for")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "what a person is told meanwhile")]
pub(crate) fn warn(text: &str) {
    eprintln!("{text}");
}
