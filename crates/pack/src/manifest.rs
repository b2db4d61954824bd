//! `manifest.json`: what a pack is about, and every file with its SHA-256 and what it is evidence of.
//!
//! The manifest has one spelling: it is read, written anew and compared. What a file is evidence of
//! follows from its name, so nobody can write another meaning beside it.

use std::fmt::Write as _;

use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::json::{Doc, Item, Kind, quote};

use crate::archive::File;
use crate::damage::{Damage, DamageKind};
use crate::limits::{ABOUT_BYTES_MAX, MANIFEST_BYTES_MAX, PACK_FILES_MAX};
use crate::role::Role;

/// The value of `kind`.
pub const PACK_KIND: &str = "countersign-pack";
/// The value of `version`.
pub const PACK_VERSION: u64 = 1;
/// Its own name, the only one it does not list.
pub const MANIFEST_NAME: &str = "manifest.json";

/// What a pack was made to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The way of a unit.
    Unit(String),
    /// A finding and its evidence.
    Finding(Digest),
}

/// A file as the manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is; gives its name.
    pub role: Role,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// The list of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Identity of the log.
    pub origin: String,
    /// What the pack was made to show.
    pub about: About,
    /// The maker had read the log up to this entry. Its word.
    pub made_at: Index,
    /// Every other file, in the order of their names.
    pub files: Vec<Listed>,
}

