//! The Core Business Vocabulary 2.0 and the measurement types, and how a term may be spelt.
//!
//! EPCIS in JSON writes a standard term by its short name (`shipping`) and any other term as
//! a URI. A URI or CURIE that names a standard term is read as that term; one that lies in
//! the standard's own namespace and looks like a term of a list must be one, letter by
//! letter. The URN forms of EPCIS 1.2 (`urn:epcglobal:cbv:…`) are not JSON.

use std::borrow::Cow;

use countersign_model::claim::CBV_STEPS;

use crate::context::Context;
use crate::grammar::is_uri;
use crate::index::Index;

/// A list of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// Business steps.
    BizStep,
    /// Dispositions, also in a persistent disposition.
    Disposition,
    /// Types of business transactions.
    BizTransaction,
    /// Types of sources and destinations.
    SourceDestination,
    /// Reasons of an error declaration.
    ErrorReason,
    /// Components of a measurement.
    Component,
    /// Types of measurement, of the GS1 Web Vocabulary.
    Measurement,
    /// Sensor alerts, of the GS1 Web Vocabulary.
    Alert,
}

/// A term that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term<'a> {
    /// A term of the standard's list, by its short name.
    Standard(&'static str),
    /// A company's own term, as its full URI.
    Own(Cow<'a, str>),
}

/// Namespace of the Core Business Vocabulary.
pub const CBV: &str = "https://ref.gs1.org/cbv/";
/// Namespace of the GS1 Web Vocabulary.
pub const GS1_VOC: &str = "https://gs1.org/voc/";
/// Other spellings of the GS1 Web Vocabulary's namespace.
const GS1_VOC_ALSO: [&str; 3] = [
    "http://gs1.org/voc/",
    "https://www.gs1.org/voc/",
    "http://www.gs1.org/voc/",
];
/// What the schema refuses as another party's term: the namespaces of older CBV forms.
const OLD_CBV: [&str; 3] = [
    "urn:epcglobal:cbv",
    "https://ns.gs1.org/cbv/",
    "http://ns.gs1.org/cbv/",
];
/// How the terms of each list begin within [`CBV`].
const FAMILIES: [&str; 6] = ["BizStep-", "Disp-", "BTT-", "SDT-", "ER-", "Comp-"];

impl Vocabulary {
    /// The terms, sorted.
    #[must_use]
    pub const fn terms(self) -> &'static [&'static str] {
        match self {
            Self::BizStep => &CBV_STEPS,
            Self::Disposition => &DISPOSITIONS,
            Self::BizTransaction => &BIZ_TRANSACTIONS,
            Self::SourceDestination => &["location", "owning_party", "possessing_party"],
            Self::ErrorReason => &["did_not_occur", "incorrect_data"],
            Self::Component => &COMPONENTS,
            Self::Measurement => &MEASUREMENTS,
            Self::Alert => &["ALARM_CONDITION", "ERROR_CONDITION"],
        }
    }

    /// How its terms begin within [`CBV`]; `None` for the lists of the GS1 Web Vocabulary.
    const fn family(self) -> Option<&'static str> {
        match self {
            Self::BizStep => Some("BizStep-"),
            Self::Disposition => Some("Disp-"),
            Self::BizTransaction => Some("BTT-"),
            Self::SourceDestination => Some("SDT-"),
            Self::ErrorReason => Some("ER-"),
            Self::Component => Some("Comp-"),
            Self::Measurement | Self::Alert => None,
        }
    }

    fn find(self, name: &str) -> Option<Term<'static>> {
        let terms = self.terms();
        let at = self.index().find(name, |at| terms.get(at).copied())?;
        terms.get(at).copied().map(Term::Standard)
    }

    /// Where the terms stand in [`Self::terms`].
    fn index(self) -> &'static Index {
        static BIZ_STEP: Index = Index::of(Vocabulary::BizStep.terms());
        static DISPOSITION: Index = Index::of(Vocabulary::Disposition.terms());
        static BIZ_TRANSACTION: Index = Index::of(Vocabulary::BizTransaction.terms());
        static SOURCE_DESTINATION: Index = Index::of(Vocabulary::SourceDestination.terms());
        static ERROR_REASON: Index = Index::of(Vocabulary::ErrorReason.terms());
        static COMPONENT: Index = Index::of(Vocabulary::Component.terms());
        static MEASUREMENT: Index = Index::of(Vocabulary::Measurement.terms());
        static ALERT: Index = Index::of(Vocabulary::Alert.terms());
        match self {
            Self::BizStep => &BIZ_STEP,
            Self::Disposition => &DISPOSITION,
            Self::BizTransaction => &BIZ_TRANSACTION,
            Self::SourceDestination => &SOURCE_DESTINATION,
            Self::ErrorReason => &ERROR_REASON,
            Self::Component => &COMPONENT,
            Self::Measurement => &MEASUREMENT,
            Self::Alert => &ALERT,
        }
    }

    /// Reads a term in any of its spellings; `None` for what is neither a term of the list nor
    /// the URI of somebody's own.
    #[must_use]
    pub fn read<'a>(self, text: &'a str, context: &Context) -> Option<Term<'a>> {
        if let Some(term) = self.find(text) {
            return Some(term);
        }
        if !is_uri(text) {
            // Measurement types beyond the list are in use: kept under the name they came with.
            let plain = self == Self::Measurement && is_plain_name(text);
            return plain.then_some(Term::Own(Cow::Borrowed(text)));
        }
        let full = context.resolve(text);
        match self.family() {
            Some(family) => self.read_cbv(full, family),
            None => {
                let name = std::iter::once(GS1_VOC)
                    .chain(GS1_VOC_ALSO)
                    .find_map(|base| full.strip_prefix(base));
                name.and_then(|name| self.find(name))
                    .or(Some(Term::Own(full)))
            }
        }
    }

    fn read_cbv<'a>(self, full: Cow<'a, str>, family: &str) -> Option<Term<'a>> {
        if OLD_CBV.iter().any(|old| full.starts_with(old)) {
            return None;
        }
        let Some(local) = full.strip_prefix(CBV) else {
            return Some(Term::Own(full));
        };
        if let Some(name) = local.strip_prefix(family) {
            return self.find(name);
        }
        let of_another_list = FAMILIES.iter().any(|other| local.starts_with(other));
        (!of_another_list).then_some(Term::Own(full))
    }
}

