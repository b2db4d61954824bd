//! The pushed lexer: knows where a value begins and ends, and where the event list is.
//!
//! It keeps one bit a level (object or array), one state and the name of the member it is
//! in. It checks the order of brackets, commas and colons; texts and numbers are judged when
//! the pieces are parsed.

use std::borrow::Cow;

use countersign_model::json::Doc;

use crate::limits::{DOCUMENT_DEPTH_MAX, NAME_BYTES_MAX};
use crate::problem::Problem;

/// What begins or ends at a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Nothing that matters outside.
    None,
    /// A value of this place begins with this byte.
    Begin(Place),
    /// A value of this place ends with this byte.
    End(Place),
    /// A value of this place ended before this byte.
    EndBefore(Place),
    /// The event list opens with this byte.
    ListOpen,
    /// The event list closes with this byte.
    ListClose,
}

/// Which values are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The outermost values.
    Top,
    /// The elements of the event list.
    Element,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value must come.
    Value,
    /// A value or the end of the array.
    ValueOrEnd,
    /// A member's name or the end of the object.
    NameOrEnd,
    /// A member's name.
    Name,
    /// The colon behind a name.
    Colon,
    /// A comma or the end of what is open; at the top, the next value.
    Comma,
    /// Inside a string; true for a name.
    Text(bool),
    /// Behind a backslash in a string.
    Escape(bool),
    /// Inside a number or a word.
    Scalar,
}

/// The members on the way to the event list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Body,
    Results,
    ResultsBody,
    List,
    Other,
}

/// Levels whose names matter: `epcisBody.queryResults.resultsBody.eventList`.
const NAMED_LEVELS: usize = 4;

#[derive(Debug)]
pub(super) struct Lexer {
    at: u64,
    state: State,
    depth: usize,
    /// Bit `n`: level `n + 1` is an object.
    objects: u64,
    names: [Name; NAMED_LEVELS],
    name: Vec<u8>,
    top_values: u64,
    newline_inside: bool,
    /// Depth inside the event list, once it was met.
    list_depth: Option<usize>,
    list_is_open: bool,
    /// Elements may be missing, as in the bytes of an envelope.
    with_holes: bool,
}

const _: () = assert!(DOCUMENT_DEPTH_MAX < 64, "one bit a level");

impl Lexer {
    pub(super) const fn new(with_holes: bool) -> Self {
        Self {
            at: 0,
            state: State::Value,
            depth: 0,
            objects: 0,
            names: [Name::Other; NAMED_LEVELS],
            name: Vec::new(),
            top_values: 0,
            newline_inside: false,
            list_depth: None,
            list_is_open: false,
            with_holes,
        }
    }

    /// Offset of the next byte.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// Whether some value so far is spread over lines.
    pub(super) const fn newline_inside(&self) -> bool {
        self.newline_inside
    }

    /// Whether an event list was met.
    pub(super) const fn has_list(&self) -> bool {
        self.list_depth.is_some()
    }

    /// Whether the event list lies as deep as in a query document.
    pub(super) fn is_query(&self) -> bool {
        self.list_depth == Some(NAMED_LEVELS + 1)
    }

