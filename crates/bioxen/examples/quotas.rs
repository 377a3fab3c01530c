//! The same cell under less and less: quotas are enforced, and asking for too much is refused.

use bioxen::{
    AtpPercent, Organism, Pacing, RibosomeCount, Seed, SimSpan, VmError, VmId, VmSpec,
    create_bio_vm,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(42))
        .pacing(Pacing::Manual)
        .build()?;
    let mut vm = create_bio_vm(spec)?;
    vm.start()?;

    let full = vm.allocate_ribosomes(RibosomeCount::new(15))?;
    let third = vm.allocate_ribosomes(RibosomeCount::new(5))?;
    assert!(third.ribosome_cap < full.ribosome_cap);
    let _ = vm.allocate_atp(AtpPercent::new(40.0)?)?;
    vm.advance("10min".parse::<SimSpan>()?)?;

    let usage = vm.resource_usage()?;
    assert_eq!(usage.atp_quota.percent(), 40.0);
    assert!(usage.ribosomes_translating <= usage.ribosome_cap);

    match vm.allocate_ribosomes(RibosomeCount::new(200)) {
        Err(error @ VmError::RibosomesExceeded { .. }) => assert!(error.hint().is_some()),
        other => return Err(format!("{other:?} for more than the host has").into()),
    }
    assert_eq!(vm.resource_usage()?.allocated_ribosomes.get(), 5);
    Ok(())
}