impl Term<'_> {
    /// Short name of a standard term, URI of any other.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Standard(name) => name,
            Self::Own(uri) => uri,
        }
    }

    /// Whether it pretends to be the standard's own and is in none of its lists.
    #[must_use]
    pub fn is_unknown_standard(&self) -> bool {
        matches!(self, Self::Own(uri) if uri.starts_with(CBV) || uri.starts_with(GS1_VOC) || !uri.contains(':'))
    }
}

fn is_plain_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

const DISPOSITIONS: [&str; 33] = [
    "active",
    "available",
    "completeness_inferred",
    "completeness_verified",
    "conformant",
    "container_closed",
    "container_open",
    "damaged",
    "destroyed",
    "dispensed",
    "disposed",
    "encoded",
    "expired",
    "in_progress",
    "in_transit",
    "inactive",
    "mismatch_class",
    "mismatch_instance",
    "mismatch_quantity",
    "needs_replacement",
    "no_pedigree_match",
    "non_conformant",
    "non_sellable_other",
    "partially_dispensed",
    "recalled",
    "reserved",
    "retail_sold",
    "returned",
    "sellable_accessible",
    "sellable_not_accessible",
    "stolen",
    "unavailable",
    "unknown",
];

const BIZ_TRANSACTIONS: [&str; 13] = [
    "bol",
    "cert",
    "desadv",
    "inv",
    "pedigree",
    "po",
    "poc",
    "prodorder",
    "recadv",
    "rma",
    "testprd",
    "testres",
    "upevt",
];

const COMPONENTS: [&str; 14] = [
    "altitude",
    "axial_distance",
    "azimuth",
    "easting",
    "elevation_angle",
    "height",
    "latitude",
    "longitude",
    "northing",
    "polar_angle",
    "spherical_radius",
    "x",
    "y",
    "z",
];

