//! The tables of Escherichia coli hold what they are said to hold, and operons hold the genes together.

use std::collections::BTreeSet;

use crate::genome::{
    DefaultState, Essentiality, Gene, GeneKind, Genome, ModelClass, ParameterKind, Parameters,
    RegulationClass, RegulatorEffect, Strand, UnknownGene,
};

fn count(genome: &Genome, wanted: impl Fn(&Gene) -> bool) -> usize {
    genome.genes().iter().filter(|gene| wanted(gene)).count()
}

#[test]
fn ecoli_has_the_published_genes() {
    let genome = Genome::ecoli();
    assert_eq!(
        genome.to_string(),
        "Escherichia coli K-12 MG1655: 4747 genes on 4641652 bp"
    );
    let table = include_str!("../../../data/ecoli_genes.csv");
    let typed = |word: &str| table.lines().filter(|line| line.contains(word)).count();
    let types = [
        ",mRNA,",
        ",tRNA,",
        ",rRNA,",
        ",miscRNA,",
        ",pseudo,",
        ",phantom,",
    ]
    .map(typed);
    assert_eq!(
        types,
        [4347, 86, 22, 85, 146, 61],
        "as the source files them"
    );
    let kinds = GeneKind::ALL.map(|kind| count(&genome, |gene| gene.kind == kind));
    assert_eq!(
        kinds,
        [4309, 86, 22, 121, 0, 146, 63],
        "36 messengers make no protein and 2 have no place"
    );
    assert_eq!(count(&genome, Gene::is_expressed), 4309 + 86 + 22);
    let strands =
        Strand::ALL.map(|strand| count(&genome, |gene| gene.strand == strand && gene.is_placed()));
    assert_eq!(strands, [2332, 2394]);
    assert_eq!(count(&genome, |gene| !gene.is_placed()), 21);
    assert_eq!(genome.members("Ribosome").len(), 54);
    assert_eq!(genome.members("RNAP").len(), 3);
}

#[test]
fn ecoli_genes_are_whole() {
    let genome = Genome::ecoli();
    let placed: Vec<&Gene> = genome
        .genes()
        .iter()
        .filter(|gene| gene.is_placed())
        .collect();
    assert!(placed.is_sorted_by_key(|gene| gene.start));
    for gene in genome.genes() {
        let tag = &gene.locus_tag;
        assert_eq!(gene.bases.iter().sum::<u32>(), gene.length_nt, "{tag}");
        assert_eq!(
            gene.length_aa.is_some(),
            gene.kind == GeneKind::Cds,
            "{tag}"
        );
        assert!(gene.is_placed() || !gene.is_expressed(), "{tag}");
        assert!(gene.end <= genome.genome_length_bp(), "{tag}");
        if gene.is_placed() {
            assert_eq!(gene.length_nt, gene.end - gene.start + 1, "{tag}");
            let gc = f64::from(gene.bases[1] + gene.bases[2]);
            assert!(
                (gc - 0.508 * f64::from(gene.length_nt)).abs() <= 0.5,
                "{tag}"
            );
        }
    }
}

