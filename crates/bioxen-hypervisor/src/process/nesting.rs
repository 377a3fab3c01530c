//! How deep a source nests, from its tokens: the parser recurses, so what is too deep for it must not reach it.

use super::fault::Fault;
use super::limits::LONGEST_INTEGER;

/// Deepest source that is parsed, in levels: brackets and blocks that are open, operators since the last comma, and
/// branches of the chain of `elif` that is open.
pub(super) const MAX_SOURCE_NESTING: usize = 1_000;

/// Words that take an expression on their right, as operators do.
const OPERATOR_WORDS: [&str; 8] = ["not", "and", "or", "in", "if", "else", "for", "lambda"];

/// Refuses a source that nests too deep.
pub(super) fn check(source: &str) -> Result<(), Fault> {
    let mut scan = Scan {
        blocks: Vec::new(),
        brackets: vec![0],
        line: 1,
        at_start: true,
    };
    let mut rest = source;
    while !rest.is_empty() {
        let taken = scan.token(rest);
        rest = &rest[taken..];
        // The parser takes time with the square of the digits.
        if taken > LONGEST_INTEGER && is_digits(&source[source.len() - rest.len() - taken..], taken)
        {
            return Err(Fault::IntegerTooLong);
        }
        if scan.depth() > MAX_SOURCE_NESTING {
            return Err(Fault::SourceNesting { line: scan.line });
        }
    }
    Ok(())
}

struct Scan {
    /// Open blocks: their indentation, and the branches of the chain of `elif` that is open in them.
    blocks: Vec<(usize, usize)>,
    /// Operators since the last comma, per open bracket; the first entry is outside of all brackets.
    brackets: Vec<usize>,
    line: u32,
    /// Whether a statement starts here.
    at_start: bool,
}

impl Scan {
    fn depth(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|(_, branches)| 1 + branches).sum();
        let operators: usize = self.brackets.iter().sum();
        blocks + self.brackets.len() + operators
    }

    /// Takes one token off the front of `text`, which is not empty, and answers its length in bytes.
    fn token(&mut self, text: &str) -> usize {
        if self.at_start && self.brackets.len() == 1 {
            self.at_start = false;
            return self.indentation(text);
        }
        let first = text.chars().next().unwrap_or_default();
        match first {
            '\n' => {
                self.line = self.line.saturating_add(1);
                if self.brackets.len() == 1 {
                    self.brackets = vec![0];
                    self.at_start = true;
                }
            }
            ',' | ';' => self.set_operators(0),
            '(' | '[' | '{' => self.brackets.push(0),
            ')' | ']' | '}' => {
                if self.brackets.len() > 1 {
                    self.brackets.pop();
                }
                // A chain of calls or indexes nests to the left.
                self.operator();
            }
            '#' => return text.find('\n').unwrap_or(text.len()),
            '"' | '\'' => return self.string(text, first),
            c if is_word(c) => {
                let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
                if OPERATOR_WORDS.contains(&&text[..end]) {
                    self.operator();
                }
                return end;
            }
            c if c.is_whitespace() || matches!(c, ':' | '\\') => {}
            _ => self.operator(),
        }
        first.len_utf8()
    }

    fn operator(&mut self) {
        if let Some(operators) = self.brackets.last_mut() {
            *operators += 1;
        }
    }

    fn set_operators(&mut self, n: usize) {
        if let Some(operators) = self.brackets.last_mut() {
            *operators = n;
        }
    }

    /// Takes the indentation of a line and puts the line into its block.
    fn indentation(&mut self, text: &str) -> usize {
        let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
        let line = &text[indent..];
        let word = &line[..line.find(|c| !is_word(c)).unwrap_or(line.len())];
        if line.starts_with(['\n', '\r', '#']) || line.is_empty() {
            // An empty line belongs to no block, and ends none.
            self.at_start = false;
            return indent + usize::from(line.starts_with('\r'));
        }
        while self.blocks.last().is_some_and(|&(open, _)| open > indent) {
            self.blocks.pop();
        }
        match self.blocks.last_mut() {
            Some((open, branches)) if *open == indent => match word {
                "elif" => *branches += 1,
                "else" => {}
                _ => *branches = 0,
            },
            _ => self.blocks.push((indent, 0)),
        }
        indent
    }

    /// Takes a string, whose content nests nothing.
    fn string(&mut self, text: &str, quote: char) -> usize {
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        let (close, multiline) = if text.starts_with(triple) {
            (triple, true)
        } else {
            (&triple[..1], false)
        };
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(close.len()) {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if text[at..].starts_with(close) {
                return at + close.len();
            } else if c == '\n' && !multiline {
                // Not a program: let the parser say so.
                return at;
            }
            if c == '\n' {
                self.line = self.line.saturating_add(1);
            }
        }
        text.len()
    }
}

/// Whether the first bytes of a text, which are a token, are a number.
fn is_digits(text: &str, taken: usize) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text[..taken].chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
