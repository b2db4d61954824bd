//! What the machine can do, without the product: the peers that stand beside every row.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use countersign_attest::{Algorithm, PublicKey, SecretKey};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::Failure;
use crate::clock::{self, measured, rate};

/// Bytes that are signed: about a statement with one claim.
const MESSAGE_BYTES: usize = 300;
/// Bytes that are hashed at a time, for the rate.
const HASHED_BYTES: usize = 1 << 20;
/// Bytes of one append: about what a commit of one claim writes.
pub(crate) const APPEND_BYTES: usize = 1536;
/// Bytes of the ground's files, and of the file that is written as fast as it goes.
const FILE_BYTES: usize = 64 << 20;
/// How often that file is written from end to end.
const WRITES: u64 = 4;

/// What the machine can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bare {
    /// Signatures a second of processor and on the wall, all cores, keys decoded beforehand.
    pub(crate) ed25519: (f64, f64),
    /// The same by the product's own way to the same rule.
    pub(crate) ed25519_product: (f64, f64),
    pub(crate) p256: (f64, f64),
    /// Bytes a second, the hash that the product uses, one core and all.
    pub(crate) sha256_one: f64,
    pub(crate) sha256_all: f64,
    /// Bytes a second, SHA-256 of the crate `sha2`.
    pub(crate) sha256_soft: f64,
    /// An append of [`APPEND_BYTES`] with its sync, in the median, over space that was written before.
    pub(crate) sync_ns: u64,
    /// The same over space that was only reserved.
    pub(crate) sync_reserved_ns: u64,
    /// Bytes a second, sequential, with a sync each time the file was written: [`WRITES`] times.
    pub(crate) write: f64,
}

/// A message and its signature.
type Signed = (Vec<u8>, [u8; 64]);

/// Checks a signature the way a program would that does nothing else.
pub(crate) enum Verifier {
    Ed25519(Box<VerifyingKey>),
    P256(Vec<u8>),
    /// As the product does it.
    Product(Box<PublicKey>),
}

impl Verifier {
    pub(crate) fn of(key: &SecretKey) -> Result<Self, Failure> {
        let public = key.public();
        Ok(match key.algorithm() {
            Algorithm::Ed25519 => {
                let bytes: &[u8; 32] = public.as_bytes().try_into()?;
                Self::Ed25519(Box::new(VerifyingKey::from_bytes(bytes)?))
            }
            Algorithm::Es256 => Self::P256(public.as_bytes().to_vec()),
        })
    }

    /// What the product itself checks such a signature with, where that is not the same.
    pub(crate) fn of_product(key: &SecretKey) -> Result<Self, Failure> {
        match key.algorithm() {
            Algorithm::Ed25519 => Ok(Self::Product(Box::new(key.public()))),
            Algorithm::Es256 => Self::of(key),
        }
    }

    pub(crate) fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::P256(key) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
                .verify(message, signature)
                .is_ok(),
            Self::Product(key) => key.verify(message, signature),
        }
    }
}

/// Signatures a second of processor and on the wall, by `cores` threads, each `count` times on its own
/// messages.
pub(crate) fn verifications(
    algorithm: Algorithm,
    verifier: fn(&SecretKey) -> Result<Verifier, Failure>,
    cores: usize,
    count: u64,
) -> Result<(f64, f64), Failure> {
    let one = || -> Result<(Verifier, Vec<Signed>), Failure> {
        let key = SecretKey::generate(algorithm, [7; 32]);
        let signed = (0..64_u8).map(|n| {
            let message = vec![n; MESSAGE_BYTES];
            let signature = key.sign(&message);
            (message, signature)
        });
        Ok((verifier(&key)?, signed.collect()))
    };
    let work: Vec<_> = (0..cores).map(|_| one()).collect::<Result<_, _>>()?;
    let (good, span) = measured(|| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = work
                .iter()
                .map(|(key, signed)| {
                    scope.spawn(move || {
                        let each = signed
                            .iter()
                            .cycle()
                            .take(usize::try_from(count).unwrap_or(0));
                        each.filter(|(message, signature)| key.holds(message, signature))
                            .count() as u64
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_default())
                .sum::<u64>()
        })
    });
    if good != count * cores as u64 {
        return Err("a good signature was refused".into());
    }
    Ok((span.per_cpu_second(good), span.per_second(good)))
}

