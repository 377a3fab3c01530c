//! How far apart two words are, and the known word nearest to a misspelled one, for hints.

/// The candidate at the smallest edit distance, if it is near enough to be a likely slip of the pen.
///
/// Case is ignored. Near enough means at most a third of the longer word, rounded up.
/// Empty words and those of more than 64 bytes have none.
///
/// ```
/// use bioxen_core::nearest;
///
/// assert_eq!(nearest("max_atps", &["max_atp", "memory_limit"]), Some("max_atp"));
/// assert_eq!(nearest("sugar", &["max_atp", "memory_limit"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    // Nobody misspells a short word into a very long one, and the distance costs the product of both lengths.
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    candidates
        .iter()
        .map(|candidate| {
            (
                edit_distance(&name, &candidate.to_ascii_lowercase()),
                *candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= name.len().max(candidate.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance of two words, in characters: the fewest insertions, deletions and substitutions (Levenshtein 1966).
///
/// Case counts. The time is the product of both lengths: bound them before you compare what others wrote.
///
/// ```
/// use bioxen_core::edit_distance;
///
/// assert_eq!(edit_distance("syn3", "syn3a"), 1);
/// assert_eq!(edit_distance("kitten", "sitting"), 3);
/// ```
pub fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    // One row of the matrix of prefixes at a time.
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        row[0] = before;
        for (cell, to) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = *cell;
            before = substituted.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, nearest};

    #[test]
    fn distances_are_those_of_levenshtein() {
        let cases = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("syn3", "syn3a", 1),
            ("µm", "um", 1),
        ];
        for (a, b, expect) in cases {
            assert_eq!(edit_distance(a, b), expect, "{a:?} to {b:?}");
            assert_eq!(edit_distance(b, a), expect, "{b:?} to {a:?}");
        }
    }

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["syn3a", "ecoli", "minimal_cell"];
        assert_eq!(nearest("Syn3", &known), Some("syn3a"));
        assert_eq!(nearest("e.coli", &known), Some("ecoli"));
        assert_eq!(nearest("minimal-cell", &known), Some("minimal_cell"));
        assert_eq!(nearest("yeast", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