const MEASUREMENTS: [&str; 72] = [
    "AbsoluteHumidity",
    "AbsorbedDose",
    "AbsorbedDoseRate",
    "Acceleration",
    "Altitude",
    "AmountOfSubstance",
    "AmountOfSubstancePerUnitVolume",
    "Angle",
    "AngularAcceleration",
    "AngularMomentum",
    "AngularVelocity",
    "Area",
    "Capacitance",
    "Conductance",
    "Conductivity",
    "Count",
    "Density",
    "Dimensionless",
    "DoseEquivalent",
    "DoseEquivalentRate",
    "DynamicViscosity",
    "ElectricCharge",
    "ElectricCurrent",
    "ElectricCurrentDensity",
    "ElectricFieldStrength",
    "Energy",
    "Exposure",
    "Force",
    "Frequency",
    "Illuminance",
    "Inductance",
    "Irradiance",
    "KinematicViscosity",
    "Length",
    "LinearMomentum",
    "Luminance",
    "LuminousFlux",
    "LuminousIntensity",
    "MagneticFlux",
    "MagneticFluxDensity",
    "MagneticVectorPotential",
    "Mass",
    "MassConcentration",
    "MassFlowRate",
    "MassPerAreaTime",
    "MemoryCapacity",
    "MolalityOfSolute",
    "MolarEnergy",
    "MolarMass",
    "MolarVolume",
    "Power",
    "Pressure",
    "RadiantFlux",
    "RadiantIntensity",
    "Radioactivity",
    "RelativeHumidity",
    "Resistance",
    "Resistivity",
    "SolidAngle",
    "SpecificVolume",
    "Speed",
    "SurfaceDensity",
    "SurfaceTension",
    "Temperature",
    "Time",
    "Torque",
    "Voltage",
    "Volume",
    "VolumeFlowRate",
    "VolumeFraction",
    "VolumetricFlux",
    "Wavenumber",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Vocabulary; 8] = [
        Vocabulary::BizStep,
        Vocabulary::Disposition,
        Vocabulary::BizTransaction,
        Vocabulary::SourceDestination,
        Vocabulary::ErrorReason,
        Vocabulary::Component,
        Vocabulary::Measurement,
        Vocabulary::Alert,
    ];

    fn check(vocabulary: Vocabulary, text: &str, expect: Option<&str>) {
        let context = Context::standard();
        let got = vocabulary.read(text, &context);
        assert_eq!(got.as_ref().map(Term::as_str), expect, "{text}");
    }

    #[test]
    fn lists_are_sorted_for_search() {
        for vocabulary in ALL {
            assert!(vocabulary.terms().windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn every_spelling_of_a_term() {
        use Vocabulary as V;
        check(V::BizStep, "shipping", Some("shipping"));
        check(V::BizStep, "cbv:BizStep-shipping", Some("shipping"));
        check(
            V::BizStep,
            "https://ref.gs1.org/cbv/BizStep-shipping",
            Some("shipping"),
        );
        check(V::BizStep, "Shipping", None);
        check(V::BizStep, "cbv:BizStep-Shipping", None);
        check(V::BizStep, "cbv:Disp-in_transit", None);
        check(V::BizStep, "urn:epcglobal:cbv:bizstep:shipping", None);
        check(V::BizStep, "transforming", None);
        check(V::BizStep, "urn:x:step", Some("urn:x:step"));
        check(
            V::SourceDestination,
            "cbv:my_own_party",
            Some("https://ref.gs1.org/cbv/my_own_party"),
        );
        check(V::Measurement, "gs1:Mass", Some("Mass"));
        check(V::Measurement, "https://www.gs1.org/voc/Mass", Some("Mass"));
        check(V::Measurement, "Humidity", Some("Humidity"));
        check(V::Measurement, "how heavy", None);
        check(V::Alert, "gs1:ALARM_CONDITION", Some("ALARM_CONDITION"));
        check(V::Alert, "alarm", None);
    }
}
