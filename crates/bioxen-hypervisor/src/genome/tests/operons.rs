//! Operon tables from outside: what is read, and what is refused with the place and the reason.

use crate::genome::{Genome, RegulatorEffect, Strand};

const GENES: &str = "locus_tag,type,strand,start,end,length_nt,length_aa,\
                     nA,nC,nG,nU,initial_protein_count,promoter_strength
a,CDS,+,1,12,12,3,3,3,3,3,20,0.5
b,CDS,+,13,24,12,3,3,3,3,3,20,0.5
c,CDS,-,31,42,12,3,3,3,3,3,20,0.5
d,CDS,-,43,54,12,3,3,3,3,3,20,0.5
e,pseudo,-,61,63,3,,1,1,1,0,,0
f,tRNA,+,71,73,3,,1,1,1,0,,4.25";

const HEADER: &str = "tu_id,name,gene_ids,left_end,right_end,regulation_class,regulators,\
                      effector,default_state,fold_range";

fn read(rows: &str) -> Result<Genome, String> {
    let genome = Genome::from_csv(GENES, "strain X", 100).expect("the genes are good");
    let text = format!("{HEADER}\n{rows}\n");
    genome
        .with_operons(&text)
        .map_err(|error| error.to_string())
}

#[track_caller]
fn check(rows: &str, expect: &str) {
    assert_eq!(read(rows).expect_err(rows), expect);
}

#[test]
fn small_table_of_a_user_is_read() {
    let genome = read(
        "T1,ab,a; b,1,30,inducible,LacI:-;CRP:+/-;RpoS;x:-/+,sugar,off,50\nT2,dce,d;c;e,31,63,,,,,",
    );
    let genome = genome.expect("the table is good");
    let [ab, dce, alone] = genome.operons() else {
        panic!("two rows and the gene that they leave out are three operons");
    };
    assert_eq!((ab.length_nt(), ab.promoter()), (30, 1));
    let effects: Vec<_> = ab
        .regulation
        .regulators
        .iter()
        .map(|regulator| regulator.effect)
        .collect();
    let both = Some(RegulatorEffect::Both);
    assert_eq!(
        effects,
        [Some(RegulatorEffect::Represses), both, None, both]
    );
    assert_eq!(ab.regulation.effector.as_deref(), Some("sugar"));
    assert_eq!((dce.strand, dce.promoter()), (Strand::Minus, 63));
    assert_eq!(dce.genes.len(), 2, "a pseudogene is not expressed");
    assert_eq!(
        (alone.id.as_str(), alone.left_end, alone.right_end),
        ("f", 71, 73)
    );
    let of = |name: &str| {
        let gene = genome.find(name).expect("it is a gene");
        genome.operon_of(gene).map(|idx| genome[idx].name.as_str())
    };
    assert_eq!(
        [of("b"), of("c"), of("e"), of("f")],
        [Some("ab"), Some("dce"), None, Some("f")]
    );
    assert_eq!(genome.find_operon("T2"), genome.find_operon("dce"));
    assert!(genome.find_operon("T3").is_none());
}

#[test]
fn operons_that_cannot_be_are_refused() {
    check(
        "T1,ax,a;x,1,30,,,,,",
        "line 2, column `gene_ids`: found \"a;x\", allowed is genes of the table, unlike \"x\"",
    );
    check(
        "T1,ab,a;b,1,30,,,,,\nT2,b,b,1,30,,,,,",
        "line 3, column `gene_ids`: found \"b\", allowed is genes of no other operon, unlike b",
    );
    check(
        "T1,bc,b;c,1,60,,,,,",
        "line 2, column `gene_ids`: found \"b;c\", allowed is genes of one strand",
    );
    check(
        "T1,ba,b;a,1,60,,,,,",
        "line 2, column `gene_ids`: found \"b;a\", allowed is genes in the order of transcription",
    );
    check(
        "T1,cd,c;d,31,60,,,,,",
        "line 2, column `gene_ids`: found \"c;d\", allowed is genes in the order of transcription",
    );
    check(
        "T1,ab,a;b,1,20,,,,,",
        "line 2, column `gene_ids`: found \"a;b\", allowed is genes between 1 and 20",
    );
    check(
        "T1,ab,a;b,1,120,,,,,",
        "line 2, column `right_end`: found \"120\", \
         allowed is a position from start 1 to genome length 100",
    );
    check(
        "T1,ab,,1,20,,,,,",
        "line 2, column `gene_ids`: found \"\", allowed is any text, but not nothing",
    );
}

#[test]
fn regulation_that_cannot_be_is_refused() {
    check(
        "T1,a,a,1,20,sometimes,,,,",
        "line 2, column `regulation_class`: found \"sometimes\", allowed is inducible, \
         repressible, autoregulated, growth-rate, data, constitutive_or_unknown",
    );
    check(
        "T1,a,a,1,20,,LacI:down,,,",
        "line 2, column `regulators`: found \"LacI:down\", \
         allowed is names with a sign, for example LacI:- or CRP-cAMP:+",
    );
    check(
        "T1,a,a,1,20,,,,maybe,",
        "line 2, column `default_state`: found \"maybe\", allowed is on, off, basal",
    );
    check(
        "T1,a,a,1,20,,,,,0.5",
        "line 2, column `fold_range`: found \"0.5\", allowed is a number of at least 1",
    );
    check(
        "T1,a,a,1,20,,,,,NaN",
        "line 2, column `fold_range`: found \"NaN\", allowed is a finite number of at least 0",
    );
}
