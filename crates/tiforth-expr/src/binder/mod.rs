// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives every node of a tree its overload and type, converts arguments, folds what is constant.
//!
//! Folding happens bottom-up while binding, because coercion depends on what is constant. What folding
//! warns of belongs to the statement. A fold that fails stays unfolded and fails where it is reached.
//!
//! Source: TiDB `pkg/planner/core/expression_rewriter.go`, `pkg/expression/constant_fold.go`.

mod collation;
mod literal;
mod nodes;
mod signature;
mod temporal_literal;

pub use collation::Derived;
pub use signature::default_type;

use std::sync::Arc;

use tiforth_data::Field;
use tiforth_types::temporal::TimeKind;
use tiforth_types::{
    Collation, Datum, Level, Result, Session, SqlError, SqlType, TypeKind, Warning, code,
};

use crate::aggregate::BoundAggregate;
use crate::context::{Diagnostics, RunValues};
use crate::evaluate::Evaluator;
use crate::function::{ArgKind, Body, CallSite, Function, Overload, Registry, Volatility};
use crate::kernel::Rows;
use crate::tree::{CallOptions, Expr};
use crate::typed::{Call, Constant, Node, TypedExpr, coercibility_of, repertoire_of};

/// Types expressions over one schema.
pub struct Binder<'a> {
    registry: &'a Registry,
    session: &'a Session,
    schema: &'a [Field],
    warnings: Vec<Warning>,
    /// How many calls around the node being typed may leave it unevaluated.
    conditional: u32,
    /// An operand that is used again, and the type it got meanwhile.
    shared: Option<(TypedExpr, Option<SqlType>)>,
}

impl<'a> Binder<'a> {
    /// Starts binding over `schema`.
    pub fn new(registry: &'a Registry, session: &'a Session, schema: &'a [Field]) -> Self {
        Binder { registry, session, schema, warnings: Vec::new(), conditional: 0, shared: None }
    }

