//! A key at rest: one line of text, encrypted under an unlock key that lies elsewhere
//! (docs/formats/key-file.md).
//!
//! `countersign-key-file:1:<name>:<base64>`, the bytes being lock ‖ nonce ‖ ciphertext. The lock
//! says where the unlock key comes from: it is 32 random bytes, or made of a passphrase by
//! Argon2id, whose costs and salt stand there. What is encrypted is the line of the key as it
//! would lie in the open. Lock, name and the log's origin are authenticated with it: a file under
//! another name, or of another log, does not open.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::limits::{
    KEY_FILE_BYTES_MAX, KEY_LINE_BYTES_MAX, KEY_NAME_LEN_MAX, PASSPHRASE_LEN_MAX,
    STRETCH_LANES_MAX, STRETCH_MEMORY_KIB_MAX, STRETCH_PASSES_MAX,
};

/// How the line of an encrypted key file begins; the `1` is the version of the line.
pub const KEY_FILE_PREFIX: &str = "countersign-key-file:1:";
/// How the line of an unlock key begins.
pub const UNLOCK_KEY_PREFIX: &str = "countersign-unlock-key:1:";
/// Bytes of an unlock key.
pub const UNLOCK_KEY_LEN: usize = 32;
/// Bytes of the nonce of a key file, drawn at random each time.
pub const NONCE_LEN: usize = 24;
/// Bytes of the salt of a passphrase.
pub const SALT_LEN: usize = 16;
/// Bytes that authenticate a ciphertext.
const TAG_LEN: usize = 16;
const DOMAIN: &[u8] = b"countersign/key-file/v1\0";
const BY_KEY: u8 = 0;
const BY_PASSPHRASE: u8 = 1;

/// Why a key file, an unlock key or a passphrase is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not a line of the documented form.
    #[error("not a line of an encrypted key file")]
    Form,
    /// Not the line of an unlock key.
    #[error("not the line of an unlock key")]
    UnlockForm,
    /// A name that a key file may not have.
    #[error("not a name of a key file")]
    Name,
    /// What is to be encrypted is empty or too long.
    #[error("a key file holds 1 to {KEY_LINE_BYTES_MAX} bytes")]
    Length,
    /// Costs out of bounds.
    #[error("the costs of the passphrase are out of bounds")]
    Costs,
    /// Empty or too long.
    #[error("a passphrase has 1 to {PASSPHRASE_LEN_MAX} bytes")]
    Passphrase,
    /// Another unlock key, name or origin, or damaged bytes: these cannot be told apart.
    #[error("it does not open with this unlock key")]
    Locked,
}

/// How an unlock key is made of a passphrase: Argon2id (RFC 9106), version 0x13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Memory, in KiB; at least eight for each lane.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Salt, drawn at random.
    pub salt: [u8; SALT_LEN],
}

impl Stretch {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    #[must_use]
    pub const fn recommended(salt: [u8; SALT_LEN]) -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
            salt,
        }
    }

    const fn is_in_bounds(&self) -> bool {
        self.lanes >= 1
            && self.lanes <= STRETCH_LANES_MAX
            && self.passes >= 1
            && self.passes <= STRETCH_PASSES_MAX
            && self.memory_kib >= 8 * self.lanes
            && self.memory_kib <= STRETCH_MEMORY_KIB_MAX
    }
}

/// Where the unlock key of a file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// From a file that holds it.
    Key,
    /// From a passphrase.
    Passphrase(Stretch),
}

impl Lock {
    fn to_bytes(self) -> Vec<u8> {
        let Self::Passphrase(stretch) = self else {
            return vec![BY_KEY];
        };
        let mut out = vec![BY_PASSPHRASE];
        for cost in [stretch.memory_kib, stretch.passes, stretch.lanes] {
            out.extend(cost.to_be_bytes());
        }
        out.extend(stretch.salt);
        out
    }

