//! Where mutation starts: the frozen vectors and examples of the project, read in place, and the
//! kept corpus beside this crate.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use countersign_model::digest::hex_decode;
use countersign_node::wire::join;
use countersign_pack::archive;
use countersign_record::segment::{self, HEADER_LEN};
use serde_json::Value;

use crate::Target;

/// Where to find valid inputs of a target, from the root of the project.
#[derive(Clone, Copy, Debug)]
pub enum Seeds {
    /// The file itself.
    File(&'static str),
    /// In a JSON file: every string of hex digits under one of these names, at any depth.
    Hex(&'static str, &'static [&'static str]),
    /// In a JSON file: every string under one of these names, at any depth.
    Text(&'static str, &'static [&'static str]),
    /// In a JSON file: every value under one of these names, at any depth, as JSON of its own.
    Json(&'static str, &'static [&'static str]),
    /// In a JSON file: for each object that has the first name, a list of its string and of one
    /// string under the second name at any depth below, joined as on the node's socket.
    Pairs(&'static str, &'static str, &'static str),
    /// In a JSON file: each object under this name, its members' names and hex digits joined in turn.
    HexFiles(&'static str, &'static str),
    /// In a JSON file: each list under this name, its strings of hex digits filled up with zeros to
    /// so many bytes and put one behind the other.
    HexSlots(&'static str, &'static str, usize),
    /// Files, joined.
    Joined(&'static [&'static str]),
    /// One file of a pack.
    FileOfPack(&'static str, &'static str),
    /// All files of a pack, names and bytes joined in turn.
    FilesOfPack(&'static str),
    /// All records of a segment, the byte of the kind before each payload, joined.
    Records(&'static str),
    /// Bytes that stand in the code.
    Bytes(&'static [u8]),
}

/// The project as it is on disk.
#[derive(Clone, Debug)]
pub struct Project(PathBuf);

impl Project {
    /// The project whose root folder this is.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// The root folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The folder of a target's kept corpus.
    #[must_use]
    pub fn corpus(&self, target: &Target) -> PathBuf {
        self.0.join("crates/fuzz/corpus").join(target.name)
    }

    /// The folder for inputs on which a target failed; git does not look at it.
    #[must_use]
    pub fn failures(&self, target: &Target) -> PathBuf {
        self.0.join("crates/fuzz/failures").join(target.name)
    }

    /// Every seed of a target, each once: the kept corpus first, then the vectors.
    ///
    /// # Errors
    /// A file that is named and is not there, or holds none of the names asked for.
    pub fn seeds(&self, target: &Target) -> io::Result<Vec<Vec<u8>>> {
        let mut all = self.kept(target)?;
        for seeds in target.seeds {
            let found = self.of(*seeds)?;
            if found.is_empty() {
                return Err(io::Error::other(format!("no seed in {seeds:?}")));
            }
            all.extend(found);
        }
        let mut seen = BTreeSet::new();
        all.retain(|seed| seen.insert(seed.clone()));
        Ok(all)
    }

    /// The kept corpus of a target, in the order of the names.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn kept(&self, target: &Target) -> io::Result<Vec<Vec<u8>>> {
        let mut paths = Vec::new();
        match fs::read_dir(self.corpus(target)) {
            Ok(entries) => {
                for entry in entries {
                    paths.push(entry?.path());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        paths.sort();
        paths.iter().map(fs::read).collect()
    }

    fn of(&self, seeds: Seeds) -> io::Result<Vec<Vec<u8>>> {
        match seeds {
            Seeds::File(path) => Ok(vec![self.read(path)?]),
            Seeds::Bytes(bytes) => Ok(vec![bytes.to_vec()]),
            Seeds::Pairs(path, first, second) => self.pairs(path, first, second),
            Seeds::HexFiles(path, name) => self.hex_files(path, name),
            Seeds::HexSlots(path, name, bytes) => self.hex_slots(path, name, bytes),
            Seeds::Joined(paths) => {
                let files: io::Result<Vec<_>> = paths.iter().map(|path| self.read(path)).collect();
                Ok(vec![join(&files?)])
            }
            Seeds::FileOfPack(path, wanted) => {
                let files = self.pack(path)?.into_iter();
                Ok(files
                    .filter(|(name, _)| name == wanted)
                    .map(|(_, file)| file)
                    .collect())
            }
            Seeds::FilesOfPack(path) => {
                let files = self.pack(path)?.into_iter();
                let items: Vec<_> = files
                    .flat_map(|(name, file)| [name.into_bytes(), file])
                    .collect();
                Ok(vec![join(&items)])
            }
            Seeds::Records(path) => Ok(vec![self.records(path)?]),
            Seeds::Hex(path, names) => self.strings(path, names, hex_decode),
            Seeds::Text(path, names) => {
                self.strings(path, names, |text| Some(text.as_bytes().to_vec()))
            }
            Seeds::Json(path, names) => {
                let values = named(&self.json(path)?, names);
                Ok(values
                    .iter()
                    .map(|value| value.to_string().into_bytes())
                    .collect())
            }
        }
    }

    fn pairs(&self, path: &str, first: &str, second: &str) -> io::Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        each_object(&self.json(path)?, &mut |object| {
            let Some(Value::String(one)) = object.get(first) else {
                return;
            };
            for value in named(&Value::Object(object.clone()), &[second]) {
                each_string(&value, &mut |two| {
                    found.push(join(&[one.as_bytes().to_vec(), two.as_bytes().to_vec()]));
                });
            }
        });
        Ok(found)
    }

    fn hex_files(&self, path: &str, name: &str) -> io::Result<Vec<Vec<u8>>> {
        let values = named(&self.json(path)?, &[name]);
        let objects = values.iter().filter_map(Value::as_object);
        let joined = objects.map(|files| {
            let items = files.iter().filter_map(|(name, hex)| {
                let file = hex_decode(hex.as_str()?)?;
                Some([name.as_bytes().to_vec(), file])
            });
            join(&items.flatten().collect::<Vec<_>>())
        });
        Ok(joined.collect())
    }

    fn hex_slots(&self, path: &str, name: &str, bytes: usize) -> io::Result<Vec<Vec<u8>>> {
        let values = named(&self.json(path)?, &[name]);
        let joined = values.iter().map(|value| {
            let mut slots = Vec::new();
            each_string(value, &mut |text| {
                let mut slot = hex_decode(text).unwrap_or_default();
                slot.resize(bytes, 0);
                slots.extend(slot);
            });
            slots
        });
        Ok(joined.collect())
    }

    fn pack(&self, path: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
        let bytes = self.read(path)?;
        let files = archive::read(&bytes).map_err(|damage| io::Error::other(damage.to_string()))?;
        let owned = files
            .iter()
            .map(|(name, file)| ((*name).to_owned(), file.to_vec()));
        Ok(owned.collect())
    }

    fn records(&self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        let records = segment::records(&bytes, HEADER_LEN).map_while(Result::ok);
        let items = records.map(|record| [&[record.kind.byte()], record.payload].concat());
        Ok(join(&items.collect::<Vec<_>>()))
    }

    fn strings(
        &self,
        path: &str,
        names: &[&str],
        read: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> io::Result<Vec<Vec<u8>>> {
        let values = named(&self.json(path)?, names);
        let mut found = Vec::new();
        for value in &values {
            each_string(value, &mut |text| found.extend(read(text)));
        }
        Ok(found)
    }

    fn json(&self, path: &str) -> io::Result<Value> {
        serde_json::from_slice(&self.read(path)?).map_err(io::Error::other)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let full = self.0.join(path);
        fs::read(&full).map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
    }
}

/// Every string under one of these names, at any depth.
pub(crate) fn strings_under(value: &Value, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for value in named(value, names) {
        each_string(&value, &mut |text| found.push(text.to_owned()));
    }
    found
}

fn named(value: &Value, names: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if names.contains(&name.as_str()) {
                    found.push(value.clone());
                }
                found.extend(named(value, names));
            }
        }
        Value::Array(elements) => {
            found.extend(elements.iter().flat_map(|element| named(element, names)));
        }
        _ => {}
    }
    found
}

fn each_string(value: &Value, take: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| each_string(element, take)),
        Value::Object(members) => members
            .values()
            .for_each(|member| each_string(member, take)),
        _ => {}
    }
}

fn each_object(value: &Value, take: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            take(members);
            members
                .values()
                .for_each(|member| each_object(member, take));
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| each_object(element, take)),
        _ => {}
    }
}
