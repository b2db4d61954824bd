//! Cosignatures of type 0x04, cosignature/v1: c2sp.org/tlog-cosignature v1.0.1, "Ed25519 signed
//! message".
//!
//! A cosignature says: at this time, the largest consistent tree of this origin that I have seen is
//! this one. It does not say who the cosigner is, so one key serves one cosigner. Extension lines
//! are signed, but nothing is said about them. Type 0x06 is in [`crate::subtree`].

use ed25519_dalek::VerifyingKey;

use crate::checkpoint::Checkpoint;
use crate::ed25519;
use crate::limits::COSIGNATURE_TIME_S_MAX;
use crate::note::{NoteSignature, SignError, SignatureType, Signer};
use crate::subtree::Subtree;

/// Cosigns a checkpoint, by the rule of the signer's type: 0x04 or 0x06. The caller has checked that it is consistent with the last one it cosigned
/// for this origin, and gives the time in seconds since the epoch, which a witness never leaves 0
/// (c2sp.org/tlog-witness).
///
/// # Errors
/// [`SignError::WrongKeyType`] if the key signs texts, [`SignError::BadTime`],
/// [`SignError::BadText`] for an origin that type 0x06 cannot carry, or what the signer answered.
pub fn cosign(
    checkpoint: &Checkpoint,
    time_s: u64,
    signer: &dyn Signer,
) -> Result<NoteSignature, SignError> {
    if time_s == 0 || time_s > COSIGNATURE_TIME_S_MAX {
        return Err(SignError::BadTime);
    }
    let message = match signer.key().kind() {
        SignatureType::Ed25519 => return Err(SignError::WrongKeyType),
        SignatureType::CosignatureV1 => message(&checkpoint.to_string(), time_s).into_bytes(),
        SignatureType::SubtreeV1 => Subtree::of(checkpoint)
            .message(signer.key().name(), time_s)
            .ok_or(SignError::BadText)?,
    };
    let signature = signer.sign(&message)?;
    let bytes = [time_s.to_be_bytes().as_slice(), &signature].concat();
    Ok(NoteSignature::by(signer.key(), bytes))
}

/// The time of the cosignature, in seconds since the epoch, if it holds and the text is a
/// checkpoint.
pub(crate) fn verify(public: &VerifyingKey, text: &str, bytes: &[u8]) -> Option<u64> {
    let (time_s, signature) = bytes.split_first_chunk::<8>()?;
    let time_s = u64::from_be_bytes(*time_s);
    let sound = time_s <= COSIGNATURE_TIME_S_MAX && Checkpoint::parse(text).is_ok();
    let holds = || ed25519::verify(public, message(text, time_s).as_bytes(), signature);
    (sound && holds()).then_some(time_s)
}

