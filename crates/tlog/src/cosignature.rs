//! Cosignatures of type 0x04, cosignature/v1: c2sp.org/tlog-cosignature v1.0.1, "Ed25519 signed
//! message".
//!
//! A cosignature says: at this time, the largest consistent tree of this origin that I have seen is
//! this one. It does not say who the cosigner is, so one key serves one cosigner. Extension lines
//! are signed, but nothing is said about them.

use crate::checkpoint::Checkpoint;
use crate::ed25519;
use crate::limits::COSIGNATURE_TIME_S_MAX;
use crate::note::{NoteSignature, SignError, SignatureType, Signer, VerifierKey};

/// Cosigns a checkpoint. The caller has checked that it is consistent with the last one it cosigned
/// for this origin, and gives the time in seconds since the epoch, which a witness never leaves 0
/// (c2sp.org/tlog-witness).
///
/// # Errors
/// [`SignError::WrongKeyType`] unless the key is of type 0x04, [`SignError::BadTime`], or what the
/// signer answered.
pub fn cosign(
    checkpoint: &Checkpoint,
    time_s: u64,
    signer: &dyn Signer,
) -> Result<NoteSignature, SignError> {
    if signer.key().kind() != SignatureType::CosignatureV1 {
        return Err(SignError::WrongKeyType);
    }
    if time_s == 0 || time_s > COSIGNATURE_TIME_S_MAX {
        return Err(SignError::BadTime);
    }
    let signature = signer.sign(message(&checkpoint.to_string(), time_s).as_bytes())?;
    let bytes = [time_s.to_be_bytes().as_slice(), &signature].concat();
    Ok(NoteSignature::by(signer.key(), bytes))
}

/// The time of the cosignature, in seconds since the epoch, if it holds and the text is a
/// checkpoint.
pub(crate) fn verify(key: &VerifierKey, text: &str, bytes: &[u8]) -> Option<u64> {
    let (time_s, signature) = bytes.split_first_chunk::<8>()?;
    let time_s = u64::from_be_bytes(*time_s);
    let sound = time_s <= COSIGNATURE_TIME_S_MAX && Checkpoint::parse(text).is_ok();
    let holds = || ed25519::verify(key.public(), message(text, time_s).as_bytes(), signature);
    (sound && holds()).then_some(time_s)
}

fn message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::note::{Ed25519Signer, KeyName, Note, NoteError};
    use crate::tree::TreeSize;

    fn signer(kind: SignatureType) -> Ed25519Signer {
        Ed25519Signer::new(KeyName::new("witness.example").unwrap(), kind, &[9; 32])
    }

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint::new("log.example", TreeSize(size), Hash::leaf(b"")).unwrap()
    }

    fn check(time_s: u64, expect: Result<Option<u64>, SignError>) {
        let signer = signer(SignatureType::CosignatureV1);
        let made = cosign(&checkpoint(3), time_s, &signer).map(|signature| {
            let note = Note::new(checkpoint(3).to_string(), vec![signature]).unwrap();
            let note = Note::parse(note.to_string().as_bytes()).unwrap();
            note.verify([signer.key()]).unwrap()[0].cosigned_at_s
        });
        assert_eq!(made, expect, "{time_s}");
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
        let signer = signer(SignatureType::CosignatureV1);
        let good = cosign(&checkpoint(3), 5, &signer).unwrap();
        let verify = |text: String, bytes: Vec<u8>| {
            let signature = NoteSignature::by(signer.key(), bytes);
            let note = Note::new(text, vec![signature]).unwrap();
            note.verify([signer.key()])
                .map(|_| ())
                .map_err(|error| error.code())
        };
        let invalid = Err("note_invalid_signature");
        assert_eq!(
            verify(checkpoint(3).to_string(), good.bytes().to_vec()),
            Ok(())
        );
        assert_eq!(
            verify(checkpoint(4).to_string(), good.bytes().to_vec()),
            invalid
        );
        for length in 0..good.bytes().len() {
            let cut = good.bytes()[..length].to_vec();
            assert_eq!(verify(checkpoint(3).to_string(), cut), invalid);
        }
        for place in 0..good.bytes().len() {
            let mut bytes = good.bytes().to_vec();
            bytes[place] ^= 1;
            assert_eq!(verify(checkpoint(3).to_string(), bytes), invalid);
        }
    }

    #[test]
    fn a_cosignature_is_over_a_checkpoint() {
        let signer = signer(SignatureType::CosignatureV1);
        let text = "not a checkpoint\n";
        let signature = signer.sign(message(text, 5).as_bytes()).unwrap();
        let bytes = [5u64.to_be_bytes().as_slice(), &signature].concat();
        let note = Note::new(
            text.to_owned(),
            vec![NoteSignature::by(signer.key(), bytes)],
        );
        let verdict = note.unwrap().verify([signer.key()]).map(|_| ());
        assert!(matches!(verdict, Err(NoteError::InvalidSignature(_))));
    }

    #[test]
    fn types_are_not_mixed() {
        let plain = signer(SignatureType::Ed25519);
        assert_eq!(
            cosign(&checkpoint(3), 5, &plain),
            Err(SignError::WrongKeyType)
        );
        let timed = signer(SignatureType::CosignatureV1);
        assert_eq!(
            NoteSignature::make("text\n", &timed),
            Err(SignError::WrongKeyType)
        );
        assert_ne!(plain.key().id(), timed.key().id());
    }
}
