//! The one file that says which places hold the snapshot, and what it is of.
//!
//! Lines of text: `countersign snapshot 1`, `log HEX`, `head SIZE ROOT`, `version HEX`,
//! `history BYTES`; then `section NAME` for each section and, below it, `page` for each of its pages,
//! with ` PLACE LENGTH SHA256` for each piece of it. The last line, `hmac HEX`, is of everything before
//! it under a secret of the node: whoever may write in this folder, and has not the keys, makes none.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use countersign_model::body::keyed;
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::{SnapshotOf, StoreError, TreeHead};

use crate::folder::put_file;
use crate::limits::{SNAPSHOT_MANIFEST_BYTES_MAX, SNAPSHOT_PLACE_BYTES};

const FIRST_LINE: &str = "countersign snapshot 1";

/// What every manifest of a node has in common.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub(super) log: Digest,
    pub(super) secret: [u8; 32],
}

/// What the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) of: SnapshotOf,
    pub(super) sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: String,
    /// The pieces of each page.
    pub(super) pages: Vec<Vec<Piece>>,
}

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its number, from 0.
    pub(super) place: u32,
    /// In bytes.
    pub(super) length: u32,
    pub(super) digest: Digest,
}

pub(super) fn manifest_path(folder: &Path) -> PathBuf {
    folder.join("manifest")
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Owner({})", self.log)
    }
}

impl Manifest {
    /// Writes it over the one before, whole or not at all; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn put(&self, folder: &Path, owner: &Owner) -> Result<(), StoreError> {
        let text = self.text(owner);
        let path = manifest_path(folder);
        if text.len() as u64 > SNAPSHOT_MANIFEST_BYTES_MAX {
            let doing = format!("writing {}", path.display());
            return Err(StoreError::other(doing, "the snapshot has too many pages"));
        }
        put_file(&path, text.as_bytes())
    }

    /// Reads it; `None` when there is none.
    ///
    /// # Errors
    /// Why it cannot be believed.
    pub(super) fn read(folder: &Path, owner: &Owner) -> Result<Option<Self>, String> {
        let path = manifest_path(folder);
        let said = |error: &dyn ToString| format!("{}: {}", path.display(), error.to_string());
        match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(said(&error)),
            Ok(found) if found.len() > SNAPSHOT_MANIFEST_BYTES_MAX => {
                return Err(said(&"it is too long"));
            }
            Ok(_) => {}
        }
        let text = fs::read_to_string(&path).map_err(|error| said(&error))?;
        let parsed = Self::parse(&text, owner);
        parsed
            .map(Some)
            .ok_or_else(|| said(&"it is not what this node wrote of this log"))
    }

    /// The pages of a section.
    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Every place that it names.
    pub(super) fn places(&self) -> impl Iterator<Item = u32> {
        let pages = self.sections.iter().flat_map(|section| &section.pages);
        pages.flatten().map(|piece| piece.place)
    }

    fn text(&self, owner: &Owner) -> String {
        let SnapshotOf {
            head,
            version,
            history,
        } = &self.of;
        let mut text = format!(
            "{FIRST_LINE}\nlog {}\nhead {} {}\nversion {version}\nhistory {history}\n",
            owner.log, head.size.0, head.root
        );
        for section in &self.sections {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "section {}", section.name);
            for page in &section.pages {
                text.push_str("page");
                for piece in page {
                    let _ = write!(text, " {} {} {}", piece.place, piece.length, piece.digest);
                }
                text.push('\n');
            }
        }
        let check = keyed(&owner.secret, text.as_bytes());
        let _ = writeln!(text, "hmac {check}");
        text
    }

    /// Only the very bytes that [`Manifest::text`] writes are taken, and only places that are named
    /// once.
    fn parse(text: &str, owner: &Owner) -> Option<Self> {
        let rest = text.strip_prefix(FIRST_LINE)?.strip_prefix("\nlog ")?;
        let (_, rest) = rest.split_once("\nhead ")?;
        let mut lines = rest.lines();
        let (size, root) = lines.next()?.split_once(' ')?;
        let of = SnapshotOf {
            head: TreeHead {
                size: Size(size.parse().ok()?),
                root: Digest::from_hex(root)?,
            },
            version: Digest::from_hex(lines.next()?.strip_prefix("version ")?)?,
            history: lines.next()?.strip_prefix("history ")?.parse().ok()?,
        };
        let mut sections: Vec<Section> = Vec::new();
        for line in lines.filter(|line| !line.starts_with("hmac ")) {
            if let Some(name) = line.strip_prefix("section ") {
                let (name, pages) = (name.to_owned(), Vec::new());
                sections.push(Section { name, pages });
                continue;
            }
            let pieces = parse_page(line.strip_prefix("page")?)?;
            sections.last_mut()?.pages.push(pieces);
        }
        let parsed = Self { of, sections };
        (parsed.text(owner) == text && parsed.is_sound()).then_some(parsed)
    }

    fn is_sound(&self) -> bool {
        let mut seen = BTreeSet::new();
        let pages = self.sections.iter().flat_map(|section| &section.pages);
        pages.flatten().all(|piece| {
            let fits = (1..=SNAPSHOT_PLACE_BYTES).contains(&(piece.length as usize));
            fits && seen.insert(piece.place)
        })
    }
}

