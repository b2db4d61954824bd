//! The names of everything: every text that the ledger has a number for.

use std::sync::Arc;

use countersign_model::ids::{ClassId, DocId, PartyId, PlaceId, PrincipalId};

use crate::number::{ClassNo, DocNo, Names, PartyNo, PlaceNo, PrincipalNo, Text, WordNo};
use crate::packed::hash::Secret;
use crate::packed::unit_names::UnitNames;
use crate::snapshot::Unreadable;
use crate::snapshot::sections::{Keeper, Kept};

impl Text for PlaceId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for PartyId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for DocId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for ClassId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for PrincipalId {
    fn text(&self) -> &str {
        self.as_str()
    }
}
impl Text for Arc<str> {
    fn text(&self) -> &str {
        self
    }
}

/// Every text that the ledger has a number for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    pub(crate) units: UnitNames,
    pub(crate) places: Names<PlaceNo, PlaceId>,
    pub(crate) parties: Names<PartyNo, PartyId>,
    pub(crate) docs: Names<DocNo, DocId>,
    pub(crate) classes: Names<ClassNo, ClassId>,
    pub(crate) principals: Names<PrincipalNo, PrincipalId>,
    pub(crate) words: Names<WordNo, Arc<str>>,
}

impl Register {
    /// No text yet. The secret keeps anybody outside from choosing texts that are found slowly.
    pub(crate) fn keyed(secret: Secret) -> Self {
        Self {
            units: UnitNames::keyed(secret),
            places: Names::keyed(secret),
            parties: Names::keyed(secret),
            docs: Names::keyed(secret),
            classes: Names::keyed(secret),
            principals: Names::keyed(secret),
            words: Names::keyed(secret),
        }
    }
}

impl Register {
    pub(super) fn keep(&self, out: &mut Keeper) {
        self.units.keep(out);
        self.places.keep("places", out);
        self.parties.keep("parties", out);
        self.docs.keep("document_names", out);
        self.classes.keep("class_names", out);
        self.principals.keep("principals", out);
        self.words.keep("words", out);
    }

    pub(super) fn resume(secret: Secret, from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            units: UnitNames::resume(secret, from)?,
            places: Names::resume("places", secret, from)?,
            parties: Names::resume("parties", secret, from)?,
            docs: Names::resume("document_names", secret, from)?,
            classes: Names::resume("class_names", secret, from)?,
            principals: Names::resume("principals", secret, from)?,
            words: Names::resume("words", secret, from)?,
        })
    }
}
