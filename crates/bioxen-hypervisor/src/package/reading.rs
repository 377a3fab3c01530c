//! Reading values of a manifest one by one, noting what is wrong and going on.

use bioxen_core::nearest;
use bioxen_text::{Entry, Node, PartPath, Value};

use super::problem::{ManifestErrors, ManifestProblem};

/// Most problems that are listed.
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

    /// All of it with the lines on which the parts of the manifest stand.
    pub(super) fn errors(self, manifest: &Node) -> ManifestErrors {
        let problems = self
            .found
            .into_iter()
            .map(|(path, what, hint)| ManifestProblem {
                line: manifest.place_of(&path).map(|place| place.line),
                part: name_of(&path),
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
    entries: &'a [Entry],
}

/// Numbers that are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) least: f64,
    pub(super) most: f64,
    /// What is counted or measured, with the unit.
    pub(super) of: &'static str,
}

/// How a part is called in a message.
fn name_of(path: &PartPath) -> String {
    if path.steps().is_empty() {
        return "manifest".to_owned();
    }
    path.to_string()
}

impl<'a> Part<'a> {
    pub(super) fn top(node: &'a Node) -> Self {
        Self {
            path: PartPath::default(),
            node,
        }
    }

    fn refuse(&self, allowed: &str, notes: &mut Notes) {
        let what = format!("found {}, allowed is {allowed}", self.node.value.shown());
        notes.add(&self.path, what, None);
    }

    /// The entries of a map that has all keys of `needed` and none but those and `others`.
    pub(super) fn fields(
        &self,
        needed: &[&str],
        others: &[&str],
        notes: &mut Notes,
    ) -> Option<Fields<'a>> {
        let Value::Map(entries) = &self.node.value else {
            self.refuse(&format!("a map with {}", needed.join(", ")), notes);
            return None;
        };
        let known: Vec<&str> = needed.iter().chain(others).copied().collect();
        for Entry { key, .. } in entries {
            if !known.contains(&key.as_str()) {
                let hint = suggest(key, &known);
                notes.add(&self.path.key(key), "there is no such entry", Some(hint));
            }
        }
        for key in needed {
            if !entries.iter().any(|entry| entry.key == *key) {
                let hint = entries
                    .iter()
                    .map(|entry| entry.key.as_str())
                    .filter(|have| !known.contains(have))
                    .find(|have| nearest(have, &[key]).is_some())
                    .map(|have| format!("is {have:?} meant to be it?"));
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
        match &self.node.value {
            Value::List(items) if (least..=most).contains(&items.len()) => items
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
        match &self.node.value {
            Value::Text(text) if (1..=most).contains(&text.trim().chars().count()) => {
                Some(text.trim())
            }
            Value::Whole(_) | Value::Real(_) | Value::Truth(_) => {
                let what = format!(
                    "found {}, allowed is text of 1 to {most} characters",
                    self.node.value.shown()
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
        if let Value::Text(text) = &self.node.value {
            if let Some((_, value)) = words.iter().find(|(word, _)| word == text) {
                return Some(*value);
            }
            let hint = nearest(text, &known).map(|word| format!("did you mean {word}?"));
            let what = format!(
                "found {}, allowed is one of {}",
                self.node.value.shown(),
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
        match self.node.value.number() {
            Some(n) if (least..=most).contains(&n) => Some(n),
            _ => {
                self.refuse(&format!("{of} from {least} to {most}"), notes);
                None
            }
        }
    }

    /// A whole number in a range.
    pub(super) fn count(&self, range: Range, notes: &mut Notes) -> Option<u32> {
        let Range { least, most, of } = range;
        let whole = match self.node.value.number() {
            Some(n) if (least..=most).contains(&n) && n.fract() == 0.0 => {
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
        let node = &self.entries.iter().find(|entry| entry.key == key)?.value;
        Some(Part {
            path: self.path.key(key),
            node,
        })
    }
}

/// The known words, and the one that may have been meant.
pub(super) fn suggest(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("use {}", known.join(", ")),
    }
}