#[test]
fn ecoli_measurements_add_up() {
    let genome = Genome::ecoli();
    let proteins: Vec<&Gene> = genome
        .genes()
        .iter()
        .filter(|gene| gene.kind == GeneKind::Cds)
        .collect();
    let numbers = |value: fn(&Gene) -> Option<f64>| -> Vec<f64> {
        proteins.iter().filter_map(|gene| value(gene)).collect()
    };
    let copies = |value: fn(&Gene) -> Option<u32>| -> (usize, u64) {
        let known = proteins.iter().filter_map(|gene| value(gene));
        (known.clone().count(), known.map(u64::from).sum())
    };
    assert_eq!(copies(|gene| gene.length_aa), (4309, 1_330_151));
    assert_eq!(copies(|gene| gene.protein_count_glucose), (2228, 4_964_071));
    assert_eq!(copies(|gene| gene.protein_count_lb), (2228, 8_182_664));
    assert_eq!(
        copies(|gene| gene.protein_count_stationary),
        (2228, 3_173_114)
    );
    assert_eq!(numbers(|gene| gene.translation_efficiency).len(), 2382);
    assert_eq!(numbers(|gene| gene.protein_half_life_s).len(), 4309);
    let tpm: f64 = numbers(|gene| gene.tpm_m9_glucose).iter().sum();
    assert!(
        (tpm - 991_995.055).abs() < 0.01,
        "{tpm}: the rest is in pseudogenes"
    );

    let half_lives = numbers(|gene| gene.mrna_half_life_s);
    assert_eq!(
        half_lives.len(),
        2468 + 1162,
        "one set fills the gaps of the other"
    );
    let of = |name: &str| genome[genome.find(name).expect(name)].mrna_half_life_s;
    assert_eq!(of("thrA"), Some(103.9), "measured in the first set");
    let scaled = genome
        .genes()
        .iter()
        .find(|gene| gene.locus_tag == "EG30084");
    assert_eq!(
        scaled.and_then(|gene| gene.tpm_m9_glucose),
        None,
        "rRNA was depleted"
    );

    let flagged = |flag: fn(&Gene) -> Option<bool>| count(&genome, |gene| flag(gene) == Some(true));
    assert_eq!(flagged(|gene| gene.essential_minimal_glucose), 406);
    assert_eq!(flagged(|gene| gene.essential_gerdes), 450);
    let essential = count(&genome, |gene| gene.essentiality == Essentiality::Essential);
    assert_eq!(essential, 404, "two of the 406 make no protein");
    let class = |class| count(&genome, |gene| gene.model_class == class);
    assert!(class(ModelClass::DnaReplication) > 50 && class(ModelClass::ProteinSynthesis) > 200);
}

#[test]
fn ecoli_genes_are_found_by_every_name() {
    let genome = Genome::ecoli();
    let tag = |name: &str| genome.find(name).map(|idx| genome[idx].locus_tag.as_str());
    assert_eq!(tag("EG10527"), Ok("EG10527"));
    assert_eq!(tag("lacZ"), Ok("EG10527"));
    assert_eq!(tag("b0344"), Ok("EG10527"));
    for (name, carriers) in [("insI2", 2), ("b4659", 2), ("b2978", 2), ("b3692", 2)] {
        let Err(UnknownGene::Ambiguous { locus_tags, .. }) = genome.find(name) else {
            panic!("{name} is the name of several genes");
        };
        assert_eq!(locus_tags.len(), carriers, "{name}");
    }
    let dgd = genome.find("dgd").expect("it is in the table");
    assert_eq!(
        genome[dgd].kind,
        GeneKind::Phantom,
        "it has no place on the chromosome"
    );
}

#[test]
fn every_expressed_gene_is_in_one_operon() {
    let genome = Genome::ecoli();
    let mut seen = vec![0; genome.genes().len()];
    for operon in genome.operons() {
        assert!(!operon.genes.is_empty(), "{}", operon.id);
        for &gene in &operon.genes {
            seen[gene.index()] += 1;
            let found = genome.operon_of(gene).map(|idx| &genome[idx].id);
            assert_eq!(found, Some(&operon.id));
        }
    }
    for (idx, gene) in genome.iter() {
        let expected = i32::from(gene.is_expressed());
        assert_eq!(seen[idx.index()], expected, "{}", gene.locus_tag);
    }
    let ids: BTreeSet<&str> = genome
        .operons()
        .iter()
        .map(|operon| operon.id.as_str())
        .collect();
    let names: BTreeSet<&str> = genome
        .operons()
        .iter()
        .map(|operon| operon.name.as_str())
        .collect();
    assert_eq!((ids.len(), names.len()), (2633, 2633));

    let rows = include_str!("../../../data/ecoli_operons.csv")
        .lines()
        .count()
        - 1;
    assert_eq!(rows, 2598);
    let alone = |index: usize| {
        let operon = &genome.operons()[index];
        operon.id == genome[operon.genes[0]].locus_tag
    };
    assert_eq!((0..2633).filter(|&index| alone(index)).count(), 177);
    assert_eq!(2633 - 177, 2598 - 142, "142 operons have no expressed gene");
}

