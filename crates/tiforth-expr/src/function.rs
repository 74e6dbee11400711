// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Defines functions: what a definition says, and the registry that holds them.
//!
//! A definition is written once. The binder reads its `bind`, both engines its overloads' bodies, the
//! reference pages its documentation.

use std::collections::BTreeMap;
use std::sync::Arc;

use tiforth_types::{Collation, Datum, Result, Session, SqlError, SqlType};

use crate::aggregate::AggregateFunction;
use crate::binder::Binder;
use crate::kernel::{Kernel, LazyKernel};
use crate::tree::CallOptions;
use crate::typed::{PreparedState, TypedExpr};

/// Says when a function's value may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Volatility {
    /// The same arguments give the same value: calls on constants are folded.
    #[default]
    Immutable,
    /// The same arguments give the same value, but calls on constants are not folded (DAYNAME).
    Unfolded,
    /// Constant during a run (NOW): computed when the run starts.
    Run,
    /// New for every row (RAND, UUID): never folded or shared.
    Volatile,
}

/// Documents a function for its reference page.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// How it is called: `SUBSTRING(text, position[, length])`.
    pub usage: &'static str,
    /// What it gives, one sentence.
    pub summary: &'static str,
    /// The type of the result.
    pub result: &'static str,
    /// When the result is NULL.
    pub null: &'static str,
    /// Which errors can occur, with codes; empty if none.
    pub errors: &'static str,
    /// Which warnings can occur, with codes; empty if none.
    pub warnings: &'static str,
    /// An expression and the value TiDB gives.
    pub example: (&'static str, &'static str),
    /// The sections of the MySQL manual and the TiDB files that decide.
    pub sources: &'static str,
}

/// Is what a function's `bind` is handed beside its arguments.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The name the function was called by, in lower case.
    pub name: Arc<str>,
    /// Units, charsets and the like.
    pub options: CallOptions,
}

