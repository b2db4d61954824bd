//! Clients of a node: threads that send frames over its socket and wait for each answer, as fast as
//! they come or at a set pace.

use std::io::{BufReader, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use countersign_attest::statement::Proof;
use countersign_attest::{Statement, Submission, to_be_signed};
use countersign_node::compose::Opened;
use countersign_node::request::Request;
use countersign_node::wire;

use crate::Failure;
use crate::clock::{Span, Timer, wall_ns};
use crate::folder::make;
use crate::making::Device;
use crate::scale::resident_bytes_of;

/// What one connection sends, in order.
pub(crate) type Frames = Vec<Vec<u8>>;

/// What a load gave.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// From sending to the answer, each.
    pub(crate) latencies_ns: Vec<u64>,
    /// Of the server's process.
    pub(crate) span: Span,
}

/// The frame that submits one submission.
pub(crate) fn frame(submission: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let blob = wire::join(&[submission.to_vec()]);
    wire::write_frame(&mut out, &Request::Submit { at: None }, &blob)?;
    Ok(out)
}

/// The same statement for the bare loop: which key, signature, what is signed, what is appended.
pub(crate) fn bare_frame(key: usize, submission: &[u8]) -> Result<Vec<u8>, Failure> {
    let read = Submission::decode(submission).map_err(|refusal| refusal.reason)?;
    let statement = Statement::parse(&read.statement).map_err(|refusal| refusal.reason)?;
    let Proof::One(signature) = statement.proof() else {
        return Err("a statement of the bench has one signer".into());
    };
    let message = to_be_signed(statement.protected(), statement.payload());
    let rest = [
        &u32::try_from(key)?.to_be_bytes()[..],
        &signature.signature,
        &u32::try_from(message.len())?.to_be_bytes(),
        &message,
        submission,
    ]
    .concat();
    Ok([&u32::try_from(rest.len())?.to_be_bytes()[..], &rest].concat())
}

