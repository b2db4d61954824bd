//! Answers that are owed: a node that stops is gone only when its clients have read what it said last.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many requests were taken and not answered yet. Copies count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(Arc<(Mutex<usize>, Condvar)>);

/// One request that is being answered, until it is dropped.
#[derive(Debug)]
pub(super) struct Owed<'a>(&'a Answers);

impl Answers {
    /// One more is owed.
    pub(super) fn owe(&self) -> Owed<'_> {
        self.change(|owed| owed + 1);
        Owed(self)
    }

    /// Waits until none is owed, no longer than that; whether none is.
    pub(super) fn wait(&self, most: Duration) -> bool {
        let (owed, changed) = &*self.0;
        let owed = owed.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(owed, most, |owed| *owed > 0);
        let (owed, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *owed == 0
    }

    fn change(&self, to: impl FnOnce(usize) -> usize) {
        let (owed, changed) = &*self.0;
        let mut owed = owed.lock().unwrap_or_else(PoisonError::into_inner);
        *owed = to(*owed);
        changed.notify_all();
    }
}

impl Drop for Owed<'_> {
    fn drop(&mut self) {
        self.0.change(|owed| owed.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stops_waits_for_what_is_owed() {
        let answers = Answers::default();
        assert!(answers.wait(Duration::ZERO));
        let (one, other) = (answers.owe(), answers.owe());
        assert!(!answers.wait(Duration::ZERO));
        drop(one);
        assert!(!answers.wait(Duration::from_millis(1)));
        let waits = {
            let answers = answers.clone();
            std::thread::spawn(move || answers.wait(Duration::from_secs(60)))
        };
        drop(other);
        assert!(waits.join().expect("no panic"));
    }
}
