//! One cell for ten simulated minutes, with a gene turned up on the way.

use bioxen::{
    GeneId, Organism, Pacing, ProcessCode, Seed, SimSpan, VmId, VmSpec, create_bio_vm, explain,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(42))
        .pacing(Pacing::Manual)
        .build()?;
    let mut vm = create_bio_vm(spec)?;
    vm.start()?;
    vm.advance("5min".parse::<SimSpan>()?)?;

    let change = vm.start_transcription(&[GeneId::new("dnaA")?])?;
    assert!(change[0].activity_after > change[0].activity_before);

    // A misspelled gene is an error that knows the nearest names.
    let error = vm
        .start_transcription(&[GeneId::new("dnaZ")?])
        .expect_err("there is no such gene");
    assert!(explain(&error).to_string().contains("did you mean"));

    let report = vm.execute_biological_process(&ProcessCode::new("later.star", "advance(300)")?)?;
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report.ended_at.seconds(), 600.0);

    let metrics = vm.biological_metrics()?;
    assert!(metrics.energy_charge > 0.8);
    vm.destroy()?;
    Ok(())
}
