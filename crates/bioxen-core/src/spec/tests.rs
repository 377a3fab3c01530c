use super::{Elongation, Infrastructure, Priority, SpecError, VmSpec, VmSpecBuilder};
use crate::{AtpPercent, Organism, PaceFactor, Pacing, RibosomeCount, RibosomeUnit, Seed, VmId};

fn builder(organism: Organism) -> VmSpecBuilder {
    let id = VmId::new("cell-1").expect("a plain name");
    VmSpec::builder(id, organism, Seed::new(7))
}

#[test]
fn what_is_not_given_has_the_stated_default() {
    for organism in Organism::ALL {
        let spec = builder(organism).build().expect("defaults go together");
        assert_eq!(spec.id().as_str(), "cell-1");
        assert_eq!(spec.organism(), organism);
        assert_eq!(spec.seed(), Seed::new(7));
        assert_eq!(spec.infrastructure(), Infrastructure::Basic);
        assert_eq!(spec.atp(), AtpPercent::FULL);
        assert_eq!(spec.ribosomes(), organism.full_ribosome_units());
        assert_eq!(spec.ribosome_unit(), RibosomeUnit::Share);
        assert_eq!(
            spec.pacing(),
            Pacing::RealTime {
                factor: PaceFactor::ONE
            }
        );
        assert_eq!(spec.priority().get(), 50);
        assert_eq!(spec.elongation(), Elongation::Queue);
    }
}

#[test]
fn what_is_given_is_kept() {
    let spec = builder(Organism::Syn3a)
        .infrastructure(Infrastructure::Basic)
        .atp(AtpPercent::ZERO)
        .ribosomes(RibosomeCount::ZERO)
        .ribosome_unit(RibosomeUnit::Physical)
        .pacing(Pacing::Manual)
        .priority(Priority::MAX)
        .elongation(Elongation::Exponential)
        .build()
        .expect("an idle cell is allowed");
    assert_eq!(spec.atp(), AtpPercent::ZERO);
    assert_eq!(spec.ribosomes(), RibosomeCount::ZERO);
    assert_eq!(spec.ribosome_unit(), RibosomeUnit::Physical);
    assert_eq!(spec.pacing(), Pacing::Manual);
    assert_eq!(spec.priority(), Priority::MAX);
    assert_eq!(spec.elongation(), Elongation::Exponential);
}

#[test]
fn physical_ribosomes_need_a_number() {
    let error = builder(Organism::Ecoli)
        .ribosome_unit(RibosomeUnit::Physical)
        .build();
    assert_eq!(error, Err(SpecError::PhysicalRibosomesNotGiven));
}

#[test]
fn every_priority_round_trips_and_no_other_number_is_one() {
    for weight in 0..=u8::MAX {
        match Priority::new(weight) {
            Ok(priority) => assert_eq!(priority.to_string().parse(), Ok(priority)),
            Err(_) => {
                assert!(weight == 0 || weight > 100, "{weight}");
                assert!(weight.to_string().parse::<Priority>().is_err());
            }
        }
    }
}

#[test]
fn words_round_trip() {
    for elongation in [Elongation::Queue, Elongation::Exponential] {
        assert_eq!(elongation.to_string().parse(), Ok(elongation));
    }
    for unit in [RibosomeUnit::Share, RibosomeUnit::Physical] {
        assert_eq!(unit.to_string().parse(), Ok(unit));
    }
}
