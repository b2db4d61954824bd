//! Late papers: the release comes long after it was expected, and is there before the load leaves, by
//! minutes; or the dock names it with the same word by which the load leaves.

use crate::draft::Draft;
use crate::papers::Shown;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| load.ends_here && load.papers.is_some())?;
    let shown = if chance.chance(500) {
        Shown::Before(chance.between(2, 9))
    } else {
        Shown::Leaving
    };
    let papers = draft.load_mut(no).papers.as_mut()?;
    papers.shown = shown;
    let release = papers.name.link.clone();
    let units = draft.load(no).everything();
    let mut row = draft.row_of_load(no, "papers_late_but_there", &units);
    row.manifests.push(release);
    Some(row)
}