fn parse_page(line: &str) -> Option<Vec<Piece>> {
    let mut words = line.split_ascii_whitespace();
    let mut pieces = Vec::new();
    while let Some(place) = words.next() {
        pieces.push(Piece {
            place: place.parse().ok()?,
            length: words.next()?.parse().ok()?,
            digest: Digest::from_hex(words.next()?)?,
        });
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Owner = Owner {
        log: Digest::ZERO,
        secret: [7; 32],
    };

    fn piece(place: u32, length: u32) -> Piece {
        let digest = Digest::of(&place.to_be_bytes());
        Piece {
            place,
            length,
            digest,
        }
    }

    fn manifest() -> Manifest {
        let section = |name: &str, pages: Vec<Vec<Piece>>| Section {
            name: name.to_owned(),
            pages,
        };
        Manifest {
            of: SnapshotOf {
                head: TreeHead {
                    size: Size(30),
                    root: Digest::of(b"root"),
                },
                version: Digest::of(b"version"),
                history: 4711,
            },
            sections: vec![
                section(
                    "rows",
                    vec![vec![piece(4, 20), piece(0, 9)], vec![piece(2, 1)]],
                ),
                section("nothing", vec![Vec::new()]),
            ],
        }
    }

    fn check(change: impl FnOnce(&mut Manifest), expect: bool) {
        let mut manifest = manifest();
        change(&mut manifest);
        let read = Manifest::parse(&manifest.text(&OWNER), &OWNER);
        assert_eq!(read, expect.then_some(manifest));
    }

    #[test]
    fn what_was_written_is_read_and_places_hold_one_piece() {
        check(|_| {}, true);
        check(|m| m.sections.clear(), true);
        check(|m| m.sections[1].pages.push(vec![piece(1, 7)]), true);
        check(|m| m.sections[1].pages.push(vec![piece(4, 20)]), false);
        check(|m| m.sections[1].pages.push(vec![piece(1, 0)]), false);
        let long = u32::try_from(SNAPSHOT_PLACE_BYTES).expect("short");
        check(|m| m.sections[1].pages.push(vec![piece(1, long)]), true);
        check(
            |m| m.sections[1].pages.push(vec![piece(1, long + 1)]),
            false,
        );
    }

    #[test]
    fn any_other_byte_is_refused_and_so_is_another_owner() {
        let text = manifest().text(&OWNER);
        for at in 0..text.len() {
            assert_eq!(
                Manifest::parse(&text[..at], &OWNER),
                None,
                "cut at {at} of {}",
                text.len()
            );
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(Manifest::parse(&changed, &OWNER), None, "changed at {at}");
        }
        assert_eq!(Manifest::parse(&format!("{text}\n"), &OWNER), None);
        for owner in [
            Owner {
                log: Digest::of(b"another"),
                ..OWNER
            },
            Owner {
                secret: [8; 32],
                ..OWNER
            },
        ] {
            assert_eq!(Manifest::parse(&text, &owner), None);
        }
    }
}
