//! Calls that read and look up.

use bioxen_core::ProcessFailureKind as Kind;

use super::{check, fails, newborn, value};

#[test]
fn the_status_has_the_names_of_the_metrics() {
    let status = value("get_biological_status()");
    let metrics = newborn().metrics();
    assert_eq!(status["growth_rate_per_h"], metrics.growth_rate_per_h);
    assert!(
        status["atp_percent"]
            .as_f64()
            .is_some_and(|percent| percent > 90.0)
    );
    assert_eq!(status["essential_genes_total"], 270);
    assert_eq!(status["essential_and_quasi_total"], 418);
    assert_eq!(status["minimal_status"], "viable");
    assert_eq!(status["protein_total"], metrics.protein_total.get());
    assert_eq!(status["dna_bp"], metrics.dna_bp);
    assert_eq!(status.as_object().map(serde_json::Map::len), Some(15));
}

#[test]
fn species_are_pools_machines_products_and_transcripts() {
    let cell = newborn();
    let counts = value(
        "counts(['ATP', 'ribosome', 'RNAP', 'degradosome', 'SecYEGDF', 'dnaA', 'JCVISYN3A_0001', 'mRNA:dnaA', 'amino_acids'])",
    );
    assert_eq!(counts["ribosome"], cell.sample_machines().1);
    assert_eq!(counts["RNAP"], cell.sample().rnap_total);
    assert_eq!(counts["degradosome"], cell.sample().degradosomes);
    assert_eq!(counts["dnaA"], 148);
    assert_eq!(counts["dnaA"], counts["JCVISYN3A_0001"]);
    let concentrations = value("concentrations(['ATP', 'GTP'])");
    assert_eq!(concentrations["ATP"], cell.sample().atp_mm);
    assert_eq!(concentrations["GTP"], cell.sample().gtp_mm);
}

#[test]
fn unknown_species_are_refused_with_near_ones() {
    for (name, hint) in [
        ("atp", "hint: did you mean ATP?"),
        ("Ribosome", "hint: did you mean ribosome?"),
        (
            "mRNA:dnaZ",
            "hint: did you mean mRNA:dnaA or mRNA:dnaB or mRNA:dnaC?",
        ),
        (
            "??",
            "hint: use a gene name, a locus tag, mRNA:gene, or a pool or machine such as ATP or ribosome",
        ),
    ] {
        let message = format!("the cell has no gene, pool or machine named {name:?}");
        let report = fails(
            &format!("counts(['ATP', '{name}'])"),
            Kind::UnknownGene,
            &message,
        );
        assert!(
            report.stderr.trim_end().ends_with(hint),
            "{}",
            report.stderr
        );
    }
    let pseudogene = pseudogene();
    fails(
        &format!("counts(['{pseudogene}'])"),
        Kind::Runtime,
        &format!("gene \"{pseudogene}\" is not expressed: it is a pseudogene"),
    );
}

pub(super) fn pseudogene() -> String {
    let cell = newborn();
    let mut genes = cell.model().genome().genes().iter();
    let found = genes.find(|gene| gene.kind == crate::genome::GeneKind::Pseudo);
    found.expect("syn3A has pseudogenes").locus_tag.clone()
}

#[test]
fn a_record_is_a_table() {
    check(
        "r = record(every = 10, species = ['ribosome'], duration = 35)\n[r['time_s'], len(r['ribosome']), time()]",
        "[[0.0,10.0,20.0,30.0],4,35.0]",
    );
    check(
        "r = record(0.5, ['ATP', 'dnaA'], 0)\n[len(r['time_s']), sorted(r.keys())]",
        "[1,[\"ATP\",\"dnaA\",\"time_s\"]]",
    );
    fails(
        "record(0.1, ['ATP'], 10)",
        Kind::Runtime,
        "every of record is 0.1, and must be a number of seconds from 0.5 on",
    );
    fails(
        "record(1, ['ATP'], 1e6)",
        Kind::Runtime,
        "record would hold 2000002 values, and at most 1000000 are kept",
    );
}

