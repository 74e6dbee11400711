// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds bound expressions: every node knows its type, its collation's strength and its kernel.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use tiforth_types::decimal::Outcome;
use tiforth_types::temporal::TimeKind;
use tiforth_types::{Coercibility, Repertoire};
use tiforth_types::{Collation, Datum, EvalType, SqlError, SqlType, TypeKind};

use crate::function::Overload;
use crate::tree::{CallOptions, LiteralKind};

/// Is a bound expression: what computes it, and what is known of its values.
#[derive(Clone)]
pub struct TypedExpr {
    /// What computes the value.
    pub node: Node,
    /// The type of the values.
    pub ty: SqlType,
    /// Whether NULL may occur.
    pub nullable: bool,
    /// How strongly the collation binds when it meets another.
    pub coercibility: Coercibility,
    /// Whether only ASCII characters can occur.
    pub repertoire: Repertoire,
    /// Whether this is a truth value (a comparison, a logical operation).
    pub is_boolean: bool,
}

/// Is what computes a bound expression's value.
#[derive(Clone)]
pub enum Node {
    /// A column of the input.
    Field {
        /// Its place in the schema.
        index: usize,
        /// Its name, for messages.
        name: Arc<str>,
    },
    /// A value known when the expression is bound.
    Constant(Constant),
    /// A call of a function.
    Call(Arc<Call>),
}

/// Is a value known when the expression is bound.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The value.
    pub value: Datum,
    /// The kind of literal it was written as; none for what was computed. A hex or bit literal is a
    /// number where a number is wanted.
    pub literal: Option<LiteralKind>,
    /// The kind and the fraction digits a date prints with, where its type's are others; of a TIME the
    /// digits alone count.
    pub form: Option<(TimeKind, u8)>,
}

impl Constant {
    /// Returns what an expression of type `ty` gives of the value: a decimal has the type's digits at
    /// least, which may have become more since it was computed (TiDB's `Constant.EvalDecimal`).
    ///
    /// # Errors
    /// 1265 where a decimal has no room for those digits.
    pub fn value_as(&self, ty: &SqlType) -> Result<Datum, SqlError> {
        match &self.value {
            Datum::Decimal(value)
                if ty.eval_type() == EvalType::Decimal
                    && i32::from(value.scale()) < ty.decimals =>
            {
                let rounded = value.round_in_place(ty.decimals);
                match rounded.outcome {
                    Outcome::Exact => Ok(Datum::Decimal(rounded.value)),
                    _ => Err(SqlError::data_truncated()),
                }
            }
            value => Ok(value.clone()),
        }
    }
}

/// Is immutable state made from a call's constant arguments, shared by all who run the call.
pub type PreparedState = Arc<dyn Any + Send + Sync>;

/// Is a call of one overload of a function with its arguments.
#[derive(Clone)]
pub struct Call {
    /// The function's name, as TiDB prints it.
    pub name: Arc<str>,
    /// The overload chosen.
    pub overload: Overload,
    /// The arguments, converted to what the overload takes.
    pub args: Vec<TypedExpr>,
    /// Units, charsets and the like.
    pub options: CallOptions,
    /// The call's result type; kernels read scale, fsp, length and collation here.
    pub ty: SqlType,
    /// The collation texts are compared with, where the function compares any.
    pub collation: Collation,
    /// What [`Overload::prepare`] made, if anything.
    pub state: Option<PreparedState>,
    /// Whether dates come with their form, where it is not their type's
    /// ([`Time::with_form`](tiforth_types::Time::with_form)).
    pub tells_forms: bool,
}

impl TypedExpr {
    /// Builds the expression that reads a column.
    pub fn field(index: usize, name: &str, ty: SqlType, nullable: bool) -> Self {
        let coercibility = coercibility_of(&ty);
        let repertoire = repertoire_of(&ty);
        TypedExpr {
            node: Node::Field { index, name: name.into() },
            ty,
            nullable,
            coercibility,
            repertoire,
            is_boolean: false,
        }
    }

    /// Builds a constant of type `ty`.
    pub fn constant(value: Datum, ty: SqlType) -> Self {
        let nullable = value.is_null();
        let coercibility = if nullable {
            Coercibility::Ignorable
        } else if ty.eval_type() == EvalType::Bytes || ty.eval_type() == EvalType::Json {
            Coercibility::Coercible
        } else {
            Coercibility::Numeric
        };
        let repertoire = match &value {
            Datum::Bytes(b) if !b.is_ascii() => Repertoire::Unicode,
            _ => Repertoire::Ascii,
        };
        TypedExpr {
            node: Node::Constant(Constant { value, literal: None, form: None }),
            ty,
            nullable,
            coercibility,
            repertoire,
            is_boolean: false,
        }
    }

