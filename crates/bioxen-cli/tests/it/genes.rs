//! `bioxen genes` and `bioxen operons`.

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

#[test]
fn genes_of_each_organism_have_the_columns_that_exist_for_it() {
    let mut rows = printed("genes ecoli -o csv");
    let header = rows.lines().next().unwrap();
    assert_eq!(
        header,
        "locus_tag,name,b_number,type,class,essentiality,operon,length_nt,proteins_on_glucose,product"
    );
    let lac_z = rows.lines().find(|row| row.contains(",lacZ,")).unwrap();
    assert!(lac_z.contains(",lacZ,b0344,CDS,"), "{lac_z}");
    assert_eq!(rows.lines().count(), 4_748);

    rows = printed("genes minimal_cell -o csv");
    let header = rows.lines().next().unwrap();
    assert_eq!(
        header,
        "locus_tag,name,type,class,basic_function,essentiality,length_nt,proteins_at_birth,product"
    );
    assert_eq!(rows.lines().count(), 280);
    let list = json("genes minimal_cell --class energy_production -o json");
    assert_eq!(list["organism"], "minimal_cell");
    for gene in list["genes"].as_array().unwrap() {
        assert_eq!(gene["basic_function"], "energy_production", "{gene}");
    }
}

#[test]
fn operons_are_chosen_by_what_switches_them() {
    let all = json("operons ecoli -o json");
    let all = all["operons"].as_array().unwrap();
    assert!(all.len() > 2_000, "{}", all.len());
    let lac = all.iter().find(|one| one["name"] == "lacZYA").unwrap();
    assert_eq!(lac["class"], "inducible");
    assert_eq!(lac["default_state"], "off");
    assert_eq!(lac["genes"], serde_json::json!(["lacZ", "lacY", "lacA"]));
    assert!(!lac["regulators"].as_array().unwrap().is_empty());

    let counted = |line: &str| printed(line).lines().count() - 1;
    let regulated = counted("operons ecoli --regulated -o csv");
    let inducible = counted("operons ecoli --class inducible -o csv");
    assert!(inducible > 0 && inducible < regulated && regulated < all.len());
    let known = all
        .iter()
        .filter(|one| one["class"] != "constitutive_or_unknown");
    assert_eq!(known.count(), regulated);

    let table = printed("operons ecoli --class inducible");
    assert!(table.contains("lacZ; lacY; lacA"), "{table}");
    assert!(
        table.ends_with(&format!("{inducible} operons\n")),
        "{table}"
    );
}
