//! The page of the documentation that describes messages.

use serde_json::Value;

/// What is written there.
pub(in crate::message) const PAGE: &str =
    include_str!("../../../../../docs/reference/guest-messages.md");

/// The JSON of its examples that have a field, such as `verb`.
pub(in crate::message) fn examples(field: &str) -> Vec<Value> {
    let blocks = PAGE.split("```json\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap_or_default());
    let values = blocks.flat_map(|block| serde_json::Deserializer::from_str(block).into_iter());
    values
        .map(|value| value.expect("the page has JSON"))
        .filter(|value: &Value| value.get(field).is_some())
        .collect()
}

/// The row of a table whose first cell has a word in it.
#[track_caller]
pub(in crate::message) fn row(word: &str) -> &'static str {
    let word = format!("`{word}`");
    let first = |line: &&str| {
        let cell = line
            .strip_prefix("| ")
            .and_then(|rest| rest.split(" |").next());
        cell.is_some_and(|cell| cell.contains(&word))
    };
    let found = PAGE.lines().find(first);
    found.unwrap_or_else(|| panic!("no row of the page begins with {word}"))
}
