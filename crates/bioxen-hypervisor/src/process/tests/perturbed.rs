//! Calls that change the cell.

use bioxen_core::ProcessFailureKind as Kind;

use super::{check, fails, run, value};

#[test]
fn transcription_starts_and_stops() {
    let changes =
        value("[start_transcription(['dnaA', 'JCVISYN3A_0002']), stop_transcription(['dnaA'])]");
    let on = &changes[0]["dnaA"];
    assert_eq!(
        (
            &on["locus_tag"],
            &on["activity_before"],
            &on["activity_after"]
        ),
        (&"JCVISYN3A_0001".into(), &1.0.into(), &4.0.into())
    );
    assert!(on["expected_first_transcript_s"].as_f64() < on["expected_first_protein_s"].as_f64());
    assert_eq!(
        changes[0]["JCVISYN3A_0002"]["activity_after"],
        4.25 / 1.1833
    );
    assert_eq!(
        (
            &changes[1]["dnaA"]["activity_before"],
            &changes[1]["dnaA"]["activity_after"]
        ),
        (&4.0.into(), &1.0.into())
    );
    // What will never come has no time.
    check(
        "knock_out(['dnaA'])\n[start_transcription(['dnaA'])['dnaA']['expected_first_transcript_s']]",
        "[null]",
    );
}

#[test]
fn unknown_genes_are_refused_by_name_and_nothing_changes() {
    let report = fails(
        "start_transcription(['dnaN', 'dnaZ'])",
        Kind::UnknownGene,
        "the cell has no gene named \"dnaZ\"",
    );
    assert!(
        report
            .stderr
            .contains("hint: did you mean dnaA or dnaB or dnaC?"),
        "{}",
        report.stderr
    );
    let pseudogene = super::looked_up::pseudogene();
    let report = fails(
        &format!("knock_out(['{pseudogene}'])"),
        Kind::Runtime,
        &format!("gene \"{pseudogene}\" is not expressed: it is a pseudogene"),
    );
    assert_eq!(report.failure.and_then(|failure| failure.line), Some(1));
}

#[test]
fn knocked_out_genes_are_only_diluted_until_restored() {
    let source = "knock_out(['ptsG'])\nbefore = counts(['ptsG'])['ptsG']\nadvance(3600)\n\
                  out = counts(['mRNA:ptsG'])['mRNA:ptsG']\nrestore_gene(['ptsG'])\n\
                  back = advance_until(lambda: counts(['mRNA:ptsG'])['mRNA:ptsG'] > 0, 1800)\n[out, back]";
    check(source, "[0,true]");
    assert!(run("knock_down('ptsG', 0.5)\nknock_down(gene = 'ptsG', factor = 0)").success);
    let report = fails(
        "knock_down('dnaA', 1.5)",
        Kind::Runtime,
        "knock_down needs a factor from 0 to 1",
    );
    assert!(
        report.stderr.contains("because: factor 1.5 for gene dnaA"),
        "{}",
        report.stderr
    );
}

#[test]
fn the_medium_is_changed_by_name() {
    let medium = value("set_medium()");
    assert_eq!(
        (&medium["amino_acids"], &medium["nucleosides"]),
        (&true.into(), &true.into())
    );
    check(
        "[set_medium(glucose = 1, amino_acids = False, inducers = [])['glucose'], set_medium()['amino_acids']]",
        "[1.0,false]",
    );
    fails(
        "set_medium(glucose = -1)",
        Kind::Runtime,
        "glucose of set_medium is -1, and must be a concentration in mM from 0 to 1000000",
    );
    fails(
        "set_medium(inducers = ['IPTG'])",
        Kind::Runtime,
        "no operon of the cell answers to \"IPTG\"",
    );
    let levels = value(
        "set_medium(glucose = 0)\nadvance(300)\n[get_biological_status()['atp_percent'], budget()['atp_regenerated']]",
    );
    assert!(
        levels[0].as_f64().is_some_and(|percent| percent < 50.0),
        "{levels}"
    );
}
