//! What is observed of a container is observed of what is in it, until evidence says otherwise.
//!
//! A unit is in a container from the observation that puts it in, or sees it in there, to the one that
//! takes it out, puts it elsewhere, ends it, or empties the container. Meanwhile an observation of the
//! container speaks for the unit. It does not where the content was read: an observation of the
//! container that names others of its content, and not the unit, at the same site. And when the
//! container is where the unit cannot be, without being odd itself, the unit is no longer in it:
//! it has parted (`walk.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use countersign_model::claim::StepRole;

use crate::history::History;
use crate::known::desk::Desk;
use crate::known::events::{Event, Packs};
use crate::known::{Known, View};
use crate::limits::CONTAINERS_DEEP_MAX;
use crate::number::{EventNo, PlaceNo, UnitNo};
use crate::walk::{Walked, walk};

/// Containers that are followed before it is clear that they are too many, or a loop.
const PATH_MAX: usize = 64;

/// What a container says for what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Container {
    /// What was observed of it, by itself and in its own containers, in the total order.
    spoken: Vec<EventNo>,
    /// What of it is odd for the container itself.
    odd: BTreeSet<EventNo>,
    /// Observations that read its content, and at which site.
    readings: Vec<(EventNo, PlaceNo)>,
    /// Those that empty it.
    emptied: Vec<EventNo>,
    /// How many containers it is in, one within the other.
    level: usize,
}

impl Container {
    /// Whether an observation contradicts the container's own custody.
    pub(crate) fn is_odd(&self, event: EventNo) -> bool {
        self.odd.contains(&event)
    }
}

/// What a unit is in behind the last of its observations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Inside {
    #[default]
    Nothing,
    /// Whatever is observed of the container next is observed of the unit.
    Container(UnitNo),
    /// Its history must be read to know for whom the container speaks.
    Unclear,
}

/// A stay of a unit in a container.
#[derive(Clone, Copy, Debug)]
struct Stay {
    container: UnitNo,
    begin: EventNo,
    end: Option<EventNo>,
}

/// Lays out what was observed of a unit, by itself and in what it was in.
pub(crate) fn lay_out(known: &Known, history: &dyn History, desk: &mut Desk, root: UnitNo) {
    if desk.spoken_by(root).is_none() {
        let mut layer = Layer {
            known,
            history,
            path: Vec::new(),
        };
        layer.unit(desk, root);
    }
}

struct Layer<'a> {
    known: &'a Known,
    history: &'a dyn History,
    /// Units whose containers are being laid out, the innermost first.
    path: Vec<UnitNo>,
}

/// How a history was laid out.
#[derive(Clone, Copy, Debug)]
struct Laid {
    /// In a loop of containers it is cut off where it comes back, and counts for those alone who asked.
    is_whole: bool,
    level: usize,
}

impl Layer<'_> {
    fn unit(&mut self, desk: &mut Desk, root: UnitNo) -> Laid {
        let own = desk.lay_out_keys(self.known, self.history, root);
        let stays = stays(self.known.view(desk), root, &own);
        let mut spoken = BTreeMap::new();
        let mut laid = Laid {
            is_whole: true,
            level: 0,
        };
        let mut inside = Inside::Nothing;
        self.path.push(root);
        for stay in stays {
            let container = self.known.aliases.root(stay.container);
            inside = Inside::Unclear;
            if self.path.contains(&container) || self.path.len() >= PATH_MAX {
                laid.is_whole = false;
                continue;
            }
            let (says, is_whole) = self.container(desk, container);
            laid.is_whole &= is_whole;
            if says.level >= CONTAINERS_DEEP_MAX {
                continue;
            }
            if is_whole {
                inside = inside_of(self.known.view(desk), &stay, &says);
            }
            laid.level = laid.level.max(says.level + 1);
            for event in spoken_for(self.known.view(desk), root, &stay, &says) {
                spoken.entry(event).or_insert(container);
            }
        }
        self.path.pop();
        desk.set_history(self.known, root, own, spoken);
        desk.set_inside(root, inside);
        laid
    }

    fn container(&mut self, desk: &mut Desk, root: UnitNo) -> (Arc<Container>, bool) {
        if let Some(says) = desk.spoken_by(root) {
            return (says, true);
        }
        let Laid { is_whole, level } = self.unit(desk, root);
        let mut walked = Walked::default();
        let view = self.known.view(desk);
        walk(view, root, view.history(root), &mut walked);
        let says = Container {
            level,
            ..says(view, root, &walked)
        };
        let says = Arc::new(says);
        if is_whole {
            desk.set_spoken_by(root, Arc::clone(&says));
        } else {
            desk.forget_history(root);
        }
        (says, is_whole)
    }
}

