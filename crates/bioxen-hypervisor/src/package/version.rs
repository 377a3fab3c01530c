//! Versions of packages, as in `1.0.0` or `2.1.0-rc.1`.

use std::cmp::Ordering;

/// Whether a text is a version.
pub(super) fn is_version(text: &str) -> bool {
    let (numbers, stage) = parts(text);
    let number = |n: &str| {
        n.len() <= 9
            && !n.is_empty()
            && n.bytes().all(|b| b.is_ascii_digit())
            && (n == "0" || !n.starts_with('0'))
    };
    let word = |w: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !w.is_empty() && w.bytes().all(plain)
    };
    numbers.split('.').count() == 3
        && numbers.split('.').all(number)
        && stage.is_none_or(|stage| stage.split('.').all(word))
}

/// Older versions first, and what comes before a version before it.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u32> {
        let (numbers, _) = parts(text);
        numbers.split('.').filter_map(|n| n.parse().ok()).collect()
    };
    let stages = match (parts(left).1, parts(right).1) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => words(left, right),
    };
    numbers(left).cmp(&numbers(right)).then(stages)
}

/// As in Semantic Versioning: numbers by value and before words, words as text, fewer words first.
fn words(left: &str, right: &str) -> Ordering {
    let rank = |word: &str| match word.parse::<u64>() {
        Ok(number) => (0, number, String::new()),
        Err(_) => (1, 0, word.to_owned()),
    };
    let left = left.split('.').map(rank);
    left.cmp(right.split('.').map(rank))
}

fn parts(text: &str) -> (&str, Option<&str>) {
    match text.split_once('-') {
        Some((numbers, stage)) => (numbers, Some(stage)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{compare, is_version};

    #[test]
    fn versions_are_ordered_by_number_and_then_by_stage() {
        let ordered = [
            "0.9.0",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-rc",
            "1.0.0-rc.1",
            "1.0.0",
            "1.9.0",
            "1.10.0",
        ];
        for (n, left) in ordered.iter().enumerate() {
            assert!(is_version(left), "{left}");
            for (m, right) in ordered.iter().enumerate() {
                assert_eq!(compare(left, right), n.cmp(&m), "{left} and {right}");
            }
        }
        assert_eq!(compare("1.0.0", "1.0.0"), Ordering::Equal);
        for text in ["1.0", "01.0.0", "1.0.0-", "a-1.0.0", "1.0.0.0"] {
            assert!(!is_version(text), "{text}");
        }
    }
}
