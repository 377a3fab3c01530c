//! Places in a manifest: `parts.units[0].genes[1].name`.

use std::fmt;

/// One step down into a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The entry with this key.
    Key(String),
    /// The item at this place, from 0.
    Item(usize),
}

/// The way from the top of a manifest to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PartPath(Vec<Step>);

impl PartPath {
    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    pub(super) fn item(&self, item: usize) -> Self {
        self.then(Step::Item(item))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("manifest");
        }
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if n == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}
