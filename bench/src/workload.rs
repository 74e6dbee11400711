// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Loads tables, and compiles and runs a plan over them.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use tiforth::arrow::array::RecordBatch;
use tiforth::arrow::schema::{DataType, Field, Schema, SchemaRef};
use tiforth::types::TypeKind;
use tiforth::{
    CompiledPlan, Engine, Plan, PlanRun, RunContext, Session, TableInput, Tables, ThreadPool,
};

use crate::AnyError;
use crate::arguments::{Arguments, TableFile};

/// Holds a plan, its input and its last result.
pub(crate) struct Workload {
    engine: Engine,
    session: Session,
    pool: ThreadPool,
    plan: String,
    views: bool,
    inputs: Vec<(String, Vec<RecordBatch>)>,
    result: Vec<RecordBatch>,
    last: Option<PlanRun>,
}

impl Workload {
    /// Loads the tables.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, AnyError> {
        let inputs = arguments
            .tables
            .iter()
            .map(|t| Ok((t.name.clone(), load(t)?)))
            .collect::<Result<_, AnyError>>()?;
        Ok(Workload {
            engine: Engine::new(),
            session: Session::default(),
            pool: ThreadPool::new(arguments.threads)?,
            plan: arguments.plan.clone(),
            views: arguments.views,
            inputs,
            result: Vec::new(),
            last: None,
        })
    }

    /// Runs the plan and returns the milliseconds it took; freeing the result before is not timed.
    pub(crate) fn run(&mut self) -> Result<f64, AnyError> {
        self.result = Vec::new();
        self.last = None;
        let started = Instant::now();
        let plan = Plan::from_json(&self.plan)?;
        let mut tables = Tables::new();
        for (name, batches) in &self.inputs {
            let schema = batches.first().map(RecordBatch::schema).ok_or("the table is empty")?;
            tables = tables.with(name, schema);
        }
        let compiled = self.engine.compile(&plan, &tables, &self.session)?;
        let compiled = if self.views {
            let target = wanted(&compiled);
            compiled.with_output(target)?
        } else {
            compiled
        };
        let inputs = self.inputs.iter();
        let inputs = inputs.map(|(n, b)| (n.clone(), TableInput::from(b.clone()))).collect();
        let mut run = compiled.start(inputs, &RunContext::default(), &self.pool)?;
        let mut result = Vec::new();
        while let Some(batch) = run.next_batch()? {
            result.push(batch);
        }
        let ms = started.elapsed().as_secs_f64() * 1e3;
        self.result = result;
        self.last = Some(run);
        Ok(ms)
    }

    /// Returns the number of rows of the last result.
    pub(crate) fn result_rows(&self) -> usize {
        self.result.iter().map(RecordBatch::num_rows).sum()
    }

    /// Writes the last result.
    pub(crate) fn save(&self, file: File) -> Result<(), AnyError> {
        let schema = self.result.first().map(RecordBatch::schema).ok_or("there is no result")?;
        let mut writer = FileWriter::try_new(file, &schema)?;
        for batch in &self.result {
            writer.write(batch)?;
        }
        writer.finish()?;
        Ok(())
    }

    /// Says what each operator of the last run did.
    pub(crate) fn profile(&self) -> String {
        self.last.as_ref().map_or_else(String::new, |run| format!("{:?}", run.profile()))
    }
}

fn load(table: &TableFile) -> Result<Vec<RecordBatch>, AnyError> {
    let schema = FileReader::try_new(File::open(&table.path)?, None)?.schema();
    let places = match table.columns.as_slice() {
        [] => None,
        columns => {
            let places: Result<Vec<usize>, _> =
                columns.iter().map(|c| schema.index_of(c)).collect();
            Some(places?)
        }
    };
    let reader = FileReader::try_new(File::open(&table.path)?, places)?;
    Ok(reader.collect::<Result<_, _>>()?)
}

/// Asks for dates and long decimals as the peers give them, and for texts as views: rows picked from
/// the input then share its bytes.
fn wanted(plan: &CompiledPlan) -> SchemaRef {
    let field = |(field, column): (&Arc<Field>, &tiforth::data::Field)| {
        let data_type = match (field.data_type(), column.sql_type.kind) {
            (DataType::UInt64, TypeKind::Date) => DataType::Date32,
            (DataType::Decimal256(_, scale), _) => DataType::Decimal128(38, *scale),
            (DataType::Utf8, _) => DataType::Utf8View,
            (other, _) => other.clone(),
        };
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    let schema = plan.schema();
    let fields: Vec<Arc<Field>> =
        schema.fields().iter().zip(plan.columns().iter()).map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}
