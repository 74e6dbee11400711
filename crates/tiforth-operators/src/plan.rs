// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a plan: a tree of erased specs, with JSON bytes.
//!
//! ```json
//! { "version": 1,
//!   "plan": { "operator": "filter", "predicate": "l_quantity < 24",
//!             "input": { "operator": "table", "table": "lineitem" } } }
//! ```

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tiforth_data::BatchSchema;
use tiforth_types::{Error, SqlError};

use crate::build::CompiledOperator;
use crate::spec::{CompileScope, OperatorSpec, PlanError};

/// Is the version of the JSON form written here.
const VERSION: u64 = 1;
/// Is the greatest height of a plan.
const DEPTH_MAX: usize = 256;

/// Is one operator of a plan and what it reads from.
#[derive(Debug)]
pub struct Plan {
    /// What the host says of the operator.
    pub spec: Box<dyn OperatorSpec>,
    /// What it reads from.
    pub inputs: Vec<Plan>,
}

impl Clone for Plan {
    fn clone(&self) -> Self {
        Plan { spec: self.spec.clone_spec(), inputs: self.inputs.clone() }
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.spec.equals(other.spec.as_ref()) && self.inputs == other.inputs
    }
}

/// Is one compiled operator of a plan and what it reads from.
#[derive(Clone)]
pub struct CompiledNode {
    /// What runs.
    pub operator: Arc<dyn CompiledOperator>,
    /// The spec in one line.
    pub explain: String,
    /// What it reads from.
    pub inputs: Vec<CompiledNode>,
}

impl Plan {
    /// Builds a plan of one operator without inputs.
    pub fn leaf(spec: impl OperatorSpec) -> Self {
        Plan { spec: Box::new(spec), inputs: Vec::new() }
    }

    /// Puts an operator on top of this plan.
    pub fn then(self, spec: impl OperatorSpec) -> Self {
        Plan { spec: Box::new(spec), inputs: vec![self] }
    }

    /// Writes the plan as JSON.
    pub fn to_json(&self) -> Value {
        json!({ "version": VERSION, "plan": self.node_json() })
    }

    fn node_json(&self) -> Value {
        let mut node = Map::new();
        node.insert("operator".into(), self.spec.name().into());
        if let Value::Object(fields) = self.spec.to_json() {
            node.extend(fields);
        }
        match &self.inputs[..] {
            [] => {}
            [input] => {
                node.insert("input".into(), input.node_json());
            }
            inputs => {
                let inputs = inputs.iter().map(Plan::node_json).collect();
                node.insert("inputs".into(), Value::Array(inputs));
            }
        }
        Value::Object(node)
    }

    /// Reads a plan from JSON text.
    ///
    /// # Errors
    /// 1105 naming the node and what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let value: Value = serde_json::from_str(text).map_err(|e| {
            // The reader gives up before the plan is looked at.
            let is_deep = e.to_string().starts_with("recursion limit");
            let what = if is_deep { "nested too deep" } else { "not JSON" };
            SqlError::other(format!("the plan is {what}: {e}"))
        })?;
        let Value::Object(mut top) = value else {
            return Err(wrong("plan", "a JSON object with \"version\" and \"plan\" is wanted"));
        };
        match top.remove("version") {
            Some(Value::Number(n)) if n.as_u64() == Some(VERSION) => {}
            Some(other) => {
                return Err(wrong(
                    "plan",
                    &format!("version {other} is not known; this library reads version {VERSION}"),
                ));
            }
            None => return Err(wrong("plan", "\"version\" is missing")),
        }
        let Some(node) = top.remove("plan") else {
            return Err(wrong("plan", "\"plan\" is missing"));
        };
        if let Some(key) = top.keys().next() {
            return Err(wrong("plan", &format!("unknown field \"{key}\"")));
        }
        Self::node(node, "", 0)
    }

    fn node(value: Value, path: &str, depth: usize) -> Result<Self, Error> {
        let place = if path.is_empty() { "plan" } else { path };
        if depth > DEPTH_MAX {
            return Err(wrong("plan", &format!("it is more than {DEPTH_MAX} operators high")));
        }
        let Value::Object(mut fields) = value else {
            return Err(wrong(place, "a node is a JSON object"));
        };
        let Some(Value::String(name)) = fields.remove("operator") else {
            return Err(wrong(place, "\"operator\" is missing or no text"));
        };
        let path = if path.is_empty() { name.clone() } else { format!("{path} > {name}") };
        let Some((_, decode)) = crate::OPERATORS.iter().find(|(n, _)| *n == name) else {
            let known: Vec<&str> = crate::OPERATORS.iter().map(|(n, _)| *n).collect();
            let text = format!("there is no such operator; there are {}", known.join(", "));
            return Err(wrong(&path, &text));
        };
        let mut inputs = Vec::new();
        if let Some(input) = fields.remove("input") {
            inputs.push(Self::node(input, &path, depth + 1)?);
        }
        match fields.remove("inputs") {
            None => {}
            Some(Value::Array(nodes)) => {
                for node in nodes {
                    inputs.push(Self::node(node, &path, depth + 1)?);
                }
            }
            Some(_) => return Err(wrong(&path, "\"inputs\" is no array")),
        }
        let spec = decode(Value::Object(fields)).map_err(|text| wrong(&path, &text))?;
        if spec.inputs() != inputs.len() {
            let text = format!("it has {} inputs and wants {}", inputs.len(), spec.inputs());
            return Err(wrong(&path, &text));
        }
        Ok(Plan { spec, inputs })
    }

    /// Compiles the plan: resolves tables, binds expressions, infers schemas.
    ///
    /// # Errors
    /// What is wrong, with the path of the node.
    pub fn compile(&self, scope: &mut CompileScope<'_>) -> Result<CompiledNode, PlanError> {
        self.compile_at(scope, "")
    }

    fn compile_at(
        &self,
        scope: &mut CompileScope<'_>,
        path: &str,
    ) -> Result<CompiledNode, PlanError> {
        let name = self.spec.name();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path} > {name}") };
        if self.spec.inputs() != self.inputs.len() {
            let text =
                format!("it has {} inputs and wants {}", self.inputs.len(), self.spec.inputs());
            return Err(PlanError { node: path, error: SqlError::other(text).into() });
        }
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            inputs.push(input.compile_at(scope, &path)?);
        }
        let schemas: Vec<BatchSchema> =
            inputs.iter().map(|i| Arc::clone(i.operator.schema())).collect();
        match self.spec.compile(&schemas, scope) {
            Ok(operator) => Ok(CompiledNode { operator, explain: self.spec.explain(), inputs }),
            Err(error) => Err(PlanError { node: path, error }),
        }
    }

    /// Prints the plan as an indented tree.
    pub fn explain(&self) -> String {
        self.to_string()
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        let line = self.spec.explain();
        let gap = if line.is_empty() { "" } else { " " };
        writeln!(f, "{indent}{}{gap}{line}", self.spec.name())?;
        self.inputs.iter().try_for_each(|input| input.write(f, depth + 1))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

#[cold]
fn wrong(node: &str, text: &str) -> Error {
    PlanError { node: node.to_owned(), error: SqlError::other(text).into() }.into()
}
