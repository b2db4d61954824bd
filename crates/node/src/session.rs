//! A command's way to a data folder: through the socket of a running node, else by opening it.

use std::io::{BufReader, BufWriter};
use std::os::unix::net::UnixStream;
use std::path::Path;

use countersign_ports::StoreError;
use serde_json::Value;

use crate::compose::{self, OpenError};
use crate::data_dir::DataDir;
use crate::request::{Answer, Request};
use crate::service::Service;
use crate::unlock::KeyFault;
use crate::wire::{read_frame, write_frame};

/// Where requests go.
#[derive(Debug)]
pub enum Session {
    /// The folder is ours for the time of the command.
    Own(Box<Service>),
    /// A running node has it.
    Remote(UnixStream),
}

/// Why a request was not answered with a value.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The asker must change something.
    #[error("{reason}")]
    Refused {
        /// Stable code.
        code: String,
        /// A sentence.
        reason: String,
    },
    /// The node or the folder.
    #[error("{0}")]
    Failed(String),
}

impl From<OpenError> for SessionError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Keys(fault) => fault.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<KeyFault> for SessionError {
    fn from(fault: KeyFault) -> Self {
        let reason = fault.to_string();
        match fault.code() {
            Some(code) => Self::Refused {
                code: code.to_owned(),
                reason,
            },
            None => Self::Failed(reason),
        }
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Session {
    /// Goes to a running node's socket if there is one, else opens the folder.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn open(root: &Path) -> Result<Self, SessionError> {
        let dir = DataDir::open(root)?;
        if let Ok(stream) = UnixStream::connect(dir.socket()) {
            return Ok(Self::Remote(stream));
        }
        match compose::open(root) {
            Ok(opened) => Ok(Self::Own(Box::new(Service::new(opened)))),
            Err(OpenError::Owned(folder)) => Err(SessionError::Failed(format!(
                "another process owns {folder} and does not answer at its socket; wait until it ends"
            ))),
            Err(error) => Err(error.into()),
        }
    }

    /// Goes to a running node's socket if there is one, else opens the folder to read it alone:
    /// for requests that ask and change nothing.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn open_to_read(root: &Path) -> Result<Self, SessionError> {
        let dir = DataDir::open(root)?;
        match UnixStream::connect(dir.socket()) {
            Ok(stream) => Ok(Self::Remote(stream)),
            Err(_) => Ok(Self::Own(Box::new(Service::new(compose::open_to_read(
                root,
            )?)))),
        }
    }

    /// Asks; the value and the blob of the answer.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn ask(
        &mut self,
        request: &Request,
        blob: &[u8],
    ) -> Result<(Value, Vec<u8>), SessionError> {
        let (answer, blob) = match self {
            Self::Own(service) => service.answer(request, blob),
            Self::Remote(stream) => {
                let lost = |error: std::io::Error| {
                    SessionError::Failed(format!("the node went away: {error}"))
                };
                write_frame(&mut BufWriter::new(&*stream), request, blob).map_err(lost)?;
                let answer = read_frame(&mut BufReader::new(&*stream)).map_err(lost)?;
                answer.ok_or_else(|| SessionError::Failed("the node went away".to_owned()))?
            }
        };
        match answer {
            Answer::Ok { value } => Ok((value, blob)),
            Answer::Refused { code, reason } => Err(SessionError::Refused { code, reason }),
            Answer::Failed { reason } => Err(SessionError::Failed(reason)),
        }
    }

    /// Asks for a value.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn value(&mut self, request: &Request) -> Result<Value, SessionError> {
        self.ask(request, &[]).map(|(value, _)| value)
    }

    /// Ends the session: a folder of our own gets its published tree in order, and a snapshot when the
    /// next start would fold much.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn close(self) -> Result<(), SessionError> {
        match self {
            Self::Own(mut service) => service
                .finish()
                .map_err(|fatal| SessionError::Failed(fatal.to_string())),
            Self::Remote(_) => Ok(()),
        }
    }
}
