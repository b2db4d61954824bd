//! A short run of every target: the seeds and a fixed number of mutations of a fixed seed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_fuzz::limits::{CORPUS_BYTES_MAX, CORPUS_FILES_MAX};
use countersign_fuzz::{Project, TARGETS, Target, execute, record, worker};

/// Each release may take another; a run that changes with the clock could not be repeated.
const SEED: u64 = 1;
/// Targets at once: the cores that the project plans for.
const AT_ONCE: usize = 2;

fn project() -> Project {
    Project::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

fn holds(project: &Project, target: &Target) -> Vec<String> {
    let seeds = project.seeds(target).expect("seeds that are there");
    let executions = seeds.len() as u64 + u64::from(target.short_run);
    let failed = (0..executions).find_map(|execution| {
        let input = worker::input(target, &seeds, SEED, execution);
        let words = execute::failure(target, &input)?;
        let file = worker::keep(project, target, &input).expect("a folder for failures");
        let name = target.name;
        Some(format!(
            "{words}\n  reproduce: cargo xtask fuzz {name} --input {file}"
        ))
    });
    failed.into_iter().collect()
}

#[test]
fn every_target_holds_on_a_short_run() {
    let project = project();
    let next = AtomicUsize::new(0);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    let mut failed = Vec::new();
                    while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::SeqCst)) {
                        failed.extend(holds(&project, target));
                    }
                    failed
                })
            })
            .collect();
        let failed = workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker ends"));
        failed.collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn names_are_unique_and_every_target_has_seeds() {
    let mut names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TARGETS.len());
    for target in TARGETS {
        let seeds = project().seeds(target).expect("seeds");
        assert!(!seeds.is_empty(), "{}", target.name);
        assert!(target.short_run >= 100, "{}", target.name);
    }
}

#[test]
fn the_kept_corpus_is_small_and_belongs_to_targets() {
    let (mut files, mut bytes) = (0, 0);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    };
    for folder in entries(&corpus) {
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        assert!(
            Target::named(name).is_some(),
            "corpus/{name} is of no target"
        );
        for file in entries(&folder) {
            files += 1;
            bytes += file.metadata().expect("a file").len();
        }
    }
    assert!(
        files <= CORPUS_FILES_MAX && bytes <= CORPUS_BYTES_MAX,
        "{files} files, {bytes} bytes"
    );
}

#[test]
fn the_page_says_what_was_recorded() {
    let project = project();
    let record = record::read(&project).expect("docs/fuzzing.toml");
    let page = std::fs::read_to_string(project.root().join("docs/fuzzing.md"));
    assert!(
        page.expect("docs/fuzzing.md") == record::page(&record),
        "make it anew: cargo xtask fuzz --page"
    );
    for name in record.keys() {
        assert!(
            Target::named(name).is_some(),
            "{name} is no target any more"
        );
    }
}
