//! VMs of tests.

use bioxen::{
    AtpPercent, Infrastructure, Molecules, Organism, Pacing, Quota, ResourceUsage, RibosomeCount,
    RibosomeUnit, Seed, SimTime, Vitality, VmId, VmState, VmStatus,
};

/// A running VM of that name.
pub(crate) fn status(name: &str) -> VmStatus {
    VmStatus {
        id: VmId::new(name).expect("a name"),
        organism: Organism::Syn3a,
        infrastructure: Infrastructure::Basic,
        state: VmState::Running,
        sim_time: SimTime::from_micros(720_000_000),
        generation: 0,
        vitality: Vitality::Viable,
        quota: Quota {
            atp: AtpPercent::FULL,
            ribosomes: RibosomeCount::new(15),
            unit: RibosomeUnit::Share,
        },
        pacing: Pacing::default(),
        seed: Seed::new(7),
    }
}

/// What its cell uses.
pub(crate) fn usage() -> ResourceUsage {
    ResourceUsage {
        sim_time: SimTime::from_micros(720_000_000),
        atp_percent: 63.4,
        atp_quota: AtpPercent::FULL,
        atp_regenerated_percent: 71.0,
        energy_charge: 0.91,
        ribosome_utilization: 81.9,
        allocated_ribosomes: RibosomeCount::new(15),
        ribosome_unit: RibosomeUnit::Share,
        ribosome_cap: Molecules::new(503),
        ribosomes_total: Molecules::new(503),
        ribosomes_translating: Molecules::new(412),
        rnap_total: Molecules::new(90),
        rnap_transcribing: Molecules::new(40),
        atp_use_per_s: vec![("translation".to_owned(), 12_000.0)],
    }
}
