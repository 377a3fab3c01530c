//! Tables and names from outside that cannot be used are refused with the place and the reason.

use std::error::Error as _;

use crate::genome::{Essentiality, Genome, Localization, ModelClass, Parameters, Targets, ecoli};

const HEADER: &str = "locus_tag,gene_name,type,strand,start,end,length_nt,length_aa,\
                      nA,nC,nG,nU,initial_protein_count,promoter_strength,localization";
const GOOD: &str = "X_1,abcA; abcB,CDS,+,1,12,12,3,3,3,3,3,20,0.5,";

/// Reads a table of `HEADER` and `rows` for a genome of 100 bp.
fn read(rows: &str) -> Result<Genome, String> {
    let text = format!("{HEADER}\n{rows}\n");
    Genome::from_csv(&text, "strain X", 100).map_err(|error| error.to_string())
}

#[track_caller]
fn check(rows: &str, expect: &str) {
    assert_eq!(read(rows).expect_err(rows), expect);
}

/// Replaces one field of the good row.
fn with(column: &str, value: &str) -> String {
    let position = HEADER
        .split(',')
        .position(|name| name.trim() == column)
        .expect("the test names a column of the header");
    let mut fields: Vec<&str> = GOOD.split(',').collect();
    fields[position] = value;
    fields.join(",")
}

#[test]
fn small_table_of_a_user_is_read() {
    let genome = read(&format!("{GOOD}\nX_2,,tRNA,-,20,22,3,,1,1,1,0,,4.25,"));
    let genome = genome.expect("the table is good");
    assert_eq!(genome.to_string(), "strain X: 2 genes on 100 bp");
    let [protein, trna] = genome.genes() else {
        panic!("two rows are two genes");
    };
    assert_eq!(protein.names, ["abcA", "abcB"]);
    assert_eq!(protein.essentiality, Essentiality::Unknown);
    assert_eq!(protein.model_class, ModelClass::Unclear);
    assert_eq!(protein.localization, Localization::Unidentified);
    assert_eq!(trna.localization, Localization::NotAProtein);
    assert_eq!(trna.bases, [1, 1, 1, 0]);
    assert_eq!(trna.length_aa, None);
}

#[test]
fn byte_order_mark_and_carriage_returns_do_not_matter() {
    let text = format!("\u{feff}{HEADER}\r\n{GOOD}\r\n");
    assert!(Genome::from_csv(&text, "strain X", 100).is_ok());
}

#[test]
fn bad_fields_are_named_with_line_and_column() {
    check(
        &with("strand", "forward"),
        "line 2, column `strand`: found \"forward\", allowed is +, -",
    );
    check(
        &with("type", "cds"),
        "line 2, column `type`: found \"cds\", allowed is CDS, tRNA, rRNA, ncRNA, tmRNA, pseudo, phantom",
    );
    check(
        &with("start", "0"),
        "line 2, column `start`: found \"0\", allowed is a whole number from 1 to 4294967295",
    );
    check(
        &with("start", "101"),
        "line 2, column `start`: found \"101\", allowed is a position within the genome of 100 bp",
    );
    check(
        &with("end", "101"),
        "line 2, column `end`: found \"101\", \
         allowed is a position from start 1 to genome length 100",
    );
    check(
        &with("nA", "-3"),
        "line 2, column `nA`: found \"-3\", allowed is a whole number from 0 to 4294967295",
    );
    check(
        &with("locus_tag", ""),
        "line 2, column `locus_tag`: found \"\", allowed is any text, but not nothing",
    );
    for number in ["-0.1", "NaN", "inf", "1e999", "strong", ""] {
        check(
            &with("promoter_strength", number),
            &format!(
                "line 2, column `promoter_strength`: found {number:?}, \
                 allowed is a finite number of at least 0"
            ),
        );
    }
}

