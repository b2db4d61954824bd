//! One snapshot on its way to the disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_model::digest::Digest;
use countersign_ports::{SnapshotContent, SnapshotOf, StoreError};

use super::manifest::{Manifest, Owner, Piece, Section};
use super::{offset_of, pages_path};
use crate::limits::SNAPSHOT_PLACE_BYTES;

/// What the thread that writes it has.
pub(super) struct Writing {
    pub(super) folder: PathBuf,
    pub(super) owner: Owner,
    pub(super) file: File,
    /// The snapshot that is there.
    pub(super) before: Option<Arc<Manifest>>,
    /// Nobody waits for it any more.
    pub(super) is_given_up: Arc<AtomicBool>,
}

/// Places that hold nothing of the snapshot that is there, lowest first.
struct FreePlaces {
    taken: BTreeSet<u32>,
    next: u32,
}

impl FreePlaces {
    fn take(&mut self) -> Option<u32> {
        while self.taken.contains(&self.next) {
            self.next = self.next.checked_add(1)?;
        }
        let place = self.next;
        self.next = self.next.checked_add(1)?;
        Some(place)
    }
}

impl Writing {
    /// Writes pages, makes them durable and then what they rest on, and names them. `None` if it was
    /// given up before; then nothing names what was written.
    ///
    /// # Errors
    /// [`StoreError`]; the snapshot that was there, or the new one, is whole.
    pub(super) fn run(
        self,
        of: SnapshotOf,
        content: &mut dyn SnapshotContent,
    ) -> Result<Option<Manifest>, StoreError> {
        let mut free = FreePlaces {
            taken: self.before.iter().flat_map(|it| it.places()).collect(),
            next: 0,
        };
        let mut sections = Vec::new();
        for (number, (name, count)) in content.sections().into_iter().enumerate() {
            let before = self.before.as_ref().and_then(|it| it.section(name));
            let before = before.map_or(&[][..], |section| &section.pages);
            let mut pages = Vec::with_capacity(count);
            for page in 0..count {
                if self.is_given_up.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let bytes = content.page(number, page);
                let there = before.get(page).map_or(&[][..], Vec::as_slice);
                pages.push(self.put(&bytes, there, &mut free)?);
            }
            let name = name.to_owned();
            sections.push(Section { name, pages });
        }
        let synced = self.file.sync_data();
        synced.map_err(|error| self.failed("syncing", error))?;
        for sync in content.rests_on() {
            sync()?;
        }
        let manifest = Manifest { of, sections };
        manifest.put(&self.folder, &self.owner)?;
        Ok(Some(manifest))
    }

    /// Writes the pieces of a page that are others than those there.
    fn put(
        &self,
        bytes: &[u8],
        there: &[Piece],
        free: &mut FreePlaces,
    ) -> Result<Vec<Piece>, StoreError> {
        let mut pieces = Vec::new();
        for (number, chunk) in bytes.chunks(SNAPSHOT_PLACE_BYTES).enumerate() {
            let digest = Digest::of(chunk);
            let there = there.get(number).filter(|it| it.digest == digest);
            pieces.push(match there {
                Some(there) => *there,
                None => self.put_piece(chunk, digest, free)?,
            });
        }
        Ok(pieces)
    }

    fn put_piece(
        &self,
        bytes: &[u8],
        digest: Digest,
        free: &mut FreePlaces,
    ) -> Result<Piece, StoreError> {
        let full = || std::io::Error::other("it has no further place");
        let place = free.take();
        let place = place.ok_or_else(|| self.failed("writing", full()))?;
        let written = self.file.write_all_at(bytes, offset_of(place));
        written.map_err(|error| self.failed("writing", error))?;
        Ok(Piece {
            place,
            length: u32::try_from(bytes.len()).expect("no longer than a place"),
            digest,
        })
    }

    fn failed(&self, doing: &str, error: std::io::Error) -> StoreError {
        let path = pages_path(&self.folder);
        StoreError::new(format!("{doing} {}", path.display()), error)
    }
}
