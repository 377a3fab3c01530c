//! `bioxen genes`.

use crate::{failure, json, printed};

#[test]
fn all_genes_are_there() {
    let all = printed("genes syn3a -o csv");
    let mut lines = all.lines();
    assert_eq!(
        lines.next().unwrap(),
        "locus_tag,name,type,class,essentiality,length_nt,proteins_at_birth,product"
    );
    assert_eq!(
        lines.next().unwrap(),
        "JCVISYN3A_0001,dnaA,CDS,dna_replication,essential,1353,148,\
         Chromosomal replication initiator protein"
    );
    assert_eq!(lines.count(), 495);
    assert!(printed("genes syn3a").ends_with("496 genes\n"));
}

#[test]
fn essential_genes_and_classes_are_chosen() {
    assert!(printed("genes syn3a --essential").ends_with("270 genes\n"));
    let chosen = json("genes syn3a --essential --class transcription -o json");
    let chosen = chosen["genes"].as_array().unwrap();
    assert!(!chosen.is_empty());
    for gene in chosen {
        assert_eq!(gene["class"], "transcription");
        assert_eq!(gene["essentiality"], "essential");
    }
}

#[test]
fn an_unknown_class_is_answered_with_the_known_ones_and_the_nearest() {
    let (code, message) = failure("genes syn3a --class transcripton");
    assert_eq!(code, 2);
    assert!(message.contains("dna_replication"), "{message}");
    assert!(
        message.contains("a similar value exists: 'transcription'"),
        "{message}"
    );
}
