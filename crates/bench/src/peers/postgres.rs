//! PostgreSQL, as Debian ships it: a server of our own in a temporary folder, reached by its socket alone.
//!
//! Two ways, each as well as we can write it. *Triggers*: batches of lines by COPY, each a transaction
//! of its own that is synced, taken apart in sets by one trigger a statement. *Batch*: the whole file in
//! one transaction, without indexes. Neither keeps the lines themselves, and neither checks more of an
//! event than it reads; the ledger does both.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::answer::Answer;
use super::processes::{ended_children_ns, family_ns};
use super::{BATCH_LINES, lanes};
use crate::Failure;
use crate::clock::{Span, Timer, wall_ns};

/// Where Debian puts the programs, a folder for each version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// Who runs the server where we are root, which it refuses.
const USER: &str = "postgres";
const COPY: &str = r"WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')";
/// How long a server may take until it answers, and how often it is asked.
const START_NS: u64 = 60_000_000_000;
const ASK_NS: u64 = 50_000_000;

/// How the file goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Triggers,
    Batch,
}

/// The folder of its programs, newest version; `None` where it is not installed.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS).ok()?;
    let folders = versions.flatten().map(|entry| entry.path().join("bin"));
    let there = folders.filter(|bin| {
        ["initdb", "postgres", "psql"]
            .iter()
            .all(|name| bin.join(name).is_file())
    });
    there.max_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name);
        let version = version.and_then(|name| name.to_str()?.parse::<u32>().ok());
        version.unwrap_or_default()
    })
}

/// Reads the file and answers by `answer`; what all its processes took, starting the server left out.
pub(crate) fn run(
    way: Way,
    bin: &Path,
    (file, answer): (&Path, &str),
    dir: &Path,
) -> Result<(Answer, Span), Failure> {
    let server = Server::start(bin, dir)?;
    let out = server.dir.join("answer");
    server.psql(&mut |script| {
        script.write_all(include_bytes!("postgres/tables.sql"))?;
        script.write_all(include_bytes!("postgres/stock.sql"))?;
        if way == Way::Triggers {
            script.write_all(include_bytes!("postgres/keys.sql"))?;
        }
        Ok(script.write_all(lanes().as_bytes())?)
    })?;
    let (cpu, wall) = (server.cpu_ns()?, wall_ns());
    server.psql(&mut |script| {
        match way {
            Way::Triggers => triggers(script, file)?,
            Way::Batch => batch(script, file)?,
        }
        writeln!(script, "\\o {}", out.display())?;
        Ok(script.write_all(answer.as_bytes())?)
    })?;
    let span = Span {
        wall_ns: wall_ns() - wall,
        cpu_ns: server.cpu_ns()? - cpu,
    };
    Ok((Answer::read(&out)?, span))
}

fn triggers(script: &mut dyn std::io::Write, file: &Path) -> Result<(), Failure> {
    script.write_all(include_bytes!("postgres/trigger.sql"))?;
    let mut lines = BufReader::with_capacity(1 << 20, File::open(file)?);
    let mut batch = Vec::new();
    let mut more = true;
    while more {
        let mut count = 0;
        while more && count < BATCH_LINES {
            more = lines.read_until(b'\n', &mut batch)? > 0;
            count += usize::from(more);
        }
        if count > 0 {
            writeln!(script, "COPY fresh FROM STDIN {COPY};")?;
            script.write_all(&batch)?;
            writeln!(script, "\\.")?;
            batch.clear();
        }
    }
    Ok(())
}

fn batch(script: &mut dyn std::io::Write, file: &Path) -> Result<(), Failure> {
    writeln!(script, "\\set file '{}'\nBEGIN;", file.display())?;
    script.write_all(include_bytes!("postgres/batch.sql"))?;
    Ok(writeln!(script, "COMMIT;")?)
}

/// A server; ended with the value.
struct Server {
    bin: PathBuf,
    dir: PathBuf,
    process: Child,
    /// Processor time of the children of this process when it was started.
    children_ns: u64,
}

/// A program of PostgreSQL, by the user under whom the server may run.
fn program(bin: &Path, name: &str) -> Command {
    let path = bin.join(name);
    if !rustix::process::geteuid().is_root() {
        return Command::new(path);
    }
    // It becomes the program itself, so that its process is the one that we start.
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
    command.arg(path);
    command
}

fn user_id() -> Result<Option<u32>, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let output = Command::new("id").args(["-u", USER]).output()?;
    Ok(Some(String::from_utf8(output.stdout)?.trim().parse()?))
}

impl Server {
    fn start(bin: &Path, dir: &Path) -> Result<Self, Failure> {
        let dir = dir.join("postgresql");
        std::fs::create_dir_all(&dir)?;
        if let Some(user) = user_id()? {
            chown(&dir, Some(user), None)?;
        }
        let data = dir.join("data");
        let made = program(bin, "initdb")
            .current_dir(&dir)
            .args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        let children_ns = ended_children_ns()?;
        let mut server = program(bin, "postgres");
        server
            .current_dir(&dir)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&dir);
        for setting in [
            "listen_addresses=",
            "fsync=on",
            "synchronous_commit=on",
            "wal_level=minimal",
            "max_wal_senders=0",
            "shared_buffers=1GB",
            "work_mem=256MB",
            "maintenance_work_mem=512MB",
            "temp_buffers=256MB",
            "max_wal_size=32GB",
            "checkpoint_timeout=1h",
            "autovacuum=off",
            "jit=off",
        ] {
            server.args(["-c", setting]);
        }
        let process = server
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(dir.join("log"))?)
            .spawn()?;
        let mut server = Self {
            bin: bin.to_owned(),
            dir,
            process,
            children_ns,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let (timer, begun) = (Timer::new()?, wall_ns());
        loop {
            let asked = self.client("pg_isready").arg("-q").status()?;
            if asked.success() {
                return Ok(());
            }
            if self.process.try_wait()?.is_some() || wall_ns() - begun > START_NS {
                let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL does not start: {log}").into());
            }
            timer.wait_until(wall_ns() + ASK_NS)?;
        }
    }

    fn client(&self, name: &str) -> Command {
        let mut client = Command::new(self.bin.join(name));
        client
            .arg("-h")
            .arg(&self.dir)
            .args(["-U", USER, "-d", "postgres"]);
        client
    }

    /// Runs a script; it must go well.
    fn psql(
        &self,
        write: &mut dyn FnMut(&mut dyn std::io::Write) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut child = self
            .client("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(File::create(self.dir.join("complaints"))?)
            .spawn()?;
        let stdin = child.stdin.take().ok_or("psql has no input")?;
        let mut script = BufWriter::with_capacity(1 << 20, stdin);
        let written = write(&mut script).and_then(|()| Ok(script.flush()?));
        drop(script);
        if child.wait()?.success() {
            return written;
        }
        let said = std::fs::read_to_string(self.dir.join("complaints"))?;
        Err(format!("psql: {said}").into())
    }

    /// Of the server and of its clients.
    fn cpu_ns(&self) -> Result<u64, Failure> {
        Ok(family_ns(self.process.id())? + ended_children_ns()?.saturating_sub(self.children_ns))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An immediate shutdown leaves nothing that another run would find; the folder goes too.
        let id = i32::try_from(self.process.id()).ok();
        if let Some(pid) = id.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = self.process.wait();
    }
}