fn says(view: View<'_>, root: UnitNo, walked: &Walked) -> Container {
    let all = view.history(root).iter().copied();
    let spoken: Vec<EventNo> = all.filter(|event| !walked.struck.contains(event)).collect();
    let own = spoken
        .iter()
        .copied()
        .filter(|event| view.container(root, *event).is_none() && view.is_effective(*event));
    let keys: Vec<UnitNo> = view.aliases.members(root).collect();
    let mut says = Container {
        odd: walked.oddities.iter().map(|oddity| oddity.event).collect(),
        ..Container::default()
    };
    for event in own {
        let row = view.event(event);
        if keys.iter().any(|key| row.empties(*key)) {
            says.emptied.push(event);
        }
        if let Some(site) = site_of(view, row).filter(|_| reads_content(view, &keys, row)) {
            says.readings.push((event, site));
        }
    }
    Container { spoken, ..says }
}

/// Whether an observation of a container names any of its content, other than by packing it.
fn reads_content(view: View<'_>, keys: &[UnitNo], row: &Event) -> bool {
    let is_in = |unit: &UnitNo| keys.iter().any(|key| view.contents.held(*key, *unit));
    row.repacked().is_none() && row.units.iter().any(is_in)
}

fn site_of(view: View<'_>, row: &Event) -> Option<PlaceNo> {
    Some(view.atlas.site(view.place_of(row)?))
}

/// When the unit was in what, as its own observations say.
fn stays(view: View<'_>, root: UnitNo, own: &[EventNo]) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    if view.contents.is_empty() {
        return stays;
    }
    let is_own = |key: UnitNo| view.aliases.root(key) == root;
    let mut current: Option<Stay> = None;
    let said = own.iter().copied();
    for event in said.filter(|event| view.is_effective(*event) && !view.is_suspect(*event)) {
        let row = view.event(event);
        let packing = row.packing.filter(|packing| !is_own(packing.container));
        let now = packing.map(|packing| (view.aliases.root(packing.container), packing.what));
        let before = current.map(|stay| view.aliases.root(stay.container));
        let ends = match now {
            Some((container, Packs::Removed)) => before == Some(container),
            Some((container, Packs::Added | Packs::Seen)) => before != Some(container),
            None => row.role == StepRole::Ends,
        };
        if ends && let Some(stay) = current.take() {
            stays.push(Stay {
                end: Some(event),
                ..stay
            });
        }
        if let Some((container, Packs::Added | Packs::Seen)) = now
            && current.is_none()
        {
            current = Some(Stay {
                container,
                begin: event,
                end: None,
            });
        }
    }
    stays.extend(current);
    stays
}

/// Whether what somebody does with a container is done with what is in it.
pub(crate) const fn speaks(role: StepRole) -> bool {
    matches!(
        role,
        StepRole::Sees | StepRole::Gives | StepRole::Takes | StepRole::Counts | StepRole::Voids
    )
}

/// What a unit is in behind a stay.
fn inside_of(view: View<'_>, stay: &Stay, says: &Container) -> Inside {
    let is_behind = |event: &EventNo| view.order(*event, stay.begin).is_gt();
    let container = view.aliases.root(stay.container);
    let has_one_key = view.aliases.members(container).count() == 1;
    if stay.end.is_some() || says.emptied.iter().any(is_behind) {
        Inside::Nothing
    } else if has_one_key && says.readings.is_empty() {
        Inside::Container(container)
    } else {
        Inside::Unclear
    }
}

/// The observations of a container that speak for a unit during its stay.
fn spoken_for<'a>(
    view: View<'a>,
    root: UnitNo,
    stay: &'a Stay,
    says: &'a Container,
) -> impl Iterator<Item = EventNo> {
    let is_behind = move |event: EventNo| view.order(event, stay.begin).is_gt();
    let emptied = says.emptied.iter().copied();
    let emptied = emptied
        .filter(|event| is_behind(*event))
        .min_by(|a, b| view.order(*a, *b));
    let is_over = move |event: EventNo, end: Option<EventNo>| {
        end.is_some_and(|end| view.order(event, end).is_ge())
    };
    let during = move |event: EventNo| {
        is_behind(event) && !is_over(event, stay.end) && !is_over(event, emptied)
    };
    let names_unit = move |event: EventNo| {
        let named = view.event(event).units.iter();
        named.copied().any(|key| view.aliases.root(key) == root)
    };
    let read_at: BTreeSet<PlaceNo> = says
        .readings
        .iter()
        .filter(|(event, _)| during(*event) && !names_unit(*event))
        .map(|(_, site)| *site)
        .collect();
    says.spoken.iter().copied().filter(move |event| {
        let row = view.event(*event);
        let is_read = site_of(view, row).is_some_and(|site| read_at.contains(&site));
        speaks(row.role)
            && view.is_effective(*event)
            && during(*event)
            && !is_read
            && !names_unit(*event)
    })
}
