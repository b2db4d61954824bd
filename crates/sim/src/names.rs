//! Names of things: GS1 keys in both spellings, private keys, and numbers into the world's lists.

use countersign_model::ids::canonical_uri;

/// A GS1 company prefix set aside for examples, 7 digits.
pub(crate) const COMPANY: &str = "9521234";
/// Another company's prefix, for goods that do not belong here.
pub(crate) const STRANGER: &str = "9529876";

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) struct $name(pub(crate) usize);
    };
}

number! {
    /// A site of the atlas.
    SiteNo
}
number! {
    /// A place of the atlas.
    PlaceNo
}
number! {
    /// A lane of the atlas.
    LaneNo
}
number! {
    /// A device or service of the atlas.
    DeviceNo
}
number! {
    /// A unit of the goods.
    UnitNo
}
number! {
    /// A load of the day.
    LoadNo
}

/// One key in the spellings that devices use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// As an EPC URN, or as it is when it has no other spelling.
    pub(crate) urn: String,
    /// The canonical text.
    pub(crate) link: String,
}

impl Name {
    /// From a key that this world made.
    pub(crate) fn of(urn: String) -> Self {
        let link = canonical_uri(&urn).expect("the world makes valid keys");
        Self {
            link: link.as_ref().to_owned(),
            urn,
        }
    }

    /// A carton or pallet.
    pub(crate) fn sscc(company: &str, extension: u8, serial: u64) -> Self {
        Self::of(format!("urn:epc:id:sscc:{company}.{extension}{serial:09}"))
    }

    /// One item of a class.
    pub(crate) fn sgtin(item: u32, serial: u64) -> Self {
        Self::of(format!("urn:epc:id:sgtin:{COMPANY}.{item:06}.{serial}"))
    }

    /// A class of items.
    pub(crate) fn gtin(item: u32) -> Self {
        Self::of(format!("urn:epc:idpat:sgtin:{COMPANY}.{item:06}.*"))
    }

    /// A lot of a class that is counted.
    pub(crate) fn lgtin(item: u32, lot: &str) -> Self {
        Self::of(format!("urn:epc:class:lgtin:{COMPANY}.{item:06}.{lot}"))
    }

    /// A seal: an asset of the operator's.
    pub(crate) fn seal(serial: u64) -> Self {
        Self::of(format!("urn:epc:id:giai:{COMPANY}.S{serial:06}"))
    }

    /// A trailer: an asset of the operator's.
    pub(crate) fn trailer(serial: u64) -> Self {
        Self::of(format!("urn:epc:id:giai:{COMPANY}.T{serial:06}"))
    }

    /// What a camera counts: cartons, whatever is in them.
    pub(crate) fn carton() -> Self {
        Self::of("urn:countersign:key:1:class:carton".to_owned())
    }

    /// A licence plate of the operator's own scheme.
    pub(crate) fn plate(serial: u64) -> Self {
        Self::of(format!("urn:countersign:key:1:plate:LP{serial:07}"))
    }

    /// A site (`extension` 0) or a place within it.
    pub(crate) fn sgln(reference: usize, extension: &str) -> Self {
        Self::of(format!(
            "urn:epc:id:sgln:{COMPANY}.{reference:05}.{extension}"
        ))
    }

    /// A party.
    pub(crate) fn pgln(reference: usize) -> Self {
        Self::of(format!("urn:epc:id:pgln:{COMPANY}.{reference:05}"))
    }

    /// A document of the warehouse system.
    pub(crate) fn document(kind: char, serial: usize) -> Self {
        // The GLN of the operator, with its check digit.
        Self::of(format!(
            "urn:epcglobal:cbv:bt:9521234000006:{kind}-{serial:06}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &Name, expect: &str) {
        assert_eq!(name.link, expect);
    }

    #[test]
    fn keys_are_valid_gs1_keys() {
        check(
            &Name::sscc(COMPANY, 3, 17),
            "https://id.gs1.org/00/395212340000000175",
        );
        check(
            &Name::sgtin(12_345, 7),
            "https://id.gs1.org/01/09521234123453/21/7",
        );
        check(&Name::gtin(12_345), "https://id.gs1.org/01/09521234123453");
        check(
            &Name::lgtin(12_345, "L1"),
            "https://id.gs1.org/01/09521234123453/10/L1",
        );
        check(&Name::sgln(1, "0"), "https://id.gs1.org/414/9521234000013");
        check(
            &Name::sgln(1, "Z01"),
            "https://id.gs1.org/414/9521234000013/254/Z01",
        );
        check(&Name::pgln(0), "https://id.gs1.org/417/9521234000006");
        check(&Name::seal(5), "https://id.gs1.org/8004/9521234S000005");
        check(&Name::trailer(5), "https://id.gs1.org/8004/9521234T000005");
        check(&Name::carton(), "urn:countersign:key:1:class:carton");
        check(&Name::plate(5), "urn:countersign:key:1:plate:LP0000005");
        check(
            &Name::document('D', 5),
            "urn:epcglobal:cbv:bt:9521234000006:D-000005",
        );
    }
}
