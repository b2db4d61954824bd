//! Renewals: the keys of a log change, and perhaps its name (docs/formats/renewal.md).

use crate::digest::Digest;
use crate::entry::{Index, Size};
use crate::ids::Origin;
use crate::json::Item;
use crate::plan::{PlanError, parse_field, text_field, whole_field};

use super::digest;

/// From its index on these are the keys of the log, in place of those of genesis or of the
/// renewal before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Name of the log from here on: as before, or that of a linked origin.
    pub origin: Origin,
    /// C2SP verifier keys of the checkpoints, as in genesis.
    pub checkpoint_keys: Vec<Box<str>>,
    /// Key of the node's statements, as text.
    pub node_key: Box<str>,
    /// Key of the COSE receipts, as text.
    pub receipt_key: Box<str>,
    /// For a linked origin: what it goes on from.
    pub continues: Option<Continued>,
}

/// The log that a linked origin goes on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continued {
    /// Its name.
    pub origin: Origin,
    /// How many of its entries are here: those from 0 on.
    pub size: Size,
    /// Root of the tree over them.
    pub root: Digest,
    /// The signed checkpoint with that size and root, as it was, if there is one.
    pub checkpoint: Option<Box<str>>,
    /// What is known to have been logged there and is not here; receipts for it say so.
    pub lost: Option<Lost>,
}

/// Entries that are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The first.
    pub from: Index,
    /// Behind the last that is known of; `None` where nobody knows.
    pub to: Option<Index>,
}

impl Renewal {
    pub(super) fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let keys = item
            .get("checkpointKeys")
            .ok_or_else(|| PlanError::new("checkpointKeys", "is missing"))?;
        let text = |key: Item<'_, '_>| {
            let text = key.as_str().filter(|text| !text.is_empty());
            let wrong = || PlanError::new("checkpointKeys", "is not a list of keys");
            text.map(|text| text.as_ref().into()).ok_or_else(wrong)
        };
        let continues = item.get("continues").map(|value| {
            let within = |error: PlanError| {
                PlanError::new(&format!("continues.{}", error.field), error.reason)
            };
            Continued::from_json(value).map_err(within)
        });
        Ok(Self {
            origin: parse_field(item, "origin", Origin::parse)?,
            checkpoint_keys: keys.elements().map(text).collect::<Result<_, _>>()?,
            node_key: text_field(item, "nodeKey")?.into(),
            receipt_key: text_field(item, "receiptKey")?.into(),
            continues: continues.transpose()?,
        })
    }
}

impl Continued {
    fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let within =
            |error: PlanError| PlanError::new(&format!("lost.{}", error.field), error.reason);
        let lost = item
            .get("lost")
            .map(|value| Lost::from_json(value).map_err(within));
        let continued = Self {
            origin: parse_field(item, "origin", Origin::parse)?,
            size: Size(whole_field(item, "size")?),
            root: parse_field(item, "root", digest)?,
            checkpoint: checkpoint(item)?,
            lost: lost.transpose()?,
        };
        match continued.lost {
            Some(lost) if lost.from.0 != continued.size.0 => Err(PlanError::new(
                "lost.from",
                "is not the size that is continued",
            )),
            _ => Ok(continued),
        }
    }
}

impl Lost {
    fn from_json(item: Item<'_, '_>) -> Result<Self, PlanError> {
        let from = Index(whole_field(item, "from")?);
        let to = item
            .get("to")
            .map(|_| whole_field(item, "to"))
            .transpose()?;
        match to.map(Index) {
            Some(to) if to <= from => Err(PlanError::new("to", "is not behind `from`")),
            to => Ok(Self { from, to }),
        }
    }
}

fn checkpoint(item: Item<'_, '_>) -> Result<Option<Box<str>>, PlanError> {
    let Some(value) = item.get("checkpoint") else {
        return Ok(None);
    };
    let text = value.as_str().map(|text| text.as_ref().into());
    text.map(Some)
        .ok_or_else(|| PlanError::new("checkpoint", "is not a string"))
}
