//! Times as tables write them: ISO 8601, or a pattern of the map.
//!
//! A pattern is a text with directives, the ones of `strftime` that name one field of a date:
//! `%Y %y %m %b %B %d %H %I %p %M %S %f %z %%`. A blank in it stands for any blanks, every
//! other character for itself. Numbers may lack their leading zeros, but a year has four
//! digits (`%y`: two, from 1970 to 2069). `%f` is a fraction with the point or comma before it,
//! which may be missing. A pattern without a time of day reads days.

use countersign_model::time::{TimeError, date_ms, parse_offset};

/// A time on somebody's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    /// Midnight of the day, as if in UTC, in milliseconds since 1970.
    pub(crate) day_ms: i64,
    /// Milliseconds since midnight; `None` for a day.
    pub(crate) clock_ms: Option<i64>,
    /// Minutes east of UTC, if the text says.
    pub(crate) offset_min: Option<i16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(char),
    Blank,
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    Hour,
    HalfDayHour,
    HalfDay,
    Minute,
    Second,
    Fraction,
    Offset,
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

const DIRECTIVES: [(char, Piece); 14] = [
    ('Y', Piece::Year),
    ('y', Piece::ShortYear),
    ('m', Piece::Month),
    ('b', Piece::MonthName),
    ('B', Piece::MonthName),
    ('d', Piece::Day),
    ('H', Piece::Hour),
    ('I', Piece::HalfDayHour),
    ('p', Piece::HalfDay),
    ('M', Piece::Minute),
    ('S', Piece::Second),
    ('f', Piece::Fraction),
    ('z', Piece::Offset),
    ('%', Piece::Literal('%')),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let piece = match letter {
                '%' => {
                    let letter = letters.next().ok_or("ends in a single %")?;
                    let found = DIRECTIVES.iter().find(|(name, _)| *name == letter);
                    let (_, piece) = found.ok_or_else(|| {
                        format!("%{letter} is unknown; there are %Y %y %m %b %B %d %H %I %p %M %S %f %z %%")
                    })?;
                    *piece
                }
                blank if blank.is_whitespace() => Piece::Blank,
                other => Piece::Literal(other),
            };
            let twice = !matches!(piece, Piece::Literal(_) | Piece::Blank);
            if twice && pieces.contains(&piece) {
                return Err(format!("%{letter} has a directive twice"));
            }
            pieces.push(piece);
        }
        let pattern = Self { pieces };
        pattern.judge()?;
        Ok(pattern)
    }

    /// Whether the fields are enough for a date, and no field lacks the one above it.
    fn judge(&self) -> Result<(), String> {
        let has = |piece| usize::from(self.pieces.contains(&piece));
        let one = |count: usize, what: &str| match count {
            1 => Ok(()),
            _ => Err(format!("needs exactly one of {what}")),
        };
        one(has(Piece::Year) + has(Piece::ShortYear), "%Y, %y")?;
        one(has(Piece::Month) + has(Piece::MonthName), "%m, %b, %B")?;
        one(has(Piece::Day), "%d")?;
        let hours = has(Piece::Hour) + has(Piece::HalfDayHour);
        if hours > 1 {
            return Err("has both %H and %I".to_owned());
        }
        let needs = [
            (Piece::HalfDayHour, Piece::HalfDay, "%I needs %p"),
            (Piece::HalfDay, Piece::HalfDayHour, "%p needs %I"),
            (Piece::Second, Piece::Minute, "%S needs %M"),
            (Piece::Fraction, Piece::Second, "%f needs %S"),
        ];
        for (piece, other, why) in needs {
            if has(piece) > has(other) {
                return Err(why.to_owned());
            }
        }
        for (piece, why) in [
            (Piece::Minute, "%M needs %H"),
            (Piece::Offset, "%z needs %H"),
        ] {
            if has(piece) > hours {
                return Err(why.to_owned());
            }
        }
        Ok(())
    }

    /// Whether a text of the pattern carries its own offset.
    pub(crate) fn has_offset(&self) -> bool {
        self.pieces.contains(&Piece::Offset)
    }

    /// Reads a text.
    pub(crate) fn read(&self, text: &str) -> Result<Local, TimeError> {
        let mut cursor = Cursor { rest: text };
        let mut fields = Fields::default();
        for piece in &self.pieces {
            fields.read(*piece, &mut cursor)?;
        }
        cursor.end()?;
        fields.local()
    }
}

#[derive(Debug, Default)]
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    hour: Option<i64>,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    fraction_ms: i64,
    offset_min: Option<i16>,
}

impl Fields {
    fn read(&mut self, piece: Piece, cursor: &mut Cursor<'_>) -> Result<(), TimeError> {
        match piece {
            Piece::Literal(letter) => cursor.letter(letter)?,
            Piece::Blank => cursor.blanks()?,
            Piece::Year => self.year = cursor.number(4, 4)?,
            Piece::ShortYear => {
                let year = cursor.number(2, 2)?;
                self.year = if year < 70 { 2000 + year } else { 1900 + year };
            }
            Piece::Month => self.month = cursor.number(1, 2)?,
            Piece::MonthName => self.month = cursor.month()?,
            Piece::Day => self.day = cursor.number(1, 2)?,
            Piece::Hour | Piece::HalfDayHour => self.hour = Some(cursor.number(1, 2)?),
            Piece::HalfDay => self.afternoon = Some(cursor.half_day()?),
            Piece::Minute => self.minute = cursor.number(1, 2)?,
            Piece::Second => self.second = cursor.number(1, 2)?,
            Piece::Fraction => self.fraction_ms = cursor.fraction()?,
            Piece::Offset => self.offset_min = Some(cursor.offset()?),
        }
        Ok(())
    }

