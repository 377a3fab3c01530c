//! Names that look like a misspelled one.

use std::collections::BTreeSet;

use bioxen_core::edit_distance;

/// Number of suggestions that still reads as help.
const SUGGESTIONS: usize = 3;
/// Longest name that is compared, in characters: the cost grows with the square of it.
const LONGEST: usize = 40;

/// The candidates closest to `name` by edit distance, best first and without regard to case.
///
/// A candidate counts as close when at most a third of `name`, or one character of a short one,
/// has to change; a candidate that differs by case alone leaves no room for others.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = fold(name);
    let length = wanted.chars().count();
    if length > LONGEST {
        return Vec::new();
    }
    let limit = (length / 3).max(1);
    let close: BTreeSet<(usize, &str)> = candidates
        .map(|candidate| (edit_distance(&wanted, &fold(candidate)), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .collect();
    let same = close.first().is_some_and(|&(distance, _)| distance == 0);
    close
        .into_iter()
        .take_while(|&(distance, _)| !same || distance == 0)
        .take(SUGGESTIONS)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, candidates: &[&str], expect: &[&str]) {
        assert_eq!(nearest(name, candidates.iter().copied()), expect, "{name}");
    }

    #[test]
    fn suggests_close_names_best_first() {
        check(
            "dnaX",
            &["dnaN", "dnaA", "rpoB", "dnaE", "dnaK"],
            &["dnaA", "dnaE", "dnaK"],
        );
        check("DNAA", &["dnaN", "dnaA"], &["dnaA"]);
        check("tRNA-leu", &["tRNA-Leu", "tRNA-Glu"], &["tRNA-Leu"]);
    }

    #[test]
    fn suggests_nothing_when_nothing_is_close() {
        check("lacZ", &["dnaA"], &[]);
        check("", &["dnaA"], &[]);
        check(&"a".repeat(10_000), &["a"], &[]);
    }
}
