// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads decimals as they are laid out, where a result hangs on it: lanes only bound the words of theirs.
//!
//! A column read from storage knows how its values are laid out; what was computed is computed once more
//! by the evaluator of rows, for the rows in question alone.

use tiforth_data::{Column, ColumnData, DecimalColumn, IntLayout};
use tiforth_expr::kernel::{Arg, Args, Dec, Kernel, RowValue, Rows};
use tiforth_expr::{CallContext, RowReader, TypedExpr};
use tiforth_types::decimal::SHORT_DIGITS;
use tiforth_types::decimal::lanes::pow10_i128;
use tiforth_types::{Datum, DatumRef, Decimal, EvalType, Result, SqlError};

/// Drives a kernel that makes a double of its first argument: a decimal comes laid out as it was computed
/// wherever its double hangs on that.
pub(crate) struct ExactDoubles<K>(pub(crate) K);

impl<K: Kernel> Kernel for ExactDoubles<K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let exact = match ctx.call.ty.eval_type() {
            EvalType::Real => exact_doubles(args, rows, ctx)?,
            _ => None,
        };
        match exact {
            Some(column) => self.0.batch(&args.with_columns(&[column]), rows, ctx),
            None => self.0.batch(args, rows, ctx),
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.0.row(args, out, ctx)
    }
}

/// Returns the first argument's decimals with the layouts their doubles hang on; nothing where none does.
///
/// Decimals of few digits, those laid out included, are rounded to what they print as doubles, the others
/// as decimals ([`Decimal::to_f64`]). The two differ where digits beyond those printed are a half, and in
/// the sign of what rounds to zero.
fn exact_doubles(args: &Args<'_>, rows: Rows<'_>, ctx: &CallContext<'_>) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let ColumnData::Decimal(lanes) = column.data() else { return Ok(None) };
    if !may_hang_on_layout(lanes) {
        return Ok(None);
    }
    let mut operand = Operand::new(&column, args.expr(0))?;
    let mut exact = None;
    let mut failure = None;
    rows.for_each(|row| {
        let Some(value) = operand.get(row).filter(hangs_on_layout) else { return };
        let open = |expr| RowReader::new(expr, args, ctx.session, ctx.run);
        match operand.as_laid_out(row, value, open) {
            Ok(value) => {
                let all = || (0..column.len()).map(|row| lanes.get(row)).collect();
                let values: &mut Vec<Decimal> = exact.get_or_insert_with(all);
                if let Some(slot) = values.get_mut(row) {
                    *slot = value;
                }
            }
            Err(error) => failure = failure.take().or(Some(error)),
        }
    });
    let column = |values: Vec<Decimal>| {
        Column::decimals(DecimalColumn::Wide(values.into()), column.nulls().cloned())
    };
    failure.map_or_else(|| Ok(exact.map(column)), Err)
}

/// Returns half a unit of the last digit printed, counted in units of the last digit there is; nothing
/// where all digits are printed, or there are more than any double is rounded from.
fn half_of_hidden(scale: u8, printed_scale: u8) -> Option<i128> {
    let hidden = scale.checked_sub(printed_scale).filter(|&hidden| hidden > 0)?;
    let unit = pow10_i128(hidden).filter(|_| scale <= SHORT_DIGITS)?;
    Some(unit / 2)
}

/// Tells whether a column may have a value whose double hangs on how it is laid out.
fn may_hang_on_layout(lanes: &DecimalColumn) -> bool {
    let Some((scale, printed_scale)) = lanes.scales() else { return true };
    let Some(half) = half_of_hidden(scale, printed_scale) else { return false };
    match (lanes, i64::try_from(half)) {
        (DecimalColumn::Lane64 { values, .. }, Ok(half)) => values
            .iter()
            .any(|&value| (-half..0).contains(&value) || (value % (2 * half)).abs() == half),
        _ => true,
    }
}

/// Tells whether a value's double may hang on how it is laid out.
fn hangs_on_layout(value: &Decimal) -> bool {
    let half = half_of_hidden(value.scale(), value.printed_scale());
    half.zip(value.plain_mantissa()).is_some_and(|(half, mantissa)| {
        (-half..0).contains(&mantissa) || (mantissa % (2 * half)).abs() == half
    })
}

/// Is an operand whose rows are read one by one.
pub(crate) struct Operand<'a> {
    values: <Dec as Arg>::Reader<'a>,
    layout: Layout<'a>,
    /// Computes rows anew; opened when one is first asked for.
    reader: Option<RowReader<'a>>,
}

/// Says who knows how an operand's values are laid out.
enum Layout<'a> {
    /// The values themselves.
    Value,
    /// The column they were read from storage into.
    Stored(&'a DecimalColumn),
    /// What computes them.
    Computed(&'a TypedExpr),
    /// What computes them, but for those of one and more: they are products, and have the words they
    /// need.
    Product(&'a TypedExpr),
}

impl<'a> Operand<'a> {
    /// Opens the column of the argument `arg`.
    pub(crate) fn new(column: &'a Column, arg: Option<&'a TypedExpr>) -> Result<Self> {
        let call = arg.and_then(|expr| Some((expr, expr.as_call()?)));
        let layout = match column.data() {
            ColumnData::Decimal(lanes) => match (lanes.layout(), call) {
                (Some(IntLayout::Stored(_)), _) => Layout::Stored(lanes),
                (None, Some((expr, call))) if call.name.as_ref() == "mul" => Layout::Product(expr),
                (_, Some((expr, _))) => Layout::Computed(expr),
                (Some(_), None) => Layout::Stored(lanes),
                (None, None) => Layout::Value,
            },
            _ => Layout::Value,
        };
        Ok(Operand { values: Dec::open(column)?, layout, reader: None })
    }

    /// Returns a row's value; its layout may only be a bound.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<Decimal> {
        Dec::get(&self.values, row)
    }

    /// Returns a row's value laid out as what computes it for that row alone lays it out.
    #[cold]
    pub(crate) fn as_laid_out(
        &mut self,
        row: usize,
        value: Decimal,
        open: impl FnOnce(&'a TypedExpr) -> Result<RowReader<'a>>,
    ) -> Result<Decimal> {
        let expr = match self.layout {
            Layout::Value => return Ok(value),
            Layout::Stored(lanes) => return Ok(lanes.stored(row)),
            Layout::Product(_) if has_whole_part(&value) => return Ok(value),
            Layout::Product(expr) | Layout::Computed(expr) => expr,
        };
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(open(expr)?),
        };
        Ok(match reader.get(row) {
            Some(Datum::Decimal(exact)) if exact == value => exact,
            _ => value,
        })
    }
}

/// Tells whether a value is one or more, whatever its sign.
fn has_whole_part(value: &Decimal) -> bool {
    let (precision, scale) = value.precision_and_scale();
    precision > scale && !value.is_zero()
}
