//! Expressions that choose records, such as `field "name_label" = "a" and not (field "is_a_template" = "true")`.

use crate::xapi::failure::Failure;
use crate::xapi::value::Value;

/// An expression over the fields of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Always(bool),
    Equal(Operand, Operand),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Field(String),
    Literal(String),
}

impl Filter {
    /// Nesting that is read.
    const DEEPEST: usize = 64;

    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut words = Words {
            list: words(text),
            next: 0,
            depth: 0,
        };
        let filter = words.either();
        match filter {
            Some(filter) if words.next == words.list.len() => Ok(filter),
            _ => Err(Failure::internal(format!(
                "Failure(\"cannot parse the expression {text}\")"
            ))),
        }
    }

    pub(super) fn matches(&self, record: &Value) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::Equal(left, right) => left.of(record) == right.of(record),
            Self::Not(inner) => !inner.matches(record),
            Self::And(left, right) => left.matches(record) && right.matches(record),
            Self::Or(left, right) => left.matches(record) || right.matches(record),
        }
    }
}

impl Operand {
    fn of(&self, record: &Value) -> Option<String> {
        match self {
            Self::Literal(text) => Some(text.clone()),
            Self::Field(name) => Some(match record.member(name.as_str())? {
                Value::Int(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Text(text) | Value::Date(text) => text.clone(),
                _ => return None,
            }),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Plain(String),
    Quoted(String),
    Sign(char),
}

fn words(text: &str) -> Vec<Word> {
    let mut list = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '"' | '\'' => {
                let quoted = rest.by_ref().take_while(|next| *next != first).collect();
                list.push(Word::Quoted(quoted));
            }
            '(' | ')' | '=' => list.push(Word::Sign(first)),
            _ if first.is_whitespace() => {}
            _ => {
                let mut word = String::from(first);
                while let Some(next) =
                    rest.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '.'))
                {
                    word.push(next);
                }
                list.push(Word::Plain(word));
            }
        }
    }
    list
}

struct Words {
    list: Vec<Word>,
    next: usize,
    depth: usize,
}

impl Words {
    fn takes(&mut self, word: &Word) -> bool {
        let is = self.list.get(self.next) == Some(word);
        self.next += usize::from(is);
        is
    }

    fn takes_plain(&mut self, word: &str) -> bool {
        self.takes(&Word::Plain(word.to_owned()))
    }

    fn either(&mut self) -> Option<Filter> {
        let mut left = self.both()?;
        while self.takes_plain("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Filter> {
        let mut left = self.single()?;
        while self.takes_plain("and") {
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Some(left)
    }

    fn single(&mut self) -> Option<Filter> {
        self.depth += 1;
        if self.depth > Filter::DEEPEST {
            return None;
        }
        let filter = if self.takes_plain("not") {
            Filter::Not(Box::new(self.single()?))
        } else if self.takes(&Word::Sign('(')) {
            let inner = self.either()?;
            if !self.takes(&Word::Sign(')')) {
                return None;
            }
            inner
        } else if self.takes_plain("true") {
            Filter::Always(true)
        } else if self.takes_plain("false") {
            Filter::Always(false)
        } else {
            let left = self.operand()?;
            if !self.takes(&Word::Sign('=')) {
                return None;
            }
            Filter::Equal(left, self.operand()?)
        };
        self.depth -= 1;
        Some(filter)
    }

    fn operand(&mut self) -> Option<Operand> {
        let is_field = self.takes_plain("field");
        let Some(Word::Quoted(text)) = self.list.get(self.next) else {
            return None;
        };
        let text = text.clone();
        self.next += 1;
        Some(if is_field {
            Operand::Field(text)
        } else {
            Operand::Literal(text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<bool>) {
        let record = Value::map([
            ("name", Value::from("a b")),
            ("size", Value::Int(5)),
            ("is_on", Value::Bool(true)),
        ]);
        let got = Filter::parse(text)
            .ok()
            .map(|filter| filter.matches(&record));
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn expressions_choose_records() {
        check("true", Some(true));
        check(" false ", Some(false));
        check("field \"name\" = \"a b\"", Some(true));
        check("field 'name'=\"a\"", Some(false));
        check(
            "field \"size\" = \"5\" and field \"is_on\" = \"true\"",
            Some(true),
        );
        check("not (field \"size\" = \"5\")", Some(false));
        check("false and true or true", Some(true));
        check("false and (true or true)", Some(false));
        check("field \"bird\" = \"5\"", Some(false));
        check("", None);
        check("field \"name\"", None);
        check("true true", None);
        check("(true", None);
        check(&"(".repeat(10_000), None);
        check(&"not ".repeat(10_000), None);
    }
}