#[test]
fn operons_are_read_in_order() {
    let genome = Genome::ecoli();
    for operon in genome.operons() {
        let genes: Vec<&Gene> = operon.genes.iter().map(|&gene| &genome[gene]).collect();
        assert!(operon.length_nt() >= genes.iter().map(|gene| gene.length_nt).max().unwrap_or(0));
        for gene in &genes {
            assert_eq!(gene.strand, operon.strand, "{}", operon.name);
            assert!(operon.left_end <= gene.start && gene.end <= operon.right_end);
        }
        let in_order = match operon.strand {
            Strand::Plus => genes.is_sorted_by_key(|gene| gene.start),
            Strand::Minus => genes.is_sorted_by(|a, b| a.end >= b.end),
        };
        assert!(in_order, "{}", operon.name);
        let message = genes.iter().any(|gene| gene.kind == GeneKind::Cds);
        let stable = genes.iter().any(|gene| gene.kind != GeneKind::Cds);
        assert!(message != stable, "{}: mRNA or stable RNA", operon.name);
    }
}

#[test]
fn textbook_operons_are_regulated_as_in_the_textbook() {
    let genome = Genome::ecoli();
    let operon = |name: &str| &genome[genome.find_operon(name).expect(name)];
    let symbols = |name: &str| -> Vec<&str> {
        operon(name)
            .genes
            .iter()
            .map(|&gene| genome[gene].name())
            .collect()
    };
    assert_eq!(symbols("lacZYA"), ["lacZ", "lacY", "lacA"]);
    let lac = operon("lacZYA");
    assert_eq!(
        lac.promoter(),
        lac.right_end,
        "it is read on the minus strand"
    );
    assert_eq!(lac.regulation.class, RegulationClass::Inducible);
    assert_eq!(lac.regulation.default_state, DefaultState::Off);
    assert_eq!(lac.regulation.fold_range, Some(1000.0));
    let regulators: Vec<_> = lac
        .regulation
        .regulators
        .iter()
        .map(|regulator| (regulator.name.as_str(), regulator.effect))
        .collect();
    assert_eq!(
        regulators,
        [
            ("LacI", Some(RegulatorEffect::Represses)),
            ("CRP-cAMP", Some(RegulatorEffect::Activates))
        ]
    );
    let trp = operon("trpLEDCBA");
    assert_eq!(trp.regulation.class, RegulationClass::Repressible);
    assert_eq!(trp.regulation.default_state, DefaultState::On);
    assert_eq!(
        trp.regulation.regulators[1].effect, None,
        "attenuation has no sign"
    );
    assert_eq!(symbols("rrsA-ileT-alaT-rrlA-rrfA").len(), 5);

    let classes = RegulationClass::ALL.map(|class| {
        let operons = genome.operons().iter();
        operons
            .filter(|operon| operon.regulation.class == class)
            .count()
    });
    assert_eq!(classes, [111, 49, 2, 7, 219, 2068 + 177]);
    for operon in genome.operons() {
        let textbook = !matches!(
            operon.regulation.class,
            RegulationClass::Data | RegulationClass::ConstitutiveOrUnknown
        );
        assert_eq!(
            operon.regulation.fold_range.is_some(),
            textbook,
            "{}",
            operon.name
        );
    }
}

#[test]
fn ecoli_parameters_have_units_and_owners() {
    let parameters = Parameters::ecoli();
    assert_eq!(parameters.rows().len(), 216);
    let kinds = ParameterKind::ALL.map(|kind| {
        let rows = parameters.rows().iter();
        rows.filter(|row| row.kind == kind).count()
    });
    assert_eq!(kinds, [103, 39, 22, 26, 26]);
    let number = |name: &str| parameters.number(name);
    let genome = Genome::ecoli();
    assert_eq!(
        number("genome_length"),
        Ok(f64::from(genome.genome_length_bp()))
    );
    assert_eq!(number("genes_in_table"), Ok(4747.0));
    assert_eq!(number("ribosomes_total_Td40"), Ok(26_000.0));
    assert_eq!(number("rrn_initiation_Td20"), Ok(68.0));
    assert_eq!(number("ppgpp_Td100"), Ok(0.32));
    assert_eq!(number("glucose_uptake_max"), Ok(10.0));
    let half_way =
        number("origin_position").and_then(|origin| Ok(origin - number("genome_length")? / 2.0));
    assert_eq!(half_way, number("terminus_position"));
    let subunits = parameters
        .subunits("rnap_subunits")
        .expect("a list of subunits");
    for (_, gene) in &subunits {
        assert!(genome.find(gene).is_ok(), "{gene}");
    }
    assert!(parameters.rows().iter().all(|row| row.cell_type == "ecoli"));
}
