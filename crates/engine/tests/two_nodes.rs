//! Two nodes that pass on to each other what they are told (SIL-1): when a site and the way out of its own
//! node are cut at once, the other one notices.

mod world;

use countersign_attest::{Algorithm, SecretKey, Submission};
use countersign_engine::Engine;
use countersign_model::time::{MINUTE_MS, Timestamp};
use world::device::{Device, Signer};
use world::{START_MS, Shared, begin_as, said};

const ORIGINS: [&str; 2] = ["a.example/1", "b.example/1"];
/// How often a node makes a batch, in seconds.
const BATCH_EVERY: u64 = 10;

/// Three sources stand at site A and one at site B; both nodes hold the contracts of all.
const SOURCES: [(&str, &str, u8); 4] = [
    ("device:a-gate", "a", 11),
    ("device:a-dock", "a", 12),
    ("device:a-camera", "a", 13),
    ("device:b-gate", "b", 14),
];

fn key_of(seed: u8) -> SecretKey {
    SecretKey::generate(Algorithm::Es256, [seed; 32])
}

struct Node {
    disk: Shared,
    engine: Engine,
}

impl Node {
    fn begin(origin: &str) -> Self {
        let disk = Shared::default();
        let mut engine = begin_as(&disk, origin).expect("begins");
        let mut objects: Vec<String> = ["a", "b"]
            .map(|site| {
                format!(
                    r#"{{"type":"Define","object":"site","value":{{"id":"urn:x:{site}","kind":"warehouse","party":"urn:x:p{site}"}}}}"#
                )
            })
            .into();
        for (name, site, seed) in SOURCES {
            let key = key_of(seed).public();
            objects.push(format!(
                r#"{{"type":"Define","object":"principal","value":{{"id":"{name}","role":"device","key":"{key}","party":"urn:x:p{site}","place":"urn:x:{site}","heartbeat":"PT5M"}}}}"#
            ));
        }
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let acts = said(&engine, 1, &objects);
        engine.submit(&acts).expect("is taken");
        engine.commit().expect("commits");
        Self { disk, engine }
    }

    fn hear(&mut self, said: &Submission) {
        self.engine.submit(said).expect("is taken");
    }

    /// Runs for some seconds.
    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds / BATCH_EVERY {
            self.disk.pass(BATCH_EVERY * 1000);
            self.engine.commit().expect("commits");
        }
    }

    /// Templates and sites of the silences that were found.
    fn silences(&self) -> Vec<String> {
        let findings = self.engine.folds().detect().standing();
        let silences = findings.filter(|finding| finding.kind == "source_silent");
        let shown = silences.map(|finding| {
            let site = finding.site.as_ref().map_or("", |site| site.as_str());
            format!("{} {site}", finding.template)
        });
        shown.collect()
    }
}

struct World {
    nodes: [Node; 2],
    devices: Vec<Device>,
    minute: i64,
    /// The way from A to B is cut; what would have gone over it waits.
    is_cut: bool,
    waiting: Vec<Submission>,
}

impl World {
    fn begin() -> Self {
        let devices = SOURCES.map(|(name, _, seed)| {
            Device::of(Signer {
                name: name.to_owned(),
                key: key_of(seed),
                origins: ORIGINS.to_vec(),
            })
        });
        Self {
            nodes: ORIGINS.map(Node::begin),
            devices: devices.into(),
            minute: 0,
            is_cut: false,
            waiting: Vec::new(),
        }
    }

    /// Each minute every source says that it is there to the node of its site, which passes it on.
    fn minutes(&mut self, minutes: u32) {
        for _ in 0..minutes {
            self.minute += 1;
            let events = SOURCES.map(|(name, site, _)| self.event(name, site));
            let speaking = SOURCES.iter().zip(&mut self.devices).zip(events);
            for (((_, site, _), device), event) in speaking {
                let said = device.says(&event);
                match *site {
                    "a" => {
                        self.nodes[0].hear(&said);
                        self.waiting.push(said);
                    }
                    _ => self.nodes.iter_mut().for_each(|node| node.hear(&said)),
                }
            }
            if !self.is_cut {
                for said in std::mem::take(&mut self.waiting) {
                    self.nodes[1].hear(&said);
                }
            }
            self.nodes.iter_mut().for_each(|node| node.run(60));
        }
    }

    fn event(&self, name: &str, site: &str) -> String {
        let at = Timestamp::from_ms(START_MS + self.minute * MINUTE_MS);
        format!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"urn:x:event:{name}:{}","eventTime":"{at}","eventTimeZoneOffset":"+00:00","action":"OBSERVE","readPoint":{{"id":"urn:x:{site}"}},"epcList":["urn:x:lamp:{name}"]}}"#,
            self.minute
        )
    }
}

#[test]
fn a_site_that_is_cut_off_with_its_node_is_noticed_by_the_other() {
    let mut world = World::begin();
    world.minutes(20);
    for node in &world.nodes {
        assert_eq!(node.silences(), [""; 0]);
    }
    world.is_cut = true;
    world.minutes(4);
    assert_eq!(world.nodes[1].silences(), [""; 0], "within the contract");
    world.minutes(2);
    assert_eq!(
        world.nodes[1].silences(),
        ["source_silent.site urn:x:a"],
        "one finding, of the site, within a minute of the breach"
    );
    assert_eq!(
        world.nodes[0].silences(),
        [""; 0],
        "who is in there hears them"
    );
    // The way is mended, and what was said in the meantime comes: they had spoken all along.
    world.is_cut = false;
    world.minutes(20);
    assert_eq!(world.nodes[1].silences(), [""; 0]);
}

#[test]
fn a_long_cut_stays_on_record() {
    let mut world = World::begin();
    world.minutes(20);
    world.is_cut = true;
    world.minutes(30);
    world.is_cut = false;
    world.minutes(20);
    assert_eq!(
        world.nodes[1].silences(),
        ["source_silent.site urn:x:a"],
        "nobody outside knew of the site for half an hour"
    );
    assert_eq!(world.nodes[0].silences(), [""; 0]);
}
