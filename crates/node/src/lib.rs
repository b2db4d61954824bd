//! The composition root: a data folder, its keys, an engine, and who may ask it what.
//!
//! [`compose`] puts an engine together out of files ([`data_dir`]), the machine's clock and its
//! random numbers. [`service`] answers requests on it; [`session`] is how a command gets there:
//! through the socket of a running node ([`server`]) if there is one, else by opening the
//! folder itself. Both ways give the same answers, because they are the same code.
//!
//! What is absent: rules. Nothing here decides what a claim means, whether a signature holds or
//! what is a finding. The network's listener, certificates and tokens come with their work.
//!
//! - LOG-2, LOG-3: a [`request::Answer::Failed`] ends the process; nobody retries in place.
//! - One process owns a folder: the lock is taken before anything is read.
//!
//! Where to start: [`request::Request`], then [`service::Service`].

pub mod backup;
pub mod begun_file;
pub mod compose;
pub mod data_dir;
pub mod evidence;
pub mod fsck;
pub mod key_files;
pub mod limits;
pub mod network;
pub mod protect;
pub mod renew;
pub mod request;
pub mod restore;
pub mod server;
pub mod service;
pub mod session;
pub mod status;
pub mod sync_times;
pub mod unit_text;
pub mod unlock;
pub mod uuid;
pub mod wire;

pub use compose::{OpenError, init};
pub use request::{Answer, Request};
pub use service::Service;
pub use session::{Session, SessionError};
