//! The one writer: a key's parts to its canonical text.

use super::kind::Kind;

/// Scheme and domain of every canonical form.
pub(crate) const CANONICAL_BASE: &str = "https://id.gs1.org/";

/// What either reader makes of a text, decoded and checked.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) kind: Kind,
    /// Value of the primary key, check digit included, embedded serial not.
    pub(super) number: String,
    pub(super) tail: Option<Tail>,
    /// Known only from a URN.
    pub(super) company_prefix_len: Option<u8>,
}

/// The finest part of a key, behind its number. The reader sees to it that it suits the kind.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) kind: TailKind,
    pub(super) value: String,
}

/// What the finest part of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TailKind {
    Serial,
    Lot,
    Extension,
}

/// The canonical text, the byte where its number ends and the byte where its tail begins
/// (both at the end of the text if there is no tail).
pub(super) fn write(parts: &Parts) -> (String, usize, usize) {
    let mut text = String::from(CANONICAL_BASE);
    text.push_str(parts.kind.ai());
    text.push('/');
    push_escaped(&mut text, &parts.number);
    let number_end = text.len();
    let mut tail_start = number_end;
    if let Some(tail) = &parts.tail {
        text.push_str(joint(parts.kind, tail.kind));
        tail_start = text.len();
        push_escaped(&mut text, &tail.value);
    }
    (text, number_end, tail_start)
}

/// What stands between number and tail: nothing where the serial is embedded in the value
/// of the primary key (GRAI, GDTI, GCN).
const fn joint(kind: Kind, tail: TailKind) -> &'static str {
    match (tail, kind) {
        (TailKind::Lot, _) => "/10/",
        (TailKind::Extension, _) => "/254/",
        (TailKind::Serial, Kind::Upui) => "/235/",
        (TailKind::Serial, Kind::Cpi) => "/8011/",
        (TailKind::Serial, Kind::Grai | Kind::Gdti | Kind::Sgcn) => "",
        (TailKind::Serial, _) => "/21/",
    }
}

/// Letters, digits and `-._';=` as they are, all else as `%` and two upper-case hexadecimal
/// digits. The list is that of the reference implementation of the GS1 event hash, which
/// leaves the last three bare although RFC 3986 counts them among the delimiters: another
/// list would give other event hashes.
fn push_escaped(text: &mut String, value: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._';=".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.extend(HEX.get(usize::from(byte >> 4)));
            text.extend(HEX.get(usize::from(byte & 0x0f)));
        }
    }
}