    /// Builds an untyped NULL.
    pub fn null() -> Self {
        Self::constant(Datum::Null, SqlType::null())
    }

    /// Returns how the values are evaluated.
    pub fn eval_type(&self) -> EvalType {
        self.ty.eval_type()
    }

    /// Returns the value, if it is known.
    pub fn as_constant(&self) -> Option<&Datum> {
        match &self.node {
            Node::Constant(c) => Some(&c.value),
            _ => None,
        }
    }

    /// Returns what the expression gives, if that is known and no error: [`Constant::value_as`] its type says.
    pub fn constant_value(&self) -> Option<Datum> {
        match &self.node {
            Node::Constant(constant) => constant.value_as(&self.ty).ok(),
            _ => None,
        }
    }

    /// Returns the call, if this is one.
    pub fn as_call(&self) -> Option<&Arc<Call>> {
        match &self.node {
            Node::Call(call) => Some(call),
            _ => None,
        }
    }

    /// Tells whether the value is known while binding.
    pub fn is_constant(&self) -> bool {
        matches!(self.node, Node::Constant(_))
    }

    /// Tells whether this is a column of the input.
    pub fn is_field(&self) -> bool {
        matches!(self.node, Node::Field { .. })
    }

    /// Returns the same expression of another type; a call's own type changes along.
    pub fn with_type(mut self, ty: SqlType) -> Self {
        if let Node::Call(call) = &mut self.node {
            Arc::make_mut(call).ty = ty.clone();
        }
        self.ty = ty;
        self
    }

    /// Returns the same call, computed by another overload that takes the same arguments.
    pub fn with_overload(mut self, overload: Overload) -> Self {
        if let Node::Call(call) = &mut self.node {
            Arc::make_mut(call).overload = overload;
        }
        self
    }

    /// Returns the same expression, whose dates and times come with their form as far as their source tells
    /// it.
    pub fn telling_forms(mut self) -> Self {
        // Columns of TIME hold no digits of their own, so that only constants have any.
        let is_told = match self.eval_type() {
            EvalType::Time => true,
            EvalType::Duration => match &self.node {
                Node::Call(call) => call.args.iter().all(TypedExpr::is_constant),
                _ => true,
            },
            _ => false,
        };
        if !is_told {
            return self;
        }
        match &mut self.node {
            Node::Constant(Constant {
                value: Datum::Duration(duration),
                form: Some((_, fsp)),
                ..
            }) => {
                *duration = duration.with_form(*fsp);
            }
            Node::Constant(Constant {
                value: Datum::Time(time), form: Some((kind, fsp)), ..
            }) => {
                *time = time.with_form(*kind, *fsp);
            }
            Node::Call(call) if call.overload.has_forms => {
                let call = Arc::make_mut(call);
                call.tells_forms = true;
                let args = std::mem::take(&mut call.args);
                call.args = args.into_iter().map(Self::telling_forms).collect();
            }
            _ => {}
        }
        self
    }

    /// Returns the same expression, NULL or not as said.
    pub fn with_nullable(mut self, nullable: bool) -> Self {
        self.nullable = nullable;
        self
    }

    /// Returns the same expression, marked as a truth value.
    pub fn as_boolean(mut self) -> Self {
        self.is_boolean = true;
        self
    }

    /// Tells whether both are the very same call, or equal DECIMALs of one type.
    pub fn is_same_node(&self, other: &TypedExpr) -> bool {
        match (&self.node, &other.node) {
            (Node::Call(a), Node::Call(b)) => Arc::ptr_eq(a, b),
            (Node::Constant(a), Node::Constant(b)) => match (&a.value, &b.value) {
                (Datum::Decimal(a), Datum::Decimal(b)) => a == b && self.ty == other.ty,
                _ => false,
            },
            _ => false,
        }
    }

    /// Calls `visit` for this node and all below it, parents first.
    pub fn visit(&self, visit: &mut dyn FnMut(&TypedExpr)) {
        visit(self);
        if let Node::Call(call) = &self.node {
            call.args.iter().for_each(|a| a.visit(visit));
        }
    }
}

/// Returns how strongly a column of type `ty` binds: a text implicitly, a number as a number.
pub fn coercibility_of(ty: &SqlType) -> Coercibility {
    if ty.kind == TypeKind::Null {
        return Coercibility::Ignorable;
    }
    match ty.eval_type() {
        EvalType::Bytes | EvalType::Json => Coercibility::Implicit,
        _ => Coercibility::Numeric,
    }
}

/// Returns which characters can occur in a column of type `ty`.
pub fn repertoire_of(ty: &SqlType) -> Repertoire {
    if ty.eval_type() == EvalType::Bytes && ty.collation != Collation::BINARY {
        Repertoire::Unicode
    } else {
        Repertoire::Ascii
    }
}

impl fmt::Debug for TypedExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}: {:?}", self.ty)
    }
}
