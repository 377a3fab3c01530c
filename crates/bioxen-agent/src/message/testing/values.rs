//! Names, numbers and words.

use bioxen_core::{
    AtpPercent, Elongation, GeneId, Molecules, OperonId, Organism, PaceFactor, Pacing, PackageName,
    Priority, RibosomeCount, RibosomeUnit, Seed, SimSpan, SimTime, Vitality, VmId, VmSpec,
};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::message::{PageSize, UnixMillis};

pub(super) fn vm_id() -> impl Strategy<Value = VmId> {
    "[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}".prop_map(|text| VmId::new(&text).expect("a VM id"))
}

pub(super) fn gene() -> impl Strategy<Value = GeneId> {
    "[!-~]{1,64}".prop_map(|text| GeneId::new(&text).expect("a gene id"))
}

pub(super) fn operon() -> impl Strategy<Value = OperonId> {
    "[!-~]{1,64}".prop_map(|text| OperonId::new(&text).expect("an operon id"))
}

pub(super) fn package() -> impl Strategy<Value = PackageName> {
    "[a-z0-9_-]{1,64}".prop_map(|text| PackageName::new(&text).expect("a package name"))
}

/// Any text, with line ends, quotes and characters that JSON escapes.
pub(in crate::message) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("\"\\\n\u{1b}[31m\u{0}\u{7f}\u{2028}ü".to_owned())
    ]
}

/// Every number that is equal to itself.
pub(super) fn real() -> impl Strategy<Value = f64> {
    any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("NaN is not equal to itself", |value| !value.is_nan())
}

pub(super) fn atp() -> impl Strategy<Value = AtpPercent> {
    (0..=10_000_u16).prop_map(|share| AtpPercent::from_hundredths(share).expect("within 100%"))
}

pub(super) fn units() -> impl Strategy<Value = RibosomeCount> {
    any::<u32>().prop_map(RibosomeCount::new)
}

pub(super) fn molecules() -> impl Strategy<Value = Molecules> {
    any::<u64>().prop_map(Molecules::new)
}

pub(super) fn sim_time() -> impl Strategy<Value = SimTime> {
    any::<u64>().prop_map(SimTime::from_micros)
}

pub(super) fn sim_span() -> impl Strategy<Value = SimSpan> {
    any::<u64>().prop_map(SimSpan::from_micros)
}

pub(super) fn unix() -> impl Strategy<Value = UnixMillis> {
    any::<u64>().prop_map(UnixMillis::new)
}

pub(super) fn organism() -> impl Strategy<Value = Organism> {
    select(&Organism::ALL[..])
}

pub(super) fn unit() -> impl Strategy<Value = RibosomeUnit> {
    select(&[RibosomeUnit::Share, RibosomeUnit::Physical][..])
}

pub(super) fn vitality() -> impl Strategy<Value = Vitality> {
    select(&Vitality::ALL[..])
}

pub(super) fn elongation() -> impl Strategy<Value = Elongation> {
    select(&[Elongation::Queue, Elongation::Exponential][..])
}

pub(super) fn priority() -> impl Strategy<Value = Priority> {
    (1..=100_u8).prop_map(|weight| Priority::new(weight).expect("within 1 to 100"))
}

pub(super) fn page() -> impl Strategy<Value = PageSize> {
    (1..=10_000_u32).prop_map(|entries| PageSize::new(entries).expect("within 1 to 10,000"))
}

pub(super) fn pacing() -> impl Strategy<Value = Pacing> {
    let factor = real().prop_filter_map("a factor", |factor| PaceFactor::new(factor).ok());
    prop_oneof![
        Just(Pacing::Manual),
        Just(Pacing::Unpaced),
        factor.prop_map(|factor| Pacing::RealTime { factor }),
    ]
}

pub(super) fn spec() -> impl Strategy<Value = VmSpec> {
    let name = (vm_id(), organism(), any::<u64>());
    let rest = (atp(), units(), unit(), pacing(), priority(), elongation());
    (name, rest).prop_map(|((id, organism, seed), rest)| {
        let (atp, ribosomes, unit, pacing, priority, elongation) = rest;
        VmSpec::builder(id, organism, Seed::new(seed))
            .atp(atp)
            .ribosomes(ribosomes)
            .ribosome_unit(unit)
            .pacing(pacing)
            .priority(priority)
            .elongation(elongation)
            .build()
            .expect("ribosomes are given")
    })
}
