// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Finds the type a call's branches have together, and converts them to it.
//!
//! Source: TiDB `pkg/expression/builtin_control.go` (`InferType4ControlFuncs`), `pkg/types/field_type.go`
//! (`AggregateEvalType`).

use tiforth_expr::{ArgKind, Binder, CallSite, Node, Overload, TypedExpr};
use tiforth_types::collation::derive::Purpose;
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, UNSPECIFIED};
use tiforth_types::{Collation, EvalType, Result, SqlType, TypeKind};

use super::merge::merged_type;

const UNKNOWN: i64 = UNSPECIFIED as i64;
/// Is the width where one branch's is not known.
const WIDTH_UNKNOWN: i64 = 23;

/// Says how the collation of the result follows from the branches'.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// CASE takes what is derived from all branches.
    Case,
    /// IF, IFNULL and COALESCE are binary as soon as one branch is.
    Choice,
}

/// Returns the type `branches` have together, as the window functions LEAD and LAG infer it too.
///
/// # Errors
/// 1267 and its kin where collations do not mix.
pub(crate) fn unified_type(
    binder: &Binder<'_>,
    name: &str,
    branches: &[&TypedExpr],
    rule: Rule,
) -> Result<SqlType> {
    let types: Vec<&SqlType> =
        branches.iter().map(|b| &b.ty).filter(|t| t.kind != TypeKind::Null).collect();
    let mut ty = match &types[..] {
        [] => return Ok(SqlType::null()),
        [only] => (*only).clone(),
        _ => several(binder, name, branches, &types, rule)?,
    };
    match ty.eval_type() {
        EvalType::Int => ty.decimals = 0,
        EvalType::Bytes => ty.decimals = UNSPECIFIED,
        _ => {}
    }
    if matches!(ty.kind, TypeKind::Enum | TypeKind::Set) {
        ty.kind = TypeKind::VarChar;
        ty.elements = None;
    }
    if ty.kind == TypeKind::DateTime {
        ty.length = 19 + if ty.decimals > 0 { i64::from(ty.decimals) + 1 } else { 0 };
    }
    Ok(ty)
}

fn several(
    binder: &Binder<'_>,
    name: &str,
    branches: &[&TypedExpr],
    types: &[&SqlType],
    rule: Rule,
) -> Result<SqlType> {
    let mut ty = merged_type(types);
    ty.elements = None;
    let eval = common_eval(types);
    ty.unsigned = types.iter().all(|t| t.unsigned);
    ty.decimals = common_decimals(eval, types);
    ty.collation = collation(binder, name, branches, types, eval, rule)?;
    ty.length = common_length(eval, ty.decimals, types);
    Ok(ty)
}

/// Returns as what the branches are evaluated together, which need not be how the merged type is.
fn common_eval(types: &[&SqlType]) -> EvalType {
    let mut types = types.iter();
    let Some(first) = types.next() else { return EvalType::Bytes };
    let mut common = (first.eval_type(), first.unsigned);
    for ty in types {
        let is_text = |e| !matches!(e, EvalType::Int | EvalType::Real | EvalType::Decimal);
        let (a, b) = (common.0, ty.eval_type());
        let eval = if is_text(a) || is_text(b) {
            EvalType::Bytes
        } else if a == EvalType::Real || b == EvalType::Real {
            EvalType::Real
        } else if a == EvalType::Decimal || b == EvalType::Decimal || common.1 != ty.unsigned {
            EvalType::Decimal
        } else {
            EvalType::Int
        };
        common = (eval, common.1 && ty.unsigned);
    }
    common.0
}

fn common_decimals(eval: EvalType, types: &[&SqlType]) -> i32 {
    if eval == EvalType::Int {
        return 0;
    }
    if types.iter().any(|t| t.decimals == UNSPECIFIED) {
        return UNSPECIFIED;
    }
    let most = types.iter().map(|t| t.decimals).max().unwrap_or(0).max(0);
    if eval == EvalType::Decimal { most.min(DECIMAL_SCALE_MAX) } else { most }
}

fn longer(a: i64, b: i64) -> i64 {
    if a < 0 || b < 0 { WIDTH_UNKNOWN } else { a.max(b) }
}

fn common_length(eval: EvalType, decimals: i32, types: &[&SqlType]) -> i64 {
    match eval {
        EvalType::Int | EvalType::Decimal => {
            let digits = types.iter().fold(0, |most, ty| {
                let sign = i64::from(!ty.unsigned);
                let fraction = if ty.decimals == UNSPECIFIED { 0 } else { i64::from(ty.decimals) };
                longer(most, ty.length - sign - fraction)
            });
            (digits + i64::from(decimals) + 1).min(i64::from(DECIMAL_PRECISION_MAX))
        }
        EvalType::Bytes if types.iter().any(|t| t.length == UNKNOWN) => UNKNOWN,
        EvalType::Bytes => types.iter().fold(0, |most, ty| {
            // An integer's text is as long as its type's, however wide it is shown.
            let is_int = ty.kind.is_integer();
            let length = if is_int { ty.kind.default_length_and_decimals().0 } else { ty.length };
            longer(length, most)
        }),
        _ => types.iter().fold(0, |most, ty| longer(ty.length, most)),
    }
}

