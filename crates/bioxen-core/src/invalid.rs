//! Why a piece of text or a number is not one of our names, quantities or words.

use thiserror::Error;

use crate::nearest::nearest;

mod name;
mod number;

pub use name::{InvalidName, NameKind, NameProblem};
pub(crate) use name::{check_name, refuse_name};
pub use number::{InvalidNumber, NumberProblem, Quantity};
pub(crate) use number::{parse_real, parse_whole};

/// A word that is not one of a short list.
///
/// ```
/// use bioxen_core::RibosomeUnit;
///
/// let error = "shares".parse::<RibosomeUnit>().expect_err("not a unit");
/// assert_eq!(error.to_string(), "unknown ribosome unit \"shares\"");
/// assert_eq!(error.hint().as_deref(), Some("use one of share, physical; did you mean share?"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown {what} {text:?}")]
pub struct UnknownWord {
    what: &'static str,
    text: String,
    known: &'static [&'static str],
}

impl UnknownWord {
    pub(crate) fn new(what: &'static str, text: &str, known: &'static [&'static str]) -> Self {
        Self {
            what,
            text: excerpt(text),
            known,
        }
    }

    /// The refused word; a long one is cut short.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words that are accepted.
    pub fn known(&self) -> &'static [&'static str] {
        self.known
    }

    /// The accepted words, and the most likely one if there is any.
    pub fn hint(&self) -> Option<String> {
        Some(suggest(&self.text, self.known))
    }
}

/// One line with all known words and the nearest of them, if any is near.
pub(crate) fn suggest(text: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(text, known) {
        Some(word) => format!("use one of {all}; did you mean {word}?"),
        None => format!("use one of {all}"),
    }
}

/// Enough of a text to recognize it in a message of one line.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 64;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{AtpPercent, GeneId, NameProblem, OperonId, PackageName, VmId};

    #[test]
    fn names_are_refused_for_the_part_of_the_rule_they_break() {
        use NameProblem::{Character, Empty, Reserved, TooLong};
        let longest = "a".repeat(64);
        let longer = "a".repeat(65);
        let vm = |text: &str| VmId::new(text).map_err(|e| e.problem());
        assert!(vm("A-z_0.9").is_ok());
        assert!(vm("...").is_ok());
        assert!(vm(&longest[..63]).is_ok());
        assert_eq!(vm(""), Err(Empty));
        assert_eq!(vm("."), Err(Reserved));
        assert_eq!(vm(".."), Err(Reserved));
        assert_eq!(vm("a b"), Err(Character { found: ' ' }));
        assert_eq!(vm("zell\u{e9}"), Err(Character { found: '\u{e9}' }));
        assert_eq!(
            vm(&longest),
            Err(TooLong {
                length: 64,
                limit: 63
            })
        );

        let gene = |text: &str| GeneId::new(text).map_err(|e| e.problem());
        assert!(gene("rpsL(K42R)'").is_ok());
        assert!(gene(&longest).is_ok());
        assert_eq!(gene("dna A"), Err(Character { found: ' ' }));
        assert_eq!(gene("a\u{7f}"), Err(Character { found: '\u{7f}' }));
        assert_eq!(
            gene(&longer),
            Err(TooLong {
                length: 65,
                limit: 64
            })
        );

        assert_eq!(OperonId::new("").map_err(|e| e.problem()), Err(Empty));
        let package = |text: &str| PackageName::new(text).map_err(|e| e.problem());
        assert!(package("gfp_reporter-2").is_ok());
        assert_eq!(package("pUC19"), Err(Character { found: 'U' }));
        assert_eq!(package("../x"), Err(Character { found: '.' }));
    }

    #[test]
    fn messages_are_one_short_line_whatever_was_written() {
        let text = "\n\u{1b}[31m".repeat(100_000);
        let messages = [
            VmId::new(&text).expect_err("not a name").to_string(),
            text.parse::<AtpPercent>()
                .expect_err("not a number")
                .to_string(),
            text.parse::<crate::Organism>()
                .expect_err("not an organism")
                .to_string(),
            text.parse::<crate::RibosomeUnit>()
                .expect_err("not a unit")
                .to_string(),
        ];
        for message in messages {
            assert!(message.len() < 600, "{} bytes", message.len());
            assert!(!message.contains(char::is_control), "{message:?}");
        }
    }

    #[test]
    fn every_refusal_has_advice() {
        let name = VmId::new("").expect_err("empty");
        assert_eq!(
            name.hint().as_deref(),
            Some("use 1 to 63 of A-Z a-z 0-9 . _ -, but not . or .. alone"),
        );
        let number = "70,5".parse::<AtpPercent>().expect_err("a comma");
        assert_eq!(
            number.hint().as_deref(),
            Some("give a percentage from 0 to 100 with at most two decimals, such as 62.5"),
        );
    }
}
