//! The socket of a running node: one thread answers on the engine, one a connection reads and writes.
//!
//! A connection's thread also does what needs no knowledge of the log: it reads submissions, hashes
//! bodies, checks signatures. The engine's thread takes whatever submissions wait and commits them
//! together, so a batch is as large as the load makes it, and a client alone waits for nobody.

mod answers;

use std::fs;
use std::io::{BufReader, BufWriter, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use countersign_engine::Fatal;
use countersign_ports::StoreError;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use crate::limits::QUEUE_MAX;
use crate::request::{Answer, Request};
use crate::service::{KeysSeen, Sent, Service};
use crate::wire::{read_frame, write_frame};
use answers::Answers;

/// How often the published tree catches up with the commit; format law 8 asks for at most 1 s.
const PUBLISH_EVERY: Duration = Duration::from_millis(500);
/// How often a batch is made though nothing was sent, so that deadlines fire; format law 4 asks
/// for one every 20 s at least. Not where a scenario tells the time.
const BATCH_EVERY: Duration = Duration::from_secs(10);

/// How long a node that stops waits for clients that do not read what it answered.
const ANSWERS_READ_WITHIN: Duration = Duration::from_secs(5);

struct Work {
    request: Request,
    blob: Vec<u8>,
    /// What the blob holds, where it is submissions that may share a commit with others'.
    sent: Option<Sent>,
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
    let keys = KeysSeen::default();
    keys.learn(&service.engine().intake().register);
    stop_on_signals(send.clone()).map_err(|e| failed("listening for signals beside", e))?;
    let known = keys.clone();
    let answers = Answers::default();
    let owed = answers.clone();
    thread::spawn(move || accept(&listener, &send, (&known, &owed)));
    started(&service);
    let result = run(&mut service, &receive, &keys);
    // What still waits is answered by nobody; what was answered is told.
    drop(receive);
    answers.wait(ANSWERS_READ_WITHIN);
    let _ = fs::remove_file(&socket);
    result
}

/// SIGTERM and SIGINT ask the node to stop, like a client would: what is being answered is
/// finished, what is committed is published, the socket goes. A node that cannot hear them any more
/// stops as well.
fn stop_on_signals(queue: SyncSender<Work>) -> std::io::Result<()> {
    let (mut heard, told) = UnixStream::pair()?;
    pipe::register(SIGTERM, told.try_clone()?)?;
    pipe::register(SIGINT, told)?;
    thread::spawn(move || {
        let mut byte = [0];
        while heard
            .read(&mut byte)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::Interrupted)
        {}
        let (reply, _) = mpsc::sync_channel(1);
        // A node that has gone needs no word.
        let _ = queue.send(Work {
            request: Request::Stop,
            blob: Vec::new(),
            sent: None,
            reply,
        });
    });
    Ok(())
}

fn accept(
    listener: &UnixListener,
    queue: &SyncSender<Work>,
    (keys, answers): (&KeysSeen, &Answers),
) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let (queue, keys, answers) = (queue.clone(), keys.clone(), answers.clone());
        thread::spawn(move || converse(&stream, &queue, (&keys, &answers)));
    }
}

/// Reads requests of one client and writes the answers. A client that sends nonsense is cut off.
fn converse(stream: &UnixStream, queue: &SyncSender<Work>, (keys, answers): (&KeysSeen, &Answers)) {
    let (mut input, mut output) = (BufReader::new(stream), BufWriter::new(stream));
    while let Ok(Some((request, mut blob))) = read_frame::<Request>(&mut input) {
        let _owed = answers.owe();
        // A scenario's time moves between submissions: those that name one are taken alone.
        let may_share = matches!(request, Request::Submit { at: None });
        let sent =
            may_share.then(|| Sent::read(&std::mem::take(&mut blob), &|id| keys.resolve(id)));
        let (reply, answer) = mpsc::sync_channel(1);
        if queue
            .send(Work {
                request,
                blob,
                sent,
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

fn run(service: &mut Service, queue: &Receiver<Work>, keys: &KeysSeen) -> Result<(), Fatal> {
    let (mut publication, mut batch) = (Rhythm::new(PUBLISH_EVERY), Rhythm::new(BATCH_EVERY));
    let mut next = None;
    loop {
        let work = match next.take() {
            Some(work) => Ok(work),
            None => queue.recv_timeout(publication.left().min(batch.left())),
        };
        match work {
            Ok(work) if matches!(work.request, Request::Stop) => {
                answer(service, &work)?;
                return service.finish();
            }
            Ok(work) if work.sent.is_some() => next = answer_together(service, work, queue)?,
            Ok(work) => answer(service, &work)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return service.finish(),
        }
        keys.learn(&service.engine().intake().register);
        let scenario = service.engine().intake().register.has_scenario_clock();
        if batch.take() && !scenario {
            service.tick()?;
        }
        if publication.take() {
            service.publish()?;
        }
    }
}

/// Takes the submissions that wait and commits them together; gives what came behind them and is
/// something else.
fn answer_together(
    service: &mut Service,
    first: Work,
    queue: &Receiver<Work>,
) -> Result<Option<Work>, Fatal> {
    let (mut sent, mut replies) = (Vec::new(), Vec::new());
    let mut next = Some(first);
    while let Some(mut work) = next.take() {
        let Some(one) = work.sent.take() else {
            next = Some(work);
            break;
        };
        sent.push(one);
        replies.push(work.reply);
        if sent.len() < QUEUE_MAX {
            next = queue.try_recv().ok();
        }
    }
    let answers = service.submit_together(sent);
    let mut result = Ok(next);
    for (reply, (answer, blob)) in replies.into_iter().zip(answers) {
        if let Some(fatal) = fatal(&answer) {
            result = Err(fatal);
        }
        // A client that has gone needs no answer.
        let _ = reply.send((answer, blob));
    }
    result
}

/// Answers; an answer that says that the node cannot go on is an error here too.
fn answer(service: &mut Service, work: &Work) -> Result<(), Fatal> {
    let (answer, blob) = service.answer(&work.request, &work.blob);
    let fatal = fatal(&answer);
    // A client that has gone needs no answer.
    let _ = work.reply.send((answer, blob));
    fatal.map_or(Ok(()), Err)
}

fn fatal(answer: &Answer) -> Option<Fatal> {
    if let Answer::Failed { reason } = answer {
        Some(Fatal::Damaged(reason.clone()))
    } else {
        None
    }
}
