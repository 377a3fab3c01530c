//! One cell under less and less: quotas are enforced, and asking for too much is refused.

use std::io::Write;

use bioxen::{
    AtpPercent, Organism, Pacing, RibosomeCount, Seed, SimSpan, VmId, VmSpec, create_bio_vm,
    explain,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(42))
        .pacing(Pacing::Manual)
        .build()?;
    let mut vm = create_bio_vm(spec)?;
    vm.start()?;

    for (atp, units) in [(100.0, 15), (60.0, 10), (40.0, 5)] {
        let _ = vm.allocate_atp(AtpPercent::new(atp)?)?;
        let allocation = vm.allocate_ribosomes(RibosomeCount::new(units))?;
        vm.advance("10min".parse::<SimSpan>()?)?;
        let usage = vm.resource_usage()?;
        assert!(usage.energy_charge < 1.0 && allocation.quota.ribosomes.get() == units);
        let (working, cap) = (usage.ribosomes_translating, usage.ribosome_cap);
        let energy = usage.energy_charge;
        writeln!(
            out,
            "{atp}% ATP: {working} of {cap} ribosomes, energy charge {energy:.3}"
        )?;
    }
    if let Err(error) = vm.allocate_ribosomes(RibosomeCount::new(200)) {
        writeln!(out, "{}", explain(&error))?;
    }
    Ok(())
}

#[test]
fn it_runs() -> Result<(), Box<dyn std::error::Error>> {
    main()
}