#[test]
fn fields_that_disagree_are_refused() {
    check(
        &with("length_nt", "13"),
        "line 2, column `length_nt`: found \"13\", allowed is 12, from start to end",
    );
    check(
        &with("nC", "4294967295"),
        "line 2, column `length_nt`: found \"12\", \
         allowed is 4294967304, the sum of nA, nC, nG and nU",
    );
    for length_aa in ["", "0", "5"] {
        check(
            &with("length_aa", length_aa),
            &format!(
                "line 2, column `length_aa`: found {length_aa:?}, \
                 allowed is a whole number from 1 to 4, the codons of the gene"
            ),
        );
    }
    check(
        &with("initial_protein_count", ""),
        "line 2, column `initial_protein_count`: found \"\", \
         allowed is a whole number for every CDS",
    );
    check(
        &with("localization", "not a protein"),
        "line 2, column `localization`: found \"not a protein\", \
         allowed is the place of a protein, because type is CDS",
    );
    check(
        "X_1,,tRNA,+,1,3,3,,1,1,1,0,,1,cytoplasm",
        "line 2, column `localization`: found \"cytoplasm\", \
         allowed is nothing, because type is not CDS",
    );
    check(
        &format!("{GOOD}\n{GOOD}"),
        "line 3, column `locus_tag`: \"X_1\" is already used on line 2",
    );
}

#[test]
fn messages_stay_on_one_short_line() {
    let message = read(&with("strand", &format!("\"a\nb{}\"", "c".repeat(5000))));
    let message = message.expect_err("no such strand");
    assert!(message.len() < 200 && !message.contains('\n'), "{message}");
}

#[test]
fn text_of_another_form_is_refused() {
    fn check(text: &str, error: &str, hint: Option<&str>) {
        let refused = Genome::from_csv(text, "strain X", 100).expect_err(text);
        assert_eq!(refused.to_string(), error);
        let given = refused.hint();
        assert_eq!(given.as_deref(), hint, "{text}");
    }
    check(
        "",
        "column `locus_tag` is missing",
        Some("add `locus_tag` to the header; data/SOURCES.md describes every column"),
    );
    check(&format!("{HEADER}\n"), "the table has no rows", None);
    check(
        "locus_tag,promotor_strength\n",
        "column \"promotor_strength\" is not known",
        Some("did you mean promoter_strength?"),
    );
    check(
        "locus_tag,colour of the plate\n",
        "column \"colour of the plate\" is not known",
        Some("remove or rename the column"),
    );
    check(
        "locus_tag,locus_tag\n",
        "column \"locus_tag\" occurs more than once",
        Some("keep one of them"),
    );
    let short_row = format!("{HEADER}\n{GOOD}\nX_2,abc\n");
    let refused = Genome::from_csv(&short_row, "strain X", 100).expect_err("a row is short");
    assert_eq!(refused.to_string(), "line 3: not a row of the table");
    assert!(refused.source().is_some());
}

#[test]
fn table_without_end_is_refused() {
    let mut text = format!("{HEADER}\n");
    for row in 0..=65_536 {
        text.push_str(&GOOD.replace("X_1", &format!("X_{row}")));
        text.push('\n');
    }
    let refused = Genome::from_csv(&text, "strain X", 100).expect_err("it is too long");
    assert_eq!(refused.to_string(), "the table has more than 65536 rows");
}

#[test]
fn ambiguous_short_tags_are_refused() {
    let second = GOOD.replace("X_1", "Y_1").replace("abcA; abcB", "abcC");
    let genome = read(&format!("{GOOD}\n{second}")).expect("the table is good");
    let ambiguous = genome.find("1").expect_err("two genes have the number");
    assert_eq!(ambiguous.name(), "1");
    assert_eq!(
        ambiguous.hint().as_deref(),
        Some("use a locus tag: X_1, Y_1")
    );
}

#[test]
fn parameters_of_another_form_are_refused() {
    fn check(rows: &str, expect: &str) {
        let text = format!("name,value,unit,source,kind\n{rows}\n");
        let refused = Parameters::from_csv(&text).expect_err(rows);
        assert_eq!(refused.to_string(), expect);
    }
    check(
        "speed,12,aa/s,me,guessed",
        "line 2, column `kind`: found \"guessed\", \
         allowed is measured, model, derived, fitted, assumption",
    );
    check(
        "speed,,aa/s,me,fitted",
        "line 2, column `value`: found \"\", allowed is any text, but not nothing",
    );
    check(
        "speed,12,aa/s,me,fitted\nspeed,13,aa/s,me,fitted",
        "line 3, column `name`: \"speed\" is already used on line 2",
    );
}

