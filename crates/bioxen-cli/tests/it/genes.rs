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
fn a_reader_that_goes_away_is_no_failure() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    // Whether the reader is gone before the last rows are written is a race: no outcome of it is an error.
    for form in ["csv", "json", "table", "csv", "csv", "csv"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bioxen"))
            .args(["genes", "syn3a", "-o", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().expect("it is piped"))
            .read_line(&mut first)
            .expect("a row");
        let mut message = String::new();
        let mut stderr = child.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut message).expect("text");
        assert_eq!(message, "", "{form}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{form}");
    }
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
