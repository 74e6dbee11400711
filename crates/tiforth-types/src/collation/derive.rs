// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Derives the collation of an expression from those of its arguments.
//!
//! Source: TiDB `pkg/expression/collation.go`; MySQL manual, "Collation Coercibility in
//! Expressions", "String Repertoire".

use super::{Charset, Collation};
use crate::error::{SqlError, code};

/// Ranks how strongly an expression holds to its collation; the lower wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Coercibility {
    /// A COLLATE clause.
    Explicit = 0,
    /// Texts of different collations put together.
    None = 1,
    /// A column, or a cast to text.
    Implicit = 2,
    /// What USER() and its like return.
    SystemConstant = 3,
    /// A literal.
    Coercible = 4,
    /// A number, or a date or time.
    Numeric = 5,
    /// NULL.
    Ignorable = 6,
}

impl Coercibility {
    /// Returns the name error texts use.
    pub fn name(self) -> &'static str {
        match self {
            Coercibility::Explicit => "EXPLICIT",
            Coercibility::None => "NONE",
            Coercibility::Implicit => "IMPLICIT",
            Coercibility::SystemConstant => "SYSCONST",
            Coercibility::Coercible => "COERCIBLE",
            Coercibility::Numeric => "NUMERIC",
            Coercibility::Ignorable => "IGNORABLE",
        }
    }
}

/// Says which characters a text may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Repertoire {
    /// ASCII only.
    Ascii,
    /// Any.
    Unicode,
}

/// Is what is derived from arguments, and what an expression then has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Derived {
    /// The collation.
    pub collation: Collation,
    /// How strongly it is held to.
    pub coercibility: Coercibility,
    /// Which characters there may be.
    pub repertoire: Repertoire,
}

/// Describes an argument. JSON has `utf8mb4_bin`, BIT and numbers have `binary`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Argument<'a> {
    /// What was derived for the argument itself.
    pub derived: Derived,
    /// Whether it is a string of bytes, which goes with every charset.
    pub is_bytes: bool,
    /// The text of a constant, whose characters are looked at; or that it is none.
    pub constant: Constant<'a>,
}

/// Says whether an argument is a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Constant<'a> {
    /// It varies from row to row.
    No,
    /// It is NULL.
    Null,
    /// It is this text.
    Text(&'a [u8]),
}

/// Says what becomes of the derived collation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Texts are compared: there must be a collation to compare by.
    Comparison,
    /// A text is returned: it may go on without a collation to compare by. Made of numbers alone
    /// it has the connection's.
    Text {
        /// The collation of the connection.
        connection: Collation,
    },
}

/// Reports that no collation can be derived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IllegalMix;

