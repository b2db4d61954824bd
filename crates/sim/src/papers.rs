//! Documents without which a load may not leave: a customs release, which comes while the load stands
//! at the dock, and which the dock names when it has it.

use countersign_model::network::SiteKind;
use countersign_model::time::Timestamp;

use crate::clock::shifted;
use crate::draft::Draft;
use crate::event::Event;
use crate::load::Load;
use crate::names::{LoadNo, Name};
use crate::play::Stage;
use crate::rng::Chance;
use crate::wording::{Plan, quoted};

/// So many minutes before a load is to leave its papers are there on most days.
const USUAL_MIN: i64 = 40;

/// The papers of a load.
#[derive(Clone, Debug)]
pub(crate) struct Papers {
    pub(crate) name: Name,
    pub(crate) shown: Shown,
}

/// When the dock names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// When they are expected.
    AsUsual,
    /// So many minutes before the load leaves.
    Before(i64),
    /// When it signs that the load leaves.
    Leaving,
    Never,
}

/// Most loads to the last hub need a release.
pub(crate) fn ask_for_papers(draft: &mut Draft, per_mille: u64, chance: &mut Chance) {
    let hub = draft.atlas.of_kind(SiteKind::Hub).pop();
    if per_mille == 0 {
        return;
    }
    for no in (0..draft.loads.len()).map(LoadNo) {
        if Some(draft.lane_of(no).to) == hub && chance.chance(per_mille) {
            let name = draft.new_document('R');
            let shown = Shown::AsUsual;
            draft.load_mut(no).papers = Some(Papers { name, shown });
        }
    }
}

impl Load {
    /// When the dock says that the papers are there, unless it says so when the load leaves.
    fn papers_shown(&self) -> Option<(&Papers, Timestamp)> {
        let papers = self.papers.as_ref()?;
        match papers.shown {
            Shown::AsUsual => Some((papers, shifted(self.ready, -USUAL_MIN))),
            Shown::Before(minutes) => Some((papers, shifted(self.depart, -minutes))),
            Shown::Leaving | Shown::Never => None,
        }
    }

    /// Papers that are named when it leaves.
    pub(crate) fn papers_leaving(&self) -> Option<Name> {
        let papers = self.papers.as_ref()?;
        (papers.shown == Shown::Leaving).then(|| papers.name.clone())
    }
}

/// The dock holds something of the load until the papers are there, and names them.
pub(crate) fn show(load: &Load, stage: &mut Stage<'_>) {
    let Some((papers, at)) = load.papers_shown() else {
        return;
    };
    let goods = load.loaded().into_iter();
    let held = goods.filter(|unit| load.seal != Some(*unit)).take(1);
    let held: Vec<_> = held.collect();
    let dock = load.dock_from;
    let mut event = Event::seen(stage.atlas.reader(dock), at, "holding", dock, &held);
    event.papers = Some(papers.name.clone());
    stage.journal.write(event);
}

/// What the warehouse system says of it.
pub(crate) fn plan(load: &Load) -> Option<Plan> {
    let papers = load.papers.as_ref()?;
    let members = format!(
        r#","id":{},"for":{},"due":"{}""#,
        quoted(&papers.name.urn),
        quoted(&load.manifest.urn),
        load.depart_by
    );
    Some(Plan {
        at: load.issued,
        said: load.issued,
        kind: "DocumentPlan",
        members,
        units: Vec::new(),
        names: vec![papers.name.link.clone()],
        note: None,
    })
}
