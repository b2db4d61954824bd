use proptest::prelude::*;

use super::*;

const HEAD: &str = "format = \"countersign-mapping/1\"\n";
const SIGHTING: &str = "[sighting]\nunit = \"U\"\ntime = \"T\"\n";

/// The error of a map that consists of the usual first line and `text`, which begins in line 2.
fn check(text: &str, expect: &str) {
    let error = Mapping::parse(format!("{HEAD}{text}").as_bytes()).expect_err(text);
    assert_eq!(error.to_string(), expect, "{text}");
}

fn good(text: &str) -> Mapping {
    let map = format!("{HEAD}{text}");
    Mapping::parse(map.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_file_as_a_whole() {
    let error = |bytes: &[u8]| Mapping::parse(bytes).expect_err("is refused");
    assert_eq!(
        error(b"[sighting]").to_string(),
        "line 1: field \"format\" is missing"
    );
    assert_eq!(
        error(b"format = \"countersign-mapping/2\"").to_string(),
        "line 1: format: must be \"countersign-mapping/1\""
    );
    assert_eq!(error(b"format =\n\xff").to_string(), "line 2: is not UTF-8");
    assert_eq!(error(b"x = 1\nformat = \"").line, 2);
    assert!(
        error(&vec![b'\n'; MAPPING_BYTES_MAX + 1])
            .reason
            .contains("more than")
    );
    assert_eq!(error(b"").code(), "mapping_invalid");
    let deep = format!("x = {}", "[".repeat(100_000));
    assert_eq!(error(deep.as_bytes()).line, 1);
    check(
        "",
        "line 1: a map has at least one of [sighting], [manifest], [plan], [chain]",
    );
    let digest = good(SIGHTING).digest();
    assert_eq!(digest, Digest::of(format!("{HEAD}{SIGHTING}").as_bytes()));
}

#[test]
fn unknown_fields_and_what_was_meant() {
    check(
        "[sightings]\n",
        "line 2: unknown field \"sightings\"; did you mean \"sighting\"?",
    );
    check(
        "[sighting]\nunit = \"U\"\ntiem = \"T\"\n",
        "line 4: sighting: unknown field \"tiem\"; did you mean \"time\"?",
    );
    check(
        "[table]\nx = 1\n",
        "line 3: table: unknown field \"x\"; known are separator, quotes, header, columns, decimal, absent, absent_like",
    );
    check(
        "[sighting]\nunit = { column = \"U\", shceme = \"x\" }\ntime = \"T\"",
        "line 3: sighting.unit: unknown field \"shceme\"; did you mean \"scheme\"?",
    );
}

#[test]
fn tables() {
    check(
        "[table]\nseparator = \"semicolons\"\n",
        "line 3: table.separator: \"semicolons\" is none of comma, semicolon, tab; did you mean \"semicolon\"?",
    );
    check(
        "[table]\nheader = \"no\"\n",
        "line 3: table.header: is a string and must be true or false",
    );
    check(
        "[table]\nheader = false\n",
        "line 2: table: a table without header needs columns = [\"…\", …]",
    );
    check(
        "[table]\ncolumns = [\"a\"]\n",
        "line 3: table.columns: goes with header = false only",
    );
    let tab = good(&format!(
        "[table]\nseparator = \"tab\"\nquotes = false\n{SIGHTING}"
    ));
    assert_eq!(tab.form().media_type(), "text/tab-separated-values");
    assert!(!tab.form().quotes && tab.form().header);
    assert_eq!(good(SIGHTING).form(), &TableForm::CSV);
}

#[test]
fn texts_and_keys() {
    let unit = |unit: &str| format!("[sighting]\ntime = \"T\"\nunit = {unit}\n");
    check(
        &unit("7"),
        "line 4: sighting.unit: is an integer and must be a table",
    );
    check(&unit("\"\""), "line 4: sighting.unit: is empty");
    check(
        &unit("{ }"),
        "line 4: sighting.unit: needs exactly one of column, const, template",
    );
    check(
        &unit("{ column = \"a\", const = \"b\" }"),
        "line 4: sighting.unit: needs exactly one of column, const, template",
    );
    check(
        &unit("{ const = \"x\" }"),
        "line 4: sighting.unit: \"x\": not an absolute URI (like urn:… or https://…)",
    );
    check(
        &unit("{ column = \"a\", scheme = \"A b\" }"),
        "line 4: sighting.unit.scheme: a private key is urn:countersign:key:1:<scheme a-z0-9->:<value>",
    );
    check(
        &unit("{ column = \"a\", values = { x = \"y\" } }"),
        "line 4: sighting.unit: \"y\": not an absolute URI (like urn:… or https://…)",
    );
    check(
        &unit("{ column = \"a\", otherwise = \"y\" }"),
        "line 4: sighting.unit.otherwise: goes with values only",
    );
    check(
        &unit("{ column = \"a\", values = { } }"),
        "line 4: sighting.unit.values: has 0 entries; 1 to 4096 may be",
    );
    check(
        &unit("{ template = \"urn:x:{a\" }"),
        "line 4: sighting.unit.template: has a { without its }",
    );
    check(
        &unit("{ template = \"urn:x:a\" }"),
        "line 4: sighting.unit.template: must name columns in braces, as in \"https://id.gs1.org/00/{SSCC}\"",
    );
    check(
        &unit("{ template = \"urn:x:{a}\", values = { x = \"y\" } }"),
        "line 4: sighting.unit.values: goes with a column only",
    );
    check(
        &unit("{ template = \"urn:x:{ }\" }"),
        "line 4: sighting.unit.template: names no column",
    );
}

#[test]
fn codes_and_numbers() {
    let more = |text: &str| format!("{SIGHTING}{text}\n");
    check(
        &more("step = { const = \"pickng\" }"),
        "line 5: sighting.step: \"pickng\" is not a business step: a short name of the CBV or a URI; did you mean \"picking\"?",
    );
    check(
        &more("step = { column = \"S\", values = { a = \"picking\", b = \"boxing\" } }"),
        "line 5: sighting.step: \"boxing\" is not a business step: a short name of the CBV or a URI",
    );
    check(
        &more("weight = \"W\"\nweight_uom = { const = \"kilo\" }"),
        "line 6: sighting.weight_uom: \"kilo\" is not a UN/ECE unit code (like KGM or C62)",
    );
    check(
        &more("currency = \"C\""),
        "line 5: sighting.currency: goes with value only",
    );
    check(
        &more("quantity = \"Q\""),
        "line 5: sighting.quantity: goes with a class only",
    );
    check(
        &more("weight = { const = \"heavy\" }"),
        "line 5: sighting.weight: \"heavy\" is no number",
    );
    check(
        "[sighting]\ntime = \"T\"\n",
        "line 2: sighting: needs a unit or a class",
    );
    good(&more(
        "step = { column = \"S\", values = { a = \"picking\", b = \"\" } }",
    ));
}

#[test]
fn times() {
    let time = |time: &str| format!("[sighting]\nunit = \"U\"\ntime = {time}\n");
    check(
        &time("{ column = \"T\", format = \"%d.%m.%Y\" }"),
        "line 4: sighting.time: needs a zone: an IANA name (like \"Europe/Amsterdam\"), an offset (like \"+01:00\"), or { column = \"…\" }",
    );
    check(
        &time("{ column = \"T\", format = \"%d.%m\", zone = \"Z\" }"),
        "line 4: sighting.time.format: the pattern \"%d.%m\": needs exactly one of %Y, %y",
    );
    check(
        &time("{ column = \"T\", zone = \"Europe/Amsterdm\" }"),
        "line 4: sighting.time.zone: \"Europe/Amsterdm\" is neither an IANA time zone nor an offset like \"+01:00\"; did you mean \"Europe/Amsterdam\"?",
    );
    check(
        &time("{ const = \"noon\" }"),
        "line 4: sighting.time.const: is not an ISO 8601 time with an offset (like 2026-03-02T08:15:00+01:00), or the map names no zone for it",
    );
    check(
        &time("{ const = \"2026-02-30\", zone = \"Z\" }"),
        "line 4: sighting.time.const: is no such date or time of day",
    );
    check(
        &time("{ const = \"2026-02-20\", zone = { column = \"Z\" } }"),
        "line 4: sighting.time.const: a fixed time needs a fixed zone",
    );
    check(
        &time("{ columns = [], zone = \"Z\" }"),
        "line 4: sighting.time.columns: names no column",
    );
    check(
        &time("{ column = \"T\", const = \"x\" }"),
        "line 4: sighting.time: needs exactly one of column, columns, const",
    );
    good(&time(
        "{ columns = [\"D\", \"T\"], format = \"%d.%m.%y %H:%M\", zone = \"+01:00\" }",
    ));
    good(&time("{ column = \"T\", format = \"%d.%m.%y %H:%M %z\" }"));
}

#[test]
fn plans_and_manifests() {
    let plan = |stages: &str| format!("[plan]\nid = \"P\"\nunit = \"U\"\n{stages}");
    check(&plan(""), "line 2: plan: field \"stage\" is missing");
    check(
        &plan("stage = []\n"),
        "line 5: plan.stage: 1 to 512 stages may be",
    );
    check(
        &plan("[[plan.stage]]\nname = \"a\"\ndue = \"D\"\ngrace = \"15 min\"\n"),
        "line 8: plan.stage[0].grace: \"15 min\" is not an ISO 8601 duration (like PT15M or P1D)",
    );
    let twice = "[[plan.stage]]\nname = \"a\"\ndue = \"D\"\n".repeat(2);
    check(
        &plan(&twice),
        "line 9: plan.stage[1].name: is the name of two stages",
    );
    let manifest =
        "[manifest]\nid = \"M\"\nfrom = \"A\"\nto = \"B\"\ndepart_by = \"D\"\narrive_by = \"E\"\n";
    check(manifest, "line 2: manifest: needs a unit or a class");
    check(
        &format!("{manifest}class = \"C\"\n"),
        "line 2: manifest: class and quantity go together",
    );
}

#[test]
fn chains() {
    let chain = |groups: &str| {
        format!(
            "[chain]\nid = \"P\"\nunit = \"U\"\nstart = \"S\"\ndurations = \"minutes\"\n{groups}"
        )
    };
    let group = |name: &str, chains: &str, more: &str| {
        format!(
            "[[chain.group]]\nname = \"{name}\"\nchains = {chains}\nmilestones = [\"m\", \"n\"]\nplanned = \"{{chain}}-{{milestone}}\"\neffective = \"{{chain}}+{{milestone}}\"\n{more}"
        )
    };
    good(&chain(&group("in", "[\"a\", \"b\"]", "")));
    check(&chain(""), "line 2: chain: field \"group\" is missing");
    check(
        &chain(&group("in", "[]", "")),
        "line 9: chain.group[0].chains: names nothing",
    );
    check(
        &chain(&group("in", "[\"a\", \"a\"]", "")),
        "line 9: chain.group[0].chains: must list different names without control characters",
    );
    let after = group("in", "\"a\"", "after = \"out\"\n") + &group("out", "\"b\"", "");
    check(
        &chain(&after),
        "line 13: chain.group[0].after: names no group that stands above it",
    );
    let twice = group("in", "\"a\"", "") + &group("out", "\"a\"", "");
    check(
        &chain(&twice),
        "line 15: chain.group[1].chains: \"a\" is a chain of two groups",
    );
    check(
        &chain(&group(
            "in",
            "\"a\"",
            "place = { column = \"x\", only = \"M\" }\n",
        )),
        "line 13: chain.group[0].place.only: \"M\" is no milestone of the group; did you mean \"m\"?",
    );
    check(
        &chain(&group("in", "\"a\"", "place = \"{chain}{leg}\"\n")),
        "line 13: chain.group[0].place: knows {chain} and {milestone}, and no other name in braces",
    );
    let many: Vec<String> = (0..300).map(|n| format!("\"c{n}\"")).collect();
    check(
        &chain(&group("in", &format!("[{}]", many.join(",")), "")),
        "line 7: chain.group[0]: names more than 512 milestones",
    );
}

#[test]
fn columns() {
    check(
        &format!("[columns]\nkeys = [\"a\"]\n{SIGHTING}"),
        "line 3: columns: unknown field \"keys\"; did you mean \"key\"?",
    );
    check(
        &format!("[columns]\nopen = [\" \"]\n{SIGHTING}"),
        "line 3: columns.open: must list 1 to 2047 columns",
    );
    check(
        &format!("[columns]\nkey = [1]\n{SIGHTING}"),
        "line 3: columns.key: is an integer and must be a text",
    );
}

proptest! {
    #[test]
    fn no_map_panics(lines in proptest::collection::vec(
        prop_oneof![
            Just("[sighting]".to_owned()),
            Just("[table]".to_owned()),
            Just("unit = \"U\"".to_owned()),
            Just("time = { column = \"T\", format = \"%Y-%m-%d\", zone = \"Z\" }".to_owned()),
            Just("[[chain.group]]".to_owned()),
            "[a-z]{1,8} = (\"[{}%a-zA-Z]{0,9}\"|[0-9]{1,3}|\\[\\]|\\{\\})",
            ".{0,20}",
        ],
        0..12,
    )) {
        let _ = Mapping::parse(format!("{HEAD}{}", lines.join("\n")).as_bytes());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Mapping::parse(&bytes);
    }
}
