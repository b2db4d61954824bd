//! DuckDB by its Python package: the whole file at once into a database on the disk.

use std::path::Path;
use std::process::Command;

use super::answer::Answer;
use super::lanes;
use crate::Failure;
use crate::clock::Span;

/// Its version, if `python` has it.
pub(crate) fn version(python: &Path) -> Option<String> {
    let call = ["-c", "import duckdb; print(duckdb.__version__)"];
    let output = Command::new(python).args(call).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Reads the file and answers by `answer`.
pub(crate) fn run(
    python: &Path,
    (file, answer): (&Path, &str),
    dir: &Path,
) -> Result<(Answer, Span), Failure> {
    let dir = dir.join("duckdb");
    std::fs::create_dir_all(&dir)?;
    let load = include_str!("duckdb/load.sql").replace("{file}", &file.display().to_string());
    let script = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let out = dir.join("answer");
    let output = Command::new(python)
        .arg(script("run.py", include_str!("duckdb/run.py"))?)
        .arg(dir.join("database"))
        .arg(script("load.sql", &load)?)
        .arg(script("lanes.sql", &lanes())?)
        .arg(script("answer.sql", answer)?)
        .arg(&out)
        .output()?;
    if !output.status.success() {
        return Err(format!("DuckDB: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut numbers = text.split_whitespace();
    let mut next = || numbers.next().ok_or("DuckDB tells no times");
    let span = Span {
        cpu_ns: next()?.parse()?,
        wall_ns: next()?.parse()?,
    };
    Ok((Answer::read(&out)?, span))
}
