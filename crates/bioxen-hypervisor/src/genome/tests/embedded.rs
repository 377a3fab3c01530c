//! The tables that ship with the crate hold what they are said to hold.

use std::collections::BTreeMap;

use crate::genome::{
    Essentiality, Gene, GeneKind, Genome, Localization, ModelClass, ParameterKind, ParameterRow,
    Parameters, Strand, TargetKind, TargetUse, Targets, UnknownGene,
};

fn count(genome: &Genome, wanted: impl Fn(&Gene) -> bool) -> usize {
    genome.genes().iter().filter(|gene| wanted(gene)).count()
}

#[test]
fn syn3a_has_the_published_genes() {
    let genome = Genome::syn3a();
    assert_eq!(
        genome.to_string(),
        "JCVI-syn3A: 496 genes on 543379 bp",
        "the figures of GenBank CP016816.2"
    );
    let kinds = GeneKind::ALL.map(|kind| count(&genome, |gene| gene.kind == kind));
    assert_eq!(kinds, [455, 29, 6, 2, 1, 3, 0]);
    assert_eq!(count(&genome, Gene::is_expressed), 490);
    let strands = Strand::ALL.map(|strand| count(&genome, |gene| gene.strand == strand));
    assert_eq!(strands, [218, 278]);
    let essentiality =
        Essentiality::ALL.map(|scored| count(&genome, |gene| gene.essentiality == scored));
    assert_eq!(essentiality, [270, 113, 72, 41]);
    let unscored = count(&genome, |gene| {
        gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::Unknown
    });
    assert_eq!(unscored, 0);
}

#[test]
fn syn3a_groups_are_complete() {
    let genome = Genome::syn3a();
    let classes = ModelClass::ALL.map(|class| count(&genome, |gene| gene.model_class == class));
    assert_eq!(classes, [31, 18, 174, 7, 37, 29, 31, 21, 20, 31, 6, 91]);
    let places = Localization::ALL.map(|place| count(&genome, |gene| gene.localization == place));
    assert_eq!(places, [315, 84, 38, 13, 2, 3, 41]);
}

#[test]
fn syn3a_start_counts_add_up() {
    let genome = Genome::syn3a();
    let sum =
        |count: fn(&Gene) -> Option<u32>| -> u32 { genome.genes().iter().filter_map(count).sum() };
    assert_eq!(sum(|gene| gene.initial_protein_count), 94_732);
    assert_eq!(sum(|gene| gene.initial_protein_count_2022), 78_477);
    assert_eq!(sum(|gene| gene.protein_count_exp), 76_687);
    let residues: u64 = genome
        .genes()
        .iter()
        .filter_map(|gene| Some(u64::from(gene.initial_protein_count? * gene.length_aa?)))
        .sum();
    assert_eq!(residues, 32_290_519);
    let measured = count(&genome, |gene| gene.protein_count_exp.is_some());
    assert_eq!(measured, 424);
}

#[test]
fn syn3a_is_in_genome_order_and_whole() {
    let genome = Genome::syn3a();
    assert!(genome.genes().is_sorted_by_key(|gene| gene.start));
    for gene in genome.genes() {
        assert!(gene.end <= genome.genome_length_bp(), "{}", gene.locus_tag);
        let coding = gene.length_aa.map(|length_aa| (length_aa + 1) * 3);
        assert!(
            coding.is_none_or(|coding| coding == gene.length_nt),
            "{}: the codons and a stop fill the gene",
            gene.locus_tag
        );
        let is_protein = gene.kind == GeneKind::Cds;
        assert_eq!(gene.length_aa.is_some(), is_protein, "{}", gene.locus_tag);
        assert_eq!(gene.initial_protein_count.is_some(), is_protein);
        assert_eq!(gene.mean_mrna_published.is_some(), is_protein);
        assert_eq!(gene.scaled_abundance_published.is_some(), is_protein);
    }
}

#[test]
fn syn3a_promoters_follow_the_rule() {
    let rounding = 0.000_051;
    for gene in Genome::syn3a().genes() {
        let expect = match (gene.kind, gene.length_nt) {
            (GeneKind::Trna, _) => 765.0 / 180.0,
            (GeneKind::Rrna, 109) => 2.0 * 765.0 / 180.0,
            (GeneKind::Rrna, 1535) => 6.0 * 765.0 / 180.0,
            (GeneKind::Rrna, _) => 9.0 * 765.0 / 180.0,
            _ => f64::from(gene.initial_protein_count.unwrap_or(0)).clamp(10.0, 765.0) / 180.0,
        };
        assert!(
            (gene.promoter_strength - expect).abs() < rounding,
            "{}: {} against {expect}",
            gene.locus_tag,
            gene.promoter_strength
        );
    }
}

