//! After a failure of the world the node does nothing more: a commit behind one whose end is not
//! known would part the ground from its checkpoint, and the log would not open again (LOG-2, LOG-3).

use std::path::{Path, PathBuf};

use countersign_node::compose::open_with;
use countersign_node::data_dir::Settings;
use countersign_node::request::{Answer, Request};
use countersign_node::service::Service;
use countersign_node::{compose, init};
use countersign_ports::{CheckpointCell, StoreError, Swapped};

/// A second place that fails once, at the first new value, without doing what it was told.
struct FailsOnce {
    inner: Box<dyn CheckpointCell>,
    failed: bool,
}

impl CheckpointCell for FailsOnce {
    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read()
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<Swapped, StoreError> {
        let is_new = expected != Some(new);
        if !is_new || std::mem::replace(&mut self.failed, true) {
            return self.inner.swap(expected, new);
        }
        Err(StoreError::other("writing the second place", "it failed"))
    }
}

fn new_log(folder: &Path) -> PathBuf {
    let root = folder.join("data");
    let settings = Settings {
        second: folder.join("second").join("checkpoint"),
        origin: "stopped.example/1".into(),
        unlock: None,
    };
    drop(init(&root, settings, None).expect("init"));
    root
}

fn service_whose_commit_fails(root: &Path) -> Service {
    let opened = open_with(root, |world| countersign_engine::Components {
        second: Box::new(FailsOnce {
            inner: world.second,
            failed: false,
        }),
        ..world
    });
    Service::new(opened.expect("opens"))
}

#[test]
fn a_failure_stops_everything_and_the_log_opens_again() {
    let folder = tempfile::tempdir().expect("folder");
    let root = new_log(folder.path());
    let mut service = service_whose_commit_fails(&root);
    let size = service.engine().size();
    let mut ask = |request: &Request| match service.answer(request, &[]).0 {
        Answer::Failed { reason } => reason,
        other => panic!("{request:?}: {other:?}"),
    };
    let first = ask(&Request::ImportOpen);
    assert!(first.contains("second place"), "{first}");
    let close = Request::ImportClose { id: "x".into() };
    assert_eq!(ask(&close), first, "nothing is tried in its place");
    assert_eq!(ask(&Request::Status), first);
    service.tick().expect_err("nor is time told");
    service.publish().expect_err("nor anything published");
    drop(service);
    let again = compose::open(&root).expect("opens again");
    assert!(again.engine.size() >= size, "nothing acknowledged is lost");
}

#[test]
fn a_submission_whose_commit_fails_is_not_accepted() {
    let folder = tempfile::tempdir().expect("folder");
    let root = new_log(folder.path());
    let mut service = service_whose_commit_fails(&root);
    match service.answer(&Request::Submit { at: None }, &[]).0 {
        Answer::Failed { reason } => assert!(reason.contains("second place"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_init_that_fails_can_be_tried_again() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path().join("data");
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "a file where a folder should be").expect("writes");
    let with_second = |second: PathBuf| Settings {
        second,
        origin: "stopped.example/1".into(),
        unlock: None,
    };
    init(&root, with_second(in_the_way.join("checkpoint")), None).expect_err("no such folder");
    let left = std::fs::read_dir(&root).expect("the folder").count();
    assert_eq!(left, 0, "what was begun is gone");
    let second = folder.path().join("second").join("checkpoint");
    drop(init(&root, with_second(second.clone()), None).expect("init"));
    let other = folder.path().join("other");
    let error = init(&other, with_second(second), None).expect_err("that place is taken");
    assert!(error.to_string().contains("--second"), "{error}");
    drop(compose::open(&root).expect("the first log is untouched"));
}
