//! How a command ends when it cannot do what was asked: what, why, and what to do.

use countersign_node::renew::RenewError;
use countersign_node::unlock::KeyFault;
use countersign_node::{OpenError, SessionError};
use countersign_ports::StoreError;

/// Done.
pub(crate) const DONE: u8 = 0;
/// Not done, or disproven.
pub(crate) const FAILED: u8 = 1;
/// The arguments are wrong.
pub(crate) const WRONG_USE: u8 = 2;

/// A sentence for people, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What and why.
    pub(crate) message: String,
    /// A stable code with a page under docs/errors, if there is one.
    pub(crate) reason_code: Option<String>,
    /// Exit code of the process.
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            reason_code: None,
            code: FAILED,
        }
    }

    pub(crate) fn wrong_use(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            reason_code: None,
            code: WRONG_USE,
        }
    }

    pub(crate) fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let advice = countersign_ports::advice(error);
        Self::new(format!("{doing} {}: {error}{advice}", path.display()))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Refused { code, reason } => Self {
                message: reason,
                reason_code: Some(code),
                code: FAILED,
            },
            SessionError::Failed(reason) => Self::new(reason),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<KeyFault> for Failure {
    fn from(fault: KeyFault) -> Self {
        SessionError::from(fault).into()
    }
}

impl From<RenewError> for Failure {
    fn from(error: RenewError) -> Self {
        match error {
            RenewError::Open(error) => error.into(),
            RenewError::Refused(refusal) => SessionError::Refused {
                code: refusal.code.to_owned(),
                reason: refusal.reason,
            }
            .into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}