    /// The lock at the beginning of these bytes, and what follows it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            BY_KEY => Some((Self::Key, rest)),
            BY_PASSPHRASE => {
                let (memory, rest) = rest.split_first_chunk()?;
                let (passes, rest) = rest.split_first_chunk()?;
                let (lanes, rest) = rest.split_first_chunk()?;
                let (salt, rest) = rest.split_first_chunk()?;
                let stretch = Stretch {
                    memory_kib: u32::from_be_bytes(*memory),
                    passes: u32::from_be_bytes(*passes),
                    lanes: u32::from_be_bytes(*lanes),
                    salt: *salt,
                };
                stretch
                    .is_in_bounds()
                    .then_some((Self::Passphrase(stretch), rest))
            }
            _ => None,
        }
    }
}

/// What opens key files; wiped when dropped.
#[derive(Clone)]
pub struct UnlockKey(Zeroizing<[u8; UNLOCK_KEY_LEN]>);

impl UnlockKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; UNLOCK_KEY_LEN]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// Reads the line of an unlock key; one line feed at its end is left aside.
    ///
    /// # Errors
    /// [`KeyFileError::UnlockForm`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let form = KeyFileError::UnlockForm;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let encoded = line.strip_prefix(UNLOCK_KEY_PREFIX).ok_or(form)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| form)?);
        let bytes: &[u8; UNLOCK_KEY_LEN] = bytes.as_slice().try_into().map_err(|_| form)?;
        Ok(Self::new(bytes))
    }

    /// The line, without a line feed.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(STANDARD.encode(*self.0));
        Zeroizing::new(format!("{UNLOCK_KEY_PREFIX}{}", *encoded))
    }

    /// Makes the key of a passphrase, byte for byte as it was given. Takes the memory and the time
    /// that `stretch` asks for.
    ///
    /// # Errors
    /// [`KeyFileError::Passphrase`] and [`KeyFileError::Costs`], the latter also when the memory
    /// cannot be had.
    pub fn of_passphrase(passphrase: &[u8], stretch: &Stretch) -> Result<Self, KeyFileError> {
        if passphrase.is_empty() || passphrase.len() > PASSPHRASE_LEN_MAX {
            return Err(KeyFileError::Passphrase);
        }
        if !stretch.is_in_bounds() {
            return Err(KeyFileError::Costs);
        }
        let Stretch {
            memory_kib,
            passes,
            lanes,
            salt,
        } = stretch;
        let costs = Params::new(*memory_kib, *passes, *lanes, Some(UNLOCK_KEY_LEN));
        let costs = costs.map_err(|_| KeyFileError::Costs)?;
        let mut out = Zeroizing::new([0; UNLOCK_KEY_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, costs)
            .hash_password_into(passphrase, salt, &mut *out)
            .map_err(|_| KeyFileError::Costs)?;
        Ok(Self(out))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for UnlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnlockKey(redacted)")
    }
}

