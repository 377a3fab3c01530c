//! Multiplication under a bound: a product of a text or a list is one native call, which nothing could interrupt.
//!
//! The parsed program calls [`MULTIPLY`] where the text has `*`. The parser offers this for operators and not for
//! `*=`, so that is written out in the text first.

use std::collections::HashMap;

use starlark::syntax::AstModule;
use starlark::syntax::ast::{AssignOp, AstStmt, StmtP};

use super::builtins::MULTIPLY;
use super::fault::Fault;

/// The text of a program with `x = x * (y)` where it has `x *= y`; `None` if it has none.
pub(super) fn written_out(ast: &AstModule, source: &str) -> Result<Option<String>, Fault> {
    let mut found = Vec::new();
    collect(ast.statement(), &mut found);
    if found.is_empty() {
        return Ok(None);
    }
    let mut text = String::with_capacity(source.len() + 16 * found.len());
    let mut done = 0;
    for Assignment {
        start,
        target_end,
        end,
    } in found
    {
        let operator = source[target_end..end]
            .find("*=")
            .map_or(end, |at| target_end + at);
        let (target, value) = (
            &source[start..operator],
            source[operator..end].trim_start_matches("*="),
        );
        if target.contains('(') {
            // Written out, the call would be made twice.
            return Err(Fault::NotOffered {
                call: "*=",
                reason: "its target makes a call; give the target a name first",
            });
        }
        text.push_str(&source[done..start]);
        text.push_str(&format!(
            "{} = {} * ({value})",
            target.trim_end(),
            target.trim_end()
        ));
        done = end;
    }
    text.push_str(&source[done..]);
    Ok(Some(text))
}

/// Puts [`MULTIPLY`] in the place of `*`.
pub(super) fn bind(ast: &mut AstModule) {
    ast.replace_binary_operators(&HashMap::from([("*".to_owned(), MULTIPLY.to_owned())]));
}

/// Where the parts of `target *= value` lie, bytes.
struct Assignment {
    start: usize,
    target_end: usize,
    end: usize,
}

fn collect(statement: &AstStmt, found: &mut Vec<Assignment>) {
    if let StmtP::AssignModify(target, AssignOp::Multiply, _) = &statement.node {
        let at = |position: u32| usize::try_from(position).expect("a source fits the memory");
        found.push(Assignment {
            start: at(statement.span.begin().get()),
            target_end: at(target.span.end().get()),
            end: at(statement.span.end().get()),
        });
    }
    statement.visit_stmt(|inner| collect(inner, found));
}
