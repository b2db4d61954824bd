//! One execution of a target on one input: it holds, or it fails with words.

use std::any::Any;
use std::panic::{self, UnwindSafe};
use std::sync::Mutex;
use std::time::Instant;

use crate::Target;
use crate::limits::EXECUTION_MS_MAX;

/// What the last panic said and where, kept for [`failure`] instead of standard error.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// From here on a panic is kept quiet: thousands of them would bury the one line that matters.
pub fn keep_panics() {
    panic::set_hook(Box::new(|told| {
        let words = told.to_string();
        *last_panic() = Some(words);
    }));
}

fn last_panic() -> std::sync::MutexGuard<'static, Option<String>> {
    LAST_PANIC
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Runs a target on an input. `None` if its property holds; else what happened: a panic, or more
/// time than an execution may take.
pub fn failure(target: &Target, input: &[u8]) -> Option<String> {
    let run = target.run;
    let (ended, ms) = timed(|| run(input));
    match ended {
        Err(payload) => Some(last_panic().take().unwrap_or_else(|| words(&*payload))),
        Ok(()) if ms > EXECUTION_MS_MAX => Some(format!("one execution took {ms} ms")),
        Ok(()) => None,
    }
}

fn words(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a fuzzer measures; nothing that it runs sees the time"
)]
fn timed(run: impl FnOnce() + UnwindSafe) -> (std::thread::Result<()>, u64) {
    let start = Instant::now();
    let ended = panic::catch_unwind(run);
    let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    (ended, ms)
}
