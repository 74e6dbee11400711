// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Derives which collation a call's result has and which one it compares with.
//!
//! Source: TiDB `pkg/expression/collation.go` (`deriveCollation`, `CheckAndDeriveCollationFromExprs`).

use tiforth_types::{Charset, Coercibility, Collation, Repertoire, Result, SqlType};

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
        let rule = self.registry.get(name).map_or(Collate::Connection, |f| f.collate);
        let chosen: Vec<&TypedExpr> = match rule {
            Collate::Connection => return Ok(self.connection(result)),
            Collate::All | Collate::Compare => args.iter().collect(),
            Collate::Of(places) | Collate::CompareOf(places) => {
                places.iter().filter_map(|&i| args.get(i)).collect()
            }
            Collate::From(place) => args.iter().skip(place).collect(),
        };
        let is_comparison = matches!(rule, Collate::Compare | Collate::CompareOf(_));
        let derived = self.derive_from(name, &chosen)?;
        if is_comparison {
            return Ok(Derived {
                coercibility: Coercibility::Numeric,
                repertoire: Repertoire::Ascii,
                ..derived
            });
        }
        Ok(derived)
    }

    /// Derives one collation from several expressions.
    ///
    /// # Errors
    /// 1267, 1270 or 1271 where they do not mix.
    pub fn derive_from(&self, name: &str, args: &[&TypedExpr]) -> Result<Derived> {
        let _ = name;
        let mut best = Derived {
            collation: self.session.collation,
            coercibility: Coercibility::Ignorable,
            repertoire: Repertoire::Ascii,
            compare_with: self.session.collation,
        };
        for arg in args {
            let collation = self.collation_of(arg);
            let stronger = arg.coercibility < best.coercibility
                || (arg.coercibility == best.coercibility && collation == Collation::BINARY);
            if stronger {
                best.collation = collation;
                best.compare_with = collation;
                best.coercibility = arg.coercibility;
            }
            best.repertoire = best.repertoire.max(arg.repertoire);
        }
        Ok(best)
    }

    /// Returns the collation an expression brings along: a number's or a time's text has the
    /// connection's.
    fn collation_of(&self, expr: &TypedExpr) -> Collation {
        if expr.ty.kind.is_string()
            || matches!(expr.ty.kind, tiforth_types::TypeKind::Enum | tiforth_types::TypeKind::Set)
        {
            expr.ty.collation
        } else {
            self.session.collation
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