impl IllegalMix {
    /// Words the error for an operation, by the name error texts use (`=`, `concat`): 1267 for two
    /// arguments, 1270 for three, 1271 for any other number.
    #[cold]
    pub fn to_error(self, operation: &str, args: &[Argument<'_>]) -> SqlError {
        let shown: Vec<String> = args
            .iter()
            .map(|arg| format!("({},{})", arg.derived.collation, arg.derived.coercibility.name()))
            .collect();
        match &shown[..] {
            [a, b] => SqlError::new(
                code::ER_CANT_AGGREGATE_2COLLATIONS,
                format!("Illegal mix of collations {a} and {b} for operation '{operation}'"),
            ),
            [a, b, c] => SqlError::new(
                code::ER_CANT_AGGREGATE_3COLLATIONS,
                format!("Illegal mix of collations {a}, {b}, {c} for operation '{operation}'"),
            ),
            _ => SqlError::new(
                code::ER_CANT_AGGREGATE_NCOLLATIONS,
                format!("Illegal mix of collations for operation '{operation}'"),
            ),
        }
    }
}

/// Derives the collation of an operation on `args`.
///
/// # Errors
///
/// There is none, because the arguments' collations have equal rank and differ, or because a text
/// does not fit into the charset of the winner.
pub fn derive(args: &[Argument<'_>], purpose: Purpose) -> Result<Derived, IllegalMix> {
    let mut derived = infer(args)?;
    match purpose {
        Purpose::Comparison if derived.coercibility == Coercibility::None => {
            return Err(IllegalMix);
        }
        Purpose::Text { connection } if derived.coercibility == Coercibility::Numeric => {
            derived = Derived {
                collation: connection,
                coercibility: Coercibility::Coercible,
                repertoire: Repertoire::Ascii,
            };
        }
        _ => {}
    }
    let charset = derived.collation.charset();
    if args.iter().all(|arg| converts(arg, charset)) { Ok(derived) } else { Err(IllegalMix) }
}

/// Folds the arguments' collations into one, from left to right.
fn infer(args: &[Argument<'_>]) -> Result<Derived, IllegalMix> {
    let Some((first, rest)) = args.split_first() else {
        return Ok(Derived {
            collation: Collation::UTF8MB4_BIN,
            coercibility: Coercibility::Ignorable,
            repertoire: Repertoire::Unicode,
        });
    };
    let mut so_far = first.derived;
    let mut met_unconvertible = false;
    for arg in rest {
        let arg = arg.derived;
        let repertoire = so_far.repertoire.max(arg.repertoire);
        if so_far.collation == Collation::BINARY || arg.collation == Collation::BINARY {
            let arg_wins = so_far.coercibility > arg.coercibility
                || (so_far.coercibility == arg.coercibility && arg.collation == Collation::BINARY);
            if arg_wins {
                so_far = arg;
            }
        } else if so_far.collation.charset() == arg.collation.charset() {
            so_far = same_charset(so_far, arg)?;
        } else if let Some(winner) = other_charset(so_far, arg) {
            so_far = winner;
        } else {
            so_far.collation = Collation::BINARY;
            so_far.coercibility = Coercibility::None;
            met_unconvertible = true;
        }
        so_far.repertoire = repertoire;
    }
    if met_unconvertible && so_far.coercibility != Coercibility::Explicit {
        return Err(IllegalMix);
    }
    Ok(so_far)
}

/// Chooses between two collations of one charset.
fn same_charset(so_far: Derived, arg: Derived) -> Result<Derived, IllegalMix> {
    if so_far.coercibility != arg.coercibility {
        return Ok(if so_far.coercibility > arg.coercibility { arg } else { so_far });
    }
    if so_far.collation == arg.collation {
        return Ok(so_far);
    }
    if so_far.coercibility == Coercibility::Explicit {
        return Err(IllegalMix);
    }
    if outranks_others(so_far.collation) {
        return Ok(so_far);
    }
    if outranks_others(arg.collation) {
        return Ok(arg);
    }
    Ok(Derived {
        collation: match arg.collation.charset() {
            charset @ (Charset::Utf8 | Charset::Utf8mb4 | Charset::Gbk) => charset.bin_collation(),
            _ => Collation::UTF8MB4_BIN,
        },
        coercibility: Coercibility::None,
        ..so_far
    })
}

/// Tells whether this is the `_bin` collation that wins over the others of its charset;
/// `utf8mb4_0900_bin` does not.
fn outranks_others(collation: Collation) -> bool {
    collation.charset() != Charset::Binary
        && collation.charset() != Charset::Gb18030
        && collation == collation.charset().bin_collation()
}

/// Chooses between collations of two charsets, where the loser's texts can be converted: what is
/// ASCII always can, a constant can, and anything can become `utf8mb4`, or `utf8`.
fn other_charset(so_far: Derived, arg: Derived) -> Option<Derived> {
    let (kept, coming) = (so_far.collation.charset(), arg.collation.charset());
    let converts = |loser: Derived, winner: Charset| {
        loser.repertoire == Repertoire::Ascii
            || loser.coercibility >= Coercibility::SystemConstant
            || winner.is_unicode()
    };
    if so_far.coercibility < arg.coercibility {
        return converts(arg, kept).then_some(so_far);
    }
    if so_far.coercibility > arg.coercibility {
        return converts(so_far, coming).then_some(arg);
    }
    let holds = |wide: Charset, narrow: Charset| {
        (wide.is_unicode() && !narrow.is_unicode())
            || (wide == Charset::Utf8mb4 && narrow == Charset::Utf8)
    };
    if holds(kept, coming) {
        return Some(so_far);
    }
    if holds(coming, kept) {
        return Some(arg);
    }
    match (so_far.repertoire, arg.repertoire) {
        (Repertoire::Ascii, Repertoire::Unicode) => Some(arg),
        (Repertoire::Unicode, Repertoire::Ascii) => Some(so_far),
        _ => None,
    }
}

/// Tells whether an argument's texts can be had in `charset`.
fn converts(arg: &Argument<'_>, charset: Charset) -> bool {
    let own = arg.derived.collation.charset();
    if own == charset || arg.derived.repertoire == Repertoire::Ascii || arg.is_bytes {
        return true;
    }
    match arg.constant {
        Constant::Null => true,
        Constant::Text(text) => charset.holds(text),
        Constant::No => {
            own == Charset::Binary || charset == Charset::Binary || charset.is_unicode()
        }
    }
}