#[test]
fn syn3a_complexes_have_their_members() {
    let genome = Genome::syn3a();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for gene in genome.genes() {
        for complex in &gene.complexes {
            *sizes.entry(complex).or_default() += 1;
        }
    }
    for (complex, size) in &sizes {
        assert_eq!(genome.members(complex).len(), *size, "{complex}");
    }
    assert_eq!(sizes["Ribosome"], 52);
    assert_eq!(sizes["ATPSynthase"], 8);
    assert!(genome.members("Ribosom").is_empty());

    let parameters = Parameters::syn3a();
    for (row, complex) in [
        ("rnap_subunits", "RNAP"),
        ("degradosome_subunits", "Degradosome"),
        ("secyegdf_subunits", "SecYEGDF"),
    ] {
        let mut listed: Vec<_> = parameters
            .subunits(row)
            .expect("the row lists subunits")
            .into_iter()
            .map(|(_, tag)| genome.find(&tag).expect("every subunit is a gene"))
            .collect();
        listed.sort();
        assert_eq!(listed, genome.members(complex), "{complex}");
    }
}

#[test]
fn syn3a_genes_are_found_by_every_name() {
    let genome = Genome::syn3a();
    let tag = |name: &str| genome.find(name).map(|idx| genome[idx].locus_tag.as_str());
    assert_eq!(tag("JCVISYN3A_0001"), Ok("JCVISYN3A_0001"));
    assert_eq!(tag("0001"), Ok("JCVISYN3A_0001"));
    assert_eq!(tag("dnaA"), Ok("JCVISYN3A_0001"));
    assert_eq!(tag("trmE"), tag("mnmE"), "an alias leads to the same gene");
    for (idx, gene) in genome.iter() {
        assert_eq!(genome.find(&gene.locus_tag), Ok(idx));
        assert_eq!(genome.find(gene.short_tag()), Ok(idx));
    }
    assert_eq!(genome.genes()[3].name(), "ksgA");
    assert_eq!(genome.genes()[4].name(), "JCVISYN3A_0005", "it has no name");
}

#[test]
fn syn3a_names_that_lead_nowhere_are_explained() {
    fn check(name: &str, error: &str, hint: Option<&str>) {
        let found = Genome::syn3a().find(name).expect_err(name);
        assert_eq!(found.to_string(), error);
        assert_eq!(found.hint().as_deref(), hint, "{name}");
    }
    check(
        "dnaZ",
        "no gene is called \"dnaZ\"",
        Some("did you mean dnaA, dnaB, dnaC?"),
    );
    check(
        "DNAA",
        "no gene is called \"DNAA\"",
        Some("did you mean dnaA?"),
    );
    check("a\nb", "no gene is called \"a\\nb\"", None);
    check("", "no gene is called \"\"", None);
    check(
        "tRNA-Leu",
        "\"tRNA-Leu\" is the name of 3 genes",
        Some("use a locus tag: JCVISYN3A_0070, JCVISYN3A_0423, JCVISYN3A_0506"),
    );
    let long = Genome::syn3a().find(&"x".repeat(100_000));
    assert!(matches!(&long, Err(UnknownGene::Missing { name, .. }) if name.len() < 100));
}

#[test]
fn syn3a_parameters_have_units_and_owners() {
    let parameters = Parameters::syn3a();
    let kinds = ParameterKind::ALL.map(|kind| {
        let rows = parameters.rows().iter();
        rows.filter(|row| row.kind == kind).count()
    });
    assert_eq!(kinds, [3, 76, 12, 8, 19], "as counted in docs/model.md");
    let number = |name: &str| parameters.number(name);
    assert_eq!(number("k_rnap_promoter"), Ok(2071.0));
    assert_eq!(number("conc_ATP"), Ok(3.654));
    assert_eq!(number("protein_total_birth"), Ok(94_732.0));
    assert_eq!(parameters.unit("fork_speed"), Ok("bp/s"));
    let ruled: Vec<&str> = parameters
        .rows()
        .iter()
        .filter(|row| number(&row.name).is_err())
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(
        ruled,
        [
            "rnap_subunits",
            "degradosome_subunits",
            "ribosome_subunits",
            "promoter_strength_rule",
            "rnap_elongation_mrna",
            "secyegdf_subunits",
        ]
    );
    for row in parameters.rows() {
        let own = row.source.split("; ").any(|source| source == "BioXen");
        let chosen = matches!(row.kind, ParameterKind::Fitted | ParameterKind::Assumption);
        assert!(!chosen || own, "{}: a choice is ours to own", row.name);
        assert!(
            row.kind != ParameterKind::Assumption || !row.note.is_empty(),
            "{}: an assumption is explained",
            row.name
        );
    }
}

