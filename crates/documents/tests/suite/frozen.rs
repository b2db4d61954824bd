//! Our own vectors, frozen: `testdata/vectors/table-row/v1/vectors.json`.
//!
//! Each case is a map, a header and rows; of each row its sealed ranges, its open view, and the
//! claim or the problem. `COUNTERSIGN_BLESS=1 cargo test -p countersign-documents` writes the
//! file anew. What differs from the committed file is another format: make a v2 and keep v1.

use countersign_documents::{Bound, Mapping};
use countersign_model::claim::{Claim, Fact, Provenance, Sighting};
use countersign_model::digest::{Digest, hex, hex_decode};
use countersign_model::ids::PrincipalId;
use countersign_model::plan::{Goods, StageKey};
use countersign_model::time::EventTime;
use serde_json::{Value, json};

use crate::files;

const PATH: &str = "testdata/vectors/table-row/v1/vectors.json";
const ISSUER: &str = "partner:example";
const DOCUMENT: &[u8] = b"an envelope";

struct Case {
    name: &'static str,
    map: String,
    header: &'static str,
    /// Bytes and the how-manieth such row of its document it is.
    rows: Vec<(Vec<u8>, u64)>,
}

fn time(time: EventTime) -> Value {
    json!({
        "at": time.at.to_string(),
        "until": time.until.to_string(),
        "offset_min": time.offset_min,
        "ambiguous": time.ambiguous,
    })
}

fn key(key: &StageKey) -> Value {
    json!([key.plan.as_str(), &*key.line, &*key.stage])
}

fn sighting(s: &Sighting) -> Value {
    let quantities = s.quantities.iter().map(|q| {
        let quantity = q.quantity.map(|q| q.to_string());
        json!([q.class.as_str(), quantity])
    });
    json!({
        "fact": "sighting",
        "kind": format!("{:?}", s.kind),
        "action": s.action.map(|action| format!("{action:?}")),
        "time": time(s.time),
        "step": s.step.as_ref().map(|step| step.as_str()),
        "disposition": s.disposition,
        "place": s.place.as_ref().map(|id| id.as_str()),
        "location": s.location.as_ref().map(|id| id.as_str()),
        "units": s.units.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "parent": s.parent.as_ref().map(|id| id.as_str()),
        "quantities": quantities.collect::<Vec<_>>(),
        "from": s.from.as_ref().map(|id| id.as_str()),
        "to": s.to.as_ref().map(|id| id.as_str()),
        "documents": s.documents.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "kilograms": s.weights.iter().map(|w| w.kilograms.to_string()).collect::<Vec<_>>(),
        "value": s.value.map(|value| value.to_string()),
    })
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::Sighting(s) => sighting(s),
        Fact::Expected(e) => json!({
            "fact": "expected",
            "key": key(&e.key),
            "group": &*e.group,
            "unit": e.unit.as_str(),
            "place": e.place.as_ref().map(|id| id.as_str()),
            "due": time(e.due),
            "grace_ms": e.grace.ms(),
        }),
        Fact::Reached(r) => json!({
            "fact": "reached",
            "key": key(&r.stage),
            "unit": r.unit.as_str(),
            "place": r.place.as_ref().map(|id| id.as_str()),
            "time": time(r.time),
        }),
        Fact::Manifest(m) => {
            let lines = m.lines.iter().map(|line| {
                let what = match &line.what {
                    Goods::Unit(unit) => json!({"unit": unit.as_str()}),
                    Goods::Amount { class, quantity } => {
                        json!({"class": class.as_str(), "quantity": quantity.to_string()})
                    }
                };
                json!({"line": &*line.line, "what": what, "value": line.value.map(|v| v.to_string())})
            });
            json!({
                "fact": "manifest",
                "id": m.id.as_str(),
                "lane": m.lane.as_deref(),
                "from": m.from.as_str(),
                "to": m.to.as_str(),
                "depart_by": m.depart_by.to_string(),
                "arrive_by": m.arrive_by.to_string(),
                "lines": lines.collect::<Vec<_>>(),
            })
        }
        other => panic!("no row says {other:?}"),
    }
}