impl Manifest {
    /// The text of the file.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = format!("{{\n  \"kind\": {},\n", quote(PACK_KIND));
        let _ = writeln!(out, "  \"version\": {PACK_VERSION},");
        let _ = writeln!(out, "  \"origin\": {},", quote(&self.origin));
        let (what, which) = match &self.about {
            About::Unit(key) => ("unit", key.clone()),
            About::Finding(id) => ("finding", id.to_string()),
        };
        let _ = writeln!(out, "  \"about\": {{\"{what}\": {}}},", quote(&which));
        let _ = write!(
            out,
            "  \"made_at_index\": {},\n  \"files\": [",
            self.made_at
        );
        for (at, file) in self.files.iter().enumerate() {
            out.push_str(if at == 0 { "\n" } else { ",\n" });
            file.render(&mut out);
        }
        out.push_str("\n  ]\n}\n");
        out
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`Damage`] in `manifest.json`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(fault(DamageKind::TooLarge, "the manifest is too large"));
        }
        let doc = Doc::parse(bytes).map_err(|error| malformed(&error.to_string()))?;
        let root = doc.root();
        supported(root)?;
        let manifest = Self::from_json(root)?;
        if manifest.render().as_bytes() != bytes {
            return Err(malformed("it is not in its one spelling"));
        }
        Ok(manifest)
    }

    fn from_json(root: Item<'_, '_>) -> Result<Self, Damage> {
        let text = |name: &str| root.str_at(name).map(std::borrow::Cow::into_owned);
        let origin = text("origin").ok_or_else(|| malformed("`origin` is missing"))?;
        let about = root.get("about").and_then(read_about);
        let files = root
            .get("files")
            .filter(|files| files.kind() == Kind::Array);
        let files = files.ok_or_else(|| malformed("`files` is missing"))?;
        if files.elements().nth(PACK_FILES_MAX).is_some() {
            return Err(fault(
                DamageKind::TooLarge,
                "the manifest lists too many files",
            ));
        }
        Ok(Self {
            origin,
            about: about.ok_or_else(|| malformed("`about` names no unit and no finding"))?,
            made_at: Index(
                number(root, "made_at_index")
                    .ok_or_else(|| malformed("`made_at_index` is not an index"))?,
            ),
            files: files
                .elements()
                .map(Listed::from_json)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Checks that the archive holds exactly the listed files, with the listed bytes.
    ///
    /// # Errors
    /// [`Damage`] names the first file that differs.
    pub fn matches(&self, files: &[File<'_>]) -> Result<(), Damage> {
        let mut present = files.iter().filter(|(name, _)| *name != MANIFEST_NAME);
        let mismatch =
            |name: &str, words: &str| Damage::new(DamageKind::ManifestMismatch, words).within(name);
        for listed in &self.files {
            let wanted = listed.role.to_string();
            let (name, bytes) = present
                .next()
                .ok_or_else(|| mismatch(&wanted, "the manifest lists it, and it is not there"))?;
            if *name != wanted {
                let (which, words) = if *name < wanted.as_str() {
                    (*name, "the manifest does not list it")
                } else {
                    (
                        wanted.as_str(),
                        "the manifest lists it, and it is not there",
                    )
                };
                return Err(mismatch(which, words));
            }
            if bytes.len() as u64 != listed.bytes || Digest::of(bytes) != listed.sha256 {
                return Err(mismatch(
                    name,
                    "its bytes are not those that the manifest lists",
                ));
            }
        }
        match present.next() {
            Some((name, _)) => Err(mismatch(name, "the manifest does not list it")),
            None => Ok(()),
        }
    }
}

impl Listed {
    fn render(&self, out: &mut String) {
        let description = self.role.description();
        let _ = write!(
            out,
            "    {{\n      \"name\": {},\n      \"bytes\": {},\n      \"sha256\": \"{}\",\n      \
             \"media_type\": {},\n      \"evidence\": {},\n      \"words\": {}\n    }}",
            quote(&self.role.to_string()),
            self.bytes,
            self.sha256,
            quote(description.media_type),
            quote(description.evidence),
            quote(description.words),
        );
    }

    fn from_json(item: Item<'_, '_>) -> Result<Self, Damage> {
        let name = item
            .str_at("name")
            .ok_or_else(|| malformed("a file without a name"))?;
        let role = Role::of_name(&name).filter(|role| *role != Role::Manifest);
        let role = role.ok_or_else(|| {
            Damage::new(DamageKind::FileUnknown, "no file of a pack is called so").within(&name)
        })?;
        let bytes = number(item, "bytes");
        let sha256 = item.str_at("sha256").and_then(|hex| Digest::from_hex(&hex));
        let bad = || malformed(&format!("`{name}` has no length or no SHA-256"));
        Ok(Self {
            role,
            bytes: bytes.ok_or_else(bad)?,
            sha256: sha256.ok_or_else(bad)?,
        })
    }
}

fn supported(root: Item<'_, '_>) -> Result<(), Damage> {
    if root.str_at("kind").as_deref() != Some(PACK_KIND) {
        return Err(malformed("it is not the manifest of a pack"));
    }
    match number(root, "version") {
        Some(PACK_VERSION) => Ok(()),
        Some(other) => {
            let words = format!("a pack of version {other}; this release reads {PACK_VERSION}");
            Err(fault(DamageKind::ManifestUnsupported, &words))
        }
        None => Err(malformed("`version` is not a number")),
    }
}

fn read_about(item: Item<'_, '_>) -> Option<About> {
    if let Some(unit) = item.str_at("unit") {
        return (!unit.is_empty() && unit.len() <= ABOUT_BYTES_MAX)
            .then(|| About::Unit(unit.into_owned()));
    }
    Digest::from_hex(&item.str_at("finding")?).map(About::Finding)
}

fn number(item: Item<'_, '_>, name: &str) -> Option<u64> {
    item.get(name)?.as_number()?.parse().ok()
}

fn malformed(words: &str) -> Damage {
    fault(DamageKind::ManifestMalformed, words)
}

fn fault(kind: DamageKind, words: &str) -> Damage {
    Damage::new(kind, words).within(MANIFEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, bytes: &[u8]) -> Listed {
        Listed {
            role: Role::of_name(name).unwrap(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        }
    }

    fn manifest() -> Manifest {
        Manifest {
            origin: "log.example/a\"b\\c".to_owned(),
            about: About::Unit("https://id.gs1.org/00/095201234567891235".to_owned()),
            made_at: Index(41),
            files: vec![
                listed("README.txt", b"words"),
                listed("checkpoint", b"note"),
            ],
        }
    }

    /// Changes the text and reads it.
    fn check(from: &str, to: &str, expect: Result<(), &str>) {
        let text = manifest().render();
        assert!(text.contains(from), "{from}");
        let read = Manifest::parse(text.replacen(from, to, 1).as_bytes());
        assert_eq!(
            read.map(|_| ()).map_err(|damage| damage.code()),
            expect,
            "{from} -> {to}"
        );
    }

    #[test]
    fn the_text_has_one_spelling() {
        assert_eq!(
            Manifest::parse(manifest().render().as_bytes()),
            Ok(manifest())
        );
        let finding = Manifest {
            about: About::Finding(Digest::of(b"f")),
            files: vec![],
            ..manifest()
        };
        assert_eq!(Manifest::parse(finding.render().as_bytes()), Ok(finding));
        let malformed = Err("manifest_malformed");
        check(
            "\"version\": 1",
            "\"version\": 2",
            Err("manifest_unsupported"),
        );
        check("\"version\": 1", "\"version\": 01", malformed);
        check("countersign-pack", "countersign-sack", malformed);
        check("\"origin\"", "\"Origin\"", malformed);
        check("\"unit\"", "\"thing\"", malformed);
        check("\"about\"", " \"about\"", malformed);
        check(
            "\"evidence\": \"checkpoint\"",
            "\"evidence\": \"theft\"",
            malformed,
        );
        check("What the log signed", "What the thief did", malformed);
        check("text/plain", "text/html", malformed);
        check("\"README.txt\"", "\"readme.txt\"", Err("pack_file_unknown"));
        check(
            "\"README.txt\"",
            "\"manifest.json\"",
            Err("pack_file_unknown"),
        );
        check("}\n", "}", malformed);
        check("{", "[", malformed);
    }

    #[test]
    fn the_list_is_that_of_the_archive() {
        let check = |files: &[File<'_>], expect: Result<(), &str>| {
            let got = manifest().matches(files);
            let file = got.map_err(|damage| {
                assert_eq!(damage.code(), "manifest_mismatch");
                damage.file.unwrap_or_default()
            });
            assert_eq!(file, expect.map_err(str::to_owned));
        };
        let (readme, own) = (("README.txt", &b"words"[..]), (MANIFEST_NAME, &b""[..]));
        let checkpoint = ("checkpoint", &b"note"[..]);
        check(&[readme, checkpoint, own], Ok(()));
        check(&[readme, own], Err("checkpoint"));
        check(&[checkpoint, own], Err("README.txt"));
        check(&[readme, ("blobs/x", b""), checkpoint, own], Err("blobs/x"));
        check(
            &[readme, checkpoint, own, ("timeline.json", b"")],
            Err("timeline.json"),
        );
        check(&[readme, ("checkpoint", b"nope"), own], Err("checkpoint"));
    }
}