/// An encrypted key file, read and not opened. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    name: String,
    lock: Lock,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl KeyFile {
    /// Whether a text means to be an encrypted key file, of this version or another.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("countersign-key-file:")
    }

    /// Encrypts the line of a key. `name` is 1 to 32 characters `a-z 0-9 -`, the first a letter;
    /// `origin` is the name of the log, empty for a key of no log. The nonce is random and used
    /// this once; `unlock` is what `lock` says.
    ///
    /// # Errors
    /// [`KeyFileError::Name`], [`KeyFileError::Length`], [`KeyFileError::Costs`].
    pub fn seal(
        (name, origin): (&str, &str),
        line: &str,
        lock: Lock,
        unlock: &UnlockKey,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Self, KeyFileError> {
        if !is_name(name) {
            return Err(KeyFileError::Name);
        }
        if line.is_empty() || line.len() > KEY_LINE_BYTES_MAX {
            return Err(KeyFileError::Length);
        }
        if matches!(&lock, Lock::Passphrase(stretch) if !stretch.is_in_bounds()) {
            return Err(KeyFileError::Costs);
        }
        let aad = associated(lock, name, origin);
        let payload = Payload {
            msg: line.as_bytes(),
            aad: &aad,
        };
        let ciphertext = unlock.cipher().encrypt(&XNonce::from(nonce), payload);
        Ok(Self {
            name: name.to_owned(),
            lock,
            nonce,
            ciphertext: ciphertext.map_err(|_| KeyFileError::Length)?,
        })
    }

    /// Reads the line of an encrypted key file; one line feed at its end is left aside.
    ///
    /// # Errors
    /// [`KeyFileError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        if text.len() > KEY_FILE_BYTES_MAX {
            return Err(KeyFileError::Form);
        }
        Self::read(text).ok_or(KeyFileError::Form)
    }

    fn read(text: &str) -> Option<Self> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let (name, encoded) = line.strip_prefix(KEY_FILE_PREFIX)?.split_once(':')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (lock, rest) = Lock::read(&bytes)?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        let lengths = TAG_LEN + 1..=TAG_LEN + KEY_LINE_BYTES_MAX;
        (is_name(name) && lengths.contains(&ciphertext.len())).then(|| Self {
            name: name.to_owned(),
            lock,
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }

    /// The line, without a line feed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let bytes = [&self.lock.to_bytes(), &self.nonce[..], &self.ciphertext].concat();
        format!("{KEY_FILE_PREFIX}{}:{}", self.name, STANDARD.encode(bytes))
    }

    /// The name that the file gives itself; true once it opens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its unlock key comes from.
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.lock
    }

    /// The line of the key. The caller says which key of which log it must be.
    ///
    /// # Errors
    /// [`KeyFileError::Locked`]; [`KeyFileError::Name`] for a file that names another key.
    pub fn open(
        &self,
        (name, origin): (&str, &str),
        unlock: &UnlockKey,
    ) -> Result<Zeroizing<String>, KeyFileError> {
        if name != self.name {
            return Err(KeyFileError::Name);
        }
        let aad = associated(self.lock, name, origin);
        let payload = Payload {
            msg: &self.ciphertext,
            aad: &aad,
        };
        let plain = unlock.cipher().decrypt(&XNonce::from(self.nonce), payload);
        let plain = Zeroizing::new(plain.map_err(|_| KeyFileError::Locked)?);
        let line = std::str::from_utf8(&plain).map_err(|_| KeyFileError::Form)?;
        Ok(Zeroizing::new(line.to_owned()))
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= KEY_NAME_LEN_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn associated(lock: Lock, name: &str, origin: &str) -> Vec<u8> {
    let mut out = DOMAIN.to_vec();
    for piece in [&lock.to_bytes()[..], name.as_bytes(), origin.as_bytes()] {
        out.extend((piece.len() as u64).to_be_bytes());
        out.extend(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "countersign-secret-key:1:Ed25519:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    const NAMED: (&str, &str) = ("statement", "log.example/1");

    fn stretch() -> Stretch {
        Stretch {
            memory_kib: 32,
            passes: 1,
            lanes: 2,
            salt: [3; SALT_LEN],
        }
    }

    fn locks() -> [(Lock, UnlockKey); 2] {
        let of_passphrase = UnlockKey::of_passphrase(b"correct horse", &stretch());
        [
            (Lock::Key, UnlockKey::new(&[7; 32])),
            (
                Lock::Passphrase(stretch()),
                of_passphrase.expect("cheap costs"),
            ),
        ]
    }

    fn check(text: &str, expect: Result<(), KeyFileError>) {
        assert_eq!(KeyFile::parse(text).map(drop), expect, "{text}");
    }

    #[test]
    fn seals_and_opens() {
        for (lock, unlock) in locks() {
            let file = KeyFile::seal(NAMED, LINE, lock, &unlock, [5; NONCE_LEN]).expect("seals");
            let text = file.to_text();
            assert!(!text.contains(LINE.rsplit(':').next().expect("a secret")));
            let read = KeyFile::parse(&format!("{text}\n")).expect("just written");
            assert_eq!((&read, read.lock()), (&file, lock));
            assert_eq!(*read.open(NAMED, &unlock).expect("opens"), LINE);
        }
    }

    #[test]
    fn binds_name_origin_and_lock() {
        let [(lock, unlock), (other_lock, other)] = locks();
        let file = KeyFile::seal(NAMED, LINE, lock, &unlock, [5; NONCE_LEN]).expect("seals");
        let open = |file: &KeyFile, named, unlock| file.open(named, unlock).map(drop);
        let locked = Err(KeyFileError::Locked);
        assert_eq!(open(&file, NAMED, &other), locked);
        assert_eq!(open(&file, ("statement", "log.example/2"), &unlock), locked);
        let receipt = ("receipt", NAMED.1);
        assert_eq!(open(&file, receipt, &unlock), Err(KeyFileError::Name));
        let renamed = KeyFile {
            name: "receipt".to_owned(),
            ..file.clone()
        };
        assert_eq!(open(&renamed, receipt, &unlock), locked);
        let cheaper = KeyFile {
            lock: other_lock,
            ..file
        };
        assert_eq!(open(&cheaper, NAMED, &unlock), locked);
    }

    #[test]
    fn any_changed_byte_is_refused() {
        for (lock, unlock) in locks() {
            let file = KeyFile::seal(NAMED, LINE, lock, &unlock, [5; NONCE_LEN]).expect("seals");
            let text = file.to_text();
            let (head, encoded) = text.rsplit_once(':').expect("a line");
            let bytes = STANDARD.decode(encoded).expect("base64");
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1;
                let damaged = format!("{head}:{}", STANDARD.encode(damaged));
                let opened = KeyFile::parse(&damaged).and_then(|read| read.open(NAMED, &unlock));
                assert!(opened.is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn forms() {
        let (lock, unlock) = (Lock::Key, UnlockKey::new(&[7; 32]));
        let file = KeyFile::seal(NAMED, LINE, lock, &unlock, [5; NONCE_LEN]).expect("seals");
        let text = file.to_text();
        let form = Err(KeyFileError::Form);
        check(&text, Ok(()));
        check(&format!("{text}\n"), Ok(()));
        check(&format!("{text}\n\n"), form);
        check(&format!("{text}\r\n"), form);
        check(&format!(" {text}"), form);
        check(&text.replace("file:1:", "file:2:"), form);
        check(&text.replace(":statement:", ":Statement:"), form);
        check(&text.replace(":statement:", "::"), form);
        check(LINE, form);
        check("", form);
        check(&format!("{KEY_FILE_PREFIX}a:"), form);
        check(&format!("{KEY_FILE_PREFIX}a:{}", "A".repeat(4096)), form);
    }

    #[test]
    fn what_may_be_locked_and_with_what() {
        let unlock = UnlockKey::new(&[7; 32]);
        let seal = |name, line: &str, lock| {
            KeyFile::seal((name, ""), line, lock, &unlock, [0; NONCE_LEN]).map(drop)
        };
        assert_eq!(seal("a-1", "x", Lock::Key), Ok(()));
        assert_eq!(seal("1", "x", Lock::Key), Err(KeyFileError::Name));
        assert_eq!(seal("", "x", Lock::Key), Err(KeyFileError::Name));
        assert_eq!(seal("a", "", Lock::Key), Err(KeyFileError::Length));
        let long = "x".repeat(KEY_LINE_BYTES_MAX + 1);
        assert_eq!(seal("a", &long, Lock::Key), Err(KeyFileError::Length));
        let lanes = |lanes| Stretch { lanes, ..stretch() };
        for bad in [lanes(0), lanes(5), lanes(STRETCH_LANES_MAX + 1)] {
            let costs = Err(KeyFileError::Costs);
            assert_eq!(seal("a", "x", Lock::Passphrase(bad)), costs);
            assert_eq!(UnlockKey::of_passphrase(b"x", &bad).map(drop), costs);
        }
        let empty = UnlockKey::of_passphrase(b"", &stretch()).map(drop);
        assert_eq!(empty, Err(KeyFileError::Passphrase));
    }

    #[test]
    fn unlock_keys_as_text() {
        let key = UnlockKey::new(&[7; 32]);
        let text = key.to_text();
        let again = UnlockKey::parse(&format!("{}\n", *text)).expect("just written");
        assert_eq!(*again.to_text(), *text);
        assert!(!format!("{key:?}").contains("BwcH"));
        for bad in [
            "",
            "passphrase",
            &text[..text.len() - 4],
            &format!("{}\n\n", *text),
        ] {
            let read = UnlockKey::parse(bad).map(drop);
            assert_eq!(read, Err(KeyFileError::UnlockForm), "{bad}");
        }
    }
}
