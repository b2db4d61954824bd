//! `countersign status`.

use std::cmp::Reverse;
use std::path::PathBuf;

use clap::Args;
use countersign_node::Session;
use countersign_node::request::Request;
use serde_json::Value;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Devices whose clocks are off that are named.
const CLOCKS_SHOWN_MAX: usize = 5;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A person has looked at the clock after it jumped: deadlines may go on.
    #[arg(long)]
    confirm_clock: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let mut session = Session::open(&self.data)?;
        let running = matches!(session, Session::Remote(_));
        if self.confirm_clock {
            session.value(&Request::ConfirmClock)?;
        }
        let mut status = session.value(&Request::Status)?;
        session.close()?;
        if let Some(map) = status.as_object_mut() {
            map.insert("node_running".to_owned(), Value::Bool(running));
        }
        if self.json {
            ui::json(&status);
            return Ok(DONE);
        }
        let text = |path: &str| match status.pointer(path) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        ui::line(format!("log            {}", text("/origin")));
        ui::line(format!("verification   {}", text("/vkey")));
        ui::line(format!(
            "entries        {} in {} ({} published)",
            text("/size"),
            ui::counted(number(&status, "/batches"), "batch", "batches"),
            text("/published")
        ));
        ui::line(format!("claims         {} that count", text("/claims")));
        ui::line(format!("findings       {} open", text("/findings/open")));
        ui::line(format!(
            "history        {} kB beside the memory",
            ui::grouped(number(&status, "/history_bytes").div_ceil(1000))
        ));
        ui::line(
            match status.pointer("/snapshot/size").and_then(Value::as_u64) {
                Some(size) => format!("snapshot       of {} entries", ui::grouped(size)),
                None => "snapshot       none: a start folds the whole ground".to_owned(),
            },
        );
        ui::line(format!("second place   {}", text("/second_place")));
        if status.get("second_place_on_same_disk") == Some(&Value::Bool(true)) {
            ui::line("               on the same disk as the data: one failing disk takes both");
        }
        print_disk(&status);
        print_sync(&status);
        print_keys(&status);
        print_clock(&status);
        print_device_clocks(&status);
        ui::line(format!(
            "node           {}",
            if running { "running" } else { "not running" }
        ));
        Ok(DONE)
    }
}

fn number(status: &Value, path: &str) -> u64 {
    status
        .pointer(path)
        .and_then(Value::as_u64)
        .unwrap_or_default()
}

fn is_true(status: &Value, path: &str) -> bool {
    status.pointer(path) == Some(&Value::Bool(true))
}

fn print_disk(status: &Value) {
    let places = [
        ("data", "the data folder"),
        ("second_place", "the second place"),
    ];
    for (at, (name, what)) in places.into_iter().enumerate() {
        let path = |field: &str| format!("/disk/{name}/{field}");
        if status.pointer(&path("left_bytes")).is_none() {
            continue;
        }
        let mb = |bytes: u64| ui::grouped(bytes / 1_000_000);
        let title = if at == 0 { "disk left" } else { "" };
        ui::line(format!(
            "{title:<14} {} MB of {} MB for {what}",
            mb(number(status, &path("left_bytes"))),
            mb(number(status, &path("total_bytes")))
        ));
        if is_true(status, &path("is_low")) {
            ui::line(format!(
                "               that is little: when it is full the node stops; make room on the disk of {what}"
            ));
        }
    }
}

fn print_sync(status: &Value) {
    let count = number(status, "/sync/count");
    if count > 0 {
        let ms = |path: &str| {
            let us = number(status, path);
            format!("{}.{:03} ms", us / 1000, us % 1000)
        };
        ui::line(format!(
            "sync           last {}, worst {}, of {count} in this run",
            ms("/sync/last_us"),
            ms("/sync/worst_us")
        ));
    }
}

fn print_keys(status: &Value) {
    let keys = status.get("keys").and_then(Value::as_array);
    for (at, key) in keys.into_iter().flatten().enumerate() {
        let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = match text("id") {
            "" => String::new(),
            id => format!(", {}", id.get(..16).unwrap_or(id)),
        };
        let uses = key.get("uses").and_then(Value::as_u64);
        let uses = uses.map_or_else(String::new, |uses| {
            let uses = ui::counted(uses, "signature", "signatures");
            format!(", {uses} in this run")
        });
        let open = match key.get("protected") {
            Some(Value::Bool(false)) => "; its file is not encrypted: `countersign key protect`",
            _ => "",
        };
        ui::line(format!(
            "{:<14} {} ({}{id}) {}{uses}{open}",
            if at == 0 { "keys" } else { "" },
            text("name"),
            text("kind"),
            standing(key)
        ));
    }
}

/// Since when the log has a key, and whether it still signs with it.
fn standing(key: &Value) -> String {
    match key.get("since").and_then(Value::as_u64) {
        None => "not taken by the log".to_owned(),
        Some(since) if is_true(key, "/in_force") => format!("since entry {since}"),
        Some(since) => format!("since entry {since}, no longer in force"),
    }
}

fn print_clock(status: &Value) {
    let now = status.pointer("/clock/now").and_then(Value::as_str);
    let now = now.unwrap_or_default();
    let how = if is_true(status, "/clock/scenario") {
        "told by a scenario".to_owned()
    } else {
        let off = number(status, "/clock/uncertainty_ms");
        match is_true(status, "/clock/synchronised") {
            true => format!("synchronised, at most {off} ms off"),
            false => format!("not synchronised; taken to be up to {off} ms off"),
        }
    };
    ui::line(format!("time           {now} ({how})"));
    if is_true(status, "/clock/jumped") {
        ui::line(
            "               the clock jumped: deadlines stand still until `status --confirm-clock`",
        );
    }
}

/// Those that are off furthest.
fn print_device_clocks(status: &Value) {
    let clocks = status.get("device_clocks").and_then(Value::as_array);
    let off_by = |clock: &Value| {
        clock
            .get("offset_ms")
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let mut clocks: Vec<&Value> = clocks.into_iter().flatten().collect();
    clocks.sort_by_key(|clock| Reverse(off_by(clock).abs()));
    if clocks.is_empty() {
        return;
    }
    ui::line(format!(
        "device clocks  {} are off; what these devices say is set right",
        clocks.len()
    ));
    for clock in clocks.iter().take(CLOCKS_SHOWN_MAX) {
        let seconds = off_by(clock) / 1000;
        let way = if seconds < 0 { "behind" } else { "ahead" };
        let principal = clock.get("principal").and_then(Value::as_str);
        ui::line(format!(
            "               {} by {} min {way}",
            principal.unwrap_or_default(),
            (seconds.abs() + 30) / 60
        ));
    }
}
