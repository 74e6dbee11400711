// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what every operator's spec can do: check itself, print itself, turn into what runs.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tiforth_data::{Batch, BatchSchema, Field};
use tiforth_expr::tree::Expr;
use tiforth_expr::{Binder, Registry, TypedExpr};
use tiforth_types::{Error, InternalError, Session, SqlError, Warning};

use crate::build::CompiledOperator;

/// Is what a host says of one operator: plain data, cloneable, comparable, printable.
///
/// Everything a plan does with a spec follows from this: it reads and writes it as JSON, copies,
/// compares and compiles it, knowing only [`OperatorSpec`].
pub trait Spec:
    fmt::Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The operator's name, as plans write it.
    const NAME: &'static str;
    /// How many inputs it has.
    const INPUTS: usize;

    /// Turns the spec into what runs over inputs of `schemas`.
    ///
    /// # Errors
    /// What is wrong with the spec, without the node's name.
    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error>;

    /// Prints the spec in one line.
    fn explain(&self) -> String;
}

/// Is a [`Spec`] of a type that is not known.
pub trait OperatorSpec: fmt::Debug + Send + Sync + Any {
    /// Returns the operator's name, as plans write it.
    fn name(&self) -> &'static str;

    /// Returns how many inputs it has.
    fn inputs(&self) -> usize;

    /// Does what [`Spec::compile`] says.
    ///
    /// # Errors
    /// What is wrong with the spec, without the node's name.
    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error>;

    /// Writes the spec's own fields as JSON.
    fn to_json(&self) -> Value;

    /// Prints the spec in one line.
    fn explain(&self) -> String;

    /// Copies the spec.
    fn clone_spec(&self) -> Box<dyn OperatorSpec>;

    /// Tells whether `other` is the same spec.
    fn equals(&self, other: &dyn OperatorSpec) -> bool;
}

impl<S: Spec> OperatorSpec for S {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn inputs(&self) -> usize {
        S::INPUTS
    }

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        Spec::compile(self, schemas, scope)
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn explain(&self) -> String {
        Spec::explain(self)
    }

    fn clone_spec(&self) -> Box<dyn OperatorSpec> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn OperatorSpec) -> bool {
        (other as &dyn Any).downcast_ref::<S>() == Some(self)
    }
}

/// Reads a spec from a plan's JSON fields.
pub type Decoder = fn(Value) -> Result<Box<dyn OperatorSpec>, String>;

/// Reads a spec's fields strictly.
///
/// # Errors
/// What serde says of the first field that is wrong.
pub fn decode<S: Spec>(value: Value) -> Result<Box<dyn OperatorSpec>, String> {
    serde_json::from_value::<S>(value)
        .map(|spec| Box::new(spec) as Box<dyn OperatorSpec>)
        .map_err(|e| e.to_string())
}

/// Returns the schema of the one input that an operator of `S` has.
///
/// # Errors
/// An internal error where there are more or fewer: the plan checks that before.
pub(crate) fn only_input<S: Spec>(schemas: &[BatchSchema]) -> Result<&BatchSchema, InternalError> {
    match schemas {
        [input] => Ok(input),
        _ => Err(InternalError::new(format!("{} has one input", S::NAME))),
    }
}

/// Reports what is wrong with a plan and where: the path of operators from the root.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanError {
    /// The node: `projection > filter`.
    pub node: String,
    /// What is wrong.
    pub error: Error,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.node, self.error)
    }
}

impl std::error::Error for PlanError {}

impl From<PlanError> for Error {
    fn from(e: PlanError) -> Error {
        match e.error {
            Error::Sql(sql) => {
                Error::Sql(SqlError::new(sql.code(), format!("{}: {}", e.node, sql.message())))
            }
            internal => internal,
        }
    }
}

/// Finds the schema of a table by name.
pub type TableSchemas<'a> = &'a dyn Fn(&str) -> Option<BatchSchema>;

/// Reads an expression that a plan holds as MySQL text.
pub type ExprParser = fn(&str, &Session) -> Result<Expr, SqlError>;

/// Is what compiling a plan may ask for.
pub struct CompileScope<'a> {
    /// The functions.
    pub registry: &'a Registry,
    /// The settings.
    pub session: &'a Session,
    /// The tables' schemas.
    pub tables: TableSchemas<'a>,
    /// What reads MySQL text.
    pub parser: ExprParser,
    /// The warnings of binding, which belong to the statement.
    pub warnings: Vec<Warning>,
}

impl CompileScope<'_> {
    /// Types an expression over `schema`; its warnings are kept.
    ///
    /// # Errors
    /// Those of parsing and binding.
    pub fn bind(&mut self, expr: &ExprText, schema: &[Field]) -> Result<TypedExpr, Error> {
        let tree = expr.tree(self)?;
        let mut binder = Binder::new(self.registry, self.session, schema);
        let typed = binder.bind(&tree)?;
        self.warnings.extend(binder.into_warnings());
        Ok(typed)
    }
}

/// Is an expression in a plan: MySQL text or a tree.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged, expecting = "an expression is wanted: MySQL text or a tree")]
pub enum ExprText {
    /// MySQL text: `"l_quantity < 24"`.
    Text(String),
    /// A tree.
    Tree(Expr),
}

impl ExprText {
    /// Returns the tree, reading the text if it is one.
    ///
    /// # Errors
    /// 1064 with the position where the text is wrong.
    pub fn tree(&self, scope: &CompileScope<'_>) -> Result<Expr, SqlError> {
        match self {
            ExprText::Text(text) => (scope.parser)(text, scope.session),
            ExprText::Tree(tree) => Ok(tree.clone()),
        }
    }
}

impl From<&str> for ExprText {
    fn from(text: &str) -> Self {
        ExprText::Text(text.to_owned())
    }
}

impl From<Expr> for ExprText {
    fn from(tree: Expr) -> Self {
        ExprText::Tree(tree)
    }
}

impl fmt::Display for ExprText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExprText::Text(text) => f.write_str(text),
            ExprText::Tree(tree) => write!(f, "{tree}"),
        }
    }
}

/// Names one output column and says what it holds.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedExpr {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub expr: ExprText,
}

impl NamedExpr {
    /// Names an expression.
    pub fn new(name: impl Into<String>, expr: impl Into<ExprText>) -> Self {
        NamedExpr { name: name.into(), expr: expr.into() }
    }
}

/// Gives the batches of a table to a run; called by one lane at a time, batch by batch.
pub trait BatchStream: Send {
    /// Returns the next batch, or none at the end.
    ///
    /// # Errors
    /// What reading fails with.
    fn next_batch(&mut self) -> Result<Option<Batch>, Error>;
}
