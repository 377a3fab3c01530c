//! Everything that is wrong before a cell is made.

use crate::{bioxen, failure, printed};

#[test]
fn help_is_short_or_long_and_has_examples() {
    let short = printed("-h");
    assert!(short.contains("Usage: bioxen <COMMAND>"), "{short}");
    for verb in ["run", "validate", "genes", "operons"] {
        assert!(short.contains(verb), "{verb}");
        let short = printed(&format!("{verb} -h"));
        let long = printed(&format!("{verb} --help"));
        assert!(short.len() < long.len(), "{verb}");
        assert!(long.contains("Examples:"), "{verb}");
    }
    assert_eq!(
        printed("--version"),
        format!("bioxen {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_words_are_usage_errors_with_advice() {
    #[track_caller]
    fn check(line: &str, parts: &[&str]) {
        let (code, message) = failure(line);
        assert_eq!(code, 2, "{message}");
        for part in parts {
            assert!(message.contains(part), "{part:?} is missing in\n{message}");
        }
    }
    check("", &["Usage: bioxen <COMMAND>"]);
    check("rum syn3a", &["unrecognized subcommand 'rum'", "'run'"]);
    for (typed, meant) in [
        ("syn3", "syn3a"),
        ("e.coli", "ecoli"),
        ("e_coli", "ecoli"),
        ("Ecoli", "ecoli"),
        ("minimal-cell", "minimal_cell"),
        ("minimalcell", "minimal_cell"),
    ] {
        for verb in ["run", "genes"] {
            let hint = format!("use one of syn3a, ecoli, minimal_cell; did you mean {meant}?");
            check(&format!("{verb} {typed}"), &["unknown organism", &hint]);
        }
    }
    check(
        "run yeast",
        &["hint: use one of syn3a, ecoli, minimal_cell"],
    );
    check(
        "operon ecoli",
        &["unrecognized subcommand 'operon'", "'operons'"],
    );
    check("operons", &["<ORGANISM>"]);
    check(
        "operons syn3a",
        &[
            "the genes of syn3a are transcribed one by one, not by operon",
            "hint: use ecoli, or bioxen genes syn3a",
        ],
    );
    check(
        "operons ecoli --class induced",
        &["a similar value exists: 'inducible'", "repressible"],
    );
    check(
        "run syn3a --atp 140",
        &[
            "--atp",
            "out of range",
            "hint: give a percentage from 0 to 100",
        ],
    );
    check("run syn3a --atp -1", &["out of range"]);
    check("run syn3a --ribosomes -1", &["--ribosomes", "hint:"]);
    check("run syn3a --for -5min", &["--for", "hint:"]);
    check("run syn3a --cells -1", &["-1 is not in"]);
    check("run syn3a --plot -", &["a picture needs a file"]);
    check(
        "run syn3a --generations 100 --out a.svg --plot ./a.svg",
        &["--out and --plot are both a.svg", "hint: give each"],
    );
    check("run syn3a --for 105", &["has no unit", "105min"]);
    check(
        "run syn3a --generation 2",
        &["a similar argument exists: '--generations'"],
    );
    check(
        "run syn3a --for 1s --generations 2",
        &["cannot be used with"],
    );
    check("run syn3a --seed red", &["seed", "hint:"]);
    check("run syn3a --threads 0", &["not a number of threads"]);
    check("run syn3a --cells 0", &["--cells"]);
    check("run syn3a --ribosome-unit shares", &["did you mean share?"]);
    check("run syn3a --every 0.7s", &["700ms", "500ms"]);
    check("run syn3a --every 0s", &["500ms"]);
    check("run syn3a -o yaml", &["yaml", "json"]);
    check(
        "run syn3a --process - -o csv",
        &["no time course", "record("],
    );
    check("validate syn3a --cells 1", &["--cells"]);
}

#[test]
fn more_ribosomes_than_the_chassis_has_are_a_usage_error_that_says_how_many_are_of_use() {
    let (code, message) = failure("run syn3a --for 1s --ribosomes 100");
    assert_eq!(code, 2);
    assert!(message.contains("100 ribosome units"), "{message}");
    assert!(message.contains("the 68 of the chassis"), "{message}");
    assert!(
        message.contains("hint: give --ribosomes at most 68; 15 shares"),
        "{message}"
    );
    assert!(!message.contains("another VM"), "{message}");
    let (code, message) = failure("run minimal_cell --for 1s --ribosomes 100");
    assert_eq!(code, 2);
    assert!(message.contains("12 shares"), "{message}");
    let (code, message) = failure("run syn3a --for 1s --ribosome-unit physical");
    assert_eq!(code, 2);
    assert!(message.contains("no number of ribosomes"), "{message}");
}

#[test]
fn a_file_that_cannot_be_written_is_known_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing/cell.csv");
    // A hundred generations would take minutes: the refusal comes first.
    for place in ["--out", "--plot"] {
        let output = bioxen("run syn3a --generations 100")
            .arg(place)
            .arg(&file)
            .output()
            .unwrap();
        let message = crate::text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.starts_with("error: could not write "), "{message}");
        assert!(message.contains("missing/cell.csv"), "{message}");
        assert!(message.contains("hint: choose a file"), "{message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
