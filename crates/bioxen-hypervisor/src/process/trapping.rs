//! Traps: what a program does to values is handed to functions that look at the values first.
//!
//! Nothing can interrupt one operation of the interpreter, and an operation can take any amount of memory or time:
//! a text is joined from copies of a long one, or a list that holds itself many times over is compared. As a hypervisor
//! replaces the sensitive instructions of a guest, the program is written anew from its syntax tree, with a call of a
//! trap (the functions of [`super::builtins::trap`]) in the place of every operator, method, attribute, slice, key and
//! f-string that can take more than a moment. The functions of the language are trapped where they are made, in
//! [`super::builtins::globals`]. A trap measures its operands, charges what the operation can take to the
//! [meter](super::meter), and does the operation. [`SourceMap`] keeps the places of the source for errors.
//!
//! What stays as it is takes time and memory in proportion to its text, or is followed by a look at the limits.

mod expressions;
mod statuses;
mod targets;

use std::collections::BTreeSet;

use starlark::codemap::Span;
use starlark::syntax::AstModule;
use starlark::syntax::ast::{AstStmt, DefP, ForP, StmtP};

use self::statuses::Statuses;
use super::builtins::is_trap;
use super::fault::Fault;
use super::source_map::SourceMap;

/// Longest element of a comprehension, or body of a lambda, after which the heap is not looked at, bytes of source.
const LONGEST_UNWATCHED: usize = 256;

/// A program with traps.
#[derive(Debug)]
pub(super) struct Trapped {
    pub(super) text: String,
    pub(super) map: SourceMap,
}

/// The text of a program with traps.
pub(super) fn trapped(ast: &AstModule, source: &str) -> Result<Trapped, Fault> {
    let mut first = Writer::new(source, Names::default());
    first.statement(ast.statement())?;
    // Now it is known which names the program binds.
    let mut writer = Writer::new(source, first.bound);
    writer.statement(ast.statement())?;
    Ok(Trapped {
        text: writer.out,
        map: writer.map,
    })
}

/// Names that a program binds.
#[derive(Debug, Default)]
struct Names {
    /// By `def` alone, unless they are below too.
    defined: BTreeSet<String>,
    /// To any value.
    computed: BTreeSet<String>,
    /// To the status of the cell, and what is read of that.
    statuses: Statuses,
}

struct Writer<'a> {
    source: &'a str,
    out: String,
    map: SourceMap,
    indent: usize,
    /// What was bound so far, and what is bound anywhere in the program.
    bound: Names,
    all: Names,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str, all: Names) -> Self {
        Self {
            source,
            out: String::with_capacity(2 * source.len()),
            map: SourceMap::default(),
            indent: 0,
            bound: Names::default(),
            all,
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn here(&self) -> u32 {
        u32::try_from(self.out.len()).unwrap_or(u32::MAX)
    }

    fn begin(&mut self, span: Span) {
        self.map.begin(self.here(), span);
    }

    fn end(&mut self, span: Span) {
        self.map.end(self.here(), span);
    }

    fn source_of(&self, span: Span) -> &'a str {
        let at = |position: u32| usize::try_from(position).expect("a source fits the memory");
        &self.source[at(span.begin().get())..at(span.end().get())]
    }

    fn line(&mut self) {
        if !self.out.is_empty() {
            self.push("\n");
        }
        for _ in 0..self.indent {
            self.push(" ");
        }
    }

    fn block(&mut self, body: &AstStmt) -> Result<(), Fault> {
        self.push(":");
        self.indent += 1;
        self.statement(body)?;
        self.indent -= 1;
        Ok(())
    }

    fn statement(&mut self, statement: &AstStmt) -> Result<(), Fault> {
        if let StmtP::Statements(inner) = &statement.node {
            return inner.iter().try_for_each(|inner| self.statement(inner));
        }
        self.line();
        self.begin(statement.span);
        match &statement.node {
            StmtP::Statements(_) => {}
            StmtP::Break => self.push("break"),
            StmtP::Continue => self.push("continue"),
            StmtP::Pass => self.push("pass"),
            StmtP::Return(None) => self.push("return"),
            StmtP::Return(Some(value)) => {
                self.push("return ");
                self.expression(value)?;
            }
            StmtP::Expression(value) => self.expression(value)?,
            StmtP::Assign(assign) => {
                if !self.status(&assign.lhs, &assign.rhs)? {
                    self.target(&assign.lhs)?;
                    self.push(" = ");
                    self.expression(&assign.rhs)?;
                }
            }
            StmtP::AssignModify(target, operator, value) => {
                self.modification(target, *operator, value)?;
            }
            StmtP::If(..) | StmtP::IfElse(..) => self.branches(statement, "if ")?,
            StmtP::For(ForP { var, over, body }) => {
                self.push("for ");
                self.target(var)?;
                self.push(" in ");
                self.expression(over)?;
                self.block(body)?;
            }
            StmtP::Def(DefP {
                name, params, body, ..
            }) => {
                self.free(&name.node.ident)?;
                self.shown(&name.node.ident);
                self.bound.defined.insert(name.node.ident.clone());
                self.push("def ");
                self.push(&name.node.ident);
                self.push("(");
                self.parameters(params)?;
                self.push(")");
                self.block(body)?;
            }
            StmtP::Load(load) => {
                for argument in &load.args {
                    self.bind(&argument.local.node.ident)?;
                }
                self.push(self.source_of(statement.span).trim_end());
            }
        }
        self.end(statement.span);
        Ok(())
    }

    /// A chain of `if`, `elif` and `else`, which must not nest deeper than it was written.
    fn branches(&mut self, statement: &AstStmt, word: &str) -> Result<(), Fault> {
        match &statement.node {
            StmtP::If(condition, then) => {
                self.push(word);
                self.expression(condition)?;
                self.block(then)
            }
            StmtP::IfElse(condition, branches) => {
                let (then, other) = &**branches;
                self.push(word);
                self.expression(condition)?;
                self.block(then)?;
                self.line();
                self.begin(other.span);
                if matches!(other.node, StmtP::If(..) | StmtP::IfElse(..)) {
                    self.branches(other, "elif ")
                } else {
                    self.push("else");
                    self.block(other)
                }
            }
            _ => Ok(()),
        }
    }

    /// A name that the program binds to a value.
    fn bind(&mut self, name: &str) -> Result<(), Fault> {
        self.free(name)?;
        self.shown(name);
        self.bound.computed.insert(name.to_owned());
        Ok(())
    }

    /// A program that names a trap could escape from it.
    fn free(&self, name: &str) -> Result<(), Fault> {
        if is_trap(name) {
            return Err(Fault::Reserved {
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}