/// Bytes a second of processor and on the wall, by the hash that the product uses.
pub(crate) fn product_hashing(cores: usize) -> (f64, f64) {
    hashing(cores, first_of_product)
}

fn hashing(cores: usize, hash: fn(&[u8]) -> u8) -> (f64, f64) {
    let bytes = vec![7_u8; HASHED_BYTES];
    let rounds = 50_u64;
    let (_, span) = measured(|| {
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| (0..rounds).fold(0_u8, |sum, _| sum ^ hash(&bytes)));
            }
        });
    });
    let count = rounds * HASHED_BYTES as u64 * cores as u64;
    (span.per_cpu_second(count), span.per_second(count))
}

fn first_of_soft(bytes: &[u8]) -> u8 {
    Sha256::digest(bytes).first().copied().unwrap_or_default()
}

fn first_of_product(bytes: &[u8]) -> u8 {
    countersign_model::digest::Digest::of(bytes).as_bytes()[0]
}

/// A file of the ground's size, its space written once or only reserved.
pub(crate) fn laid_out(path: &Path, is_written: bool) -> Result<File, Failure> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    if is_written {
        let zeros = vec![0_u8; 1 << 20];
        for at in 0..FILE_BYTES / zeros.len() {
            file.write_all_at(&zeros, (at * zeros.len()) as u64)?;
        }
    } else {
        rustix::fs::fallocate(
            &file,
            rustix::fs::FallocateFlags::empty(),
            0,
            FILE_BYTES as u64,
        )?;
    }
    file.sync_all()?;
    Ok(file)
}

fn sync_ns(path: &Path, is_written: bool) -> Result<u64, Failure> {
    let file = laid_out(path, is_written)?;
    let bytes = vec![7_u8; APPEND_BYTES];
    let mut times = Vec::new();
    for at in 0..400_u64 {
        let began = clock::wall_ns();
        file.write_all_at(&bytes, 64 + at * APPEND_BYTES as u64)?;
        file.sync_data()?;
        times.push(clock::wall_ns() - began);
    }
    std::fs::remove_file(path)?;
    Ok(quantile(&mut times, 50))
}

fn write_rate(path: &Path) -> Result<f64, Failure> {
    let file = laid_out(path, true)?;
    let bytes: Vec<u8> = (0..8 << 20_u32)
        .map(|n: u32| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let (done, span) = measured(|| -> std::io::Result<()> {
        for _ in 0..WRITES {
            for at in 0..FILE_BYTES / bytes.len() {
                file.write_all_at(&bytes, (at * bytes.len()) as u64)?;
            }
            file.sync_data()?;
        }
        Ok(())
    });
    done?;
    std::fs::remove_file(path)?;
    Ok(rate(WRITES * FILE_BYTES as u64, span.wall_ns))
}

/// The value that `percent` of all do not exceed; sorts them.
pub(crate) fn quantile(times: &mut [u64], percent: usize) -> u64 {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

impl Bare {
    /// Measures all of it on the disk of `folder`.
    pub(crate) fn measure(folder: &Path, cores: usize) -> Result<Self, Failure> {
        Ok(Self {
            ed25519: verifications(Algorithm::Ed25519, Verifier::of, cores, 10_000)?,
            ed25519_product: verifications(
                Algorithm::Ed25519,
                Verifier::of_product,
                cores,
                10_000,
            )?,
            p256: verifications(Algorithm::Es256, Verifier::of, cores, 10_000)?,
            sha256_one: product_hashing(1).0,
            sha256_all: product_hashing(cores).1,
            sha256_soft: hashing(1, first_of_soft).0,
            sync_ns: sync_ns(&folder.join("sync"), true)?,
            sync_reserved_ns: sync_ns(&folder.join("sync"), false)?,
            write: write_rate(&folder.join("write"))?,
        })
    }
}
