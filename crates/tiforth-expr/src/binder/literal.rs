// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Types literals: `1` is BIGINT, `1.5` DECIMAL(2,1), `1e1` DOUBLE, `'a'` VARCHAR.
//!
//! Source: TiDB `pkg/types/field_type.go` (`DefaultTypeForValue`), `pkg/parser/parser.y` (Literal).

use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, UNSPECIFIED};
use tiforth_types::{
    Charset, Collation, Datum, Decimal, Result, SqlError, SqlType, TypeKind, code,
};

use tiforth_types::decimal::{PRECISION_MAX, ParseOutcome};

use super::{Binder, temporal_literal};
use crate::tree::{Literal, LiteralKind};
use crate::typed::{Constant, Node, TypedExpr};

impl Binder<'_> {
    pub(super) fn literal(&mut self, literal: &Literal) -> Result<TypedExpr> {
        let (value, ty) = match literal.kind() {
            LiteralKind::Null => (Datum::Null, SqlType::null()),
            LiteralKind::Bool => {
                let value = i64::from(literal.text() == "1");
                let typed = TypedExpr::constant(Datum::Int(value), SqlType::bigint(1));
                return Ok(typed.as_boolean());
            }
            LiteralKind::Integer => integer(literal.text())?,
            LiteralKind::Decimal => self.decimal(literal.text()),
            LiteralKind::Float => float(literal.text())?,
            LiteralKind::String => self.string(literal)?,
            LiteralKind::Hex | LiteralKind::Bit => self.binary_literal(literal),
            LiteralKind::Date => return temporal_literal::date(literal.text(), self.session),
            LiteralKind::Time => return temporal_literal::time(literal.text(), self.session),
            LiteralKind::Timestamp => {
                return temporal_literal::timestamp(self, literal.text());
            }
        };
        let mut typed = TypedExpr::constant(value, ty);
        if let Node::Constant(Constant { literal: kind, .. }) = &mut typed.node {
            *kind = Some(literal.kind());
        }
        Ok(typed)
    }

    /// A literal keeps the digits TiDB's buffer has room for; one that is too great becomes 65 nines.
    fn decimal(&mut self, text: &str) -> (Datum, SqlType) {
        let parsed = Decimal::parse(text.as_bytes());
        if parsed.outcome != ParseOutcome::Overflow {
            return decimal_of(parsed.value);
        }
        self.warn(SqlError::truncated_wrong_value("DECIMAL", &parsed.value.to_string()));
        decimal_of(Decimal::max_for(PRECISION_MAX, 0))
    }

    fn string(&mut self, literal: &Literal) -> Result<(Datum, SqlType)> {
        let bytes = literal.text().as_bytes();
        let collation = match literal.charset() {
            Some(charset) => charset.default_collation(),
            None => self.session.collation,
        };
        if collation.charset() == Charset::Ascii && !bytes.is_ascii() {
            return Err(invalid_characters(collation, bytes));
        }
        let ty = SqlType {
            decimals: UNSPECIFIED,
            // TiDB counts the bytes here, which the protocol then takes for characters.
            ..SqlType::varchar(bytes.len() as i64, collation)
        };
        Ok((Datum::Bytes(bytes.into()), ty))
    }

    fn binary_literal(&mut self, literal: &Literal) -> (Datum, SqlType) {
        let bytes = literal.bytes();
        let collation = literal.charset().map_or(Collation::BINARY, Charset::default_collation);
        let ty = SqlType {
            unsigned: literal.kind() == LiteralKind::Hex,
            decimals: 0,
            length: bytes.len() as i64 * 3,
            ..SqlType::varchar(0, collation)
        };
        (Datum::Bytes(bytes.into()), ty)
    }
}

#[cold]
fn invalid_characters(collation: Collation, bytes: &[u8]) -> tiforth_types::Error {
    let shown: String = bytes.iter().take(6).map(|b| format!("\\x{b:02X}")).collect();
    SqlError::new(
        code::ER_INVALID_CHARACTER_STRING,
        format!("Invalid {} character string: '{shown}'", collation.charset().name()),
    )
    .into()
}

fn integer(text: &str) -> Result<(Datum, SqlType)> {
    let value: u64 =
        text.parse().map_err(|_| SqlError::other(format!("'{text}' is no integer literal")))?;
    let printed = text.trim_start_matches('0').len().max(1) as i64;
    Ok(match i64::try_from(value) {
        Ok(value) => (Datum::Int(value), SqlType { decimals: 0, ..SqlType::bigint(printed) }),
        Err(_) => (Datum::Int(value as i64), SqlType::bigint_unsigned(printed)),
    })
}

fn decimal_of(value: Decimal) -> (Datum, SqlType) {
    let (_, scale) = value.precision_and_scale();
    let scale = i32::from(scale).min(DECIMAL_SCALE_MAX);
    // One more than the text is long, a point or not.
    let length = (value.to_string().len() as i64 + 1).min(i64::from(DECIMAL_PRECISION_MAX));
    let ty = SqlType { length, decimals: scale, ..SqlType::new(TypeKind::Decimal) };
    (Datum::Decimal(value), ty)
}

fn float(text: &str) -> Result<(Datum, SqlType)> {
    let value: f64 = text.parse().map_err(|_| SqlError::other(format!("'{text}' is no number")))?;
    if !value.is_finite() {
        return Err(SqlError::new(
            code::ER_ILLEGAL_VALUE_FOR_TYPE,
            format!("Illegal double '{text}' value found during parsing"),
        )
        .into());
    }
    let ty = SqlType {
        kind: TypeKind::Double,
        length: format!("{value}").len() as i64,
        ..SqlType::double()
    };
    Ok((Datum::Real(value), ty))
}
