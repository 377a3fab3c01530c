//! The minimal cell is a part of JCVI-syn3A, on a chromosome of its own.

use crate::cell::CellModel;
use crate::genome::{
    BasicFunction, Essentiality, Gene, GeneKind, Genome, ParameterKind, Parameters, minimal_cell,
};

#[test]
fn minimal_cell_keeps_279_genes() {
    let genome = Genome::minimal_cell();
    assert_eq!(genome.to_string(), "minimal cell: 279 genes on 312445 bp");
    let count =
        |wanted: &dyn Fn(&Gene) -> bool| genome.genes().iter().filter(|gene| wanted(gene)).count();
    let kinds = GeneKind::ALL.map(|kind| count(&|gene| gene.kind == kind));
    assert_eq!(kinds, [241, 29, 6, 2, 1, 0, 0]);
    assert_eq!(count(&Gene::is_expressed), 276);
    let functions =
        BasicFunction::ALL.map(|function| count(&|gene| gene.basic_function == Some(function)));
    assert_eq!(functions, [23, 148, 25, 83]);
    assert_eq!(
        count(&|gene| gene.essentiality == Essentiality::Essential),
        241
    );
    let coding: u32 = genome.genes().iter().map(|gene| gene.length_nt).sum();
    assert_eq!(coding, 285_394);
    let proteins: u32 = genome
        .genes()
        .iter()
        .filter_map(|gene| gene.initial_protein_count)
        .sum();
    assert_eq!(proteins, 68_326);
    assert!(genome.operons().is_empty());
}

#[test]
fn kept_genes_are_those_of_syn3a() {
    let source = Genome::syn3a();
    let genome = Genome::minimal_cell();
    let mut last_end = 0;
    for gene in genome.genes() {
        let original = &source[source.find(&gene.locus_tag).expect("it comes from there")];
        let moved = Gene {
            start: original.start,
            end: original.end,
            basic_function: None,
            ..gene.clone()
        };
        assert_eq!(&moved, original);
        assert_eq!(gene.end - gene.start, original.end - original.start);
        assert!(gene.start <= original.start && gene.start + 40 > last_end);
        last_end = gene.end;
    }
    assert!(
        source
            .genes()
            .iter()
            .all(|gene| gene.basic_function.is_none())
    );
    assert_eq!(genome.genes()[0].start, 1, "the origin stays at dnaA");
    let trailing = |genome: &Genome| {
        genome
            .genes()
            .last()
            .map(|g| genome.genome_length_bp() - g.end)
    };
    assert_eq!(trailing(&genome), Some(293), "the last spacer of syn3a");
}

#[test]
fn neighbors_keep_their_distance() {
    let source = Genome::syn3a();
    let genome = Genome::minimal_cell();
    let mut neighbors = 0;
    for pair in genome.genes().windows(2) {
        let [a, b] = pair else { continue };
        let at = |gene: &Gene| source.find(&gene.locus_tag).expect("it comes from there");
        let (from, to) = (at(a), at(b));
        let spacer = i64::from(b.start) - i64::from(a.end);
        let original = i64::from(source[to].start) - i64::from(source[from].end);
        if from.index() + 1 == to.index() {
            assert_eq!(spacer, original, "{}", b.locus_tag);
            neighbors += 1;
        } else {
            assert!(spacer >= 1 && spacer <= original, "{}", b.locus_tag);
        }
    }
    assert!(neighbors > 100, "{neighbors}");
}

#[test]
fn bad_lists_of_kept_genes_are_refused() {
    #[track_caller]
    fn check(rows: &str, expect: &str) {
        let text = format!("locus_tag,basic_function,rule\n{rows}\n");
        let error = minimal_cell::reduce(&Genome::syn3a(), &text, "X").expect_err(rows);
        assert_eq!(error.to_string(), expect);
    }
    check(
        "JCVISYN3A_0001,support,R1\nJCVISYN3A_0001,support,R1",
        "line 3, column `locus_tag`: \"JCVISYN3A_0001\" is already used on line 2",
    );
    for rows in ["JCVISYN3A_9999,support,R1", "dnaA,support,R1"] {
        let tag = rows.split(',').next().unwrap_or_default();
        check(
            rows,
            &format!(
                "line 2, column `locus_tag`: found {tag:?}, \
                 allowed is genes of JCVI-syn3A in genome order"
            ),
        );
    }
    check(
        "JCVISYN3A_0002,dna_replication,R1\nJCVISYN3A_0001,dna_replication,R1",
        "line 3, column `locus_tag`: found \"JCVISYN3A_0001\", \
         allowed is genes of JCVI-syn3A in genome order",
    );
    check(
        "JCVISYN3A_0001,growth,R1",
        "line 2, column `basic_function`: found \"growth\", \
         allowed is dna_replication, protein_synthesis, energy_production, support",
    );
    check(
        "JCVISYN3A_0001,support,R2",
        "line 2, column `rule`: found \"R2\", \
         allowed is R1 for an essential CDS, R2 for an RNA gene",
    );
    check(
        "JCVISYN3A_0001,support,because",
        "line 2, column `rule`: found \"because\", allowed is R1, R2",
    );
}

#[test]
fn minimal_cell_parameters_inherit_from_syn3a() {
    let syn3a = Parameters::syn3a();
    let parameters = Parameters::minimal_cell();
    let genome = Genome::minimal_cell();
    let number = |name: &str| parameters.number(name);
    assert_eq!(number("ribosomes_birth"), Ok(370.0));
    assert_eq!(number("k_rnap_promoter"), syn3a.number("k_rnap_promoter"));
    assert_eq!(
        number("genome_length"),
        Ok(f64::from(genome.genome_length_bp()))
    );
    assert_eq!(number("genome_length_coding"), Ok(285_394.0));
    assert_eq!(number("gene_count"), Ok(279.0));
    assert_eq!(number("protein_total_birth"), Ok(68_326.0));
    let own: Vec<_> = parameters
        .rows()
        .iter()
        .filter(|row| row.cell_type == "minimal_cell")
        .collect();
    assert_eq!(own.len(), 24);
    assert_eq!(parameters.rows().len(), syn3a.rows().len() + 5);
    assert!(
        own.iter()
            .all(|row| { matches!(row.kind, ParameterKind::Derived | ParameterKind::Assumption) })
    );
    for row in ["rnap_subunits", "degradosome_subunits", "secyegdf_subunits"] {
        for (_, tag) in parameters.subunits(row).expect("the row lists subunits") {
            assert!(genome.find(&tag).is_ok(), "{row}: {tag}");
        }
    }
    assert_eq!(genome.members("Ribosome").len(), 42);
    let fraction = number("proteome_mass_fraction_of_syn3a").expect("a number");
    for row in own
        .iter()
        .filter(|row| row.note.ends_with("times proteome_mass_fraction_of_syn3a"))
    {
        let scaled = fraction * syn3a.number(&row.name).expect("a row of syn3a");
        let value = number(&row.name).expect("a number");
        assert!(
            (value / scaled - 1.0).abs() < 0.01,
            "{}: {value} against {scaled}",
            row.name
        );
    }
}

#[test]
fn engine_takes_the_tables_of_the_minimal_cell() {
    let model = CellModel::new(
        bioxen_core::Organism::MinimalCell,
        Genome::minimal_cell(),
        Parameters::minimal_cell(),
    );
    let model = model.expect("every machine has its genes");
    assert_eq!(model.genome().genes().len(), 279);
}
