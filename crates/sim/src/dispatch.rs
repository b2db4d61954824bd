//! From what devices wrote down to what is sent when: statements of a few events each, in the
//! order of each device's own writing, late where a device had no network.

use std::collections::BTreeMap;

use countersign_model::time::{Span, Timestamp};

use crate::atlas::Atlas;
use crate::draft::Offline;
use crate::event::Event;
use crate::limits::{EVENTS_PER_STATEMENT_MAX, PLANS_PER_STATEMENT_MAX};
use crate::names::DeviceNo;
use crate::rng::Chance;
use crate::wording::Plan;

/// What a statement claims, by number in the world's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claims {
    Events(Vec<usize>),
    Plans(Vec<usize>),
}

impl Claims {
    /// How many.
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Events(numbers) | Self::Plans(numbers) => numbers.len(),
        }
    }
}

/// One statement to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dispatch {
    pub(crate) device: DeviceNo,
    pub(crate) signed: Timestamp,
    pub(crate) sent: Timestamp,
    /// It never leaves the device.
    pub(crate) hushed: bool,
    /// Sent once more, byte for byte.
    pub(crate) sent_again: Option<Timestamp>,
    pub(crate) claims: Claims,
}

/// Statements of all devices, each device's in the order in which it signs them.
pub(crate) fn dispatches(
    atlas: &Atlas,
    events: &[Event],
    plans: &[Plan],
    offline: &[Offline],
    chance: &mut Chance,
) -> Vec<Dispatch> {
    let mut queues: BTreeMap<DeviceNo, Vec<(Timestamp, usize)>> = BTreeMap::new();
    for (no, event) in events.iter().enumerate() {
        let queue = queues.entry(event.device).or_default();
        queue.push((event.recorded, no));
    }
    let mut out = Vec::new();
    for (device, mut queue) in queues {
        queue.sort_unstable();
        let flush = Span::from_secs(atlas.device(device).flush_s);
        let sending = Sending {
            device,
            offline,
            flush,
            is_hushed: &|no| events.get(no).is_some_and(|event| event.hushed),
        };
        let from = out.len();
        sending.cut(
            &queue,
            EVENTS_PER_STATEMENT_MAX,
            chance,
            &mut out,
            Claims::Events,
        );
        for dispatch in out.iter_mut().skip(from) {
            if let Claims::Events(numbers) = &dispatch.claims {
                let mut said = numbers.iter().filter_map(|no| events.get(*no));
                dispatch.sent_again = said.find_map(|event| event.sent_again);
            }
        }
    }
    let plans = plans.iter().enumerate().map(|(no, plan)| (plan.said, no));
    let queue: Vec<(Timestamp, usize)> = plans.collect();
    let sending = Sending {
        device: atlas.planner(),
        offline,
        flush: Span::from_secs(60),
        is_hushed: &|_| false,
    };
    sending.cut(
        &queue,
        PLANS_PER_STATEMENT_MAX,
        chance,
        &mut out,
        Claims::Plans,
    );
    in_one_chain(atlas.planner(), out)
}

/// The warehouse system says plans and signs of life in one chain: behind the others its own, in the
/// order in which it signs them.
fn in_one_chain(planner: DeviceNo, all: Vec<Dispatch>) -> Vec<Dispatch> {
    let (own, mut out): (Vec<Dispatch>, Vec<Dispatch>) = all
        .into_iter()
        .partition(|dispatch| dispatch.device == planner);
    // Of each of the two the order stays, though its clock may stumble by a second or two.
    let mut newest = [Timestamp::from_ms(0); 2];
    let mut keyed: Vec<(Timestamp, Dispatch)> = Vec::with_capacity(own.len());
    for dispatch in own {
        let [events, plans] = &mut newest;
        let newest = match dispatch.claims {
            Claims::Events(_) => events,
            Claims::Plans(_) => plans,
        };
        *newest = dispatch.signed.max(*newest);
        keyed.push((*newest, dispatch));
    }
    keyed.sort_by_key(|(at, _)| *at);
    let mut earliest = Timestamp::from_ms(0);
    for (_, dispatch) in &mut keyed {
        dispatch.sent = dispatch.sent.max(earliest);
        earliest = dispatch.sent.plus(Span::from_ms(1));
    }
    out.extend(keyed.into_iter().map(|(_, dispatch)| dispatch));
    out
}

/// How one device sends.
struct Sending<'a> {
    device: DeviceNo,
    offline: &'a [Offline],
    flush: Span,
    /// That claim never leaves the device; it stands in a statement of such claims alone.
    is_hushed: &'a dyn Fn(usize) -> bool,
}

impl Sending<'_> {
    /// Cuts a queue, sorted by time, into statements.
    fn cut(
        &self,
        queue: &[(Timestamp, usize)],
        most: usize,
        chance: &mut Chance,
        out: &mut Vec<Dispatch>,
        claims: impl Fn(Vec<usize>) -> Claims,
    ) {
        let mut earliest = Timestamp::from_ms(0);
        let mut rest = queue;
        while let Some((first, first_no)) = rest.first() {
            let room = chance.count(1, most);
            let until = first.plus(self.flush);
            let is_hushed = (self.is_hushed)(*first_no);
            let is_one = |no: usize| (self.is_hushed)(no) == is_hushed;
            let fits = rest.iter().take(room);
            let fits = fits.take_while(|(at, no)| *at <= until && is_one(*no));
            let (now, after) = rest.split_at(fits.count().max(1));
            let last = now.last().map_or(*first, |(at, _)| *at);
            let signed = last.plus(Span::from_ms(chance.between(300, 2_500)));
            let sent = self.sent(signed, chance).max(earliest);
            earliest = sent.plus(Span::from_ms(1));
            out.push(Dispatch {
                device: self.device,
                signed,
                sent,
                hushed: is_hushed,
                sent_again: None,
                claims: claims(now.iter().map(|(_, no)| *no).collect()),
            });
            rest = after;
        }
    }

    fn sent(&self, signed: Timestamp, chance: &mut Chance) -> Timestamp {
        let mine = |offline: &&Offline| offline.device == self.device;
        let silent = self.offline.iter().filter(mine);
        let back = silent
            .filter(|offline| (offline.from..offline.until).contains(&signed))
            .map(|offline| offline.until)
            .max();
        let under_way = Span::from_ms(chance.between(200, 12_000));
        back.unwrap_or(signed).plus(under_way)
    }
}