fn message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::note::{Ed25519Signer, KeyName, MlDsa44Signer, Note, NoteError};
    use crate::tree::TreeSize;

    fn name() -> KeyName {
        KeyName::new("witness.example").unwrap()
    }

    fn signer(kind: SignatureType) -> Ed25519Signer {
        Ed25519Signer::new(name(), kind, &[9; 32])
    }

    /// A witness of each type of cosignature.
    fn witnesses() -> [Box<dyn Signer>; 2] {
        [
            Box::new(signer(SignatureType::CosignatureV1)),
            Box::new(MlDsa44Signer::new(name(), &[9; 32]).unwrap()),
        ]
    }

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint::new("log.example", TreeSize(size), Hash::leaf(b"")).unwrap()
    }

    /// What becomes of a signature line with these bytes under this text.
    fn verdict(witness: &dyn Signer, text: &str, bytes: Vec<u8>) -> Result<Option<u64>, NoteError> {
        let signature = NoteSignature::by(witness.key(), bytes);
        let note = Note::new(text.to_owned(), vec![signature]).unwrap();
        let note = Note::parse(note.to_string().as_bytes()).unwrap();
        let verified = note.verify([witness.key()])?;
        Ok(verified[0].cosigned_at_s)
    }

    fn check(time_s: u64, expect: Result<Option<u64>, SignError>) {
        for witness in witnesses() {
            let text = checkpoint(3).to_string();
            let made = cosign(&checkpoint(3), time_s, &*witness)
                .map(|one| verdict(&*witness, &text, one.bytes().to_vec()).unwrap());
            assert_eq!(made, expect, "{time_s} {:?}", witness.key().kind());
        }
    }

    #[test]
    fn times() {
        check(1, Ok(Some(1)));
        check(1_679_315_147, Ok(Some(1_679_315_147)));
        check(COSIGNATURE_TIME_S_MAX, Ok(Some(COSIGNATURE_TIME_S_MAX)));
        check(0, Err(SignError::BadTime));
        check(COSIGNATURE_TIME_S_MAX + 1, Err(SignError::BadTime));
    }

    #[test]
    fn a_cosignature_binds_time_and_text() {
        for witness in witnesses() {
            let good = cosign(&checkpoint(3), 5, &*witness).unwrap();
            let good = good.bytes();
            let text = checkpoint(3).to_string();
            let holds = |text: &str, bytes: Vec<u8>| verdict(&*witness, text, bytes).is_ok();
            assert!(holds(&text, good.to_vec()));
            assert!(!holds(&checkpoint(4).to_string(), good.to_vec()));
            let other = Checkpoint::new("other.example", TreeSize(3), Hash::leaf(b"")).unwrap();
            assert!(!holds(&other.to_string(), good.to_vec()));
            for length in (1..good.len()).step_by(good.len().div_ceil(100)) {
                assert!(!holds(&text, good[..length].to_vec()), "{length} bytes");
            }
            for place in (0..good.len()).step_by(good.len().div_ceil(100)) {
                let mut bytes = good.to_vec();
                bytes[place] ^= 1;
                assert!(!holds(&text, bytes), "byte {place}");
            }
        }
    }

    #[test]
    fn a_cosignature_is_over_a_checkpoint() {
        let signer = signer(SignatureType::CosignatureV1);
        let text = "not a checkpoint\n";
        let signature = signer.sign(message(text, 5).as_bytes()).unwrap();
        let bytes = [5u64.to_be_bytes().as_slice(), &signature].concat();
        let refused = verdict(&signer, text, bytes);
        assert_eq!(refused, Err(NoteError::InvalidSignature(name())));
    }

    #[test]
    fn extension_lines_are_signed_by_one_type_alone() {
        let text = format!("{}extension\n", checkpoint(3));
        let [timed, subtree] = witnesses().map(|witness| {
            let plain = cosign(&checkpoint(3), 5, &*witness).unwrap();
            verdict(&*witness, &text, plain.bytes().to_vec()).is_ok()
        });
        assert_eq!((timed, subtree), (false, true));
    }

    #[test]
    fn who_says_nothing_of_when_has_no_time() {
        let witness = MlDsa44Signer::new(name(), &[9; 32]).unwrap();
        let message = Subtree::of(&checkpoint(3)).message(&name(), 0).unwrap();
        let bytes = [[0; 8].as_slice(), &witness.sign(&message).unwrap()].concat();
        let text = checkpoint(3).to_string();
        assert_eq!(verdict(&witness, &text, bytes), Ok(None));
    }

    #[test]
    fn a_name_is_signed_by_one_type_alone() {
        let other = KeyName::new("other.example").unwrap();
        let renamed = MlDsa44Signer::new(other, &[9; 32]).unwrap();
        let [_, witness] = witnesses();
        let bytes = cosign(&checkpoint(3), 5, &*witness).unwrap();
        let text = checkpoint(3).to_string();
        assert!(verdict(&renamed, &text, bytes.bytes().to_vec()).is_err());
    }

    #[test]
    fn types_are_not_mixed() {
        let plain = signer(SignatureType::Ed25519);
        assert_eq!(
            cosign(&checkpoint(3), 5, &plain),
            Err(SignError::WrongKeyType)
        );
        for witness in witnesses() {
            assert_eq!(
                NoteSignature::make("text\n", &*witness),
                Err(SignError::WrongKeyType)
            );
            assert_ne!(plain.key().id(), witness.key().id());
        }
    }
}
