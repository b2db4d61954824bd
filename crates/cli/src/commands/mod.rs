//! One command, one file.

pub(crate) mod apply;
pub(crate) mod approve;
pub(crate) mod backup;
pub(crate) mod capture;
pub(crate) mod demo;
pub(crate) mod device;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod fsck;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod ledger;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod propose;
pub(crate) mod reconcile;
pub(crate) mod replay;
pub(crate) mod restore;
pub(crate) mod say;
pub(crate) mod sim;
pub(crate) mod status;
pub(crate) mod submit;
pub(crate) mod suspect;
pub(crate) mod trace;
pub(crate) mod verify;

mod new_key;
mod new_log;
mod own;