fn claim(claim: &Claim) -> Value {
    let warnings = claim.warnings.iter().map(|w| json!([w.code, w.field]));
    json!({
        "id": claim.id.0.to_string(),
        "fingerprint": claim.fingerprint.to_string(),
        "time": time(claim.time),
        "facts": claim.facts.iter().map(fact).collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

fn run_row(bound: &Bound, row: &[u8], nth: u64) -> Value {
    let issuer = PrincipalId::parse(ISSUER).unwrap();
    let from = Provenance {
        issuer: &issuer,
        document: Digest::of(DOCUMENT),
        nth,
    };
    let cut = bound.cut(row);
    let cut: Vec<_> = cut
        .sealed()
        .iter()
        .map(|range| [range.start, range.end])
        .collect();
    let view = bound.open_view(row);
    let decoded = bound.decode(row, from);
    assert_eq!(decoded, bound.decode(&view, from));
    let said = match &decoded {
        Ok(said) => json!({"claim": claim(said)}),
        Err(problem) => json!({"problem": [problem.code, problem.field]}),
    };
    json!({"sealed": cut, "open": hex(&view), "said": said})
}

fn made(case: &Case) -> Value {
    let mapping =
        Mapping::parse(case.map.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let bound = mapping
        .bind(case.header.as_bytes())
        .unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let rows = case.rows.iter().map(|(row, nth)| {
        // The text is for readers, the bytes count.
        json!({
            "row": hex(row),
            "text": String::from_utf8_lossy(row),
            "nth": nth,
            "expect": run_row(&bound, row, *nth),
        })
    });
    json!({
        "name": case.name,
        "map": case.map,
        "map_digest": mapping.digest().to_string(),
        "header": case.header,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn map(text: &str) -> String {
    format!("format = \"countersign-mapping/1\"\n{text}")
}

fn rows(rows: &[&str]) -> Vec<(Vec<u8>, u64)> {
    rows.iter()
        .map(|row| (row.as_bytes().to_vec(), 0))
        .collect()
}

fn cases() -> Vec<Case> {
    let mut cases = sightings();
    cases.extend(plans());
    cases
}

fn sightings() -> Vec<Case> {
    let mut bytes = rows(&[
        "A,2026-03-02T08:00:00Z,\"Li, Wei\",x",
        "A,2026-03-02T08:00:00Z,,",
    ]);
    bytes.push((b"A,2026-03-02T08:00:00Z,\xff\"\0,x".to_vec(), 0));
    bytes.push((b"A,2026-03-02T08:00:00Z,,".to_vec(), 1));
    bytes.extend(rows(&[
        "\"A\" , 2026-03-02T09:00:00.000+01:00,Li,",
        "A,2026-03-02T08:00:00Z,Li",
        "A,2026-03-02T08:00:00Z,Li,x,y,z",
        ",2026-03-02T08:00:00Z,Li,x",
        "A\"B,2026-03-02T08:00:00Z,Li,x",
        "A,2026-02-30T08:00:00Z,Li,x",
        "A,2026-03-02T08:00:00,Li,x",
    ]));
    vec![
        Case {
            name: "identity by bytes, cells that nobody reads",
            map: map(
                "[columns]\nopen = [\"note\"]\n[sighting]\nunit = { column = \"unit\", scheme = \"plate\" }\ntime = \"at\"\n",
            ),
            header: "unit,at,name,note",
            rows: bytes,
        },
        Case {
            name: "a sighting with everything",
            map: map(
                "[table]\nseparator = \"semicolon\"\ndecimal = \"comma\"\nabsent = [\"-\"]\n[columns]\nkey = [\"no\"]\n[sighting]\nunit = { template = \"https://id.gs1.org/00/{SSCC}\", split = \"+\" }\nparent = { column = \"truck\", scheme = \"truck\" }\nclass = { template = \"https://id.gs1.org/01/{GTIN}/10/{lot}\" }\nquantity = \"qty\"\nuom = \"uom\"\ntime = { columns = [\"day\", \"clock\"], format = \"%d.%m.%Y %H:%M\", zone = \"Europe/Amsterdam\" }\nstep = { column = \"act\", values = { IN = \"receiving\", OUT = \"departing\" }, otherwise = \"urn:example:step:other\" }\naction = { const = \"observe\" }\ndisposition = { const = \"in_transit\" }\nplace = { template = \"https://id.gs1.org/414/{GLN}\" }\nlocation = { const = \"urn:example:yard\" }\nfrom = { column = \"giver\", scheme = \"party\" }\nto = { column = \"taker\", scheme = \"party\" }\ndocument = { template = \"urn:example:load:{load}\" }\nweight = \"weight\"\nweight_uom = { const = \"GRM\" }\nvalue = \"worth\"\ncurrency = { const = \"EUR\" }\n",
            ),
            header: "no;SSCC;truck;GTIN;lot;qty;uom;day;clock;act;GLN;giver;taker;load;weight;worth;driver",
            rows: rows(&[
                "1;395212340000001011;T 7;09521234000778;L/1;2,50;KGM;02.03.2026;08:15;IN;9521234000105;us;them;44;12500;9,90;Li",
                "2;395212340000001011;-;-;-;-;-;25.10.2026;02:30;OUT;-;-;-;-;-;-;Li",
                "3;395212340000001012;-;-;-;-;-;29.03.2026;02:30;X;-;-;-;-;-;-;Li",
                "4;39521234000001011;-;-;-;-;-;02.03.2026;08:15;IN;-;-;-;-;-;-;Li",
                "5;-;-;-;-;-;-;02.03.2026;08:15;IN;-;-;-;-;-;-;Li",
                "6;395212340000001011;-;-;-;-;-;-;08:15;IN;-;-;-;-;-;-;Li",
                "7;395212340000001011;-;-;-;-;-;02.03.2026;08:15;IN;-;-;-;-;1.5;-;Li",
                "-;395212340000001011;-;-;-;-;-;02.03.2026;08:15;IN;-;-;-;-;-;-;Li",
            ]),
        },
        Case {
            name: "days, and a zone in the row",
            map: map(
                "[table]\nheader = false\ncolumns = [\"u\", \"d\", \"z\"]\n[sighting]\nunit = { column = \"u\", scheme = \"plate\" }\ntime = { column = \"d\", zone = { column = \"z\" } }\n",
            ),
            header: "",
            rows: rows(&[
                "1,2026-03-29,Europe/Amsterdam",
                "1,2026-03-29,+01:00",
                "1,2018-11-04,America/Sao_Paulo",
                "1,2026-03-29,Mars/Base",
                "1,1969-12-31,Z",
            ]),
        },
    ]
}

fn plans() -> Vec<Case> {
    vec![
        Case {
            name: "lines of a manifest",
            map: map(
                "[columns]\nkey = [\"Load\", \"Line\"]\n\n[manifest]\nid = { template = \"{Load}/{Line}\", scheme = \"load\" }\nline = \"Line\"\nunit = { template = \"https://id.gs1.org/00/{SSCC}\" }\nclass = { template = \"https://id.gs1.org/01/{GTIN}\" }\nquantity = \"Amount\"\nuom = \"Unit\"\nfrom = { template = \"https://id.gs1.org/414/{From GLN}\" }\nto = { template = \"https://id.gs1.org/414/{To GLN}\" }\ndepart_by = { column = \"Leave by\", zone = \"Europe/Amsterdam\" }\narrive_by = { column = \"Arrive by\", zone = \"Europe/Amsterdam\" }\nvalue = \"Value\"\ncurrency = \"Currency\"\n",
            ),
            header: "Load,Line,SSCC,GTIN,Amount,Unit,From GLN,To GLN,Leave by,Arrive by,Value,Currency,Consignee",
            rows: rows(&[
                "L1,1,395212340000001011,,,,9521234000105,9521234000204,2026-03-02 14:30,2026-03-02,1250.00,EUR,Li",
                "L1,2,,09521234000778,240,C62,9521234000105,9521234000204,2026-03-02 14:30,2026-03-02 18:00,,,Li",
                "L1,3,,09521234000778,,C62,9521234000105,9521234000204,2026-03-02 14:30,2026-03-02 18:00,,,Li",
            ]),
        },
        Case {
            name: "stages of a plan",
            map: map(
                "[plan]\nid = { column = \"order\", scheme = \"order\" }\nunit = { column = \"parcel\", scheme = \"parcel\" }\n[[plan.stage]]\nname = \"pick-up\"\ngroup = \"carrier\"\ndue = { column = \"due\", zone = \"Z\" }\nreached = { column = \"done\", zone = \"Z\" }\nplace = { const = \"urn:example:a\" }\ngrace = \"PT15M\"\n[[plan.stage]]\nname = \"delivery\"\ndue = { column = \"by\", zone = \"Z\" }\n",
            ),
            header: "order,parcel,due,done,by",
            rows: rows(&[
                "O1,P1,2026-03-02 10:00,2026-03-02 10:20,2026-03-03",
                "O1,P1,,2026-03-02 10:20,",
                "O1,P1,,,",
            ]),
        },
        Case {
            name: "chains that start when others end",
            map: map(
                "[columns]\nkey = \"id\"\n[chain]\nid = { column = \"id\", scheme = \"journey\" }\nunit = { column = \"id\", scheme = \"box\" }\nstart = { const = \"2026-03-02T00:00:00Z\" }\ndurations = \"minutes\"\nabsent = \"0\"\ngrace = \"PT5M\"\n[[chain.group]]\nname = \"in\"\nchains = [\"a\", \"b\"]\nmilestones = [\"x\", \"y\"]\nplanned = \"{chain}{milestone}+\"\neffective = \"{chain}{milestone}-\"\nplace = { column = \"{chain}@\", only = \"x\", scheme = \"town\", absent = \"0\" }\n[[chain.group]]\nname = \"out\"\nafter = \"in\"\nchains = \"c\"\nmilestones = \"z\"\nplanned = \"{chain}{milestone}+\"\neffective = \"{chain}{milestone}-\"\n",
            ),
            header: "id,ax+,ax-,ay+,ay-,bx+,bx-,by+,by-,cz+,cz-,a@,b@,who",
            rows: rows(&[
                "1,60,540,60,60,300,120,0,0,60,60,X,0,Li",
                "2,60,,60,60,0,0,0,0,60,60,0,0,Li",
                "3,0,0,0,0,0,0,0,0,7.5,7.5,0,0,Li",
                "4,0,0,0,0,0,0,0,0,0,0,0,0,Li",
                "5,9e25,1,0,0,0,0,0,0,0,0,0,0,Li",
                "6,-5,1,0,0,0,0,0,0,0,0,0,0,Li",
            ]),
        },
    ]
}

#[test]
fn vectors_are_as_they_were() {
    let cases: Vec<_> = cases().iter().map(made).collect();
    let about = "docs/formats/mapping.md; `row` and `open` are hex, `sealed` are byte ranges of the row, the document's digest is SHA-256 of `document`";
    let made = json!({
        "format": "table-row/v1",
        "about": about,
        "issuer": ISSUER,
        "document": String::from_utf8_lossy(DOCUMENT),
        "cases": cases,
    });
    let made = format!("{}\n", serde_json::to_string_pretty(&made).unwrap());
    let path = files::workspace().join(PATH);
    if std::env::var_os("COUNTERSIGN_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == made,
        "the format drifted: if that is meant, make a v2 and keep v1"
    );
    let vectors: Value = serde_json::from_str(&committed).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut count = 0;
    for case in cases {
        let mapping = Mapping::parse(case["map"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(mapping.digest().to_string(), case["map_digest"]);
        let bound = mapping
            .bind(case["header"].as_str().unwrap().as_bytes())
            .unwrap();
        for row in case["rows"].as_array().unwrap() {
            let bytes = hex_decode(row["row"].as_str().unwrap()).unwrap();
            let nth = row["nth"].as_u64().unwrap();
            assert_eq!(
                run_row(&bound, &bytes, nth),
                row["expect"],
                "{}: {}",
                case["name"],
                row["text"]
            );
            count += 1;
        }
    }
    assert!(count > 30);
}
