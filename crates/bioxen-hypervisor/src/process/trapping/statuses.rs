//! Statuses of which a program reads a few metrics by name: the others are not made.
//!
//! E. coli has some 2,600 operons in its status, and what a program makes is given back at its end. A program that looks
//! every 10 s at the growth rate alone would fill its memory with operons that nobody can see.

use std::collections::{BTreeMap, BTreeSet};

use starlark::syntax::ast::{AssignTargetP, AstAssignTarget, AstExpr, AstLiteral, BinOp, ExprP};

use super::Writer;
use crate::process::builtins::trap;
use crate::process::fault::Fault;

const STATUS: &str = "get_biological_status";

/// What a program does with its names, as far as statuses go.
#[derive(Debug, Default)]
pub(super) struct Statuses {
    /// Keys that are read of each name, as in `x['key']` and `'key' in x`.
    keys: BTreeMap<String, BTreeSet<String>>,
    /// Names that are given a status, as in `x = get_biological_status()`.
    given: BTreeSet<String>,
    /// Names that are bound or read in any other way.
    other: BTreeSet<String>,
}

impl Writer<'_> {
    /// A name that is bound or read in a way that shows more than some keys of its value.
    pub(super) fn shown(&mut self, name: &str) {
        if !self.bound.statuses.other.contains(name) {
            self.bound.statuses.other.insert(name.to_owned());
        }
    }

    /// Writes `x = get_biological_status()` with the keys that are read of `x`, if that is what it is.
    pub(super) fn status(
        &mut self,
        target: &AstAssignTarget,
        value: &AstExpr,
    ) -> Result<bool, Fault> {
        let AssignTargetP::Identifier(name) = &target.node else {
            return Ok(false);
        };
        if !self.is_status(value) {
            return Ok(false);
        }
        let name = name.node.ident.as_str();
        self.free(name)?;
        self.bound.computed.insert(name.to_owned());
        self.bound.statuses.given.insert(name.to_owned());
        self.begin(target.span);
        self.push(name);
        self.end(target.span);
        self.push(" = ");
        if self.all.statuses.other.contains(name) || !self.all.statuses.given.contains(name) {
            self.expression(value)?;
            return Ok(true);
        }
        let keys = self
            .all
            .statuses
            .keys
            .get(name)
            .cloned()
            .unwrap_or_default();
        self.begin(value.span);
        self.push(trap::STATUS);
        self.push("([");
        for key in keys {
            self.quoted(&key);
            self.push(", ");
        }
        self.push("])");
        self.end(value.span);
        Ok(true)
    }

    /// Writes `x['key']`, or `get_biological_status()['key']` without the other metrics, if that is what it is.
    pub(super) fn metric(&mut self, value: &AstExpr, key: &AstExpr) -> Result<bool, Fault> {
        let Some(text) = literal(key) else {
            return Ok(false);
        };
        if self.is_status(value) {
            self.push(trap::METRIC);
            self.push("(");
            self.expression(key)?;
            self.push(")");
            return Ok(true);
        }
        let ExprP::Identifier(name) = &value.node else {
            return Ok(false);
        };
        self.read_key(&name.node.ident, text);
        self.begin(value.span);
        self.free(&name.node.ident)?;
        self.push(&name.node.ident);
        self.end(value.span);
        self.push("[");
        self.key(key)?;
        self.push("]");
        Ok(true)
    }

    /// Writes `'key' in x`, if that is what it is.
    pub(super) fn has_metric(
        &mut self,
        left: &AstExpr,
        operator: BinOp,
        right: &AstExpr,
    ) -> Result<bool, Fault> {
        let (BinOp::In | BinOp::NotIn, Some(text), ExprP::Identifier(name)) =
            (operator, literal(left), &right.node)
        else {
            return Ok(false);
        };
        self.read_key(&name.node.ident, text);
        self.push("(");
        self.expression(left)?;
        self.push(&operator.to_string());
        self.begin(right.span);
        self.free(&name.node.ident)?;
        self.push(&name.node.ident);
        self.end(right.span);
        self.push(")");
        Ok(true)
    }

    fn read_key(&mut self, name: &str, key: &str) {
        let keys = self.bound.statuses.keys.entry(name.to_owned()).or_default();
        keys.insert(key.to_owned());
    }

    /// Whether an expression is a call of the status of the cell for all of its metrics.
    fn is_status(&self, value: &AstExpr) -> bool {
        let ExprP::Call(callee, arguments) = &value.node else {
            return false;
        };
        matches!(&callee.node, ExprP::Identifier(name) if name.node.ident == STATUS)
            && arguments.args.is_empty()
            && !self.all.defined.contains(STATUS)
            && !self.all.computed.contains(STATUS)
    }
}

/// The text of a short literal.
fn literal(key: &AstExpr) -> Option<&str> {
    match &key.node {
        ExprP::Literal(AstLiteral::String(text)) if super::expressions::is_plain(key) => {
            Some(&text.node)
        }
        _ => None,
    }
}
