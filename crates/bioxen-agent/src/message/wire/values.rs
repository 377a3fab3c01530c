//! Values with a rule of their own: names, quantities, times and specifications.

use std::fmt::Display;
use std::time::Duration;

use bioxen_core::{
    AtpPercent, Elongation, GeneId, Infrastructure, Molecules, OperonId, Organism, PaceFactor,
    Pacing, PackageName, Priority, RibosomeCount, RibosomeUnit, Seed, SimSpan, SimTime, VmId,
    VmSpec,
};
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::message::wire;
use crate::message::wire::OnWire;
use crate::message::{EventNumber, PageSize, UnixMillis};

/// Reads the raw form of a value and checks it against the rule.
fn checked<'de, D, Raw, T, E>(
    deserializer: D,
    rule: impl FnOnce(Raw) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    Raw: DeserializeOwned,
    E: Display,
{
    rule(Raw::deserialize(deserializer)?).map_err(D::Error::custom)
}

macro_rules! names {
    ($($of:ty),+) => {$(
        impl OnWire for $of {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                checked(deserializer, |text: String| Self::new(&text))
            }
        }
    )+};
}
names!(VmId, GeneId, OperonId, PackageName);

/// Newtypes around a number of which any value is fine.
macro_rules! numbers {
    ($($of:ty: $raw:ty = $from:ident, $to:ident);+ $(;)?) => {$(
        impl OnWire for $of {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.$to().serialize(serializer)
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$raw>::deserialize(deserializer).map(Self::$from)
            }
        }
    )+};
}
numbers! {
    RibosomeCount: u32 = new, get;
    Molecules: u64 = new, get;
    SimTime: u64 = from_micros, micros;
    SimSpan: u64 = from_micros, micros;
    UnixMillis: u64 = new, get;
    EventNumber: u64 = new, get;
}

/// Newtypes around a number with a rule.
macro_rules! ruled_numbers {
    ($($of:ty: $raw:ty = $from:ident, $to:ident);+ $(;)?) => {$(
        impl OnWire for $of {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.$to().serialize(serializer)
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                checked(deserializer, |raw: $raw| Self::$from(raw))
            }
        }
    )+};
}
ruled_numbers! {
    AtpPercent: u16 = from_hundredths, hundredths;
    PaceFactor: f64 = new, get;
    Priority: u8 = new, get;
    PageSize: u32 = new, get;
}

impl OnWire for Seed {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(deserializer, |text: String| text.parse())
    }
}

impl OnWire for Duration {
    /// Part of a microsecond counts as a whole one, and what does not fit as the longest that does, 584,000 years.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = self.as_nanos().div_ceil(1_000);
        serializer.serialize_u64(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::from_micros)
    }
}

/// What is asked for when a VM is made.
#[derive(Serialize, Deserialize)]
struct SpecWire {
    #[serde(with = "wire")]
    id: VmId,
    #[serde(with = "wire")]
    organism: Organism,
    #[serde(with = "wire")]
    infrastructure: Infrastructure,
    #[serde(with = "wire")]
    seed: Seed,
    #[serde(rename = "atp_hundredths", with = "wire")]
    atp: AtpPercent,
    #[serde(with = "wire")]
    ribosomes: RibosomeCount,
    #[serde(with = "wire")]
    ribosome_unit: RibosomeUnit,
    #[serde(with = "wire")]
    pacing: Pacing,
    #[serde(with = "wire")]
    priority: Priority,
    #[serde(with = "wire")]
    elongation: Elongation,
}

impl OnWire for VmSpec {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mirror = SpecWire {
            id: self.id().clone(),
            organism: self.organism(),
            infrastructure: self.infrastructure(),
            seed: self.seed(),
            atp: self.atp(),
            ribosomes: self.ribosomes(),
            ribosome_unit: self.ribosome_unit(),
            pacing: self.pacing(),
            priority: self.priority(),
            elongation: self.elongation(),
        };
        mirror.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(deserializer, |mirror: SpecWire| {
            let SpecWire {
                id,
                organism,
                infrastructure,
                seed,
                atp,
                ribosomes,
                ribosome_unit,
                pacing,
                priority,
                elongation,
            } = mirror;
            Self::builder(id, organism, seed)
                .infrastructure(infrastructure)
                .atp(atp)
                .ribosomes(ribosomes)
                .ribosome_unit(ribosome_unit)
                .pacing(pacing)
                .priority(priority)
                .elongation(elongation)
                .build()
        })
    }
}
