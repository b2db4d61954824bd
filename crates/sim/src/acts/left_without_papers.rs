//! Left without papers: a load that nobody has released is driven away all the same, and not all of
//! it arrives. The row is about the documents: the load as a whole must not have left.

use crate::draft::Draft;
use crate::papers::Shown;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.ends_here && load.papers.is_some() && load.seal.is_none() && load.units.len() >= 8
    })?;
    let n = chance.count(2, 6);
    let stolen = draft.some_loose(no, n, chance);
    draft.quirks(no).off_truck.extend(stolen.iter().copied());
    let papers = draft.load_mut(no).papers.as_mut()?;
    papers.shown = Shown::Never;
    let release = papers.name.link.clone();
    let mut row = TruthRow {
        act: true,
        from: draft.load(no).depart,
        cents: draft.goods.cents(&stolen),
        kinds: vec!["proof_missing".to_owned()],
        allowed: vec!["missing_units".to_owned()],
        ..draft.row_of_load(no, "left_without_papers", &[])
    };
    row.manifests.push(release);
    Some(row)
}
