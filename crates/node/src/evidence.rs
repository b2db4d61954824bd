//! Which claims belong into a pack about a unit or a finding.

use countersign_engine::evidence::{Contents, PackError};
use countersign_engine::{Engine, Fatal};
use countersign_model::claim::{Claim, Fact};
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::fold::Said;
use countersign_model::ids::UnitId;
use countersign_model::plan::Goods;
use countersign_pack::About;
use countersign_reconcile::{Link, Timeline};

use crate::limits::{CLAIMS_OF_ENTRY_MAX, CLAIMS_PER_PACK_MAX};

/// Why a pack cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Neither unit nor finding, or both.
    #[error("a pack is about a unit or about a finding")]
    About,
    /// Not a unit, or not a finding's id.
    #[error("{0}")]
    Unknown(String),
    /// A piece is missing or the pack would be too large.
    #[error(transparent)]
    Pack(PackError),
    /// The node cannot go on.
    #[error(transparent)]
    Fatal(Fatal),
}

impl EvidenceError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::About => "bad_argument",
            Self::Unknown(_) => "unknown_subject",
            Self::Pack(_) | Self::Fatal(_) => "pack_impossible",
        }
    }
}

impl From<PackError> for EvidenceError {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Fatal(fatal) => Self::Fatal(fatal),
            other => Self::Pack(other),
        }
    }
}

/// Makes a pack about a unit or a finding.
///
/// # Errors
/// [`EvidenceError`].
pub fn pack(
    engine: &Engine,
    about: (Option<&str>, Option<&str>),
    disclose: bool,
) -> Result<Vec<u8>, EvidenceError> {
    let contents = match about {
        (Some(unit), None) => about_unit(engine, unit, disclose)?,
        (None, Some(finding)) => about_finding(engine, finding, disclose)?,
        _ => return Err(EvidenceError::About),
    };
    Ok(engine.pack(&contents)?)
}

fn about_unit(engine: &Engine, unit: &str, disclose: bool) -> Result<Contents, EvidenceError> {
    let unit = crate::unit_text::read_unit_text(unit).map_err(EvidenceError::Unknown)?;
    let folds = engine.folds();
    let timeline = folds.ledger().timeline(&unit);
    let timeline =
        timeline.ok_or_else(|| EvidenceError::Unknown(format!("the log has nothing on {unit}")))?;
    let mut claims = claims_of(&timeline);
    claims.truncate(CLAIMS_PER_PACK_MAX);
    let findings = folds
        .detect()
        .findings()
        .filter(|finding| finding.units.contains(&unit));
    let conclusions = findings
        .filter_map(|finding| folds.recorded_at(finding.id))
        .collect();
    Ok(Contents {
        about: About::Unit(unit.to_string()),
        claims,
        conclusions,
        timeline: countersign_report::timeline::timeline_json(&timeline, folds.network())
            .to_string(),
        disclose,
    })
}

/// The claims behind a timeline: its links, and what its discrepancies rest on.
fn claims_of(timeline: &Timeline) -> Vec<ClaimRef> {
    let links = timeline.links.iter().filter_map(|link| match link {
        Link::Claim { claim, .. } | Link::WrittenOff { claim, .. } => Some(*claim),
        Link::Gap { .. } => None,
    });
    let words = timeline
        .discrepancies
        .iter()
        .flat_map(|one| one.agreeing.iter().chain(&one.disagreeing));
    let mut claims: Vec<ClaimRef> = links.chain(words.map(|word| word.at)).collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}

fn about_finding(engine: &Engine, id: &str, disclose: bool) -> Result<Contents, EvidenceError> {
    let unknown =
        || EvidenceError::Unknown(format!("there is no finding {id}; `findings` lists them"));
    let folds = engine.folds();
    // People copy the first digits from a list.
    let mut matching = folds
        .detect()
        .findings()
        .filter(|finding| finding.id.to_string().starts_with(id));
    let finding = matching.next().ok_or_else(unknown)?;
    if id.len() < 8 || matching.next().is_some() {
        return Err(EvidenceError::Unknown(format!(
            "`{id}` does not name one finding; give more digits of its id"
        )));
    }
    let mut claims = Vec::new();
    for entry in &finding.entries {
        claims.extend(claims_about(engine, *entry, &finding.units)?);
    }
    claims.truncate(CLAIMS_PER_PACK_MAX);
    Ok(Contents {
        about: About::Finding(finding.id),
        claims,
        conclusions: folds.recorded_at(finding.id).into_iter().collect(),
        timeline: countersign_report::finding::finding_json(finding, folds.network()).to_string(),
        disclose,
    })
}

/// The claims of an entry that name one of the units; some of them when none does.
fn claims_about(
    engine: &Engine,
    entry: Index,
    units: &[UnitId],
) -> Result<Vec<ClaimRef>, EvidenceError> {
    let all = engine.claims_at(entry).map_err(EvidenceError::Fatal)?;
    let mut named = Vec::new();
    for (at, said) in engine
        .said_at(entry)
        .map_err(|error| EvidenceError::from(PackError::Raw(error)))?
    {
        if let Some(Said::Claim(claim)) = said
            && names_any(&claim, units)
        {
            named.push(at);
        }
    }
    if named.is_empty() {
        named = all.into_iter().take(CLAIMS_OF_ENTRY_MAX).collect();
    }
    Ok(named)
}

fn names_any(claim: &Claim, units: &[UnitId]) -> bool {
    let listed = |unit: &UnitId| units.binary_search(unit).is_ok();
    claim.facts.iter().any(|fact| match fact {
        Fact::Sighting(sighting) => sighting
            .units
            .iter()
            .chain(&sighting.outputs)
            .chain(&sighting.parent)
            .any(listed),
        Fact::Reached(reached) => listed(&reached.unit),
        Fact::Expected(expected) => listed(&expected.unit),
        Fact::Manifest(manifest) => manifest
            .lines
            .iter()
            .any(|line| matches!(&line.what, Goods::Unit(unit) if listed(unit))),
        Fact::Route(route) => listed(&route.unit),
        Fact::CountDue(_) | Fact::DocumentDue(_) => true,
        Fact::Alias(alias) => listed(&alias.unit) || listed(&alias.same_as),
    })
}
