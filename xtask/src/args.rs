//! The command line of `cargo xtask`.

use crate::failure::Failure;

/// Text of `cargo xtask --help`.
pub(crate) const HELP: &str = "\
Automation of the BioXen workspace

Usage: cargo xtask <VERB> [OPTIONS]

Verbs:
  demo     Build the release CLI, run one syn3a cell cycle, write its CSV and SVG;
           with --xcpng let a cell live in a guest of a pool, on this machine
  test     Run everything that CI runs: format, tidy, clippy, tests, docs, features
  tidy     Check the rules of the house that the compiler cannot check
  doctor   Say which tools this machine has and which it lacks
  help     Print this text

Options of demo:
  --xcpng        Bring up a testbed of XCP-ng instead, and drive one cell in it

Options of demo and test:
  --no-install   Never install system packages, only say which are missing

Exit codes: 0 done, 1 failed, 2 wrong usage
";

/// What can be asked of xtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Build and show one cell cycle.
    Demo,
    /// Run everything CI runs.
    Test,
    /// Check the rules of the house.
    Tidy,
    /// Report on the machine's tools.
    Doctor,
    /// Print the help text.
    Help,
}

impl Verb {
    const ALL: [(&'static str, Self); 5] = [
        ("demo", Self::Demo),
        ("test", Self::Test),
        ("tidy", Self::Tidy),
        ("doctor", Self::Doctor),
        ("help", Self::Help),
    ];

    fn named(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|&(_, verb)| verb)
    }

    /// The verb's name that is closest to `word`, if any is close.
    fn nearest(word: &str) -> Option<&'static str> {
        Self::ALL
            .iter()
            .map(|&(name, _)| (edit_distance(word, name), name))
            .min()
            .filter(|&(distance, name)| distance * 2 <= name.len().max(word.len()))
            .map(|(_, name)| name)
    }
}

/// A command line that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// What to do.
    pub(crate) verb: Verb,
    /// Whether missing system packages may be installed.
    pub(crate) install: bool,
    /// Whether the demo is that of a pool.
    pub(crate) xcpng: bool,
}

/// Reads the arguments that follow `cargo xtask`.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Request, Failure> {
    let mut verb = None;
    let mut no_install = false;
    let mut xcpng = false;
    for arg in args {
        match arg.as_str() {
            "-h" | "--help" => {
                return Ok(Request {
                    verb: Verb::Help,
                    install: false,
                    xcpng: false,
                });
            }
            "--no-install" => no_install = true,
            "--xcpng" => xcpng = true,
            flag if flag.starts_with('-') => {
                return Err(Failure::usage(format!("there is no option `{flag}`")));
            }
            word if verb.is_some() => {
                return Err(Failure::usage(format!("`{word}` is one argument too many")));
            }
            word => match Verb::named(word) {
                Some(known) => verb = Some(known),
                None => {
                    return Err(Failure::Usage {
                        problem: format!("there is no verb `{word}`"),
                        nearest: Verb::nearest(word),
                    });
                }
            },
        }
    }
    let Some(verb) = verb else {
        return Err(Failure::usage("a verb is missing".to_owned()));
    };
    if no_install && !matches!(verb, Verb::Demo | Verb::Test) {
        return Err(Failure::usage(
            "`--no-install` belongs to `demo` and `test`".to_owned(),
        ));
    }
    if xcpng && verb != Verb::Demo {
        return Err(Failure::usage("`--xcpng` belongs to `demo`".to_owned()));
    }
    Ok(Request {
        verb,
        install: !no_install,
        xcpng,
    })
}

/// Levenshtein distance, in characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Request, Failure> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[track_caller]
    fn check(line: &str, verb: Verb, install: bool) {
        let xcpng = line.contains("xcpng");
        let expected = Request {
            verb,
            install,
            xcpng,
        };
        assert_eq!(parse_line(line).unwrap(), expected);
    }

    #[track_caller]
    fn check_refused(line: &str, message: &str, hint: &str) {
        let failure = parse_line(line).unwrap_err();
        assert_eq!(failure.to_string(), message);
        assert_eq!(failure.hint().unwrap(), hint);
    }

    #[test]
    fn verbs_and_options_are_read() {
        check("demo", Verb::Demo, true);
        check("test --no-install", Verb::Test, false);
        check("--no-install demo", Verb::Demo, false);
        check("demo --xcpng", Verb::Demo, true);
        check("--xcpng --no-install demo", Verb::Demo, false);
        check("tidy", Verb::Tidy, true);
        check("doctor", Verb::Doctor, true);
        check("test --help", Verb::Help, false);
        check("-h", Verb::Help, false);
    }

    #[test]
    fn an_unknown_verb_names_the_nearest() {
        check_refused("tset", "there is no verb `tset`", "did you mean `test`?");
        check_refused(
            "doktor",
            "there is no verb `doktor`",
            "did you mean `doctor`?",
        );
        check_refused(
            "photosynthesis",
            "there is no verb `photosynthesis`",
            "`cargo xtask --help` lists the verbs",
        );
    }

    #[test]
    fn other_mistakes_are_named() {
        let help = "`cargo xtask --help` lists the verbs";
        check_refused("", "a verb is missing", help);
        check_refused("test --fast", "there is no option `--fast`", help);
        check_refused("test demo", "`demo` is one argument too many", help);
        check_refused(
            "tidy --no-install",
            "`--no-install` belongs to `demo` and `test`",
            help,
        );
        check_refused("test --xcpng", "`--xcpng` belongs to `demo`", help);
    }

    #[test]
    fn help_names_every_verb() {
        for (name, _) in Verb::ALL {
            assert!(HELP.contains(&format!("\n  {name} ")), "{name}");
        }
    }

    #[test]
    fn edit_distance_counts_single_edits() {
        assert_eq!(edit_distance("", "tidy"), 4);
        assert_eq!(edit_distance("tidy", "tidy"), 0);
        assert_eq!(edit_distance("tide", "tidy"), 1);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