/// Chooses the overload for a call, converts the arguments, infers the result's type.
pub type BindFn = fn(&mut Binder<'_>, &CallSite, Vec<TypedExpr>) -> Result<TypedExpr>;

/// Folds a call that is not all of constants (IF of a constant condition and the like).
pub type FoldFn = fn(&mut Binder<'_>, &TypedExpr) -> Option<TypedExpr>;

/// Says from which arguments a call's collation is derived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Collate {
    /// From none: a text result has the connection's collation.
    #[default]
    Connection,
    /// From all arguments.
    All,
    /// From all arguments if all are texts, from none otherwise.
    AllTexts,
    /// From all arguments if the first is a text, from none otherwise.
    AllOfText,
    /// From the arguments at these places.
    Of(&'static [usize]),
    /// From all arguments from this place on.
    From(usize),
    /// From all arguments, to compare with; the result is no text.
    Compare,
    /// From the arguments at these places, to compare with; the result is no text.
    CompareOf(&'static [usize]),
}

/// Defines one scalar function.
#[derive(Clone)]
pub struct Function {
    /// TiDB's name, in lower case.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// The family its reference page belongs to.
    pub family: &'static str,
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// Chooses the overload.
    pub bind: BindFn,
    /// From which arguments the collation is derived.
    pub collate: Collate,
    /// When the value may change.
    pub volatility: Volatility,
    /// Folds more than calls of constants, where TiDB does.
    pub fold: Option<FoldFn>,
    /// Whether it may leave arguments unevaluated, as far as TiDB minds it (`TryFoldFunctions`): what
    /// warns among them is not folded.
    pub is_conditional: bool,
    /// Whether `bind` sees untyped NULLs as they are. Otherwise they get the type of the last argument
    /// that has one (TiDB's `typeInferForNull`).
    pub keeps_untyped_nulls: bool,
    /// The documentation.
    pub doc: Doc,
}

impl Function {
    /// Defines a function of one name whose value depends on its arguments alone; a text result has the
    /// connection's collation.
    pub const fn new(
        name: &'static str,
        family: &'static str,
        arity: (usize, usize),
        bind: BindFn,
        doc: Doc,
    ) -> Self {
        Function {
            name,
            aliases: &[],
            family,
            arity,
            bind,
            collate: Collate::Connection,
            volatility: Volatility::Immutable,
            fold: None,
            is_conditional: false,
            keeps_untyped_nulls: false,
            doc,
        }
    }
}

/// Is one kernel of a function: what runs once the types are known.
#[derive(Clone, Copy)]
pub struct Overload {
    /// The name TiDB's wire protocol gives it: `PlusInt`.
    pub name: &'static str,
    /// What computes it.
    pub body: Body,
    /// Makes shared state from constant arguments; `None` where an argument it needs is not
    /// constant.
    pub prepare: Option<PrepareFn>,
    /// When the value may change, where the function's other overloads are steadier.
    pub volatility: Volatility,
    /// How many of the leading arguments end a row's evaluation when they are NULL; those after it are
    /// then not evaluated. All of them, as a rule.
    pub stops_within: usize,
    /// What an argument that fails counts as, where its error is forgotten.
    pub forgives: Option<ForgiveFn>,
    /// Whether the call prints dates: its arguments tell the form of theirs
    /// ([`Time::with_form`](tiforth_types::Time::with_form)).
    pub reads_forms: bool,
    /// Whether the call can tell the form of the dates it gives, and does where
    /// [`Call::tells_forms`](crate::typed::Call::tells_forms).
    pub has_forms: bool,
    /// What computes the integer a text's cast to BIGINT or DOUBLE gives, where that is not the number
    /// the text begins with.
    pub as_number: Option<&'static dyn Kernel>,
}

/// Makes shared state from a call's constant arguments.
pub type PrepareFn = fn(&crate::typed::Call, &Session) -> Result<Option<PreparedState>, SqlError>;

/// Returns the value an argument counts as that failed with an error.
pub type ForgiveFn = fn(&SqlError) -> Datum;

/// Is what computes an overload.
#[derive(Clone, Copy)]
pub enum Body {
    /// Arguments are evaluated first, from left to right; by default up to the first NULL.
    Strict(&'static dyn Kernel),
    /// Arguments are evaluated for the rows that need them.
    Lazy(&'static dyn LazyKernel),
}

impl Overload {
    /// Builds an overload that evaluates its arguments first.
    pub const fn strict(name: &'static str, kernel: &'static dyn Kernel) -> Self {
        Overload::new(name, Body::Strict(kernel))
    }

    /// Builds an overload that evaluates arguments as rows need them.
    pub const fn lazy(name: &'static str, kernel: &'static dyn LazyKernel) -> Self {
        Overload::new(name, Body::Lazy(kernel))
    }

    const fn new(name: &'static str, body: Body) -> Self {
        Overload {
            name,
            body,
            prepare: None,
            volatility: Volatility::Immutable,
            stops_within: usize::MAX,
            forgives: None,
            reads_forms: false,
            has_forms: false,
            as_number: None,
        }
    }

    /// Returns the same overload, which evaluates the arguments after a NULL too, unless that is one of
    /// the first `count`.
    pub const fn stopping_within(mut self, count: usize) -> Self {
        self.stops_within = count;
        self
    }

    /// Returns the same overload, all of whose arguments are evaluated, though one is NULL.
    pub const fn taking_nulls(self) -> Self {
        self.stopping_within(0)
    }

    /// Returns the same overload, to which an argument that fails is what `forgives` gives.
    pub const fn forgiving(mut self, forgives: ForgiveFn) -> Self {
        self.forgives = Some(forgives);
        self
    }

    /// Returns the same overload, which prints dates in the form each has.
    pub const fn reading_forms(mut self) -> Self {
        self.reads_forms = true;
        self
    }

    /// Returns the same overload, which can tell the form of its dates.
    pub const fn having_forms(mut self) -> Self {
        self.has_forms = true;
        self
    }

    /// Returns the same overload, whose text stands for the integer `kernel` computes.
    pub const fn standing_for(mut self, kernel: &'static dyn Kernel) -> Self {
        self.as_number = Some(kernel);
        self
    }

    /// Returns the same overload with `prepare`.
    pub const fn with_prepare(mut self, prepare: PrepareFn) -> Self {
        self.prepare = Some(prepare);
        self
    }

    /// Returns the same overload with `volatility`.
    pub const fn with_volatility(mut self, volatility: Volatility) -> Self {
        self.volatility = volatility;
        self
    }
}

impl std::fmt::Debug for Overload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Converts values from one type to another: the binder inserts these around arguments.
pub trait CastRules: Send + Sync {
    /// Converts to exactly `target`, as CAST does (`explicit`) or as a coercion does.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    fn cast(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        target: &SqlType,
        explicit: bool,
    ) -> Result<TypedExpr>;

    /// Converts to what an argument of `kind` must be, leaving alone what is that already.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    fn wrap(&self, binder: &mut Binder<'_>, expr: TypedExpr, kind: ArgKind) -> Result<TypedExpr>;

    /// Fits values into the column `column` of type `target`, as INSERT and UPDATE do.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    fn assign(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        target: &SqlType,
        column: &str,
    ) -> Result<TypedExpr>;

    /// Takes bytes as text where a call's texts have `collation`, and text as the bytes of its own
    /// charset where the call's are bytes.
    ///
    /// # Errors
    /// Where the conversion does not exist.
    fn unify(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        collation: Collation,
    ) -> Result<TypedExpr> {
        let _ = (binder, collation);
        Ok(expr)
    }

    /// Documents CAST.
    fn doc(&self) -> Option<&'static Doc> {
        None
    }
}

/// Says how an argument is taken; the coercions of TiDB's `WrapWithCastAs…`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are those of the types")]
pub enum ArgKind {
    Int,
    Real,
    Decimal,
    String,
    Datetime,
    Timestamp,
    Duration,
    Json,
    Vector,
    /// Taken as it is.
    Any,
}

/// Holds the functions an engine knows: the built-in ones and its host's.
#[derive(Clone)]
pub struct Registry {
    functions: BTreeMap<Arc<str>, Arc<Function>>,
    aggregates: BTreeMap<Arc<str>, Arc<AggregateFunction>>,
    casts: &'static dyn CastRules,
}

impl Registry {
    /// Builds a registry that knows the casts alone.
    pub fn new(casts: &'static dyn CastRules) -> Self {
        Registry { functions: BTreeMap::new(), aggregates: BTreeMap::new(), casts }
    }

    /// Adds a function under its name and its aliases.
    ///
    /// # Errors
    /// When a name is taken and `overrides` is false.
    pub fn add(&mut self, function: impl Into<Arc<Function>>, overrides: bool) -> Result<()> {
        let function = function.into();
        for name in std::iter::once(&function.name).chain(function.aliases) {
            if self.functions.contains_key(*name) && !overrides {
                return Err(SqlError::other(format!(
                    "the function {name} exists already; say so if yours is to take its place"
                ))
                .into());
            }
            self.functions.insert((*name).into(), Arc::clone(&function));
        }
        Ok(())
    }

    /// Finds a function by name or alias, in lower case.
    pub fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions.get(name)
    }

    /// Adds an aggregate function under its name and its aliases; one of the same name gives way.
    pub fn add_aggregate(&mut self, function: impl Into<Arc<AggregateFunction>>) {
        let function = function.into();
        for name in std::iter::once(&function.name).chain(function.aliases) {
            self.aggregates.insert((*name).into(), Arc::clone(&function));
        }
    }

    /// Finds an aggregate function by name or alias, in lower case.
    pub fn aggregate(&self, name: &str) -> Option<&Arc<AggregateFunction>> {
        self.aggregates.get(name)
    }

    /// Lists all aggregate functions by name, each once.
    pub fn aggregates(&self) -> impl Iterator<Item = &Arc<AggregateFunction>> {
        self.aggregates.iter().filter(|(name, f)| name.as_ref() == f.name).map(|(_, f)| f)
    }

    /// Returns the conversions.
    pub fn casts(&self) -> &'static dyn CastRules {
        self.casts
    }

    /// Lists all functions by name, each once.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.iter().filter(|(name, f)| name.as_ref() == f.name).map(|(_, f)| f)
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}