fn collation(
    binder: &Binder<'_>,
    name: &str,
    branches: &[&TypedExpr],
    types: &[&SqlType],
    eval: EvalType,
    rule: Rule,
) -> Result<Collation> {
    let derived = || -> Result<Collation> {
        Ok(binder.derive_from(name, branches, purpose(binder, eval))?.collation)
    };
    if rule == Rule::Case {
        return derived();
    }
    if types.iter().any(|t| t.is_bytes()) {
        return Ok(Collation::BINARY);
    }
    if types.iter().any(|t| t.is_text()) {
        return derived();
    }
    Ok(if eval == EvalType::Bytes { Collation::UTF8MB4_BIN } else { Collation::BINARY })
}

fn purpose(binder: &Binder<'_>, eval: EvalType) -> Purpose {
    if eval == EvalType::Bytes {
        Purpose::Text { connection: binder.session().collation }
    } else {
        Purpose::Comparison
    }
}

/// Holds the overloads of one function, by how the result is evaluated.
pub(super) struct Overloads {
    pub(super) int: Overload,
    pub(super) real: Overload,
    pub(super) decimal: Overload,
    pub(super) text: Overload,
    pub(super) time: Overload,
    pub(super) duration: Overload,
    pub(super) json: Overload,
}

impl Overloads {
    fn get(&self, eval: EvalType) -> Overload {
        match eval {
            EvalType::Int => self.int,
            EvalType::Real => self.real,
            EvalType::Decimal => self.decimal,
            EvalType::Bytes => self.text,
            EvalType::Time => self.time,
            EvalType::Duration => self.duration,
            EvalType::Json | EvalType::Vector => self.json,
        }
    }
}

/// Builds a call of `args`, those at `branches` converted to `ty`, which is the result's type.
pub(super) fn call(
    binder: &mut Binder<'_>,
    site: &CallSite,
    overloads: &Overloads,
    args: Vec<TypedExpr>,
    is_branch: impl Fn(usize) -> bool,
    ty: SqlType,
) -> Result<TypedExpr> {
    let eval = ty.eval_type();
    // COALESCE takes digits of any number, the others take the result's.
    let takes_exactly = site.name.as_ref() != "coalesce";
    let chosen: Vec<&TypedExpr> =
        args.iter().enumerate().filter(|(i, _)| is_branch(*i)).map(|(_, a)| a).collect();
    let derived = binder.derive_from(&site.name, &chosen, purpose(binder, eval))?;
    let mut converted = Vec::with_capacity(args.len());
    for (i, arg) in args.into_iter().enumerate() {
        converted.push(if is_branch(i) { branch(binder, arg, &ty, takes_exactly)? } else { arg });
    }
    let overload = overloads.get(eval);
    let mut typed = binder.build(&site.name, site.options.clone(), overload, converted, ty)?;
    typed.coercibility = derived.coercibility;
    typed.repertoire = derived.repertoire;
    if let Node::Call(call) = &mut typed.node {
        std::sync::Arc::make_mut(call).collation = derived.compare_with;
    }
    Ok(typed)
}

/// Converts one branch to how the result is evaluated; to the result's very type, where that shows in
/// the branch's digits.
fn branch(
    binder: &mut Binder<'_>,
    arg: TypedExpr,
    ty: &SqlType,
    takes_exactly: bool,
) -> Result<TypedExpr> {
    let has_digits =
        matches!(ty.eval_type(), EvalType::Decimal | EvalType::Time | EvalType::Duration);
    if takes_exactly && has_digits {
        return if is_alike(&arg.ty, ty) { Ok(arg) } else { binder.cast(arg, ty, false) };
    }
    let kind = match ty.eval_type() {
        EvalType::Int => ArgKind::Int,
        EvalType::Real => ArgKind::Real,
        EvalType::Decimal => ArgKind::Decimal,
        EvalType::Bytes => ArgKind::String,
        EvalType::Time if ty.kind == TypeKind::Timestamp => ArgKind::Timestamp,
        EvalType::Time => ArgKind::Datetime,
        EvalType::Duration => ArgKind::Duration,
        EvalType::Json => ArgKind::Json,
        EvalType::Vector => ArgKind::Vector,
    };
    binder.wrap(arg, kind)
}

/// Tells whether two types of numbers or times are one (TiDB's `FieldType.Equal`).
fn is_alike(a: &SqlType, b: &SqlType) -> bool {
    a.kind == b.kind && a.length == b.length && a.decimals == b.decimals && a.unsigned == b.unsigned
}
