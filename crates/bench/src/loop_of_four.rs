//! The peer of the commit: a loop of verify, append, sync, swap, and nothing else. It takes whatever
//! waits, so that it batches as the node does.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};

use countersign_attest::{Algorithm, SecretKey};

use crate::Failure;
use crate::bare::{APPEND_BYTES, Verifier, laid_out};
use crate::clock::measured;
use crate::folder::ORIGIN;
use crate::making::Device;

const SLOT_BYTES: u64 = 4096;
/// Where appending begins anew.
const TURN_BYTES: u64 = 48 << 20;
const WAITING_MAX: usize = 64;

struct Work {
    bytes: Vec<u8>,
    reply: SyncSender<()>,
}

/// Serves the socket `at/bare.sock` for that many devices until this process is ended.
pub(crate) fn serve(at: &Path, devices: u64) -> Result<(), Failure> {
    let keys = (0..devices)
        .map(|number| {
            let device = Device::new(number, Algorithm::Ed25519, ORIGIN, 1)?;
            Verifier::of(device.key())
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut disk = Disk::new(at)?;
    let listener = UnixListener::bind(at.join("bare.sock"))?;
    let (send, receive) = mpsc::sync_channel(WAITING_MAX);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let send = send.clone();
            std::thread::spawn(move || converse(&stream, &send));
        }
    });
    crate::terminal::say("ready");
    run(&keys, &mut disk, &receive)
}

fn converse(stream: &UnixStream, queue: &SyncSender<Work>) {
    let (mut input, mut output) = (BufReader::new(stream), stream);
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
        let (reply, answer) = mpsc::sync_channel(1);
        let done = input.read_exact(&mut bytes).is_ok()
            && queue.send(Work { bytes, reply }).is_ok()
            && answer.recv().is_ok()
            && output.write_all(&[0; 8]).is_ok();
        if !done {
            return;
        }
    }
}

fn run(keys: &[Verifier], disk: &mut Disk, queue: &Receiver<Work>) -> Result<(), Failure> {
    while let Ok(first) = queue.recv() {
        let mut all = vec![first];
        while all.len() < WAITING_MAX
            && let Ok(next) = queue.try_recv()
        {
            all.push(next);
        }
        let mut bytes = Vec::new();
        for work in &all {
            bytes.extend(verified(keys, &work.bytes).ok_or("a frame of the bench is wrong")?);
        }
        disk.commit(&bytes)?;
        for work in all {
            // A client that has gone needs no answer.
            let _ = work.reply.send(());
        }
    }
    Ok(())
}

/// What is to be appended, if the signature holds.
fn verified<'b>(keys: &[Verifier], bytes: &'b [u8]) -> Option<&'b [u8]> {
    let (key, rest) = bytes.split_first_chunk::<4>()?;
    let (signature, rest) = rest.split_first_chunk::<64>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (message, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let key = keys.get(u32::from_be_bytes(*key) as usize)?;
    key.holds(message, signature).then_some(rest)
}

/// A file to append to and a file of two slots.
struct Disk {
    ground: File,
    slots: File,
    at: u64,
    turn: u64,
}

impl Disk {
    fn new(at: &Path) -> Result<Self, Failure> {
        Ok(Self {
            ground: laid_out(&at.join("bare.ground"), true)?,
            slots: laid_out(&at.join("bare.slots"), true)?,
            at: 0,
            turn: 0,
        })
    }

    fn commit(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.append(bytes)?;
        self.swap(&[7; 400])
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.ground.write_all_at(bytes, self.at)?;
        self.ground.sync_data()?;
        self.at = (self.at + bytes.len() as u64) % TURN_BYTES;
        Ok(())
    }

    fn swap(&mut self, value: &[u8]) -> Result<(), Failure> {
        let mut slot = value.to_vec();
        slot.resize(usize::try_from(SLOT_BYTES)?, 0);
        self.turn += 1;
        self.slots.write_all_at(&slot, self.turn % 2 * SLOT_BYTES)?;
        self.slots.sync_data()?;
        Ok(())
    }
}

/// Mean time of one turn of verify, append and sync, sign, swap, alone on this thread.
pub(crate) fn serial_ns(at: &Path, turns: u64) -> Result<u64, Failure> {
    let mut disk = Disk::new(at)?;
    let key = SecretKey::generate(Algorithm::Ed25519, [7; 32]);
    let verifier = Verifier::of(&key)?;
    let message = [7; 300];
    let signature = key.sign(&message);
    let (done, span) = measured(|| -> Result<(), Failure> {
        for turn in 0..turns {
            if !verifier.holds(&message, &signature) {
                return Err("a good signature was refused".into());
            }
            disk.append(&[7; APPEND_BYTES])?;
            let signed = key.sign(&turn.to_be_bytes());
            disk.swap(&signed)?;
        }
        Ok(())
    });
    done?;
    Ok(span.wall_ns / turns.max(1))
}
