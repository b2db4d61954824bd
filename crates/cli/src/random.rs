//! Random bytes for salts. Who asks for them cannot be told that there are none; what was made of
//! them may then not be used, since salts of predictable bytes hide nothing.

use std::cell::RefCell;

use countersign_ports::{Entropy as _, StoreError};
use countersign_store_local::MachineEntropy;

use crate::fail::Failure;

/// The kernel's random bytes, and whether they were there each time.
#[derive(Debug, Default)]
pub(crate) struct Random {
    failed: RefCell<Option<StoreError>>,
}

impl Random {
    /// Fills with random bytes, or remembers why not.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = MachineEntropy.fill(bytes) {
            self.failed.borrow_mut().get_or_insert(error);
        }
    }

    /// To be asked before anything is used that was made of them.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.failed
            .take()
            .map_or(Ok(()), |error| Err(Failure::from(error)))
    }
}
