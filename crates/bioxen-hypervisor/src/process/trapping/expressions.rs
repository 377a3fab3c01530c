//! What a program computes.

use starlark::syntax::ast::{
    ArgumentP, AstArgument, AstExpr, AstLiteral, BinOp, Clause, ClauseP, ExprP, ForClause,
};

use super::{LONGEST_UNWATCHED, Writer};
use crate::process::builtins::{is_trapped, trap};
use crate::process::fault::Fault;

/// Longest literal that a list is searched for without a trap, bytes.
const LONGEST_PLAIN: u32 = 64;

impl Writer<'_> {
    /// Everything that is more than one word is put in brackets, so that no precedence matters.
    pub(super) fn expression(&mut self, expression: &AstExpr) -> Result<(), Fault> {
        self.begin(expression.span);
        match &expression.node {
            ExprP::Identifier(name) => {
                self.free(&name.node.ident)?;
                self.shown(&name.node.ident);
                self.push(&name.node.ident);
            }
            ExprP::Literal(_) => self.push(self.source_of(expression.span)),
            ExprP::Tuple(items) => self.items("(", items, ")")?,
            ExprP::List(items) => self.items("[", items, "]")?,
            ExprP::Dict(entries) => {
                self.push("{");
                for (key, value) in entries {
                    self.key(key)?;
                    self.push(": ");
                    self.expression(value)?;
                    self.push(", ");
                }
                self.push("}");
            }
            ExprP::Dot(value, name) => {
                self.call_trap(trap::ATTRIBUTE, value)?;
                self.name(&name.node);
                self.push(")");
            }
            ExprP::Call(callee, arguments) => self.call(callee, &arguments.args)?,
            ExprP::Index(parts) => {
                if !self.metric(&parts.0, &parts.1)? {
                    self.expression(&parts.0)?;
                    self.push("[");
                    self.key(&parts.1)?;
                    self.push("]");
                }
            }
            ExprP::Index2(parts) => {
                self.expression(&parts.0)?;
                self.push("[");
                self.key(&parts.1)?;
                self.push(", ");
                self.key(&parts.2)?;
                self.push("]");
            }
            ExprP::Slice(value, start, stop, step) => {
                self.call_trap(trap::SLICE, value)?;
                for bound in [start, stop, step] {
                    self.push(", ");
                    match bound {
                        Some(bound) => self.expression(bound)?,
                        None => self.push("None"),
                    }
                }
                self.push(")");
            }
            ExprP::Lambda(lambda) => {
                self.push("(lambda ");
                self.parameters(&lambda.params)?;
                self.push(": ");
                self.watched(&lambda.body)?;
                self.push(")");
            }
            ExprP::Not(value) => self.prefix("(not ", value)?,
            ExprP::Minus(value) => self.prefix("(-", value)?,
            ExprP::Plus(value) => self.prefix("(+", value)?,
            ExprP::BitNot(value) => self.prefix("(~", value)?,
            ExprP::Op(left, operator, right) => self.operation(left, *operator, right)?,
            ExprP::If(parts) => {
                let (condition, then, other) = &**parts;
                self.push("(");
                self.expression(then)?;
                self.push(" if ");
                self.expression(condition)?;
                self.push(" else ");
                self.expression(other)?;
                self.push(")");
            }
            ExprP::ListComprehension(element, first, clauses) => {
                self.push("[");
                self.watched(element)?;
                self.clauses(first, clauses)?;
                self.push("]");
            }
            ExprP::DictComprehension(entry, first, clauses) => {
                self.push("{");
                self.call_trap(trap::ENTRY, &entry.0)?;
                self.push("): ");
                self.watched(&entry.1)?;
                self.clauses(first, clauses)?;
                self.push("}");
            }
            ExprP::FString(text) => {
                self.push(
                    if text.node.expressions.len() <= trap::MOST_PLAIN_ARGUMENTS {
                        trap::METHOD
                    } else {
                        trap::METHOD_WITH
                    },
                );
                self.push("(");
                self.quoted(&text.node.format.node);
                self.name("format");
                for value in &text.node.expressions {
                    self.push(", ");
                    self.expression(value)?;
                }
                self.push(")");
            }
        }
        self.end(expression.span);
        Ok(())
    }

    /// A key of a dictionary, an index, or what is called: a value that is hashed, or written into an error.
    pub(super) fn key(&mut self, key: &AstExpr) -> Result<(), Fault> {
        if is_plain(key) {
            return self.expression(key);
        }
        self.call_trap(trap::FITS, key)?;
        self.push(")");
        Ok(())
    }

    /// An expression that is computed many times without a statement in between.
    fn watched(&mut self, expression: &AstExpr) -> Result<(), Fault> {
        if self.source_of(expression.span).len() <= LONGEST_UNWATCHED {
            return self.expression(expression);
        }
        self.call_trap(trap::WATCH, expression)?;
        self.push(")");
        Ok(())
    }

    /// A call of a trap with its first argument, open for more.
    fn call_trap(&mut self, trap: &str, first: &AstExpr) -> Result<(), Fault> {
        self.push(trap);
        self.push("(");
        self.expression(first)
    }

    fn call(&mut self, callee: &AstExpr, arguments: &[AstArgument]) -> Result<(), Fault> {
        let plain = arguments.len() <= trap::MOST_PLAIN_ARGUMENTS
            && arguments
                .iter()
                .all(|argument| matches!(argument.node, ArgumentP::Positional(_)));
        let mut first = false;
        match &callee.node {
            ExprP::Dot(value, name) => {
                let trap = if plain {
                    trap::METHOD
                } else {
                    trap::METHOD_WITH
                };
                self.call_trap(trap, value)?;
                self.name(&name.node);
            }
            ExprP::Identifier(name) if !self.all.computed.contains(&name.node.ident) => {
                let name = &name.node.ident;
                if plain && !self.all.defined.contains(name) && is_trapped(name) {
                    self.push(trap::FUNCTION);
                    self.push("(");
                    self.quoted(name);
                } else {
                    self.expression(callee)?;
                    self.push("(");
                    first = true;
                }
            }
            // A call of what is no function writes it into the error.
            _ => {
                self.key(callee)?;
                self.push("(");
                first = true;
            }
        }
        for argument in arguments {
            if !first {
                self.push(", ");
            }
            first = false;
            let value = argument.node.expr();
            let mark = match &argument.node {
                ArgumentP::Positional(_) => {
                    self.expression(value)?;
                    continue;
                }
                ArgumentP::Named(name, _) => {
                    self.push(&name.node);
                    self.push(" = ");
                    self.expression(value)?;
                    continue;
                }
                ArgumentP::Args(_) => "*",
                ArgumentP::KwArgs(_) => "**",
            };
            self.push(mark);
            self.call_trap(trap::SPREAD, value)?;
            self.push(")");
        }
        self.push(")");
        Ok(())
    }

    fn operation(&mut self, left: &AstExpr, operator: BinOp, right: &AstExpr) -> Result<(), Fault> {
        if self.has_metric(left, operator, right)? {
            return Ok(());
        }
        let harmless = match operator {
            BinOp::And | BinOp::Or | BinOp::Divide | BinOp::FloorDivide | BinOp::RightShift => true,
            BinOp::Add | BinOp::Subtract => is_number(left) || is_number(right),
            BinOp::Equal
            | BinOp::NotEqual
            | BinOp::Less
            | BinOp::LessOrEqual
            | BinOp::Greater
            | BinOp::GreaterOrEqual => is_plain(left) || is_plain(right),
            BinOp::In | BinOp::NotIn => is_plain(left),
            _ => false,
        };
        if harmless {
            self.push("(");
            self.expression(left)?;
            self.push(&operator.to_string());
            self.expression(right)?;
        } else {
            self.call_trap(trap::of(operator), left)?;
            self.push(", ");
            self.expression(right)?;
        }
        self.push(")");
        Ok(())
    }

    fn prefix(&mut self, operator: &str, value: &AstExpr) -> Result<(), Fault> {
        self.push(operator);
        self.expression(value)?;
        self.push(")");
        Ok(())
    }

    fn items(&mut self, open: &str, items: &[AstExpr], close: &str) -> Result<(), Fault> {
        self.push(open);
        for item in items {
            self.expression(item)?;
            self.push(", ");
        }
        self.push(close);
        Ok(())
    }

    fn clauses(&mut self, first: &ForClause, clauses: &[Clause]) -> Result<(), Fault> {
        self.for_clause(first)?;
        for clause in clauses {
            match clause {
                ClauseP::For(clause) => self.for_clause(clause)?,
                ClauseP::If(condition) => {
                    self.push(" if ");
                    self.watched(condition)?;
                }
            }
        }
        Ok(())
    }

    fn for_clause(&mut self, clause: &ForClause) -> Result<(), Fault> {
        self.push(" for ");
        self.target(&clause.var)?;
        self.push(" in ");
        self.watched(&clause.over)
    }

    /// A name as the next argument of a trap.
    fn name(&mut self, name: &str) {
        self.push(", \"");
        self.push(name);
        self.push("\"");
    }

    pub(super) fn quoted(&mut self, text: &str) {
        self.push("\"");
        for c in text.chars() {
            match c {
                '\\' => self.push("\\\\"),
                '"' => self.push("\\\""),
                '\n' => self.push("\\n"),
                '\r' => self.push("\\r"),
                c => self.out.push(c),
            }
        }
        self.push("\"");
    }
}

fn is_number(expression: &AstExpr) -> bool {
    matches!(
        expression.node,
        ExprP::Literal(AstLiteral::Int(_) | AstLiteral::Float(_))
    )
}

/// Whether the value is a number or text that was written down, which takes no time to compare or to hash.
pub(super) fn is_plain(expression: &AstExpr) -> bool {
    match &expression.node {
        ExprP::Literal(_) => {
            expression.span.end().get() - expression.span.begin().get() <= LONGEST_PLAIN
        }
        ExprP::Minus(value) => is_number(value),
        _ => false,
    }
}