#[test]
fn targets_say_what_they_prove() {
    let targets = Targets::published();
    // E. coli's own are counted, not listed: a test of its validation says which of them are fitted.
    let ids = |usage, ecoli: bool| -> Vec<&str> {
        let rows = targets.rows().iter();
        rows.filter(|target| target.usage == usage && (target.cell_type == "ecoli") == ecoli)
            .map(|target| target.id.as_str())
            .collect()
    };
    assert_eq!(
        ids(TargetUse::Counted, false),
        [
            "S03", "S04a", "S04b", "S04c", "S04d", "S05", "S06", "S07", "S08", "S09", "S10", "S11",
            "S12", "S15b", "S17b", "S17c", "S17d", "S17e", "S17f", "S17g", "M07a", "M07b", "M07c",
            "M07d", "M08", "X01", "X02", "X03"
        ]
    );
    assert_eq!(
        ids(TargetUse::Fitted, false),
        ["S01", "S13", "S14", "S16", "S17a", "S18"]
    );
    assert_eq!(
        ids(TargetUse::Input, false),
        ["S15a", "S19", "M09a", "M09b", "M09c", "M09d", "M09e"]
    );
    assert_eq!(
        ids(TargetUse::Info, false),
        [
            "S02", "S17h", "M01", "M02", "M03", "M04", "M05", "M06", "R01", "R02", "R03"
        ]
    );
    assert_eq!(
        ids(TargetUse::Input, true),
        ["E902", "E906a", "E906b", "E908a", "E908b"]
    );
    let ecoli = TargetUse::ALL.map(|usage| ids(usage, true).len());
    assert_eq!(ecoli, [67, 42, 5, 24]);
    assert_eq!(targets.rows().len(), 190);

    let ratio = targets.find("S03").expect("S03 is in the table");
    assert_eq!(ratio.value, "2.07");
    assert_eq!(ratio.kind, TargetKind::Model);
    assert_eq!(ratio.band, Some((1.9, 2.2)));
    assert!(targets.find("S99").is_none());
    for target in targets.rows() {
        let (Some((low, high)), Ok(value)) = (target.band, target.value.parse::<f64>()) else {
            continue;
        };
        assert!(
            low <= value && value <= high,
            "{}: outside its own band",
            target.id
        );
    }
}

#[test]
fn syn3a_words_round_trip() {
    for class in ModelClass::ALL {
        assert_eq!(class.to_string().parse(), Ok(class));
    }
    for place in Localization::ALL {
        assert_eq!(place.to_string().parse(), Ok(place));
    }
    let unknown = "sideways".parse::<Strand>().expect_err("no such strand");
    assert_eq!(unknown.to_string(), "\"sideways\" is not a strand");
    assert_eq!(unknown.hint(), "use +, -");
}

fn every_parameter() -> impl Iterator<Item = ParameterRow> {
    [
        Parameters::syn3a(),
        Parameters::minimal_cell(),
        Parameters::ecoli(),
    ]
    .into_iter()
    .flat_map(|parameters| parameters.rows().to_vec())
}

#[test]
fn every_source_is_spelled_out() {
    let page = include_str!("../../../data/SOURCES.md");
    let targets = Targets::published();
    let target_sources = targets.rows().iter().map(|target| target.source.clone());
    for source in every_parameter()
        .map(|row| row.source)
        .chain(target_sources)
    {
        for reference in source.split("; ") {
            let entry = format!("\n| {reference} | ");
            assert!(page.contains(&entry), "{reference} is not in SOURCES.md");
        }
    }
}

#[test]
fn every_choice_is_explained() {
    let page = include_str!("../../../data/SOURCES.md");
    for row in every_parameter() {
        if matches!(row.kind, ParameterKind::Fitted | ParameterKind::Assumption) {
            let entry = format!("\n| {} | {} | ", row.name, row.kind);
            assert!(page.contains(&entry), "{} is not in SOURCES.md", row.name);
            assert!(!row.note.is_empty(), "{}: a choice is explained", row.name);
        }
    }
}
