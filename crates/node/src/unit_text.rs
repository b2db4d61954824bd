//! Units as people write them on a command line.

use countersign_model::gs1::Key;
use countersign_model::ids::UnitId;

/// Reads a unit as people write it: a URI, the 18 digits of an SSCC, the 8, 12, 13 or 14 of a GTIN,
/// or `scheme:value` of a private key.
///
/// # Errors
/// A sentence.
pub fn read_unit_text(text: &str) -> Result<UnitId, String> {
    let known_scheme = ["urn:", "http:", "https:"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let unit = match (text.len(), text.split_once(':')) {
        (18, _) if digits => UnitId::parse(&format!("https://id.gs1.org/00/{text}")),
        (8 | 12..=14, _) if digits => UnitId::parse(&format!("https://id.gs1.org/01/{text:0>14}")),
        (_, Some((scheme, value))) if !known_scheme => UnitId::private(scheme, value),
        _ => UnitId::parse(text),
    };
    unit.map_err(|error| {
        format!(
            "the unit {text:?}: {error}; write a GS1 key, the 18 digits of an SSCC, a URI, or \
             SCHEME:VALUE of your own numbers"
        )
    })
}

/// Says that the log has nothing on a unit, and what is odd about the key.
pub(crate) fn nothing_on(unit: &UnitId) -> String {
    let why = match Key::parse(unit.as_str()) {
        Ok(key) if !key.check_digit_ok() => "; its check digit is wrong".to_owned(),
        Err(error) if unit.as_str().starts_with("https://id.gs1.org/") => {
            format!("; it is not in order: {error}")
        }
        _ => String::new(),
    };
    format!("the log has nothing on {unit}{why}")
}
