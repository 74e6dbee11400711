// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a IN (x, …)`: a look-up where all elements compare as `a` does, else a chain of comparisons.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/planner/core/expression_rewriter.go` (`inToExpression`), `pkg/expression/builtin_other.go`
//! (`inFunctionClass`).

use std::sync::Arc;

use tiforth_data::Column;
use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, LazyKernel, Moment, Real, RowEvaluator, Rows};
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{
    Binder, Call, CallContext, CallSite, Collate, Doc, Evaluator, Function, Overload, TypedExpr,
};
use tiforth_types::collation::derive::Purpose;
use tiforth_types::{
    Coercibility, Collation, Datum, EvalType, InternalError, Result, Session, SqlError, SqlType,
    TypeKind,
};

use super::class::{Class, comparison_class};
use super::operator::{Operator, Ordered, Truths};
use super::refine;

/// Defines the function.
pub(super) const IN: Function = Function {
    collate: Collate::AllOfText,
    // TiDB rewrites it into other comparisons first.
    keeps_untyped_nulls: true,
    ..Function::new(
        "in",
        "comparison",
        (2, usize::MAX),
        bind,
        Doc {
            usage: "a IN (x, …)",
            summary: "Tells whether a value equals one of a list.",
            result: "BIGINT: 1 or 0.",
            null: "NULL if the value is, or if it is not found and an element is NULL.",
            errors: "1271 when the collations of the texts do not mix; what an element of constants fails with.",
            warnings: "1292 when a text is not what it is compared as.",
            example: ("2 IN (1, 2)", "1"),
            sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_other.go",
        },
    )
};

macro_rules! overload {
    ($wire:literal, $arg:ty) => {
        Overload::lazy($wire, &In::<$arg>(std::marker::PhantomData)).with_prepare(prepare::<$arg>)
    };
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let mut args = args.into_iter();
    let Some(value) = args.next() else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    if value.ty.kind == TypeKind::Null {
        let ty = SqlType { length: 1, ..SqlType::new(TypeKind::TinyInt) };
        return Ok(TypedExpr::constant(Datum::Null, ty));
    }
    let mut list = Vec::with_capacity(args.len());
    for element in args {
        list.push(refine::element(binder, &value, element)?);
    }
    // A TIMESTAMP compares with nothing as a TIMESTAMP, not even with another.
    let class = Class::of(value.eval_type());
    let is_alike = |element: &TypedExpr| {
        element.ty.kind == TypeKind::Null
            || (value.ty.kind != TypeKind::Timestamp && comparison_class(&value, element) == class)
    };
    if list.len() < 2 || !list.iter().all(is_alike) {
        return chain(binder, value, list);
    }
    let overload = match value.eval_type() {
        EvalType::Int => overload!("InInt", Int),
        EvalType::Real => overload!("InReal", Real),
        EvalType::Decimal => overload!("InDecimal", Dec),
        EvalType::Bytes => overload!("InString", BytesArg),
        EvalType::Time => overload!("InTime", Moment),
        EvalType::Duration => overload!("InDuration", Dur),
        EvalType::Json | EvalType::Vector => {
            return Err(SqlError::other("JSON and vectors are not looked up yet").into());
        }
    };
    let mut all = vec![value];
    all.append(&mut list);
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    let typed = binder.signature_of_type(site, overload, all, &[class.kind()], ty)?;
    // TiDB computes the list's constants while it is built.
    for element in typed.as_call().map(|call| &call.args[..]).unwrap_or_default().iter().skip(1) {
        if let Some(error) = binder.failure_of_constant(element)? {
            return Err(error.into());
        }
    }
    Ok(prepared(binder, typed)?.as_boolean())
}

/// Prepares a call anew: the collation to compare with is known only after it was built.
fn prepared(binder: &Binder<'_>, mut typed: TypedExpr) -> Result<TypedExpr> {
    if let tiforth_expr::Node::Call(call) = &mut typed.node
        && let Some(prepare) = call.overload.prepare
    {
        let state = prepare(call, binder.session())?;
        Arc::make_mut(call).state = state;
    }
    Ok(typed)
}

/// Compares with each element in turn, as `a = x OR a = y …`.
fn chain(binder: &mut Binder<'_>, mut value: TypedExpr, list: Vec<TypedExpr>) -> Result<TypedExpr> {
    let all: Vec<&TypedExpr> = std::iter::once(&value).chain(&list).collect();
    let collation = binder.derive_from("IN", &all, Purpose::Comparison)?.collation;
    let mut compared = Vec::with_capacity(list.len());
    for element in list {
        let element = with_collation(binder, element, collation)?;
        compared.push(binder.call_sharing("eq", &mut value, element)?);
    }
    any(binder, compared)
}

