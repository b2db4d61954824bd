//! Processor time of other processes, as the kernel counts it: in hundredths of a second.

use std::fs;

use crate::Failure;

/// What the kernel counts in: `USER_HZ`, part of its interface on every architecture that we run on.
const TICKS_PER_SECOND: u64 = 100;
/// Fields of `/proc/PID/stat` behind the name in brackets, from 0: parent, and the four times.
const PARENT: usize = 1;
const TIMES: std::ops::Range<usize> = 11..15;
/// Of those, the last two are of children that have ended and were waited for.
const OWN_TIMES: usize = 2;

struct Stat {
    parent: u32,
    own_ticks: u64,
    children_ticks: u64,
}

fn stat(pid: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and brackets.
    let (_, rest) = text.rsplit_once(')')?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let times = words.get(TIMES)?.iter().map(|word| word.parse().ok());
    let times: Vec<u64> = times.collect::<Option<_>>()?;
    let (own, children) = times.split_at_checked(OWN_TIMES)?;
    Some(Stat {
        parent: words.get(PARENT)?.parse().ok()?,
        own_ticks: own.iter().sum(),
        children_ticks: children.iter().sum(),
    })
}

const fn ns(ticks: u64) -> u64 {
    ticks * (1_000_000_000 / TICKS_PER_SECOND)
}

/// Of the children of this process that have ended.
pub(crate) fn ended_children_ns() -> Result<u64, Failure> {
    let own = stat("self").ok_or("the kernel tells no times")?;
    Ok(ns(own.children_ticks))
}

/// Of a process with its children, those that have ended included.
pub(crate) fn family_ns(pid: u32) -> Result<u64, Failure> {
    let root = stat(&pid.to_string()).ok_or("the process has ended")?;
    let mut ticks = root.own_ticks + root.children_ticks;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let child = name.to_str().filter(|name| name.parse::<u32>().is_ok());
        if let Some(child) = child.and_then(stat).filter(|child| child.parent == pid) {
            ticks += child.own_ticks + child.children_ticks;
        }
    }
    Ok(ns(ticks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_worked_is_counted() {
        let before = ended_children_ns().expect("times");
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let mut child = std::process::Command::new("sh")
            .args(["-c", work])
            .spawn()
            .expect("starts");
        assert!(child.wait().expect("ends").success());
        assert!(ended_children_ns().expect("times") > before);
        assert!(family_ns(std::process::id()).expect("times") > 0);
    }
}
