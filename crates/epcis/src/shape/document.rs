//! What may stand around the events of a document.

use super::{Others, Rule, Shape, aside, needed, open, sealed};

/// An EPCISDocument.
pub(crate) static DOCUMENT: Shape = Shape {
    members: &[
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
    others: Others::Extensions,
};

/// An EPCISQueryDocument.
pub(crate) static QUERY_DOCUMENT: Shape = Shape {
    members: &[
        needed("@context", Rule::Context),
        open("id", Rule::Verbatim),
        needed("type", Rule::OneOf(&["EPCISQueryDocument"])),
        open("schemaVersion", Rule::Version),
        open("creationDate", Rule::Time),
        needed("epcisBody", Rule::Object(&QUERY_BODY)),
    ],
    others: Others::Extensions,
};

/// What either kind of document may hold, for the cut: it does not depend on `type`.
pub(crate) static ANY_DOCUMENT: Shape = Shape {
    members: &[
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
    others: Others::Extensions,
};

static ANY_BODY: Shape = Shape {
    members: &[
        open("eventList", Rule::Events),
        open("queryResults", Rule::Object(&QUERY_RESULTS)),
    ],
    others: Others::Any,
};

static BODY: Shape = Shape {
    members: &[needed("eventList", Rule::Events)],
    others: Others::Any,
};

static QUERY_BODY: Shape = Shape {
    members: &[needed("queryResults", Rule::Object(&QUERY_RESULTS))],
    others: Others::Extensions,
};

static QUERY_RESULTS: Shape = Shape {
    members: &[
        needed("queryName", Rule::Text),
        open("subscriptionID", Rule::Text),
        needed("resultsBody", Rule::Object(&RESULTS_BODY)),
    ],
    others: Others::Extensions,
};

static RESULTS_BODY: Shape = Shape {
    members: &[
        needed("eventList", Rule::Events),
        open("vocabularyList", Rule::Set(&Rule::Object(&VOCABULARY), 0)),
    ],
    others: Others::Extensions,
};

static HEADER: Shape = Shape {
    members: &[open("epcisMasterData", Rule::Object(&MASTER_DATA))],
    others: Others::Extensions,
};

static MASTER_DATA: Shape = Shape {
    members: &[open(
        "vocabularyList",
        Rule::Set(&Rule::Object(&VOCABULARY), 0),
    )],
    others: Others::Any,
};

static VOCABULARY: Shape = Shape {
    members: &[
        needed("type", Rule::Uri),
        open(
            "vocabularyElementList",
            Rule::Set(&Rule::Object(&VOCABULARY_ELEMENT), 0),
        ),
    ],
    others: Others::Any,
};

static VOCABULARY_ELEMENT: Shape = Shape {
    members: &[
        needed("id", Rule::Uri),
        open("attributes", Rule::Set(&Rule::Object(&ATTRIBUTE), 0)),
        open("children", Rule::Set(&Rule::Uri, 0)),
    ],
    others: Others::Any,
};

static ATTRIBUTE: Shape = Shape {
    members: &[
        needed("id", Rule::Uri),
        sealed("attribute", Rule::Attribute),
    ],
    others: Others::Any,
};
