//! The log of a scenario: made under its clock, in a node that is a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use countersign_node::data_dir::{Settings, beside};
use countersign_node::network::{differences, parse};
use countersign_node::{Session, compose};
use countersign_sim::Folder;
use countersign_sim::folder::NETWORK;

use crate::commands::own;
use crate::fail::Failure;
use crate::ui;

/// This program.
pub(crate) fn own_binary() -> Result<Command, Failure> {
    Ok(Command::new(std::env::current_exe()?))
}

/// Makes the log of a scenario in a new folder, under the scenario's clock; its verification key.
pub(crate) fn found(data: &Path, scenario: &Folder) -> Result<String, Failure> {
    let settings = Settings {
        second: beside(data, ".second")?.join("checkpoint"),
        origin: scenario.scenario().origin.as_str().to_owned(),
        unlock: None,
    };
    let opened = compose::init(data, settings, Some(scenario.scenario().start))?;
    Ok(opened.engine.vkey())
}

/// Applies the network of a scenario.
pub(crate) fn apply(session: &mut Session, data: &Path, scenario: &Folder) -> Result<(), Failure> {
    let path = scenario.path(NETWORK);
    let text =
        std::fs::read_to_string(&path).map_err(|error| Failure::io("reading", &path, &error))?;
    let wanted =
        parse(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let acts: Vec<String> = differences(&countersign_model::network::Network::default(), &wanted)
        .into_iter()
        .map(|difference| difference.act)
        .collect();
    own::say(session, &own::signing_key(data, None)?, &acts)?;
    Ok(())
}

/// The node as a process of its own; ended when whoever started it ends, however that ends.
#[derive(Debug)]
pub(crate) struct NodeProcess {
    child: Child,
    data: PathBuf,
}

impl NodeProcess {
    pub(crate) fn start(data: &Path) -> Result<Self, Failure> {
        let child = own_binary()?
            .arg("node")
            .arg("--data")
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            child,
            data: data.to_owned(),
        })
    }

    /// Waits for the node to say that it is ready.
    pub(crate) fn connect(&mut self) -> Result<Session, Failure> {
        use std::io::{BufRead as _, BufReader};
        let stderr = self
            .child
            .stderr
            .take()
            .ok_or_else(|| Failure::new("the node says nothing"))?;
        let mut lines = BufReader::new(stderr).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.starts_with("ready at "));
        if !ready {
            return Err(Failure::new("the node did not start"));
        }
        // What it says later goes where it belongs.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| ui::note(&line)));
        Ok(Session::open(&self.data)?)
    }

    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new("the node ended with an error"))
        }
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // It has ended already when all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
