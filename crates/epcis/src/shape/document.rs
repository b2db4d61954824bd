//! What may stand around the events of a document.

use super::{Others, Rule, Shape, aside, needed, open, sealed};

/// An EPCISDocument.
pub(crate) static DOCUMENT: Shape = Shape::new(
    &[
        needed("@context", Rule::Context),
        open("id", Rule::Verbatim),
        needed("type", Rule::OneOf(&["EPCISDocument"])),
        needed("schemaVersion", Rule::Version),
        needed("creationDate", Rule::Time),
        open("instanceIdentifier", Rule::Text),
        open("sender", Rule::Text),
        open("receiver", Rule::Text),
        open("epcisHeader", Rule::Object(&HEADER)),
        needed("epcisBody", Rule::Object(&BODY)),
    ],
    Others::Extensions,
);

/// An EPCISQueryDocument.
pub(crate) static QUERY_DOCUMENT: Shape = Shape::new(
    &[
        needed("@context", Rule::Context),
        open("id", Rule::Verbatim),
        needed("type", Rule::OneOf(&["EPCISQueryDocument"])),
        open("schemaVersion", Rule::Version),
        open("creationDate", Rule::Time),
        needed("epcisBody", Rule::Object(&QUERY_BODY)),
    ],
    Others::Extensions,
);

/// What either kind of document may hold, for the cut: it does not depend on `type`.
pub(crate) static ANY_DOCUMENT: Shape = Shape::new(
    &[
        aside("@context", Rule::Context),
        open("id", Rule::Verbatim),
        open("type", Rule::Text),
        open("schemaVersion", Rule::Version),
        open("creationDate", Rule::Time),
        open("instanceIdentifier", Rule::Text),
        open("sender", Rule::Text),
        open("receiver", Rule::Text),
        open("epcisHeader", Rule::Object(&HEADER)),
        open("epcisBody", Rule::Object(&ANY_BODY)),
    ],
    Others::Extensions,
);

static ANY_BODY: Shape = Shape::new(
    &[
        open("eventList", Rule::Events),
        open("queryResults", Rule::Object(&QUERY_RESULTS)),
    ],
    Others::Any,
);

static BODY: Shape = Shape::new(&[needed("eventList", Rule::Events)], Others::Any);

static QUERY_BODY: Shape = Shape::new(
    &[needed("queryResults", Rule::Object(&QUERY_RESULTS))],
    Others::Extensions,
);

static QUERY_RESULTS: Shape = Shape::new(
    &[
        needed("queryName", Rule::Text),
        open("subscriptionID", Rule::Text),
        needed("resultsBody", Rule::Object(&RESULTS_BODY)),
    ],
    Others::Extensions,
);

static RESULTS_BODY: Shape = Shape::new(
    &[
        needed("eventList", Rule::Events),
        open("vocabularyList", Rule::Set(&Rule::Object(&VOCABULARY), 0)),
    ],
    Others::Extensions,
);

static HEADER: Shape = Shape::new(
    &[open("epcisMasterData", Rule::Object(&MASTER_DATA))],
    Others::Extensions,
);

static MASTER_DATA: Shape = Shape::new(
    &[open(
        "vocabularyList",
        Rule::Set(&Rule::Object(&VOCABULARY), 0),
    )],
    Others::Any,
);

static VOCABULARY: Shape = Shape::new(
    &[
        needed("type", Rule::Uri),
        open(
            "vocabularyElementList",
            Rule::Set(&Rule::Object(&VOCABULARY_ELEMENT), 0),
        ),
    ],
    Others::Any,
);

static VOCABULARY_ELEMENT: Shape = Shape::new(
    &[
        needed("id", Rule::Uri),
        open("attributes", Rule::Set(&Rule::Object(&ATTRIBUTE), 0)),
        open("children", Rule::Set(&Rule::Uri, 0)),
    ],
    Others::Any,
);

static ATTRIBUTE: Shape = Shape::new(
    &[
        needed("id", Rule::Uri),
        sealed("attribute", Rule::Attribute),
    ],
    Others::Any,
);
