// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Knows the functions, and compiles expressions and plans.

use std::sync::Arc;

use arrow_schema::Schema;
use tiforth_data::arrow_type::schema_to_batch_schema;
use tiforth_expr::{AggregateFunction, Binder, Expr, Function, Registry};
use tiforth_operators::{CompileScope, Plan};
use tiforth_types::{Error, InternalError, Session};

use crate::expression::BoundExpr;
use crate::plan::CompiledPlan;
use crate::tables::Tables;

/// Knows the functions, and compiles expressions and plans. Cheap to clone and to share.
#[derive(Clone, Debug)]
pub struct Engine {
    registry: Arc<Registry>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// Is what an expression may be given as: MySQL text, or a tree.
pub trait IntoExpr {
    /// Returns the tree; text is read as `session`'s sql_mode says.
    ///
    /// # Errors
    /// 1064 with the position where the text is wrong.
    fn into_expr(self, session: &Session) -> Result<Expr, Error>;
}

impl IntoExpr for &str {
    fn into_expr(self, session: &Session) -> Result<Expr, Error> {
        Ok(tiforth_sql::parse_expr(self, session.sql_mode)?)
    }
}

impl IntoExpr for Expr {
    fn into_expr(self, _: &Session) -> Result<Expr, Error> {
        Ok(self)
    }
}

impl Engine {
    /// Makes an engine that knows the built-in functions.
    pub fn new() -> Self {
        // The names of the built-in functions do not clash; a test holds that.
        Engine { registry: Arc::new(tiforth_functions::registry().unwrap_or_else(|_| empty())) }
    }

    /// Adds a function of the host's; with `overrides` it may take a built-in one's name.
    ///
    /// # Errors
    /// When the name is taken and `overrides` is false.
    pub fn with_function(mut self, function: Function, overrides: bool) -> Result<Self, Error> {
        Arc::make_mut(&mut self.registry).add(function, overrides)?;
        Ok(self)
    }

    /// Adds an aggregate function of the host's; one of the same name gives way.
    pub fn with_aggregate(mut self, function: AggregateFunction) -> Self {
        Arc::make_mut(&mut self.registry).add_aggregate(function);
        self
    }

    /// Returns the functions.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Types an expression over the columns of `schema`.
    ///
    /// # Errors
    /// 1064 where the text is wrong, 1054 for an unknown column, 1305 for an unknown function, and what
    /// the functions' own rules refuse.
    pub fn bind(
        &self,
        expr: impl IntoExpr,
        schema: &Schema,
        session: &Session,
    ) -> Result<BoundExpr, Error> {
        let tree = expr.into_expr(session)?;
        let fields = schema_to_batch_schema(schema)?;
        let mut binder = Binder::new(&self.registry, session, &fields);
        let typed = binder.bind(&tree)?;
        let warnings = binder.into_warnings();
        Ok(BoundExpr::new(typed, warnings, fields, Arc::new(session.clone())))
    }

    /// Compiles a plan over the tables named.
    ///
    /// # Errors
    /// What is wrong with the plan, with the path of the node.
    pub fn compile(
        &self,
        plan: &Plan,
        tables: &Tables,
        session: &Session,
    ) -> Result<CompiledPlan, Error> {
        let schemas = tables.batch_schemas()?;
        let find = |name: &str| schemas.get(name).cloned();
        let mut scope = CompileScope {
            registry: &self.registry,
            session,
            tables: &find,
            parser: |text, session| tiforth_sql::parse_expr(text, session.sql_mode),
            warnings: Vec::new(),
        };
        let root = plan.compile(&mut scope)?;
        let warnings = scope.warnings;
        Ok(CompiledPlan::new(plan.clone(), root, warnings, schemas, session.clone()))
    }
}

#[cold]
fn empty() -> Registry {
    Registry::new(&NoCasts)
}

/// Stands in where the built-in functions could not be listed.
struct NoCasts;

impl tiforth_expr::CastRules for NoCasts {
    fn cast(
        &self,
        _: &mut Binder<'_>,
        _: tiforth_expr::TypedExpr,
        _: &tiforth_types::SqlType,
        _: bool,
    ) -> Result<tiforth_expr::TypedExpr, Error> {
        Err(InternalError::new("two built-in functions have one name").into())
    }

    fn wrap(
        &self,
        _: &mut Binder<'_>,
        _: tiforth_expr::TypedExpr,
        _: tiforth_expr::ArgKind,
    ) -> Result<tiforth_expr::TypedExpr, Error> {
        Err(InternalError::new("two built-in functions have one name").into())
    }

    fn assign(
        &self,
        _: &mut Binder<'_>,
        _: tiforth_expr::TypedExpr,
        _: &tiforth_types::SqlType,
        _: &str,
    ) -> Result<tiforth_expr::TypedExpr, Error> {
        Err(InternalError::new("two built-in functions have one name").into())
    }
}
