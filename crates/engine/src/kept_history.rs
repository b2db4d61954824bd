//! The history of the ledger, kept: records in a file, and their claims found by the index of the log.
//!
//! A fold cannot fail, a disk can. What fails is kept here, the ledger goes on with less than it needs,
//! and whoever called it asks [`Failure::check`] before anything is done with what it concluded
//! (LOG-2).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign_model::entry::ClaimRef;
use countersign_model::ids::ClaimId;
use countersign_ports::{RecordTable, StoreError, Syncing};
use countersign_reconcile::history::{History, Place, claim_in};

use crate::log_index::SharedIndex;

/// The records of a history, for whoever makes them durable. Only [`KeptHistory`] adds to them.
#[derive(Clone, Debug)]
pub struct SharedRecords(Arc<Mutex<Box<dyn RecordTable>>>);

impl SharedRecords {
    /// Hands all of them to the system, and gives what makes them durable.
    ///
    /// # Errors
    /// [`StoreError`]; the process ends.
    pub fn sync(&self) -> Result<Syncing, StoreError> {
        self.lock().sync()
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn RecordTable>> {
        // A panic of somebody who only looked something up leaves the records as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A history in a table of records; see the module.
#[derive(Debug)]
pub struct KeptHistory {
    records: SharedRecords,
    index: SharedIndex,
    failure: Failure,
}

/// Whether a history failed, and how. Copies tell the same.
#[derive(Clone, Debug, Default)]
pub struct Failure(Arc<Mutex<Option<Told>>>);

/// An error, to be told more than once.
#[derive(Clone, Debug)]
struct Told {
    doing: String,
    kind: io::ErrorKind,
    why: String,
}

impl Failure {
    /// What failed first.
    ///
    /// # Errors
    /// [`StoreError`]: nothing that was concluded since counts; the process ends.
    pub fn check(&self) -> Result<(), StoreError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(told) => {
                let source = io::Error::new(told.kind, told.why.clone());
                Err(StoreError::new(told.doing.clone(), source))
            }
        }
    }

    /// What comes of an operation, if it comes to anything: behind a failure nothing is done.
    fn unless<T>(&self, operation: impl FnOnce() -> Result<T, StoreError>) -> Option<T> {
        self.check().ok()?;
        let error = match operation() {
            Ok(done) => return Some(done),
            Err(error) => error,
        };
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get_or_insert(Told {
            doing: error.doing,
            kind: error.source.kind(),
            why: error.source.to_string(),
        });
        None
    }
}

impl KeptHistory {
    /// The history in these records, whose claims the index of the log finds.
    #[must_use]
    pub fn over(records: Box<dyn RecordTable>, index: SharedIndex) -> Self {
        Self {
            records: SharedRecords(Arc::new(Mutex::new(records))),
            index,
            failure: Failure::default(),
        }
    }

    /// What makes it durable.
    #[must_use]
    pub fn records(&self) -> SharedRecords {
        self.records.clone()
    }

    /// What tells whether it failed.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.failure.clone()
    }

    /// Records of the claim with that identity: where the index says that it may stand, one is looked
    /// for and compared.
    fn places_of(&self, claim: ClaimId) -> Result<Vec<Place>, StoreError> {
        let mut places = Vec::new();
        let mut record = Vec::new();
        let found = self.index.find(claim.0)?;
        let records = self.records.lock();
        for at in found {
            let Some(byte) = records.find(at)? else {
                continue;
            };
            records.read(byte, &mut record)?;
            if claim_in(&record) == Some((claim, at)) {
                places.extend(Place::of(byte));
            }
        }
        Ok(places)
    }
}

impl History for KeptHistory {
    fn append(&mut self, _claim: ClaimId, at: ClaimRef, record: &[u8]) -> Place {
        let byte = self
            .failure
            .unless(|| self.records.lock().append(at, record));
        // Behind a failure nobody reads what is there.
        let place = Place::of(byte.unwrap_or_else(|| self.bytes()));
        place.expect("LIM-1: no disk has 2^64 bytes")
    }

    fn read(&self, place: Place, record: &mut Vec<u8>) -> bool {
        let read = || self.records.lock().read(place.at(), record);
        self.failure.unless(read).is_some()
    }

    fn of_claim(&self, claim: ClaimId) -> Vec<Place> {
        let places = self.failure.unless(|| self.places_of(claim));
        places.unwrap_or_default()
    }

    fn next(&self, behind: Option<Place>) -> Option<Place> {
        let at = match behind {
            None => 0,
            Some(place) => self
                .failure
                .unless(|| self.records.lock().read(place.at(), &mut Vec::new()))?,
        };
        (at < self.bytes()).then(|| Place::of(at))?
    }

    fn bytes(&self) -> u64 {
        self.records.lock().end()
    }
}
