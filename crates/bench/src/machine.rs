//! On what a run was made: machine, load, commit.

use std::process::Command;

use serde_json::{Value, json};

/// What the numbers belong to.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    sha_instructions: bool,
    memory_mib: u64,
    kernel: String,
    commit: String,
    load_before: String,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn field(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

/// The load of the last minute, five and fifteen.
pub(crate) fn load() -> String {
    let text = read("/proc/loadavg");
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    words.join(" ")
}

impl Machine {
    /// This one, now.
    pub(crate) fn read(cores: usize) -> Self {
        let info = read("/proc/cpuinfo");
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let kib = memory.split_whitespace().next();
        let git = Command::new("git")
            .args(["describe", "--always", "--dirty"])
            .output();
        let commit = git.map_or_else(
            |_| "unknown".to_owned(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        );
        Self {
            processor: field(&info, "model name"),
            cores,
            sha_instructions: field(&info, "flags").contains("sha_ni"),
            memory_mib: kib
                .and_then(|kib| kib.parse::<u64>().ok())
                .unwrap_or_default()
                / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            commit,
            load_before: load(),
        }
    }

    /// Whether more wanted to run than there are cores before the run began: then what is counted on
    /// the wall tells of the neighbours.
    pub(crate) fn is_busy(&self) -> bool {
        let first = self.load_before.split('.').next();
        let waiting = first.and_then(|whole| whole.parse::<usize>().ok());
        waiting.is_some_and(|waiting| waiting >= self.cores)
    }

    pub(crate) fn line(&self) -> String {
        let sha = if self.sha_instructions {
            "with"
        } else {
            "without"
        };
        format!(
            "commit {}; {} cores of {} {sha} SHA instructions; {} MiB; Linux {}; load before {}, after {}",
            self.commit,
            self.cores,
            self.processor,
            self.memory_mib,
            self.kernel,
            self.load_before,
            load()
        )
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "commit": self.commit,
            "processor": self.processor,
            "cores": self.cores,
            "sha_instructions": self.sha_instructions,
            "memory_mib": self.memory_mib,
            "kernel": self.kernel,
            "load_before": self.load_before,
            "load_after": load(),
            "busy": self.is_busy(),
        })
    }
}
