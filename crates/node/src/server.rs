//! The socket of a running node: one thread answers on the engine, one a connection reads and writes.

use std::fs;
use std::io::{BufReader, BufWriter};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use countersign_engine::Fatal;
use countersign_ports::StoreError;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::request::{Answer, Request};
use crate::service::Service;
use crate::wire::{read_frame, write_frame};

/// Requests that wait for the engine; a client beyond them waits at its socket (LIM-1).
const QUEUE_MAX: usize = 64;
/// How often the published tree catches up with the commit; format law 8 asks for at most 1 s.
const PUBLISH_EVERY: Duration = Duration::from_millis(500);
/// How often a batch is made though nothing was sent, so that deadlines fire; format law 4 asks
/// for one every 20 s at least. Not where a scenario tells the time.
const BATCH_EVERY: Duration = Duration::from_secs(10);

struct Work {
    request: Request,
    blob: Vec<u8>,
    reply: SyncSender<(Answer, Vec<u8>)>,
}

/// Serves the folder's socket until a client asks to stop or the node cannot go on.
///
/// # Errors
/// [`Fatal`].
pub fn serve(mut service: Service, started: impl FnOnce(&Service)) -> Result<(), Fatal> {
    let socket = service.dir().socket();
    let failed = |doing: &str, error| {
        Fatal::Store(StoreError::new(
            format!("{doing} {}", socket.display()),
            error,
        ))
    };
    // The lock on the folder is ours: what lies there is left from a run that ended.
    let _ = fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).map_err(|e| failed("binding", e))?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))
        .map_err(|e| failed("restricting", e))?;
    let (send, receive) = mpsc::sync_channel(QUEUE_MAX);
    stop_on_signals(send.clone()).map_err(|e| failed("listening for signals beside", e))?;
    thread::spawn(move || accept(&listener, &send));
    started(&service);
    let result = run(&mut service, &receive);
    let _ = fs::remove_file(&socket);
    result
}

/// SIGTERM and SIGINT ask the node to stop, like a client would: what is being answered is
/// finished, what is committed is published, the socket goes.
fn stop_on_signals(queue: SyncSender<Work>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            let (reply, _) = mpsc::sync_channel(1);
            // A node that has gone needs no word.
            let _ = queue.send(Work {
                request: Request::Stop,
                blob: Vec::new(),
                reply,
            });
        }
    });
    Ok(())
}

fn accept(listener: &UnixListener, queue: &SyncSender<Work>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let queue = queue.clone();
        thread::spawn(move || converse(&stream, &queue));
    }
}

/// Reads requests of one client and writes the answers. A client that sends nonsense is cut off.
fn converse(stream: &UnixStream, queue: &SyncSender<Work>) {
    let (mut input, mut output) = (BufReader::new(stream), BufWriter::new(stream));
    while let Ok(Some((request, blob))) = read_frame::<Request>(&mut input) {
        let (reply, answer) = mpsc::sync_channel(1);
        if queue
            .send(Work {
                request,
                blob,
                reply,
            })
            .is_err()
        {
            return;
        }
        let Ok((answer, blob)) = answer.recv() else {
            return;
        };
        if write_frame(&mut output, &answer, &blob).is_err() {
            return;
        }
    }
}

/// Something that is due again and again, however busy the node is.
struct Rhythm {
    every: Duration,
    next: Instant,
}

impl Rhythm {
    fn new(every: Duration) -> Self {
        let next = now() + every;
        Self { every, next }
    }

    fn left(&self) -> Duration {
        self.next.saturating_duration_since(now())
    }

    /// Whether it is due; if so, it is due again later.
    fn take(&mut self) -> bool {
        let is_due = self.left().is_zero();
        if is_due {
            *self = Self::new(self.every);
        }
        is_due
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "when to publish changes no result; recorded times come from the clock port"
)]
fn now() -> Instant {
    Instant::now()
}

fn run(service: &mut Service, queue: &Receiver<Work>) -> Result<(), Fatal> {
    let (mut publication, mut batch) = (Rhythm::new(PUBLISH_EVERY), Rhythm::new(BATCH_EVERY));
    loop {
        match queue.recv_timeout(publication.left().min(batch.left())) {
            Ok(work) if matches!(work.request, Request::Stop) => {
                answer(service, &work)?;
                return service.publish();
            }
            Ok(work) => answer(service, &work)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return service.publish(),
        }
        let scenario = service.engine().intake().register.has_scenario_clock();
        if batch.take() && !scenario {
            service.tick()?;
        }
        if publication.take() {
            service.publish()?;
        }
    }
}

/// Answers; an answer that says that the node cannot go on is an error here too.
fn answer(service: &mut Service, work: &Work) -> Result<(), Fatal> {
    let (answer, blob) = service.answer(&work.request, &work.blob);
    let failed = if let Answer::Failed { reason } = &answer {
        Some(reason.clone())
    } else {
        None
    };
    // A client that has gone needs no answer.
    let _ = work.reply.send((answer, blob));
    failed.map_or(Ok(()), |reason| Err(Fatal::Damaged(reason)))
}