#[test]
fn parameters_that_cannot_be_read_as_asked_are_explained() {
    let text = "name,value,unit,source,kind\nspeed,fast,aa/s,me,fitted\nhuge,inf,-,me,fitted\n\
                subunits,2x0645;x0804,-,me,model\n";
    let parameters = Parameters::from_csv(text).expect("the table is good");
    let missing = parameters.number("sped").expect_err("misspelled");
    assert_eq!(missing.to_string(), "no parameter is called \"sped\"");
    assert_eq!(missing.hint().as_deref(), Some("did you mean speed?"));
    assert_eq!(parameters.unit("sped"), Err(missing));
    for (name, expect) in [
        (
            "speed",
            "parameter `speed` is \"fast\", not a finite number",
        ),
        ("huge", "parameter `huge` is \"inf\", not a finite number"),
    ] {
        let refused = parameters.number(name).expect_err(name);
        assert_eq!(refused.to_string(), expect);
    }
    let refused = parameters
        .subunits("subunits")
        .expect_err("no count before x");
    assert_eq!(
        refused.to_string(),
        "parameter `subunits` is \"2x0645;x0804\", not a list of subunits"
    );
    assert!(refused.hint().is_some());
}

#[test]
fn targets_of_another_form_are_refused() {
    fn check(row: &str, expect: &str) {
        let text = format!("id,quantity,value,unit,low,high,source,kind,use\n{row}\n");
        let refused = Targets::from_csv(&text).expect_err(row);
        assert_eq!(refused.to_string(), expect);
    }
    check(
        "A1,growth,2,-,1,3,me,measured,proof",
        "line 2, column `use`: found \"proof\", allowed is counted, fitted, input, info",
    );
    check(
        "A1,growth,2,-,3,1,me,measured,counted",
        "line 2, column `high`: found \"1\", allowed is a number of at least low, 3",
    );
    check(
        "A1,growth,2,-,,1,me,measured,counted",
        "line 2, column `low`: found \"\", allowed is a number, because high is given",
    );
}

#[test]
fn ecoli_genes_of_another_form_are_refused() {
    #[track_caller]
    fn check(rows: &str, expect: &str) {
        let text = format!(
            "gene_id,b_number,symbol,type,left_end,right_end,strand,length_aa,essential_gerdes\n{rows}\n"
        );
        let error = ecoli::read_genes(&text).expect_err(rows);
        assert_eq!(error.to_string(), expect);
    }
    check(
        "EG1,b1,abcA,CDS,1,12,+,3,0",
        "line 2, column `type`: found \"CDS\", \
         allowed is mRNA, tRNA, rRNA, miscRNA, pseudo, phantom",
    );
    check(
        "EG1,b1,abcA,mRNA,1,12,+,5,0",
        "line 2, column `length_aa`: found \"5\", \
         allowed is a whole number from 1 to 4, the codons of the gene",
    );
    check(
        "EG1,b1,alaT,tRNA,,,,,0",
        "line 2, column `left_end`: found \"\", allowed is a position, because the gene is expressed",
    );
    check(
        "EG1,b1,abcA,mRNA,12,4641653,+,3,0",
        "line 2, column `right_end`: found \"4641653\", \
         allowed is a position from start 12 to genome length 4641652",
    );
    check(
        "EG1,b1,abcA,mRNA,1,12,+,3,yes",
        "line 2, column `essential_gerdes`: found \"yes\", allowed is 0 or 1",
    );
    check(
        "EG1,b1,abcA,mRNA,1,12,+,3,0\nEG1,b2,abcB,mRNA,21,32,+,3,0",
        "line 3, column `gene_id`: \"EG1\" is already used on line 2",
    );
}