    /// How many of the bytes to come are inside a string and change nothing.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> usize {
        if self.state != State::Text(false) {
            return 0;
        }
        let len = bytes.iter().position(|b| matches!(b, b'"' | b'\\'));
        let len = len.unwrap_or(bytes.len());
        self.at += len as u64;
        len
    }

    /// Goes on behind bytes that are judged elsewhere.
    pub(super) const fn pass_over(&mut self, bytes: usize) {
        self.at += bytes as u64;
    }

    pub(super) fn step(&mut self, byte: u8) -> Result<Signal, Problem> {
        let signal = match self.state {
            State::Text(is_name) => self.text(byte, is_name),
            State::Escape(is_name) => {
                self.keep(byte, is_name);
                self.state = State::Text(is_name);
                Signal::None
            }
            State::Scalar => {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.') {
                    Signal::None
                } else {
                    // The delimiter belongs to what is around.
                    let ended = self.ended(Signal::EndBefore);
                    match (ended, self.structural(byte)?) {
                        (ended, Signal::None) => ended,
                        (Signal::None, other) => other,
                        // The list closes behind its last scalar: nobody needs to know of both.
                        (ended, Signal::ListClose) => ended,
                        _ => return Err(self.error("another character is expected")),
                    }
                }
            }
            _ => self.structural(byte)?,
        };
        self.at += 1;
        Ok(signal)
    }

    /// Ends the input; a number at the top may end with it.
    pub(super) fn finish(&mut self) -> Result<Signal, Problem> {
        if self.depth == 0 && self.state == State::Scalar {
            return Ok(self.ended(Signal::EndBefore));
        }
        if self.depth == 0 && (self.state == State::Comma || self.top_values == 0) {
            return Ok(Signal::None);
        }
        Err(self.error("the document ends too early"))
    }

    fn error(&self, what: &str) -> Problem {
        Problem::new("invalid_json", "", format!("{what} at byte {}", self.at))
    }

    fn text(&mut self, byte: u8, is_name: bool) -> Signal {
        match byte {
            b'"' if is_name => {
                self.note_name();
                self.state = State::Colon;
                Signal::None
            }
            b'"' => self.ended(Signal::End),
            b'\\' => {
                self.keep(byte, is_name);
                self.state = State::Escape(is_name);
                Signal::None
            }
            _ => {
                self.keep(byte, is_name);
                Signal::None
            }
        }
    }

    fn keep(&mut self, byte: u8, is_name: bool) {
        if is_name && self.is_on_the_way() && self.name.len() <= NAME_BYTES_MAX {
            self.name.push(byte);
        }
    }

    /// Whether a name in what is open now can be one that leads to the event list.
    fn is_on_the_way(&self) -> bool {
        use Name::{Body, Results, ResultsBody};
        matches!(
            (self.depth, self.names),
            (1, _)
                | (2, [Body, ..])
                | (3, [Body, Results, ..])
                | (4, [Body, Results, ResultsBody, _])
        )
    }

    /// Remembers which of the names on the way this one is.
    fn note_name(&mut self) {
        if !self.is_on_the_way() {
            return;
        }
        let name = name_of(&self.name);
        self.name.clear();
        if let Some(slot) = self.names.get_mut(self.depth - 1) {
            *slot = name;
        }
    }

    fn structural(&mut self, byte: u8) -> Result<Signal, Problem> {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            self.newline_inside |= byte == b'\n' && self.depth > 0;
            return Ok(Signal::None);
        }
        match (self.state, byte) {
            (State::Name | State::NameOrEnd, b'"') => {
                self.state = State::Text(true);
                Ok(Signal::None)
            }
            (State::Colon, b':') => {
                self.state = State::Value;
                Ok(Signal::None)
            }
            (State::Comma, b',') if self.depth > 0 => {
                self.state = if self.in_object() {
                    State::Name
                } else if self.in_list() && self.with_holes {
                    State::ValueOrEnd
                } else {
                    State::Value
                };
                Ok(Signal::None)
            }
            (State::ValueOrEnd, b',') if self.in_list() && self.with_holes => Ok(Signal::None),
            (State::NameOrEnd | State::Comma, b'}') if self.in_object() => Ok(self.close()),
            (State::ValueOrEnd | State::Comma, b']') if self.depth > 0 && !self.in_object() => {
                Ok(self.close())
            }
            (State::Value | State::ValueOrEnd, _) => self.begin(byte),
            (State::Comma, _) if self.depth == 0 => self.begin(byte),
            _ => Err(self.error("another character is expected")),
        }
    }

    const fn in_object(&self) -> bool {
        self.depth > 0 && self.objects >> (self.depth - 1) & 1 == 1
    }

    fn in_list(&self) -> bool {
        self.list_is_open && self.list_depth == Some(self.depth)
    }

    fn begin(&mut self, byte: u8) -> Result<Signal, Problem> {
        let begun = if self.in_list() {
            Signal::Begin(Place::Element)
        } else if self.depth == 0 {
            self.top_values += 1;
            Signal::Begin(Place::Top)
        } else {
            Signal::None
        };
        match byte {
            b'"' => self.state = State::Text(false),
            b'{' => self.open(true)?,
            b'[' => {
                let is_list = self.is_event_list();
                self.open(false)?;
                if is_list {
                    if self.list_depth.is_some() {
                        let reason = "the document has a second list of events";
                        return Err(Problem::new("second_event_list", "", reason));
                    }
                    self.list_depth = Some(self.depth);
                    self.list_is_open = true;
                    return Ok(Signal::ListOpen);
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.state = State::Scalar,
            _ => return Err(self.error("a JSON value is expected")),
        }
        Ok(begun)
    }

    /// Whether an array that begins here is the list of events of the first value.
    fn is_event_list(&self) -> bool {
        use Name::{Body, List, Results, ResultsBody};
        self.top_values == 1
            && matches!(
                (self.depth, self.names),
                (2, [Body, List, ..]) | (4, [Body, Results, ResultsBody, List])
            )
            && (0..self.depth).all(|level| self.objects >> level & 1 == 1)
    }

    fn open(&mut self, object: bool) -> Result<(), Problem> {
        if self.depth >= DOCUMENT_DEPTH_MAX {
            let reason = format!("the JSON is nested too deeply at byte {}", self.at);
            return Err(Problem::new("too_deep", "", reason));
        }
        let bit = 1 << self.depth;
        self.objects = if object {
            self.objects | bit
        } else {
            self.objects & !bit
        };
        self.depth += 1;
        if let Some(name) = self.names.get_mut(self.depth - 1) {
            *name = Name::Other;
        }
        self.state = if object {
            State::NameOrEnd
        } else {
            State::ValueOrEnd
        };
        Ok(())
    }

    fn close(&mut self) -> Signal {
        let closes_list = self.in_list();
        self.depth -= 1;
        let ended = self.ended(Signal::End);
        if closes_list {
            self.list_is_open = false;
            return Signal::ListClose;
        }
        ended
    }

    /// A value has ended; says so if it is one that is told of.
    fn ended(&mut self, signal: fn(Place) -> Signal) -> Signal {
        self.state = State::Comma;
        if self.in_list() {
            signal(Place::Element)
        } else if self.depth == 0 {
            signal(Place::Top)
        } else {
            Signal::None
        }
    }
}

/// Which of the names on the way these bytes between quotes are.
fn name_of(raw: &[u8]) -> Name {
    let decoded;
    let name = if raw.contains(&b'\\') {
        let quoted = [b"\"", raw, b"\""].concat();
        let doc = Doc::parse(&quoted);
        let text = doc
            .ok()
            .and_then(|doc| doc.root().as_str().map(Cow::into_owned));
        decoded = text.unwrap_or_default().into_bytes();
        &*decoded
    } else {
        raw
    };
    match name {
        b"epcisBody" => Name::Body,
        b"queryResults" => Name::Results,
        b"resultsBody" => Name::ResultsBody,
        b"eventList" => Name::List,
        _ => Name::Other,
    }
}
