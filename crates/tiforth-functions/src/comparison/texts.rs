// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares texts, whole columns with a constant where bytes or letters decide.

use tiforth_data::{Column, ColumnData};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, BytesArg, Kernel, RowValue, Rows};
use tiforth_types::{Datum, DatumRef, Result, SqlError};

use super::operator::{Compare, Operator};

/// Computes an operator over texts.
pub(super) struct Texts {
    operator: Operator,
    rows: Compare<BytesArg>,
}

impl Texts {
    /// Builds the kernel of an operator.
    pub(super) const fn new(operator: Operator) -> Self {
        Texts { operator, rows: Compare::new(operator) }
    }

    /// Looks for the texts that are equal to a constant, or are not, if this is what is asked.
    fn equal(&self, args: &Args<'_>, ctx: &CallContext<'_>) -> Result<Option<Column>> {
        let collation = ctx.call.collation;
        let is_asked = matches!(self.operator, Operator::Eq | Operator::Ne);
        let pair = match (args.raw(0)?.as_constant(), args.raw(1)?.as_constant()) {
            (None, Some(Datum::Bytes(text))) => Some((args.decoded(0)?, text)),
            (Some(Datum::Bytes(text)), None) => Some((args.decoded(1)?, text)),
            _ => None,
        };
        let letters = collation.compares_letters();
        let Some((column, text)) =
            pair.filter(|_| is_asked && (letters || collation.compares_bytes()))
        else {
            return Ok(None);
        };
        let ColumnData::Bytes(texts) = column.data() else { return Ok(None) };
        let text = collation.trim_padding(text);
        // What may follow in a text is padding, so nothing is known of its end.
        let found = texts.matching(text, &[], letters, |other| collation.equals(text, other));
        let bits = if self.operator == Operator::Ne { !&found } else { found };
        Ok(Some(Column::bits(bits, column.nulls().cloned())))
    }
}

impl Kernel for Texts {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        if rows.selection.is_none()
            && let Some(column) = self.equal(args, ctx)?
        {
            return Ok(column);
        }
        self.rows.batch(args, rows, ctx)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.rows.row(args, out, ctx)
    }
}

#[cfg(test)]
mod tests {
    use tiforth_data::{BytesBuilder, Field};
    use tiforth_expr::tree::{call, col};
    use tiforth_expr::{Binder, Diagnostics, Evaluator, RunValues};
    use tiforth_types::{Collation, Session, SqlType};

    use super::*;

    #[test]
    fn columns_equal_constants_as_texts_do() {
        let texts = [
            "",
            "a",
            "ab",
            "abc ",
            "abc",
            "ABC",
            "abcdefgh",
            "abcdefghi",
            "abcdefgi",
            " ",
            "b",
            "\u{e9}t\u{e9}",
            "ete",
            "ETE  ",
            "et\u{e9}",
            "Abcdefghi jklmnopq",
            "aBCdefghi jklmnopQ",
        ];
        let mut builder = BytesBuilder::default();
        texts.iter().for_each(|text| builder.push(text.as_bytes()));
        let column = Column::bytes(builder.finish(), None);
        let registry = crate::registry().unwrap();
        let session = Session::default();
        for collation in [Collation::BINARY, Collation::UTF8MB4_BIN, Collation::UTF8MB4_GENERAL_CI]
        {
            let field = |name: &str| Field {
                name: name.into(),
                sql_type: SqlType::varchar(20, collation),
                nullable: true,
            };
            let schema = [field("a"), field("b")];
            for (operator, constant) in
                ["eq", "ne"].iter().flat_map(|o| texts.iter().map(move |t| (*o, *t)))
            {
                let mut binder = Binder::new(&registry, &session, &schema);
                let typed = binder.bind(&call(operator, [col("a"), col("b")])).unwrap();
                let value = Datum::Bytes(constant.as_bytes().into());
                let columns = [column.clone(), Column::constant(value, column.len())];
                let run = RunValues::default();
                let mut diagnostics = Diagnostics::new(64);
                let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
                let found = evaluator.evaluate(&typed, Rows::all(column.len())).unwrap();
                let ColumnData::Bits(found) = found.data() else { panic!("a truth is a bit") };
                for (row, text) in texts.iter().enumerate() {
                    let is_equal = collation.equals(text.as_bytes(), constant.as_bytes());
                    let expected = is_equal == (operator == "eq");
                    assert_eq!(found.value(row), expected, "{text:?} {operator} {constant:?}");
                }
            }
        }
    }
}