    /// Returns the settings.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Returns the functions.
    pub fn registry(&self) -> &'a Registry {
        self.registry
    }

    /// Types a tree.
    ///
    /// # Errors
    /// 1054 for an unknown column, 1305 for an unknown function, 1582 for a wrong number of arguments,
    /// and what the functions' own rules refuse.
    pub fn bind(&mut self, expr: &Expr) -> Result<TypedExpr> {
        expr.check_depth()?;
        self.node(expr)
    }

    /// Returns the warnings of binding, in the order they arose.
    pub fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }

    /// Reports a warning of binding.
    pub fn warn(&mut self, error: SqlError) {
        self.warnings.push(Warning { level: Level::Warning, error });
    }

    /// Calls a function by name, without options.
    ///
    /// # Errors
    /// Those of [`bind`](Self::bind).
    pub fn call(&mut self, name: &str, args: Vec<TypedExpr>) -> Result<TypedExpr> {
        self.call_with(name, CallOptions::None, args)
    }

    /// Calls a function of two arguments, the first of which is used again: `operand` gets the type that
    /// [`retype`](Self::retype) gave it.
    ///
    /// # Errors
    /// Those of [`bind`](Self::bind).
    pub fn call_sharing(
        &mut self,
        name: &str,
        operand: &mut TypedExpr,
        other: TypedExpr,
    ) -> Result<TypedExpr> {
        let outer = self.shared.replace((operand.clone(), None));
        let typed = self.call(name, vec![operand.clone(), other]);
        if let Some((_, Some(ty))) = std::mem::replace(&mut self.shared, outer) {
            *operand = operand.clone().with_type(ty);
        }
        typed
    }

    /// Gives an expression another type, wherever it is used: TiDB's nodes are shared.
    pub fn retype(&mut self, expr: TypedExpr, ty: SqlType) -> TypedExpr {
        if ty == expr.ty {
            return expr;
        }
        if let Some((shared, retyped)) = &mut self.shared
            && shared.is_same_node(&expr)
        {
            *retyped = Some(ty.clone());
        }
        expr.with_type(ty)
    }

    /// Calls a function by name.
    ///
    /// # Errors
    /// Those of [`bind`](Self::bind).
    pub fn call_with(
        &mut self,
        name: &str,
        options: CallOptions,
        args: Vec<TypedExpr>,
    ) -> Result<TypedExpr> {
        let registry = self.registry;
        let Some(function) = registry.get(name) else {
            return Err(match registry.aggregate(name) {
                Some(_) => {
                    SqlError::new(code::ER_INVALID_GROUP_FUNC_USE, "Invalid use of group function")
                }
                None => SqlError::unknown_function(name),
            }
            .into());
        };
        let (least, most) = function.arity;
        if args.len() < least || args.len() > most {
            return Err(SqlError::wrong_argument_count(name).into());
        }
        let site = CallSite { name: name.into(), options };
        let args = if function.keeps_untyped_nulls { args } else { typed_nulls(args) };
        let typed = of_length((function.bind)(self, &site, args)?);
        self.fold(function, typed)
    }

    /// Types a call of an aggregate function.
    ///
    /// # Errors
    /// 1305 for an unknown function, 1582 for a wrong number of arguments, and what the function's own
    /// rules refuse.
    pub fn aggregate(&mut self, name: &str, args: Vec<TypedExpr>) -> Result<BoundAggregate> {
        let registry = self.registry;
        let Some(function) = registry.aggregate(name) else {
            return Err(SqlError::unknown_function(name).into());
        };
        let (least, most) = function.arity;
        if args.len() < least || args.len() > most {
            return Err(SqlError::wrong_argument_count(name).into());
        }
        (function.bind)(self, args)
    }

    /// Converts to exactly `target`, as CAST does (`explicit`) or as a coercion does; folds.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    pub fn cast(&mut self, expr: TypedExpr, target: &SqlType, explicit: bool) -> Result<TypedExpr> {
        let typed = self.registry.casts().cast(self, expr, target, explicit)?;
        self.fold_constant(typed)
    }

    /// Converts to what an argument of `kind` must be; folds.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    pub fn wrap(&mut self, expr: TypedExpr, kind: ArgKind) -> Result<TypedExpr> {
        let typed = self.registry.casts().wrap(self, expr, kind)?;
        // What needed no cast stays as it was: it may be unfolded for a reason.
        if typed.as_call().is_some_and(|call| call.name.as_ref() == "cast") {
            return self.fold_constant(typed);
        }
        Ok(typed)
    }

    /// Fits values into the column `column` of type `target`, as INSERT and UPDATE do: what does not fit
    /// fails under a strict sql_mode, else it is clipped with a warning.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    pub fn assign(&mut self, expr: TypedExpr, target: &SqlType, column: &str) -> Result<TypedExpr> {
        self.registry.casts().assign(self, expr, target, column)
    }

    /// Takes bytes as text of `collation`, or text as bytes where `collation` is binary; folds.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    pub fn unify(&mut self, expr: TypedExpr, collation: Collation) -> Result<TypedExpr> {
        let typed = self.registry.casts().unify(self, expr.clone(), collation)?;
        // What needed no conversion stays as it was: it may be unfolded for a reason.
        if typed.is_same_node(&expr) { Ok(typed) } else { self.fold_constant(typed) }
    }

    /// Builds a call of `overload` as it stands: arguments already converted, `ty` the result's type.
    /// Its collation is `ty`'s; it may be NULL.
    ///
    /// # Errors
    /// What preparing the call's state from constant arguments fails with.
    pub fn build(
        &mut self,
        name: &str,
        options: CallOptions,
        overload: Overload,
        args: Vec<TypedExpr>,
        ty: SqlType,
    ) -> Result<TypedExpr> {
        let collation = ty.collation;
        let name = name.into();
        let (state, tells_forms) = (None, false);
        self.prepared(Call { name, overload, args, options, ty, collation, state, tells_forms })
    }

    /// Prepares a call's state from its constant arguments, and makes an expression of it.
    fn prepared(&self, mut call: Call) -> Result<TypedExpr> {
        if call.overload.reads_forms {
            call.args = call.args.into_iter().map(TypedExpr::telling_forms).collect();
        }
        if let Some(prepare) = call.overload.prepare {
            call.state = prepare(&call, self.session)?;
        }
        let ty = call.ty.clone();
        Ok(TypedExpr {
            coercibility: coercibility_of(&ty),
            repertoire: repertoire_of(&ty),
            node: Node::Call(Arc::new(call)),
            ty,
            nullable: true,
            is_boolean: false,
        })
    }

    /// Folds a call of `function` if all its arguments are constants, or as the function says. What
    /// warns stays unfolded below a call that may not reach it.
    fn fold(&mut self, function: &Function, expr: TypedExpr) -> Result<TypedExpr> {
        if function.volatility != Volatility::Immutable {
            return Ok(expr);
        }
        if self.conditional == 0 {
            return self.fold_loudly(function, expr);
        }
        let before = self.warnings.len();
        let folded = self.fold_loudly(function, expr.clone())?;
        if self.warnings.len() > before {
            self.warnings.truncate(before);
            return Ok(expr);
        }
        Ok(folded)
    }

    fn fold_loudly(&mut self, function: &Function, expr: TypedExpr) -> Result<TypedExpr> {
        if let Some(fold) = function.fold
            && let Some(folded) = fold(self, &expr)
        {
            return Ok(folded);
        }
        self.fold_constant(expr)
    }

    /// Folds what stayed unfolded because it warns, now that it is known to be reached.
    ///
    /// # Errors
    /// Only a bug of ours.
    pub fn fold_reached(&mut self, expr: TypedExpr) -> Result<TypedExpr> {
        let registry = self.registry;
        match expr.as_call().and_then(|call| registry.get(&call.name)) {
            Some(function) if function.volatility == Volatility::Immutable => {
                self.fold_loudly(function, expr)
            }
            Some(_) => Ok(expr),
            None => self.fold_constant(expr),
        }
    }

    /// Folds a call whose arguments are all constants; what fails stays as it is.
    ///
    /// # Errors
    /// Only a bug of ours.
    pub fn fold_constant(&mut self, expr: TypedExpr) -> Result<TypedExpr> {
        let Some(call) = expr.as_call() else { return Ok(expr) };
        if !self.is_immutable(call) || !call.args.iter().all(TypedExpr::is_constant) {
            return Ok(expr);
        }
        match self.evaluate_constant(&expr.clone().telling_forms())? {
            Ok(value) => {
                let (value, form) = match value {
                    Datum::Time(time) => (Datum::Time(time.plain()), time.form()),
                    Datum::Duration(duration) => {
                        let form = duration.form().map(|fsp| (TimeKind::Datetime, fsp));
                        (Datum::Duration(duration.plain()), form)
                    }
                    value => (value, None),
                };
                // A NULL argument keeps the call's type from becoming NOT NULL.
                let has_null =
                    call.args.iter().any(|a| a.as_constant().is_some_and(Datum::is_null));
                let nullable = value.is_null() || (has_null && expr.nullable);
                let node = Node::Constant(Constant { value, literal: None, form });
                Ok(TypedExpr { node, nullable, ..expr })
            }
            Err(_) => Ok(expr),
        }
    }

    /// Tells whether a call gives the same value for the same arguments, and may be folded.
    fn is_immutable(&self, call: &Call) -> bool {
        let function = self.registry.get(&call.name).map(|f| f.volatility);
        call.overload.volatility == Volatility::Immutable
            && function.unwrap_or_default() == Volatility::Immutable
    }

    /// Returns what an expression of constants alone fails with, if it is one and does; nothing is heard of
    /// its warnings.
    ///
    /// # Errors
    /// Only a bug of ours.
    pub fn failure_of_constant(&self, expr: &TypedExpr) -> Result<Option<SqlError>> {
        match &expr.node {
            Node::Constant(constant) => Ok(constant.value_as(&expr.ty).err()),
            _ if self.is_of_constants(expr) => Ok(self.compute(expr)?.0.err()),
            _ => Ok(None),
        }
    }

    fn is_of_constants(&self, expr: &TypedExpr) -> bool {
        match expr.as_call() {
            None => expr.is_constant(),
            Some(call) => {
                self.is_immutable(call) && call.args.iter().all(|arg| self.is_of_constants(arg))
            }
        }
    }

    /// Computes an expression of constants alone; its warnings become the binding's.
    ///
    /// # Errors
    /// The outer error is a bug of ours, the inner one the row's.
    pub fn evaluate_constant(&mut self, expr: &TypedExpr) -> Result<Result<Datum, SqlError>> {
        if let Some(value) = expr.as_constant() {
            return Ok(Ok(value.clone()));
        }
        let (value, warnings) = self.compute(expr)?;
        self.warnings.extend(warnings);
        Ok(value)
    }

    /// Computes an expression that reads no column as a fold does; gives its value or error, and its warnings.
    fn compute(&self, expr: &TypedExpr) -> Result<(Result<Datum, SqlError>, Vec<Warning>)> {
        let run = RunValues::default();
        let mut diagnostics = Diagnostics::new(usize::MAX);
        let mut evaluator = Evaluator::new(&[], self.session, &run, &mut diagnostics).folding();
        let column = evaluator.evaluate(expr, Rows::all(1))?;
        let value = evaluator.datum(&column, expr, 0)?;
        let (warnings, errors) = diagnostics.finish();
        let value = errors.into_iter().next().map_or(Ok(value), |(_, error)| Err(error));
        Ok((value, warnings.into_iter().map(|(_, warning)| warning).collect()))
    }

    /// Tells whether a call's kernel evaluates its own arguments.
    pub fn is_lazy(expr: &TypedExpr) -> bool {
        expr.as_call().is_some_and(|c| matches!(c.overload.body, Body::Lazy(_)))
    }
}

/// Gives a text that a function returns the kind its length asks for (TiDB's `getRetTp`): a conversion
/// keeps its own.
fn of_length(typed: TypedExpr) -> TypedExpr {
    if typed.as_call().is_none() || !typed.ty.kind.is_string() {
        return typed;
    }
    let kind = match typed.ty.length {
        16_777_216.. => TypeKind::LongBlob,
        65_536.. => TypeKind::MediumBlob,
        _ => return typed,
    };
    let ty = SqlType { kind, ..typed.ty.clone() };
    typed.with_type(ty)
}

/// Gives untyped NULLs among arguments the type of the last argument that has one (TiDB's
/// `typeInferForNull`).
fn typed_nulls(mut args: Vec<TypedExpr>) -> Vec<TypedExpr> {
    let is_untyped = |arg: &TypedExpr| arg.ty.kind == TypeKind::Null && arg.is_constant();
    if args.len() < 2 || !args.iter().any(is_untyped) {
        return args;
    }
    if let Some(ty) = args.iter().rev().find(|a| !is_untyped(a)).map(|a| a.ty.clone()) {
        for arg in args.iter_mut().filter(|a| is_untyped(a)) {
            arg.ty = ty.clone();
        }
    }
    args
}