    fn local(&self) -> Result<Local, TimeError> {
        let day_ms = date_ms(self.year, self.month, self.day).ok_or(TimeError::NoSuchTime)?;
        let clock_ms = self.hour.map(|hour| self.clock_ms(hour)).transpose()?;
        Ok(Local {
            day_ms,
            clock_ms,
            offset_min: self.offset_min,
        })
    }

    fn clock_ms(&self, hour: i64) -> Result<i64, TimeError> {
        let hour = match (self.afternoon, hour) {
            (None, 0..=23) => hour,
            (Some(false), 12) => 0,
            (Some(false), 1..=11) | (Some(true), 12) => hour,
            (Some(true), 1..=11) => hour + 12,
            _ => return Err(TimeError::NoSuchTime),
        };
        if self.minute > 59 || self.second > 60 {
            return Err(TimeError::NoSuchTime);
        }
        // A leap second is the first instant of the next minute, whatever its fraction.
        let fraction = if self.second == 60 {
            0
        } else {
            self.fraction_ms
        };
        Ok(((hour * 60 + self.minute) * 60 + self.second) * 1000 + fraction)
    }
}

/// Reads `YYYY-MM-DD`, perhaps with `T` or blanks and `hh:mm[:ss[.fff]]`, perhaps with an offset.
pub(crate) fn read_iso(text: &str) -> Result<Local, TimeError> {
    let mut cursor = Cursor { rest: text };
    let mut fields = Fields {
        year: cursor.number(4, 4)?,
        ..Fields::default()
    };
    cursor.letter('-')?;
    fields.month = cursor.number(2, 2)?;
    cursor.letter('-')?;
    fields.day = cursor.number(2, 2)?;
    if cursor.rest.is_empty() {
        return fields.local();
    }
    if cursor.letter('T').or_else(|_| cursor.letter('t')).is_err() {
        cursor.blanks()?;
    }
    fields.hour = Some(cursor.number(2, 2)?);
    cursor.letter(':')?;
    fields.minute = cursor.number(2, 2)?;
    if cursor.letter(':').is_ok() {
        fields.second = cursor.number(2, 2)?;
        fields.fraction_ms = cursor.fraction()?;
    }
    cursor.rest = cursor.rest.trim_start();
    if !cursor.rest.is_empty() {
        fields.offset_min = Some(cursor.offset()?);
    }
    cursor.end()?;
    fields.local()
}

#[derive(Debug)]
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip(&mut self, bytes: usize) -> Result<&'a str, TimeError> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(TimeError::Form)?;
        self.rest = rest;
        Ok(taken)
    }

    fn letter(&mut self, letter: char) -> Result<(), TimeError> {
        self.rest = self.rest.strip_prefix(letter).ok_or(TimeError::Form)?;
        Ok(())
    }

    fn blanks(&mut self) -> Result<(), TimeError> {
        let rest = self.rest.trim_start();
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        if some { Ok(()) } else { Err(TimeError::Form) }
    }

    fn digits(&self, max: usize) -> usize {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit);
        digits.take(max).count()
    }

    fn number(&mut self, min: usize, max: usize) -> Result<i64, TimeError> {
        let digits = self.digits(max);
        if digits < min {
            return Err(TimeError::Form);
        }
        self.skip(digits)?.parse().map_err(|_| TimeError::Form)
    }

    fn month(&mut self) -> Result<i64, TimeError> {
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic);
        let word = self.skip(letters.count())?.to_ascii_lowercase();
        let is_meant =
            |month: &&str| *month == word || (word.len() == 3 && month.starts_with(&word));
        let at = MONTHS.iter().position(is_meant);
        let at = at.and_then(|at| i64::try_from(at).ok());
        at.map(|at| at + 1).ok_or(TimeError::Form)
    }

    fn half_day(&mut self) -> Result<bool, TimeError> {
        match self.skip(2)?.to_ascii_lowercase().as_str() {
            "am" => Ok(false),
            "pm" => Ok(true),
            _ => Err(TimeError::Form),
        }
    }

    /// Milliseconds of a fraction that may be missing; digits behind them are cut off.
    fn fraction(&mut self) -> Result<i64, TimeError> {
        let Some(rest) = self.rest.strip_prefix(['.', ',']) else {
            return Ok(0);
        };
        self.rest = rest;
        let digits = self.digits(usize::MAX);
        if digits == 0 {
            return Err(TimeError::Form);
        }
        let digits = self.skip(digits)?.bytes().chain(std::iter::repeat(b'0'));
        Ok(digits
            .take(3)
            .fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0')))
    }

    /// `Z`, `+01:00`, `+0100` or `+01`.
    fn offset(&mut self) -> Result<i16, TimeError> {
        if let Some(rest) = self.rest.strip_prefix(['Z', 'z']) {
            self.rest = rest;
            return Ok(0);
        }
        let is_offset = |c: char| c.is_ascii_digit() || c == ':';
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let text = self.rest.get(sign..).unwrap_or_default();
        let len = text.len() - text.trim_start_matches(is_offset).len();
        let text = self.skip(sign + len)?;
        match text.split_at_checked(3) {
            Some((hours, "")) => parse_offset(&format!("{hours}:00")),
            Some((hours, minutes)) if !minutes.starts_with(':') => {
                parse_offset(&format!("{hours}:{minutes}"))
            }
            _ => parse_offset(text),
        }
    }

    fn end(&self) -> Result<(), TimeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(TimeError::Form)
        }
    }
}

#[cfg(test)]
mod tests;
