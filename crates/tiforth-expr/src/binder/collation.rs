// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Derives which collation a call's result has and which one it compares with.
//!
//! Source: TiDB `pkg/expression/collation.go` (`deriveCollation`, `CheckAndDeriveCollationFromExprs`).

use tiforth_types::collation::derive::{self, Argument, Constant, Purpose, derive};
use tiforth_types::{
    Charset, Coercibility, Collation, Datum, EvalType, Repertoire, Result, SqlType,
};

use super::Binder;
use crate::function::Collate;
use crate::typed::TypedExpr;

/// Says what was derived for a call.
#[derive(Clone, Copy, Debug)]
pub struct Derived {
    /// The collation of a text result.
    pub collation: Collation,
    /// How strongly it binds.
    pub coercibility: Coercibility,
    /// Which characters can occur.
    pub repertoire: Repertoire,
    /// The collation texts are compared with inside the call.
    pub compare_with: Collation,
}

impl Binder<'_> {
    /// Derives the collation of a call of the function `name` by the function's own rule.
    pub(super) fn derive_collation(
        &mut self,
        name: &str,
        args: &[TypedExpr],
        result: &SqlType,
    ) -> Result<Derived> {
        let is_text = |arg: &TypedExpr| arg.eval_type() == EvalType::Bytes;
        let rule = self.registry.get(name).map_or(Collate::Connection, |f| f.collate);
        let chosen: Vec<&TypedExpr> = match rule {
            Collate::Connection => return Ok(self.connection(result)),
            Collate::AllTexts if !args.iter().all(is_text) => {
                return Ok(self.connection(result));
            }
            Collate::AllOfText if args.first().is_none_or(|arg| !is_text(arg)) => {
                return Ok(self.connection(result));
            }
            Collate::All | Collate::AllTexts | Collate::AllOfText | Collate::Compare => {
                args.iter().collect()
            }
            Collate::Of(places) | Collate::CompareOf(places) => {
                places.iter().filter_map(|&i| args.get(i)).collect()
            }
            Collate::From(place) => args.iter().skip(place).collect(),
        };
        let is_comparison = matches!(rule, Collate::Compare | Collate::CompareOf(_));
        let purpose = if is_comparison || !result.kind.is_string() {
            Purpose::Comparison
        } else {
            Purpose::Text { connection: self.session.collation }
        };
        let derived = self.derive_from(name, &chosen, purpose)?;
        if is_comparison {
            return Ok(Derived {
                coercibility: Coercibility::Numeric,
                repertoire: Repertoire::Ascii,
                ..derived
            });
        }
        Ok(derived)
    }

    /// Derives one collation from several expressions: to compare with, or for a text result.
    ///
    /// # Errors
    /// 1267, 1270 or 1271 where they do not mix.
    pub fn derive_from(
        &self,
        name: &str,
        args: &[&TypedExpr],
        purpose: Purpose,
    ) -> Result<Derived> {
        let inputs: Vec<Argument<'_>> = args.iter().map(|arg| self.argument(arg)).collect();
        let derived =
            derive(&inputs, purpose).map_err(|e| e.to_error(shown_name(name), &inputs))?;
        Ok(Derived {
            collation: derived.collation,
            coercibility: derived.coercibility,
            repertoire: derived.repertoire,
            compare_with: derived.collation,
        })
    }

    fn argument<'e>(&self, arg: &'e TypedExpr) -> Argument<'e> {
        let derived = derive::Derived {
            collation: self.collation_of(arg),
            coercibility: arg.coercibility,
            repertoire: arg.repertoire,
        };
        let constant = match arg.as_constant() {
            None => Constant::No,
            Some(Datum::Null) => Constant::Null,
            Some(Datum::Bytes(text)) => Constant::Text(text),
            Some(_) => Constant::Text(b""),
        };
        Argument { derived, is_bytes: arg.ty.is_bytes(), constant }
    }

    /// Returns the collation an expression brings along: JSON is utf8mb4_bin, numbers are binary.
    fn collation_of(&self, expr: &TypedExpr) -> Collation {
        match expr.eval_type() {
            EvalType::Bytes => expr.ty.collation,
            EvalType::Json => Collation::UTF8MB4_BIN,
            _ => Collation::BINARY,
        }
    }

    fn connection(&self, result: &SqlType) -> Derived {
        let collation = self.session.collation;
        if result.kind.is_string() {
            let repertoire = if collation.charset() == Charset::Ascii {
                Repertoire::Ascii
            } else {
                Repertoire::Unicode
            };
            return Derived {
                collation,
                coercibility: Coercibility::Coercible,
                repertoire,
                compare_with: collation,
            };
        }
        Derived {
            collation: Collation::BINARY,
            coercibility: Coercibility::Numeric,
            repertoire: Repertoire::Ascii,
            compare_with: Collation::BINARY,
        }
    }
}

/// Returns the name messages show for an operation: a sign where there is one.
fn shown_name(name: &str) -> &str {
    match name {
        "eq" => "=",
        "ne" => "<>",
        "lt" => "<",
        "le" => "<=",
        "gt" => ">",
        "ge" => ">=",
        "nulleq" => "<=>",
        other => other,
    }
}
