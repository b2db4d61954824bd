//! What the claims of a pack say, as text for people.

use countersign_model::body::{ClaimBody, Part};
use countersign_pack::{Pack, Role};

use crate::limits::BODY_FILE_BYTES_MAX;

/// Stands where a part is withheld.
const WITHHELD: &str = "[withheld]";

/// The text of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The file it is in.
    pub name: String,
    /// Its bytes as UTF-8, control characters but line feeds and tabs shown as `?`.
    pub text: String,
}

/// The bodies of a pack as text; nothing for what is no pack. Whether they are proven, the report
/// says.
#[must_use]
pub fn shown_bodies(bytes: &[u8]) -> Vec<Shown> {
    let Ok(pack) = Pack::open(bytes) else {
        return Vec::new();
    };
    let body = |(role, bytes): (&Role, &[u8])| {
        if !matches!(role, Role::Body(_)) || bytes.len() > BODY_FILE_BYTES_MAX {
            return None;
        }
        let body = ClaimBody::decode(bytes).ok()?;
        Some(Shown {
            name: role.to_string(),
            text: text(&body.parts),
        })
    };
    pack.files().filter_map(body).collect()
}

fn text(parts: &[Part]) -> String {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Part::Open(bytes) | Part::Sealed { bytes, .. } => out.extend(bytes),
            Part::Withheld(_) => out.extend(WITHHELD.as_bytes()),
        }
    }
    let lines: Vec<String> = String::from_utf8_lossy(&out)
        .split('\n')
        .map(|line| {
            let fields: Vec<String> = line.split('\t').map(crate::words::plain).collect();
            fields.join("\t")
        })
        .collect();
    lines.join("\n")
}