/// Joins conditions by OR in a tree of the least height.
fn any(binder: &mut Binder<'_>, mut conditions: Vec<TypedExpr>) -> Result<TypedExpr> {
    if conditions.len() <= 1 {
        return Ok(conditions.pop().unwrap_or_else(TypedExpr::null));
    }
    let second = conditions.split_off(conditions.len() / 2);
    let (first, second) = (any(binder, conditions)?, any(binder, second)?);
    binder.call("or", vec![first, second])
}

/// Gives a text the collation all are compared with, which no other outweighs then.
fn with_collation(
    binder: &mut Binder<'_>,
    element: TypedExpr,
    collation: Collation,
) -> Result<TypedExpr> {
    if element.eval_type() != EvalType::Bytes
        || element.ty.kind == TypeKind::Null
        || element.ty.collation == collation
    {
        return Ok(element);
    }
    let mut ty = SqlType { collation, ..element.ty.clone() };
    if collation == Collation::BINARY {
        ty.kind = TypeKind::VarString;
    }
    let typed = binder.cast(element, &ty, false)?;
    Ok(TypedExpr { coercibility: Coercibility::Explicit, ..typed })
}

/// Says under which number or bytes a value is found: equal values have equal keys.
trait Keyed: Ordered {
    /// The key.
    type Key: Ord + Send + Sync + 'static;
    /// Tells whether a value's key is among `keys`, which are sorted; `scratch` is overwritten.
    fn find(
        keys: &[Self::Key],
        call: &Call,
        value: &Self::Value<'_>,
        scratch: &mut Vec<u8>,
    ) -> bool;
    /// Builds a constant's key.
    fn key(call: &Call, value: Self::Value<'_>, place: usize) -> Self::Key;
}

fn is_unsigned(call: &Call, place: usize) -> bool {
    call.args.get(place).is_some_and(|a| a.ty.unsigned)
}

macro_rules! number_keyed {
    ($arg:ty, $key:ty, |$call:ident, $value:ident, $place:ident| $make:expr) => {
        impl Keyed for $arg {
            type Key = $key;
            fn find(keys: &[$key], call: &Call, value: &Self::Value<'_>, _: &mut Vec<u8>) -> bool {
                let key = Self::key(call, *value, 0);
                if keys.len() <= 8 { keys.contains(&key) } else { keys.binary_search(&key).is_ok() }
            }
            fn key($call: &Call, $value: Self::Value<'_>, $place: usize) -> $key {
                $make
            }
        }
    };
}
number_keyed!(Int, i128, |call, value, place| if is_unsigned(call, place) {
    i128::from(value.cast_unsigned())
} else {
    i128::from(value)
});
number_keyed!(Real, u64, |_call, value, _place| (value + 0.0).to_bits());
number_keyed!(Moment, u64, |_call, value, _place| value.0);
number_keyed!(Dur, i64, |_call, value, _place| value.0);

impl Keyed for Dec {
    type Key = tiforth_types::Decimal;
    fn find(keys: &[Self::Key], _: &Call, value: &Self::Value<'_>, _: &mut Vec<u8>) -> bool {
        keys.binary_search(value).is_ok()
    }
    fn key(_: &Call, value: Self::Value<'_>, _: usize) -> Self::Key {
        value
    }
}

impl Keyed for BytesArg {
    type Key = Box<[u8]>;
    fn find(
        keys: &[Self::Key],
        call: &Call,
        value: &Self::Value<'_>,
        scratch: &mut Vec<u8>,
    ) -> bool {
        let key = call.collation.key(value, scratch);
        keys.binary_search_by(|k| k.as_ref().cmp(key)).is_ok()
    }
    fn key(call: &Call, value: Self::Value<'_>, _: usize) -> Self::Key {
        call.collation.key(value, &mut Vec::new()).into()
    }
}

/// Holds the constant elements of a list.
struct Elements<K> {
    keys: Vec<K>,
    has_null: bool,
    /// The places of the elements that are not constant.
    others: Vec<usize>,
}

fn prepare<A: Keyed>(call: &Call, _: &Session) -> Result<Option<PreparedState>, SqlError> {
    let mut elements = Elements::<A::Key> { keys: Vec::new(), has_null: false, others: Vec::new() };
    for (place, arg) in call.args.iter().enumerate().skip(1) {
        match arg.constant_value() {
            None => elements.others.push(place),
            Some(Datum::Null) => elements.has_null = true,
            Some(value) => match A::from_datum(value.as_ref()) {
                Some(value) => elements.keys.push(A::key(call, value, place)),
                None => elements.others.push(place),
            },
        }
    }
    elements.keys.sort_unstable();
    elements.keys.dedup();
    Ok(Some(Arc::new(elements)))
}

/// Looks a value up among the constants, then compares it with the other elements, which are evaluated
/// for the rows that have found no equal yet.
struct In<A>(std::marker::PhantomData<fn() -> A>);

/// Is how far a row's search has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Search {
    /// No equal was met, and no NULL.
    Open,
    /// No equal was met, but a NULL.
    MetNull,
    Found,
    /// The value itself is NULL.
    Null,
}

