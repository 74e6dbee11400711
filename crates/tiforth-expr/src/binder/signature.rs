// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts a call's arguments to what an overload takes, and gives the result its default type.
//!
//! Source: TiDB `pkg/expression/builtin.go` (`newBaseBuiltinFuncWithTp`),
//! `pkg/expression/builtin_convert_charset.go` (`HandleBinaryLiteral`).

use tiforth_types::{Collation, Result, SqlType, TypeKind};

use super::Binder;
use crate::function::{ArgKind, CallSite, Collate, Overload};
use crate::typed::{Call, TypedExpr};

impl Binder<'_> {
    /// Builds a call of `overload`: converts each argument to its kind (the last kind serves all that
    /// follow) and gives the result the default type of `result`. A text's collation is the one
    /// derived from the arguments' as they were.
    ///
    /// # Errors
    /// 1267 and its kin where collations do not mix, and what converting refuses.
    pub fn signature(
        &mut self,
        site: &CallSite,
        overload: Overload,
        args: Vec<TypedExpr>,
        kinds: &[ArgKind],
        result: ArgKind,
    ) -> Result<TypedExpr> {
        let ty = default_type(result);
        self.signature_of_type(site, overload, args, kinds, ty)
    }

    /// Builds a call as [`signature`](Self::signature) does, with `ty` as the result's type; a text
    /// still gets the collation derived.
    ///
    /// # Errors
    /// Those of [`signature`](Self::signature).
    pub fn signature_of_type(
        &mut self,
        site: &CallSite,
        overload: Overload,
        args: Vec<TypedExpr>,
        kinds: &[ArgKind],
        mut ty: SqlType,
    ) -> Result<TypedExpr> {
        let derived = self.derive_collation(&site.name, &args, &ty)?;
        let mixes = self.registry.get(&site.name).is_some_and(|f| f.collate != Collate::Connection);
        let mut wrapped = Vec::with_capacity(args.len());
        for (i, arg) in args.into_iter().enumerate() {
            let kind = kinds.get(i).or(kinds.last()).copied().unwrap_or(ArgKind::Any);
            let arg = self.wrap(arg, kind)?;
            wrapped.push(if kind == ArgKind::String && mixes {
                self.unify(arg, derived.compare_with)?
            } else {
                arg
            });
        }
        if ty.kind.is_string() {
            ty.collation = derived.collation;
        }
        let mut typed = self.prepared(Call {
            name: site.name.clone(),
            overload,
            args: wrapped,
            options: site.options.clone(),
            ty,
            collation: derived.compare_with,
            state: None,
            tells_forms: false,
        })?;
        typed.coercibility = derived.coercibility;
        typed.repertoire = derived.repertoire;
        Ok(typed)
    }
}

/// Returns the type a function's result has where it says no more than its kind.
pub fn default_type(kind: ArgKind) -> SqlType {
    match kind {
        ArgKind::Int => SqlType::bigint(20),
        ArgKind::Real => SqlType { length: 23, ..SqlType::double() },
        ArgKind::Decimal => SqlType { length: 11, ..SqlType::new(TypeKind::Decimal) },
        ArgKind::String | ArgKind::Any => SqlType::varchar(-1, Collation::UTF8MB4_BIN),
        ArgKind::Datetime => SqlType::datetime(6),
        ArgKind::Timestamp => SqlType { kind: TypeKind::Timestamp, ..SqlType::datetime(6) },
        ArgKind::Duration => SqlType::time(6),
        ArgKind::Json => SqlType::new(TypeKind::Json),
        ArgKind::Vector => SqlType::new(TypeKind::Vector),
    }
}
