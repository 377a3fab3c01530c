//! Reading values of a manifest one by one, noting what is wrong and going on.

use bioxen_core::edit_distance;

use super::path::PartPath;
use super::problem::{ManifestErrors, ManifestProblem};
use super::yaml::{Node, line_of};

/// Most problems that are listed; finding the line of each takes a walk through the text.
const MOST_LISTED: usize = 40;

/// What was found to be wrong so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    found: Vec<(PartPath, String, Option<String>)>,
    unlisted: usize,
}

impl Notes {
    pub(super) fn add(&mut self, path: &PartPath, what: impl Into<String>, hint: Option<String>) {
        if self.found.len() < MOST_LISTED {
            self.found.push((path.clone(), what.into(), hint));
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of it with the lines of the text that it is about.
    pub(super) fn errors(self, text: &str) -> ManifestErrors {
        let problems = self
            .found
            .into_iter()
            .map(|(path, what, hint)| ManifestProblem {
                line: line_of(text, &path),
                part: path.to_string(),
                what,
                hint,
            });
        ManifestErrors::new(problems.collect(), self.unlisted)
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) path: PartPath,
    node: &'a Node,
}

/// The entries of a map and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    pub(super) path: PartPath,
    entries: &'a [(String, Node)],
}

/// Numbers that are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) least: f64,
    pub(super) most: f64,
    /// What is counted or measured, with the unit.
    pub(super) of: &'static str,
}

impl<'a> Part<'a> {
    pub(super) fn top(node: &'a Node) -> Self {
        Self {
            path: PartPath::default(),
            node,
        }
    }

    fn refuse(&self, allowed: &str, notes: &mut Notes) {
        let what = format!("found {}, allowed is {allowed}", shown(self.node));
        notes.add(&self.path, what, None);
    }

    /// The entries of a map that has all keys of `needed` and none but those and `others`.
    pub(super) fn fields(
        &self,
        needed: &[&str],
        others: &[&str],
        notes: &mut Notes,
    ) -> Option<Fields<'a>> {
        let Node::Map(entries) = self.node else {
            self.refuse(&format!("a map with {}", needed.join(", ")), notes);
            return None;
        };
        let known: Vec<&str> = needed.iter().chain(others).copied().collect();
        for (key, _) in entries {
            if !known.contains(&key.as_str()) {
                let hint = suggest(key, &known);
                notes.add(&self.path.key(key), "there is no such entry", Some(hint));
            }
        }
        for key in needed {
            if !entries.iter().any(|(have, _)| have == key) {
                let hint = entries
                    .iter()
                    .filter(|(have, _)| !known.contains(&have.as_str()))
                    .find(|(have, _)| nearest(have, &[key]).is_some())
                    .map(|(have, _)| format!("is {have:?} meant to be it?"));
                notes.add(&self.path, format!("`{key}` is missing"), hint);
            }
        }
        Some(Fields {
            path: self.path.clone(),
            entries,
        })
    }

    /// The items of a list of at most `most`.
    pub(super) fn items(&self, least: usize, most: usize, notes: &mut Notes) -> Vec<Part<'a>> {
        let allowed = format!("a list of {least} to {most}");
        match self.node {
            Node::List(items) if (least..=most).contains(&items.len()) => items
                .iter()
                .enumerate()
                .map(|(n, node)| Part {
                    path: self.path.item(n),
                    node,
                })
                .collect(),
            _ => {
                self.refuse(&allowed, notes);
                Vec::new()
            }
        }
    }

    /// Text of 1 to `most` characters.
    pub(super) fn text(&self, most: usize, notes: &mut Notes) -> Option<&'a str> {
        match self.node {
            Node::Text(text) if (1..=most).contains(&text.trim().chars().count()) => {
                Some(text.trim())
            }
            Node::Number(_) | Node::Truth(_) => {
                let what = format!(
                    "found {}, allowed is text of 1 to {most} characters",
                    shown(self.node)
                );
                notes.add(&self.path, what, Some("put it in quotes".to_owned()));
                None
            }
            _ => {
                self.refuse(&format!("text of 1 to {most} characters"), notes);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T>(&self, words: &[(&str, T)], notes: &mut Notes) -> Option<T>
    where
        T: Copy,
    {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        if let Node::Text(text) = self.node {
            if let Some((_, value)) = words.iter().find(|(word, _)| word == text) {
                return Some(*value);
            }
            let hint = nearest(text, &known).map(|word| format!("did you mean {word}?"));
            let what = format!(
                "found {}, allowed is one of {}",
                shown(self.node),
                known.join(", ")
            );
            notes.add(&self.path, what, hint);
        } else {
            self.refuse(&format!("one of {}", known.join(", ")), notes);
        }
        None
    }

    /// A number in a range.
    pub(super) fn number(&self, range: Range, notes: &mut Notes) -> Option<f64> {
        let Range { least, most, of } = range;
        match self.node {
            Node::Number(n) if (least..=most).contains(n) => Some(*n),
            _ => {
                self.refuse(&format!("{of} from {least} to {most}"), notes);
                None
            }
        }
    }

    /// A whole number in a range.
    pub(super) fn count(&self, range: Range, notes: &mut Notes) -> Option<u32> {
        let Range { least, most, of } = range;
        let whole = match self.node {
            Node::Number(n) if (least..=most).contains(n) && n.fract() == 0.0 => {
                format!("{n}").parse().ok()
            }
            _ => None,
        };
        if whole.is_none() {
            self.refuse(
                &format!("{of}, a whole number from {least} to {most}"),
                notes,
            );
        }
        whole
    }
}

impl<'a> Fields<'a> {
    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Part<'a>> {
        let (_, node) = self.entries.iter().find(|(have, _)| have == key)?;
        Some(Part {
            path: self.path.key(key),
            node,
        })
    }
}

/// A value as a message shows it.
fn shown(node: &Node) -> String {
    match node {
        Node::Nothing => "nothing".to_owned(),
        Node::Truth(truth) => truth.to_string(),
        Node::Number(n) if n.is_finite() => n.to_string(),
        Node::Number(_) => "no finite number".to_owned(),
        Node::Text(text) => format!("{:?}", shortened(text)),
        Node::List(items) if items.is_empty() => "an empty list".to_owned(),
        Node::List(items) => format!("a list of {}", items.len()),
        Node::Map(_) => "a map".to_owned(),
    }
}

/// Enough of a text for one line of a message.
pub(super) fn shortened(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The known words, and the one that may have been meant.
pub(super) fn suggest(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("use {}", known.join(", ")),
    }
}

/// The known word at the smallest edit distance, if a slip could lead from one to the other.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    const LONGEST: usize = 64;
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let folded = word.to_lowercase();
    known
        .iter()
        .map(|other| (edit_distance(&folded, &other.to_lowercase()), *other))
        .filter(|(distance, other)| *distance <= word.len().max(other.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}