impl Search {
    fn is_open(self) -> bool {
        matches!(self, Search::Open | Search::MetNull)
    }

    fn verdict(self) -> Option<bool> {
        match self {
            Search::Open => Some(false),
            Search::Found => Some(true),
            Search::MetNull | Search::Null => None,
        }
    }
}

impl<A: Keyed> In<A> {
    fn elements(call: &Call) -> Result<&Elements<A::Key>, SqlError> {
        let state = call.state.as_ref().and_then(|state| state.downcast_ref());
        state.ok_or_else(|| SqlError::other("IN was run without its list"))
    }

    /// Looks a value up among the constants.
    fn begin(
        call: &Call,
        elements: &Elements<A::Key>,
        value: Option<&A::Value<'_>>,
        scratch: &mut Vec<u8>,
    ) -> Search {
        match value {
            None => Search::Null,
            Some(value) if A::find(&elements.keys, call, value, scratch) => Search::Found,
            Some(_) if elements.has_null => Search::MetNull,
            Some(_) => Search::Open,
        }
    }

    /// Compares a value with the element at `place`.
    fn meet(
        ctx: &CallContext<'_>,
        search: Search,
        place: usize,
        value: &A::Value<'_>,
        element: Option<&A::Value<'_>>,
    ) -> Search {
        match element {
            None => Search::MetNull,
            Some(other) if Operator::Eq.holds(A::order(ctx, [0, place], value, other)) => {
                Search::Found
            }
            Some(_) => search,
        }
    }
}

impl<A: Keyed> LazyKernel for In<A> {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let Some(first) = call.args.first() else {
            return Err(InternalError::new("IN was run without arguments").into());
        };
        let elements = Self::elements(call)?;
        let values = evaluator.evaluate_decoded(first, rows)?;
        let values = A::open(&values)?;
        let mut searches = vec![Search::Null; rows.len];
        let mut scratch = Vec::new();
        rows.for_each(|row| {
            if let Some(search) = searches.get_mut(row) {
                let value = A::get(&values, row);
                *search = Self::begin(call, elements, value.as_ref(), &mut scratch);
            }
        });
        for &place in &elements.others {
            let Some(element) = call.args.get(place) else { continue };
            let is_open = |row: usize| searches.get(row).is_some_and(|s| s.is_open());
            let column = if element.is_field() {
                evaluator.evaluate_decoded(element, rows)?
            } else {
                evaluator.evaluate_among(element, rows, true, is_open)?
            };
            let column = A::open(&column)?;
            evaluator.with_context(call, |ctx| {
                for (row, search) in searches.iter_mut().enumerate().filter(|(_, s)| s.is_open()) {
                    if let Some(value) = A::get(&values, row) {
                        let other = A::get(&column, row);
                        *search = Self::meet(ctx, *search, place, &value, other.as_ref());
                    }
                }
            });
        }
        let mut truths = Truths::new(rows.len);
        rows.for_each(|row| truths.set(row, searches.get(row).and_then(|s| s.verdict())));
        Ok(truths.finish())
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let elements = Self::elements(call)?;
        let Some(first) = call.args.first() else { return Ok(Datum::Null) };
        let value = evaluator.evaluate(first)?;
        let Some(value) = A::from_datum(value.as_ref()) else { return Ok(Datum::Null) };
        let mut search = Self::begin(call, elements, Some(&value), &mut Vec::new());
        for &place in &elements.others {
            let Some(element) = call.args.get(place).filter(|_| search.is_open()) else { break };
            let other = evaluator.evaluate(element)?;
            let other = A::from_datum(other.as_ref());
            evaluator.with_context(call, &mut |ctx| {
                search = Self::meet(ctx, search, place, &value, other.as_ref());
            });
        }
        Ok(search.verdict().map_or(Datum::Null, |found| Datum::Int(i64::from(found))))
    }
}
