//! Cosignatures of type 0x06, subtree/v1: c2sp.org/tlog-cosignature v1.1.0, "ML-DSA-44 signed
//! message".
//!
//! Unlike type 0x04 they name the cosigner, stand against quantum computers, and can speak of a
//! subtree. On a note they speak of a checkpoint, the subtree from 0 to its size. Extension lines
//! are not signed, and nothing is said about them.

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::limits::COSIGNATURE_TIME_S_MAX;
use crate::ml_dsa;
use crate::note::KeyName;

/// First bytes of what is signed.
const LABEL: &[u8; 12] = b"subtree/v1\n\0";

/// What a cosigner of type 0x06 speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree<'a> {
    /// Origin of the log, 1 to 255 bytes.
    pub origin: &'a str,
    /// Index of the first leaf; 0 for a checkpoint.
    pub start: u64,
    /// Index behind the last leaf; the size of the tree for a checkpoint.
    pub end: u64,
    /// Root of the subtree.
    pub hash: &'a Hash,
}

impl<'a> Subtree<'a> {
    /// The subtree that is the whole tree of a checkpoint.
    pub fn of(checkpoint: &'a Checkpoint) -> Self {
        Self {
            origin: checkpoint.origin(),
            start: 0,
            end: checkpoint.size().0,
            hash: checkpoint.root(),
        }
    }

    /// The bytes that `cosigner` signs: `cosigned_message`. A `time_s` of 0 says nothing of when,
    /// and nothing else may be said of a subtree that does not begin at 0. `None` if there is no
    /// such message: a name or origin of no or more than 255 bytes, or another time.
    pub fn message(&self, cosigner: &KeyName, time_s: u64) -> Option<Vec<u8>> {
        let sound = time_s <= COSIGNATURE_TIME_S_MAX && (self.start == 0 || time_s == 0);
        let mut out = LABEL.to_vec();
        push_opaque(&mut out, cosigner.as_str())?;
        out.extend(time_s.to_be_bytes());
        push_opaque(&mut out, self.origin)?;
        out.extend(self.start.to_be_bytes());
        out.extend(self.end.to_be_bytes());
        out.extend(self.hash.as_bytes());
        sound.then_some(out)
    }
}

/// `opaque text<1..2^8-1>` of RFC 8446, Section 3.4.
fn push_opaque(out: &mut Vec<u8>, text: &str) -> Option<()> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length > 0)?;
    out.push(length);
    out.extend(text.as_bytes());
    Some(())
}

/// The time of the cosignature, in seconds since the epoch, if it holds and the text is a
/// checkpoint. 0 where the cosigner says nothing of when.
pub(crate) fn verify(name: &KeyName, public_key: &[u8], text: &str, bytes: &[u8]) -> Option<u64> {
    let (time_s, signature) = bytes.split_first_chunk::<8>()?;
    let time_s = u64::from_be_bytes(*time_s);
    let checkpoint = Checkpoint::parse(text).ok()?;
    let message = Subtree::of(&checkpoint).message(name, time_s)?;
    ml_dsa::verify(public_key, &message, signature).then_some(time_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    fn check(subtree: Subtree<'_>, cosigner: &str, time_s: u64, expect: Option<&[u8]>) {
        let message = subtree.message(&KeyName::new(cosigner).unwrap(), time_s);
        assert_eq!(
            message.as_deref(),
            expect,
            "{subtree:?} {cosigner} {time_s}"
        );
    }

    /// The page's own example of a checkpoint, cosigned by its witness, field by field.
    #[test]
    fn the_message_is_that_of_the_page() {
        let hash = Hash::from_base64(ROOT).unwrap();
        let origin = "example.com/behind-the-sofa";
        let whole = Subtree {
            origin,
            start: 0,
            end: 20_852_163,
            hash: &hash,
        };
        let expected = [
            b"subtree/v1\n\0".as_slice(),
            b"\x16witness.example.com/w1",
            &[0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb],
            b"\x1bexample.com/behind-the-sofa",
            &[0; 8],
            &[0, 0, 0, 0, 0x01, 0x3e, 0x2d, 0xc3],
            hash.as_bytes(),
        ]
        .concat();
        let witness = "witness.example.com/w1";
        check(whole, witness, 1_679_315_147, Some(&expected));
        let part = Subtree { start: 8, ..whole };
        check(part, witness, 1, None);
        let mut untimed = expected;
        let time_at = 12 + 1 + witness.len();
        untimed[time_at..time_at + 8].fill(0);
        untimed[time_at + 8 + 1 + origin.len() + 7] = 8;
        check(part, witness, 0, Some(&untimed));
        check(whole, witness, COSIGNATURE_TIME_S_MAX + 1, None);
        check(whole, &"w".repeat(256), 1, None);
        let long = "o".repeat(256);
        check(
            Subtree {
                origin: &long,
                ..whole
            },
            witness,
            1,
            None,
        );
        check(
            Subtree {
                origin: "",
                ..whole
            },
            witness,
            1,
            None,
        );
    }
}
