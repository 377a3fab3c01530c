//! What a program assigns to.

use starlark::syntax::ast::{
    AssignOp, AssignTargetP, AstAssignTarget, AstExpr, AstParameter, ParameterP,
};

use super::Writer;
use crate::process::builtins::trap;
use crate::process::fault::Fault;

impl Writer<'_> {
    pub(super) fn target(&mut self, target: &AstAssignTarget) -> Result<(), Fault> {
        self.begin(target.span);
        match &target.node {
            AssignTargetP::Identifier(name) => {
                self.bind(&name.node.ident)?;
                self.push(&name.node.ident);
            }
            AssignTargetP::Tuple(targets) => {
                self.push("[");
                for target in targets {
                    self.target(target)?;
                    self.push(", ");
                }
                self.push("]");
            }
            AssignTargetP::Index(parts) => {
                self.expression(&parts.0)?;
                self.push("[");
                self.key(&parts.1)?;
                self.push("]");
            }
            AssignTargetP::Dot(value, name) => {
                self.expression(value)?;
                self.push(".");
                self.push(&name.node);
            }
        }
        self.end(target.span);
        Ok(())
    }

    /// `x op= y`, as `x = x op y` where the operator has a trap and changes nothing in place.
    pub(super) fn modification(
        &mut self,
        target: &AstAssignTarget,
        operator: AssignOp,
        value: &AstExpr,
    ) -> Result<(), Fault> {
        let (call, trap) = match operator {
            AssignOp::Multiply => ("*=", trap::MULTIPLY),
            AssignOp::Percent => ("%=", trap::PERCENT),
            AssignOp::LeftShift => ("<<=", trap::SHIFT),
            _ => {
                // A statement follows, and with it a look at the limits.
                self.target(target)?;
                self.push(&operator.to_string());
                return self.expression(value);
            }
        };
        if self.source_of(target.span).contains('(') {
            // Written out, the call would be made twice.
            return Err(Fault::NotOffered {
                call,
                reason: "its target makes a call; give the target a name first",
            });
        }
        self.target(target)?;
        self.push(" = ");
        self.push(trap);
        self.push("(");
        self.target(target)?;
        self.push(", ");
        self.expression(value)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn parameters(&mut self, parameters: &[AstParameter]) -> Result<(), Fault> {
        for (n, parameter) in parameters.iter().enumerate() {
            if n > 0 {
                self.push(", ");
            }
            // Types are read and not used, so they are left out.
            let (mark, name, default) = match &parameter.node {
                ParameterP::Slash => ("/", None, None),
                ParameterP::NoArgs => ("*", None, None),
                ParameterP::Normal(name, _, default) => ("", Some(name), default.as_deref()),
                ParameterP::Args(name, _) => ("*", Some(name), None),
                ParameterP::KwArgs(name, _) => ("**", Some(name), None),
            };
            self.push(mark);
            if let Some(name) = name {
                self.bind(&name.node.ident)?;
                self.push(&name.node.ident);
            }
            if let Some(default) = default {
                self.push(" = ");
                self.expression(default)?;
            }
        }
        Ok(())
    }
}
