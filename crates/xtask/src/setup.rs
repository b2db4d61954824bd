//! What the tests need beside Rust: Debian packages, one line in [`NEEDS`] for each with its reason,
//! and [`python_environment`].

use std::ffi::OsString;

use crate::process;
use crate::python_environment;
use crate::terminal::say;
use crate::workspace::Root;

/// A Debian package that a test calls.
struct Need {
    package: &'static str,
    reason: &'static str,
    /// Program and arguments that succeed exactly if the need is met.
    probe: (&'static str, &'static [&'static str]),
}

const NEEDS: &[Need] = &[
    Need {
        package: "python3-cryptography",
        reason: "signatures and ciphers are compared with a second implementation",
        probe: ("/usr/bin/python3", &["-c", "import cryptography"]),
    },
    Need {
        package: "python3-venv",
        reason: "a Python package that Debian does not have gets an environment of its own",
        probe: ("/usr/bin/python3", &["-c", "import ensurepip, venv"]),
    },
    Need {
        package: "golang-go",
        reason: "the published log is read by Go's own code",
        probe: ("/usr/bin/go", &["version"]),
    },
    Need {
        package: "golang-golang-x-mod-dev",
        reason: "the published log is read by Go's own code",
        probe: (
            "test",
            &["-d", "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"],
        ),
    },
    Need {
        package: "postgresql",
        reason: "another system answers the same questions as the ledger",
        probe: (
            "sh",
            &[
                "-c",
                "test -x \"$(ls -d /usr/lib/postgresql/*/bin/postgres | tail -n 1)\"",
            ],
        ),
    },
    Need {
        package: "strace",
        reason: "system calls of the program are made to fail",
        probe: ("/usr/bin/strace", &["-V"]),
    },
];

/// Installs what is missing. Returns the packages that are missing still.
pub(crate) fn install_missing(root: &Root) -> Vec<&'static str> {
    let missing = NEEDS.iter().filter(|need| !is_met(root, need));
    let missing = missing.filter(|need| !install(root, need));
    let mut missing: Vec<&'static str> = missing.map(|need| need.package).collect();
    if !python_environment::install(root) {
        missing.push(python_environment::NAME);
    }
    missing
}

fn is_met(root: &Root, need: &Need) -> bool {
    let (program, arguments) = need.probe;
    process::output(root, &program.into(), arguments).is_ok()
}

fn install(root: &Root, need: &Need) -> bool {
    say(&format!("{} is missing; {}", need.package, need.reason));
    let (program, prefix) = apt_get(is_administrator(root));
    let call = |rest: &[&str]| {
        let arguments: Vec<&str> = prefix.iter().chain(rest).copied().collect();
        process::succeeds(root, &program, &arguments)
    };
    let install = ["install", "-y", "--no-install-recommends", need.package];
    let installed = call(&install) || (call(&["update"]) && call(&install));
    if !installed {
        say(&format!(
            "cannot install the Debian package {}",
            need.package
        ));
        return false;
    }
    if is_met(root, need) {
        return true;
    }
    let (program, arguments) = need.probe;
    let call = arguments.join(" ");
    say(&format!(
        "the Debian package {} is installed, and yet `{program} {call}` fails: \
         the `{program}` found first in PATH is another one",
        need.package
    ));
    false
}

fn is_administrator(root: &Root) -> bool {
    process::output(root, &"id".into(), &["-u"]).is_ok_and(|id| id.trim_ascii() == b"0")
}

/// `sudo -n` never asks for a password: without one it fails at once. `env` carries the setting
/// that keeps packages from asking questions through sudo, which drops the environment.
fn apt_get(administrator: bool) -> (OsString, &'static [&'static str]) {
    if administrator {
        return ("env".into(), &["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    (
        "sudo".into(),
        &["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(program: &'static str, arguments: &'static [&'static str], expect: bool) {
        let root = Root::above_current_folder().unwrap();
        let need = Need {
            package: "none",
            reason: "none",
            probe: (program, arguments),
        };
        assert_eq!(is_met(&root, &need), expect, "{program} {arguments:?}");
    }

    #[test]
    fn probes() {
        check("sh", &["-c", "exit 0"], true);
        check("sh", &["-c", "exit 3"], false);
        check("a-program-that-is-nowhere", &[], false);
    }

    #[test]
    fn only_without_rights_sudo_is_asked() {
        assert_eq!(apt_get(true).0, "env");
        assert_eq!(apt_get(false).0, "sudo");
        assert_eq!(apt_get(false).1.first(), Some(&"-n"));
    }
}
