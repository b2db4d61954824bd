//! What a thread failed at, for every call that comes after.

use std::io;

use countersign_ports::StoreError;

/// An error that is told more than once.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    doing: String,
    kind: io::ErrorKind,
    why: String,
}

impl Failure {
    /// Of what it was, and the error.
    pub(crate) fn of(what: &str, error: &StoreError) -> Self {
        Self {
            doing: format!("{what}: {}", error.doing),
            kind: error.source.kind(),
            why: error.source.to_string(),
        }
    }

    /// The error once more.
    pub(crate) fn again(&self) -> StoreError {
        let source = io::Error::new(self.kind, self.why.clone());
        StoreError::new(self.doing.clone(), source)
    }
}
