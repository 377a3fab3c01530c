//! What may stand at the top of a file of a package.

use std::collections::BTreeSet;

use starlark::codemap::{CodeMap, Span};
use starlark::syntax::AstModule;
use starlark::syntax::ast::{
    AssignTargetP, AstExpr, AstLiteral, AstParameter, AstStmt, ExprP, ParameterP, StmtP,
};

use crate::process::fault::Fault;

/// Names of the language that are values.
const VALUES: [&str; 3] = ["None", "True", "False"];

/// Refuses a file that does more than to define functions and constants, each once.
pub(super) fn check(ast: &AstModule) -> starlark::Result<()> {
    let mut top = Top {
        file: ast.file_span(Span::default()).file,
        constants: VALUES.into(),
        functions: BTreeSet::new(),
    };
    top.statement(ast.statement())
}

struct Top<'a> {
    file: CodeMap,
    constants: BTreeSet<&'a str>,
    functions: BTreeSet<&'a str>,
}

impl<'a> Top<'a> {
    fn refused(&self, what: &'static str, span: Span) -> starlark::Error {
        let mut error = Fault::AtTop { what }.raise();
        error.set_span(span, &self.file);
        error
    }

    fn statement(&mut self, statement: &'a AstStmt) -> starlark::Result<()> {
        let what = match &statement.node {
            StmtP::Statements(inner) => {
                return inner.iter().try_for_each(|inner| self.statement(inner));
            }
            StmtP::Pass => return Ok(()),
            StmtP::Expression(value) => match &value.node {
                // What the file says about itself.
                ExprP::Literal(AstLiteral::String(_)) => return Ok(()),
                _ => return self.constant(value),
            },
            StmtP::Assign(assign) => {
                let AssignTargetP::Identifier(name) = &assign.lhs.node else {
                    return Err(
                        self.refused("assignment to several names or to a part", assign.lhs.span)
                    );
                };
                self.constant(&assign.rhs)?;
                self.unbound(&name.node.ident, name.span)?;
                self.constants.insert(&name.node.ident);
                return Ok(());
            }
            StmtP::Def(def) => {
                for parameter in &def.params {
                    self.parameter(parameter)?;
                }
                self.unbound(&def.name.node.ident, def.name.span)?;
                self.functions.insert(&def.name.node.ident);
                return Ok(());
            }
            StmtP::For(_) => "loop",
            StmtP::If(..) | StmtP::IfElse(..) => "condition",
            StmtP::Load(_) => "load",
            StmtP::AssignModify(..) => "change of a constant",
            StmtP::Break | StmtP::Continue | StmtP::Return(_) => "jump",
        };
        Err(self.refused(what, statement.span))
    }

    fn unbound(&self, name: &str, span: Span) -> starlark::Result<()> {
        if self.constants.contains(name) || self.functions.contains(name) {
            return Err(self.refused("second value of a name", span));
        }
        Ok(())
    }

    /// A default is written down or a constant: functions that hold each other could nest to any depth.
    fn parameter(&self, parameter: &AstParameter) -> starlark::Result<()> {
        let ParameterP::Normal(_, _, Some(default)) = &parameter.node else {
            return Ok(());
        };
        let number = match &default.node {
            ExprP::Minus(value) => value,
            _ => default,
        };
        match &number.node {
            ExprP::Literal(_) | ExprP::Identifier(_) => self.constant(default),
            _ => Err(self.refused("default that is computed", default.span)),
        }
    }

    fn constant(&self, value: &AstExpr) -> starlark::Result<()> {
        let all = |values: &[AstExpr]| values.iter().try_for_each(|value| self.constant(value));
        let what = match &value.node {
            ExprP::Literal(_) => return Ok(()),
            ExprP::Identifier(name) if self.constants.contains(name.node.ident.as_str()) => {
                return Ok(());
            }
            ExprP::Tuple(items) | ExprP::List(items) => return all(items),
            ExprP::Dict(entries) => {
                return entries.iter().try_for_each(|(key, value)| {
                    self.constant(key)?;
                    self.constant(value)
                });
            }
            ExprP::Not(value) | ExprP::Minus(value) | ExprP::Plus(value) | ExprP::BitNot(value) => {
                return self.constant(value);
            }
            ExprP::Op(left, _, right) => {
                self.constant(left)?;
                return self.constant(right);
            }
            ExprP::If(parts) => {
                let (condition, then, other) = &**parts;
                self.constant(condition)?;
                self.constant(then)?;
                return self.constant(other);
            }
            ExprP::Index(parts) => {
                self.constant(&parts.0)?;
                return self.constant(&parts.1);
            }
            ExprP::Identifier(_) => "name that is no constant above",
            ExprP::Call(..) => "call",
            ExprP::Lambda(_) => "lambda",
            ExprP::ListComprehension(..) | ExprP::DictComprehension(..) => "comprehension",
            ExprP::Dot(..) | ExprP::Index2(_) | ExprP::Slice(..) => "part of a value",
            ExprP::FString(_) => "f-string",
        };
        Err(self.refused(what, value.span))
    }
}
