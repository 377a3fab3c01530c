//! One cell for ten simulated minutes, with a gene turned up on the way.

use std::io::Write;

use bioxen::{
    GeneId, Organism, Pacing, ProcessCode, Seed, SimSpan, VmId, VmSpec, create_bio_vm, explain,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(42))
        .pacing(Pacing::Manual)
        .build()?;
    let mut vm = create_bio_vm(spec)?;
    vm.start()?;
    vm.advance("5min".parse::<SimSpan>()?)?;

    for change in vm.start_transcription(&[GeneId::new("dnaA")?])? {
        let (before, after) = (change.activity_before, change.activity_after);
        writeln!(out, "{}: {before} -> {after}", change.locus_tag)?;
    }
    if let Err(error) = vm.start_transcription(&[GeneId::new("dnaZ")?]) {
        writeln!(out, "{}", explain(&error))?;
    }

    let code = ProcessCode::new("later.star", "advance(300)\ncounts(['dnaA', 'ATP'])")?;
    let report = vm.execute_biological_process(&code)?;
    assert!(report.success, "{}", report.stderr);
    writeln!(out, "{}: {:?}", report.ended_at, report.result_json)?;
    vm.destroy()?;
    Ok(())
}

#[test]
fn it_runs() -> Result<(), Box<dyn std::error::Error>> {
    main()
}