#[test]
fn time_moves_in_whole_steps() {
    check(
        "[advance(0.7), advance(0.7), advance(0), time(), generation()]",
        "[0.5,1.0,1.0,1.0,0]",
    );
    for seconds in ["-1", "float('nan')", "float('inf')", "1e300"] {
        let shown = match seconds {
            "1e300" => 1e300.to_string(),
            "-1" => "-1".to_owned(),
            "float('nan')" => "NaN".to_owned(),
            _ => "inf".to_owned(),
        };
        let message =
            format!("seconds of advance is {shown}, and must be a number of seconds from 0 on");
        fails(&format!("advance({seconds})"), Kind::Runtime, &message);
    }
}

#[test]
fn an_advance_ends_when_its_predicate_holds() {
    check(
        "[advance_until(lambda: time() >= 3, limit = 100), time()]",
        "[true,3.0]",
    );
    check(
        "[advance_until(lambda: time() >= 3, 100, every = 2), time()]",
        "[true,4.0]",
    );
    check("[advance_until(lambda: False, 3), time()]", "[false,3.0]");
    check("[advance_until(lambda: True, 3), time()]", "[true,0.0]");
    check(
        "[advance_until(lambda: time() >= 2.5, 2.5, every = 2), time()]",
        "[true,2.5]",
    );
    fails(
        "advance_until(lambda: counts(['zz']), 5)",
        Kind::UnknownGene,
        "the cell has no gene, pool or machine named \"zz\"",
    );
    fails(
        "advance_until(lambda: True, 5, 0)",
        Kind::Runtime,
        "every of advance_until is 0, and must be a number of seconds from 0.5 on",
    );
}

#[test]
fn a_budget_counts_from_the_last_one() {
    let two = value("[budget(), advance(30), budget(), budget()]");
    assert_eq!(
        (&two[0]["seconds"], &two[0]["atp_total"]),
        (&0.0.into(), &0.into())
    );
    let used = &two[2];
    let causes = used["atp_by_cause"].as_object().expect("a dictionary");
    let sum: u64 = causes.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(used["atp_total"], sum);
    assert!(sum > 0 && used["atp_regenerated"].as_u64() <= used["atp_granted"].as_u64());
    let at_work = used["ribosome_seconds"].as_f64().expect("a number") / 30.0;
    assert!(
        at_work > 1.0 && at_work < f64::from(newborn().sample_machines().1),
        "{at_work}"
    );
    assert_eq!(two[3]["atp_total"], 0);
}

#[test]
fn genes_are_found_by_what_they_are() {
    check(
        "[len(genes()), len(essential_genes()), essential_genes()[0]]",
        "[496,270,\"JCVISYN3A_0001\"]",
    );
    check(
        "g = genes('dnaA')[0]\n[g['locus_tag'], g['class'], g['essentiality'], g['length_aa'], g['operon']]",
        r#"["JCVISYN3A_0001","dna_replication","essential",450,"PO001"]"#,
    );
    check(
        "all([g['class'] == 'transcription' for g in genes('transcription')])",
        "true",
    );
    check(
        "all([g['essentiality'] == 'quasi-essential' for g in genes(filter = 'quasi-essential')])",
        "true",
    );
    check(
        "[genes('no such thing'), len(genes('RIBOSOMAL')) > 40]",
        "[[],true]",
    );
    check("operons()['PO001'][0]", "\"JCVISYN3A_0001\"");
}

#[test]
fn what_syn3a_lacks_is_said() {
    let report = fails(
        "plasmids()",
        Kind::Unsupported,
        "cells of syn3a cannot count plasmids",
    );
    assert!(
        report.stderr.contains("hint: only offered by ecoli"),
        "{}",
        report.stderr
    );
    let report = fails(
        "manage_operons(['lac'], 'activate')",
        Kind::Unsupported,
        "cells of syn3a cannot manage operons",
    );
    assert!(
        report.stderr.contains("use start_transcription"),
        "{}",
        report.stderr
    );
}