/// Deals submissions out to connections in turn, as the devices made them in turn.
pub(crate) fn deal(
    submissions: &[Vec<u8>],
    connections: usize,
    frame: impl Fn(usize, &[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<Vec<Frames>, Failure> {
    let mut out = vec![Vec::new(); connections];
    for (at, submission) in submissions.iter().enumerate() {
        let to = at % connections;
        if let Some(frames) = out.get_mut(to) {
            frames.push(frame(to, submission)?);
        }
    }
    Ok(out)
}

/// Another process of this program that serves a socket.
pub(crate) struct Server {
    child: Child,
    socket: PathBuf,
}

impl Server {
    /// Starts `countersign-bench ARGUMENTS` and waits until it says that it is ready.
    pub(crate) fn start(arguments: &[&str], socket: PathBuf) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = child.stdout.take().ok_or("no output")?;
        let mut byte = [0];
        if stdout.read(&mut byte)? == 0 {
            return Err("a server of the bench did not start".into());
        }
        Ok(Self { child, socket })
    }

    /// A node that serves a log of its own below `at`, in which `devices` may speak.
    pub(crate) fn of_node<'a>(
        at: &Path,
        devices: impl IntoIterator<Item = &'a Device>,
    ) -> Result<Self, Failure> {
        let opened: Opened = make(at, devices)?;
        let (root, socket) = (opened.dir.root().to_owned(), opened.dir.socket());
        drop(opened);
        Self::start(&["node", &root.display().to_string()], socket)
    }

    /// One more client.
    pub(crate) fn connect(&self) -> Result<Client, Failure> {
        let stream = UnixStream::connect(&self.socket)?;
        Ok(Client {
            input: BufReader::new(stream.try_clone()?),
            output: stream,
        })
    }

    /// What is resident of it.
    pub(crate) fn resident_bytes(&self) -> Result<u64, Failure> {
        resident_bytes_of(&self.child.id().to_string())
    }

    /// User and system time so far. The kernel counts in hundredths of a second.
    pub(crate) fn cpu_ns(&self) -> Result<u64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let behind = stat.rsplit_once(')').ok_or("an odd stat")?.1;
        let mut fields = behind.split_whitespace().skip(11);
        let mut ticks =
            || -> Result<u64, Failure> { Ok(fields.next().ok_or("a short stat")?.parse::<u64>()?) };
        Ok((ticks()? + ticks()?) * 10_000_000)
    }

    /// Sends everything; `pace_ns` is the time between two frames of all connections together.
    pub(crate) fn load(&self, frames: &[Frames], pace_ns: Option<u64>) -> Result<Answers, Failure> {
        let cpu = self.cpu_ns()?;
        let streams = frames
            .iter()
            .map(|_| UnixStream::connect(&self.socket))
            .collect::<Result<Vec<_>, _>>()?;
        let began = wall_ns();
        let step = pace_ns.map(|pace| pace * frames.len() as u64);
        let latencies = std::thread::scope(|scope| {
            let threads: Vec<_> = frames
                .iter()
                .zip(streams)
                .zip(0_u64..)
                .map(|((frames, stream), number)| {
                    let first = began + pace_ns.unwrap_or_default() * number;
                    scope.spawn(move || converse(&stream, frames, first, step))
                })
                .collect();
            let mut all = Vec::new();
            for thread in threads {
                all.extend(thread.join().map_err(|_| "a client panicked")??);
            }
            Ok::<_, Failure>(all)
        })?;
        Ok(Answers {
            latencies_ns: latencies,
            span: Span {
                wall_ns: wall_ns() - began,
                cpu_ns: self.cpu_ns()? - cpu,
            },
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it served is measured; its folder goes with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that asks and waits for the answer.
pub(crate) struct Client {
    input: BufReader<UnixStream>,
    output: UnixStream,
}

impl Client {
    /// The answer to a frame.
    pub(crate) fn ask(&mut self, frame: &[u8]) -> Result<Vec<u8>, Failure> {
        self.output.write_all(frame)?;
        answer(&mut self.input)
    }

    /// Sends a submission that is taken.
    pub(crate) fn submit(&mut self, submission: &[u8]) -> Result<(), Failure> {
        let answer = self.ask(&frame(submission)?)?;
        match is_accepted(&answer) {
            true => Ok(()),
            false => Err(format!("an answer: {}", String::from_utf8_lossy(&answer)).into()),
        }
    }
}

/// One client. With a pace, a frame that is late because its predecessor was not answered counts
/// from when it was due.
fn converse(
    stream: &UnixStream,
    frames: &[Vec<u8>],
    first_ns: u64,
    step_ns: Option<u64>,
) -> Result<Vec<u64>, Failure> {
    let (mut input, mut output) = (BufReader::new(stream), stream);
    let timer = Timer::new()?;
    let mut latencies = Vec::with_capacity(frames.len());
    let mut free_at = 0;
    for (frame, number) in frames.iter().zip(0_u64..) {
        let mut from = wall_ns();
        if let Some(step) = step_ns {
            let due = first_ns + step * number;
            if due > from {
                timer.wait_until(due)?;
            }
            from = if free_at > due { due } else { wall_ns() };
        }
        output.write_all(frame)?;
        let answer = answer(&mut input)?;
        free_at = wall_ns();
        latencies.push(free_at - from);
        if !answer.is_empty() && !is_accepted(&answer) {
            return Err(format!("an answer: {}", String::from_utf8_lossy(&answer)).into());
        }
    }
    Ok(latencies)
}

fn is_accepted(answer: &[u8]) -> bool {
    let has = |word: &[u8]| answer.windows(word.len()).any(|window| window == word);
    has(br#""accepted""#) && has(br#""effective""#)
}

fn answer(input: &mut impl Read) -> Result<Vec<u8>, Failure> {
    let mut lengths = [0; 8];
    input.read_exact(&mut lengths)?;
    let [a, b, c, d, e, f, g, h] = lengths;
    let length = u32::from_be_bytes([a, b, c, d]) + u32::from_be_bytes([e, f, g, h]);
    let mut bytes = vec![0; length as usize];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Serves the data folder at `root` until this process is ended.
pub(crate) fn serve_node(root: &Path) -> Result<(), Failure> {
    let opened = countersign_node::compose::open(root)?;
    let service = countersign_node::Service::new(opened);
    countersign_node::server::serve(service, |_| crate::terminal::say("ready"))?;
    Ok(())
}
