//! Problems as people read them: the line with a mark under it, as compilers have it.

use std::fmt::Write as _;

use bioxen_text::{Place, lines};

use crate::origin::Origin;
use crate::problem::{Excerpt, Problem, Problems};

/// Most characters of a line that are shown.
const WIDEST: usize = 100;

/// All problems with their lines, and the sum at the end; empty if there are none.
///
/// The text has no color and no character that a terminal obeys.
pub fn render(problems: &Problems) -> String {
    let mut out = String::new();
    for problem in problems.list() {
        one(problem, &mut out);
        out.push('\n');
    }
    if problems.unlisted() > 0 {
        line(&mut out, format_args!("and {} more", problems.unlisted()));
    }
    let sum = match (problems.errors(), problems.warnings()) {
        (0, 0) => return out,
        (errors, 0) => counted(errors, "error"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => {
            format!(
                "{}, {}",
                counted(errors, "error"),
                counted(warnings, "warning")
            )
        }
    };
    line(&mut out, format_args!("{sum}"));
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = out.write_fmt(text);
    out.push('\n');
}

fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn one(problem: &Problem, out: &mut String) {
    let Problem {
        severity,
        origin,
        hint,
        excerpt,
        ..
    } = problem;
    line(
        out,
        format_args!("{severity}: {}", sound(&problem.to_string())),
    );
    let number = match origin {
        Origin::File {
            place: Some(place), ..
        } => place.line.to_string(),
        _ => String::new(),
    };
    let margin = " ".repeat(number.len());
    if *origin != Origin::Default {
        line(
            out,
            format_args!("{margin} --> {}", sound(&origin.to_string())),
        );
    }
    if let Some(Excerpt {
        text,
        before,
        width,
    }) = excerpt
    {
        line(out, format_args!("{margin} |"));
        line(out, format_args!("{number} | {text}"));
        let (before, marks) = (" ".repeat(*before), "^".repeat(*width));
        line(out, format_args!("{margin} | {before}{marks}"));
    }
    if let Some(hint) = hint {
        line(out, format_args!("{margin} = help: {}", sound(hint)));
    }
}

/// A text whose characters a terminal does not obey.
fn sound(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// Control characters, and those that turn the direction of what follows, are dots.
fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{b7}',
        c if c.is_control() => '\u{b7}',
        c => c,
    }
}

/// The line at a place, with the name or value that begins there.
pub(crate) fn excerpt(text: &str, place: Place) -> Option<Excerpt> {
    let whole: Vec<char> = lines(text).nth(place.line - 1)?.chars().collect();
    let at = (place.column - 1).min(whole.len());
    let width = extent(whole.get(at..).unwrap_or_default());
    // Of a long line the part around the place is shown.
    let start = if whole.len() > WIDEST {
        at.saturating_sub(WIDEST / 2)
    } else {
        0
    };
    let end = (start + WIDEST).min(whole.len());
    let part = whole.get(start..end).unwrap_or_default();
    let mut shown_part: String = part.iter().map(|c| shown(*c)).collect();
    let mut before = at - start;
    if start > 0 {
        shown_part.insert_str(0, "...");
        before += 3;
    }
    if end < whole.len() {
        shown_part.push_str("...");
    }
    Some(Excerpt {
        text: shown_part,
        before,
        width: width.clamp(1, WIDEST / 2),
    })
}

/// Characters of the name or value that a text begins with.
fn extent(rest: &[char]) -> usize {
    let first = rest.first().copied().unwrap_or(' ');
    if matches!(first, '"' | '\'') {
        let mut escaped = false;
        let end = rest.iter().skip(1).position(|c| {
            let ends = *c == first && !escaped;
            escaped = *c == '\\' && first == '"' && !escaped;
            ends
        });
        return end.map_or(rest.len(), |end| end + 2);
    }
    let end = rest.iter().enumerate().position(|(n, c)| {
        let next = rest.get(n + 1).copied().unwrap_or(' ');
        matches!(c, ',' | ']' | '}') || c.is_whitespace() || (*c == ':' && next.is_whitespace())
    });
    end.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use bioxen_text::Place;

    use super::{excerpt, render};
    use crate::origin::Origin;
    use crate::problem::{Problem, Problems, Severity};

    #[test]
    fn a_problem_is_shown_as_compilers_do() {
        let text = "resource_limits:\n  max_atp: 170 # much\n";
        let place = Place {
            line: 2,
            column: 12,
        };
        let origin = Origin::File {
            path: "host.yaml".into(),
            place: Some(place),
        };
        let mut problem = Problem::new(Severity::Error, origin, "found 170")
            .field("resource_limits.max_atp")
            .advise("less");
        problem.excerpt = excerpt(text, place);
        let mut problems = Problems::default();
        problems.add(problem);
        problems.add(Problem::new(
            Severity::Warning,
            Origin::Variable("BIOXEN_A__B".to_owned()),
            "a \u{1b}[31mred\u{202e} thing",
        ));
        assert_eq!(
            render(&problems),
            "error: resource_limits.max_atp: found 170\n  --> host.yaml:2:12\n  |\n2 |   max_atp: 170 # much\n  |            ^^^\n  = help: less\n\n\
             warning: a \u{b7}[31mred\u{b7} thing\n --> variable BIOXEN_A__B\n\n1 error, 1 warning\n"
        );
    }

    #[test]
    fn of_a_long_line_a_part_is_shown() {
        let text = format!("{}x: \"a b\"{}", " ".repeat(500), "y".repeat(500));
        let place = Place {
            line: 1,
            column: 504,
        };
        let excerpt = excerpt(&text, place).unwrap();
        assert_eq!(excerpt.text.chars().count(), 106);
        assert_eq!(excerpt.width, 5);
        assert_eq!(excerpt.text.chars().nth(excerpt.before), Some('"'));
        assert!(super::excerpt("a", Place { line: 9, column: 9 }).is_none());
    }
}
