//! Ways into a tree: `parts.units[0].genes[1].name`.

use std::fmt;

/// One step down into a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The entry with this name.
    Key(String),
    /// The item at this place, from 0.
    Item(usize),
}

/// The way from the top of a tree to one of its parts.
///
/// ```
/// use bioxen_text::PartPath;
///
/// let gene = PartPath::default().key("genes").item(1).key("name");
/// assert_eq!(gene.to_string(), "genes[1].name");
/// assert_eq!(PartPath::default().to_string(), "");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct PartPath(Vec<Step>);

impl PartPath {
    /// The way to the entry with this name.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// The way to the item at this place, from 0.
    #[must_use]
    pub fn item(&self, item: usize) -> Self {
        self.then(Step::Item(item))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The steps from the top; none for the top itself.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
