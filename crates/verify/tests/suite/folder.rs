//! A data folder in memory, and a forger who knows the format of its segments.

use std::io;

use countersign_record::segment::{HEADER_LEN, Kind, push_record, records};
use countersign_testkit::Files;
use countersign_verify::{LogFolder, Report, Trust, verify_log};

use crate::world::World;

/// The files of a data folder.
#[derive(Clone)]
pub(crate) struct Memory(pub(crate) Files);

impl LogFolder for Memory {
    fn segments(&self) -> io::Result<Vec<u32>> {
        let number = |name: &String| {
            let name = name.strip_prefix("ground/")?.strip_suffix(".seg")?;
            name.parse().ok()
        };
        Ok(self.0.keys().filter_map(number).collect())
    }

    fn segment(&self, number: u32, _: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(&segment(number)).cloned())
    }

    fn published(&self, path: &str, _: usize) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(&format!("log/{path}")).cloned())
    }

    fn published_names(&self, folder: &str) -> io::Result<Vec<String>> {
        let start = format!("log/{folder}/");
        let below = |name: &String| name.strip_prefix(&start).map(ToOwned::to_owned);
        let names = self.0.keys().filter_map(below);
        Ok(names.filter(|name| !name.contains('/')).collect())
    }
}

pub(crate) fn segment(number: u32) -> String {
    format!("ground/{number:08}.seg")
}

impl Memory {
    /// The world's log: two commits to a segment, everything published.
    pub(crate) fn of(world: &World) -> Self {
        Self(world.log.files(2, world.log.size()))
    }

    pub(crate) fn get(&mut self, name: &str) -> &mut Vec<u8> {
        let file = self.0.get_mut(name);
        file.unwrap_or_else(|| panic!("no file {name}"))
    }

    pub(crate) fn remove(&mut self, name: &str) -> Vec<u8> {
        let file = self.0.remove(name);
        file.unwrap_or_else(|| panic!("no file {name}"))
    }

    pub(crate) fn verify(&self, trust: &Trust) -> Report {
        verify_log(self, trust, &[], 2, &mut |_| ()).expect("memory can be read")
    }

    /// Changes the records of a segment and writes it anew, with checks that fit.
    pub(crate) fn forge(&mut self, number: u32, change: impl FnOnce(&mut Records)) {
        let bytes = self.get(&segment(number));
        let read = records(bytes, HEADER_LEN).map(|record| {
            let record = record.expect("a whole segment");
            (record.kind, record.payload.to_vec())
        });
        let mut all = Records(read.collect());
        change(&mut all);
        bytes.truncate(HEADER_LEN);
        for (kind, payload) in &all.0 {
            push_record(bytes, *kind, payload);
        }
        bytes.resize(bytes.len() + 64, 0);
    }

    /// Offset of the n-th record of a kind, and of what follows it.
    pub(crate) fn place(&self, number: u32, kind: Kind, nth: usize) -> (usize, usize) {
        let bytes = self.0.get(&segment(number)).expect("a segment");
        let mut of_kind = records(bytes, HEADER_LEN)
            .map(|record| record.expect("a whole segment"))
            .filter(|record| record.kind == kind);
        let record = of_kind.nth(nth).expect("a record");
        (record.offset, record.end())
    }
}

/// The records of a segment.
pub(crate) struct Records(pub(crate) Vec<(Kind, Vec<u8>)>);

impl Records {
    pub(crate) fn position(&self, kind: Kind, nth: usize) -> usize {
        let mut of_kind = self.0.iter().enumerate().filter(|(_, (of, _))| *of == kind);
        of_kind.nth(nth).expect("a record").0
    }

    pub(crate) fn get(&mut self, kind: Kind, nth: usize) -> &mut Vec<u8> {
        let at = self.position(kind, nth);
        &mut self.0.get_mut(at).expect("a record").1
    }

    pub(crate) fn remove(&mut self, kind: Kind, nth: usize) {
        let at = self.position(kind, nth);
        self.0.remove(at);
    }
}
