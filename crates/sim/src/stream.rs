//! From days to submissions: statements are signed in the order of their devices' clocks and
//! leave in the order of sending. What is held is what was signed and not yet sent, and what a
//! day says behind its midnight.

use std::collections::BTreeMap;

use countersign_model::body::Format;
use countersign_model::time::Timestamp;

use crate::atlas::{Atlas, Device};
use crate::clock::Day;
use crate::dispatch::Dispatch;
use crate::names::DeviceNo;
use crate::played::PlayedDay;
use crate::sign::{Signer, ToSign};
use crate::wording::Wording;
use crate::world::Recipe;

/// A submission and when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The time of the scenario's clock.
    pub at: Timestamp,
    /// Encoded `countersign_attest::Submission`.
    pub bytes: Vec<u8>,
}

const NEVER: Timestamp = Timestamp::from_ms(i64::MAX);

/// One statement of the world: its day, and its number in the day's dispatches.
type Number = (Day, usize);

/// A statement that waits to be signed.
#[derive(Debug)]
struct Unsigned {
    device: DeviceNo,
    signed: Timestamp,
    sent: Timestamp,
    sent_again: Option<Timestamp>,
    hushed: bool,
    format: Format,
    subject: String,
    claims: Vec<Wording>,
}

/// The devices of a world at work, from the first day to the last.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    recipe: &'a Recipe,
    atlas: Atlas,
    signers: BTreeMap<DeviceNo, Signer>,
    /// By the time of signing: behind the midnight of the day that says it.
    unsigned: BTreeMap<(Timestamp, Number), Unsigned>,
    /// By the time of sending; what is sent again comes behind its first sending.
    waiting: BTreeMap<(Timestamp, Number, bool), Vec<u8>>,
    /// Zeros instead of submissions, for who looks at what is held alone.
    #[cfg(test)]
    is_unsigned: bool,
}

/// Bytes of an ordinary submission.
#[cfg(test)]
const UNSIGNED_LEN: usize = 1_000;

impl<'a> Stream<'a> {
    /// Nobody has said anything.
    pub(crate) fn new(recipe: &'a Recipe) -> Self {
        let mut atlas = recipe.sizes.atlas();
        recipe.disorder.skew(recipe.seed, &mut atlas);
        Self {
            recipe,
            atlas,
            signers: BTreeMap::new(),
            unsigned: BTreeMap::new(),
            waiting: BTreeMap::new(),
            #[cfg(test)]
            is_unsigned: false,
        }
    }

    /// Nothing is signed, which takes nearly all the time.
    #[cfg(test)]
    pub(crate) fn unsigned(recipe: &'a Recipe) -> Self {
        Self {
            is_unsigned: true,
            ..Self::new(recipe)
        }
    }

    /// Signs what the next day says and hands over what is sent before it ends.
    ///
    /// # Errors
    /// That of `send`.
    pub(crate) fn play<E>(
        &mut self,
        day: &PlayedDay,
        send: &mut impl FnMut(Sent) -> Result<(), E>,
    ) -> Result<(), E> {
        let midnight = day.draft.day.end();
        for ((at, number), dispatch) in in_order(day) {
            if at >= midnight {
                let unsigned = Unsigned::of(day, dispatch);
                self.unsigned.insert((at, number), unsigned);
                continue;
            }
            self.sign_before((at, number), send)?;
            self.send_before(at, send)?;
            self.sign(number, &Unsigned::of(day, dispatch));
        }
        self.sign_before((midnight, (Day(0), 0)), send)
    }

    /// Hands over the rest: no day comes after.
    ///
    /// # Errors
    /// That of `send`.
    pub(crate) fn finish<E>(
        &mut self,
        send: &mut impl FnMut(Sent) -> Result<(), E>,
    ) -> Result<(), E> {
        for ((_, number), unsigned) in std::mem::take(&mut self.unsigned) {
            self.sign(number, &unsigned);
        }
        for ((at, ..), bytes) in std::mem::take(&mut self.waiting) {
            send(Sent { at, bytes })?;
        }
        Ok(())
    }

    /// Bytes and statements that are held now.
    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        let bytes = self.waiting.values().map(Vec::len).sum();
        (bytes, self.unsigned.len())
    }

    /// Signs what an earlier day left behind, up to that place.
    fn sign_before<E>(
        &mut self,
        place: (Timestamp, Number),
        send: &mut impl FnMut(Sent) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(entry) = self.unsigned.first_entry() {
            if *entry.key() >= place {
                break;
            }
            let ((at, number), unsigned) = entry.remove_entry();
            self.send_before(at, send)?;
            self.sign(number, &unsigned);
        }
        Ok(())
    }

    /// Nothing that is signed from `at` on is sent before it.
    fn send_before<E>(
        &mut self,
        at: Timestamp,
        send: &mut impl FnMut(Sent) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 >= at {
                break;
            }
            let ((at, ..), bytes) = entry.remove_entry();
            send(Sent { at, bytes })?;
        }
        Ok(())
    }

    fn submission(&mut self, what: &Unsigned) -> Vec<u8> {
        #[cfg(test)]
        if self.is_unsigned {
            return vec![0; UNSIGNED_LEN];
        }
        let device: &Device = self.atlas.device(what.device);
        let recipe = self.recipe;
        let signer = self.signers.entry(what.device);
        let signer = signer.or_insert_with(|| Signer::new(recipe.seed, device, &recipe.origin));
        signer.submit(&ToSign {
            format: what.format,
            subject: &what.subject,
            shown: device.shown(what.signed),
            // What never leaves the device has told nobody of its envelope.
            sent: if what.hushed { NEVER } else { what.sent },
            claims: &what.claims,
        })
    }

    fn sign(&mut self, number: Number, what: &Unsigned) {
        let bytes = self.submission(what);
        if what.hushed {
            return;
        }
        if let Some(again) = what.sent_again {
            let place = (again.max(what.sent), number, true);
            self.waiting.insert(place, bytes.clone());
        }
        self.waiting.insert((what.sent, number, false), bytes);
    }
}

impl Unsigned {
    fn of(day: &PlayedDay, dispatch: &Dispatch) -> Self {
        let (format, claims) = day.wordings(dispatch);
        Self {
            device: dispatch.device,
            signed: dispatch.signed,
            sent: dispatch.sent,
            sent_again: dispatch.sent_again,
            hushed: dispatch.hushed,
            format,
            subject: day.subject(dispatch).to_owned(),
            claims,
        }
    }
}

/// The statements of a day by the time at which they are signed; those of one device in the
/// order of its chain, though its clock may stumble by a second or two.
fn in_order(day: &PlayedDay) -> Vec<((Timestamp, Number), &Dispatch)> {
    let mut newest: BTreeMap<DeviceNo, Timestamp> = BTreeMap::new();
    let mut out: Vec<((Timestamp, Number), &Dispatch)> = Vec::new();
    for (no, dispatch) in day.dispatches.iter().enumerate() {
        let newest = newest.entry(dispatch.device).or_insert(dispatch.signed);
        *newest = dispatch.signed.max(*newest);
        out.push(((*newest, (day.draft.day, no)), dispatch));
    }
    out.sort_unstable_by_key(|(place, _)| *place);
    out
}
