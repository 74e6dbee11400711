// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names what a call says beside its arguments: units, charsets, directions, kinds.
//!
//! They are typed here, so that the binder meets no text it would have to read.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tiforth_types::Charset;
use tiforth_types::temporal::IntervalUnit;

use super::OrderItem;

/// Says what a call says beside its arguments.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum CallOptions {
    /// Nothing.
    #[default]
    None,
    /// `ESCAPE 'c'` of `like` and `ilike`: the escape byte; a backslash where it is not given.
    Escape(u8),
    /// The unit of `extract`, `timestampadd`, `timestampdiff`.
    Unit(IntervalUnit),
    /// The direction of `trim`, where the call names one.
    Trim(TrimDirection),
    /// The charset of `char_func` and `convert`, given with USING.
    Charset(Charset),
    /// The first argument of `get_format`.
    GetFormat(GetFormatKind),
    /// `AS CHAR(n)` or `AS BINARY(n)` of `weight_string`.
    WeightString {
        /// Which of the two.
        kind: WeightStringAs,
        /// The n, in characters or bytes.
        length: u32,
    },
    /// DISTINCT, ORDER BY and SEPARATOR of an aggregate.
    Aggregate(Box<Aggregation>),
}

/// Holds what an aggregate says beside its arguments.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Aggregation {
    /// Whether equal values count once.
    pub distinct: bool,
    /// The order of GROUP_CONCAT.
    pub order_by: Vec<OrderItem>,
    /// The separator of GROUP_CONCAT; a comma where none is given.
    pub separator: Option<Box<str>>,
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[expect(missing_docs, reason = "the names are MySQL's own")]
        pub enum $name { $($variant),* }

        impl $name {
            /// Lists every member, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Returns MySQL's name, in upper case.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// Finds the member that MySQL's name means, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|m| m.as_str().eq_ignore_ascii_case(text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Box::<str>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| {
                    D::Error::custom(format!("unknown {}: '{text}'", stringify!($name)))
                })
            }
        }
    };
}

named! {
    /// Names the end of the text TRIM works on.
    TrimDirection { Both = "BOTH", Leading = "LEADING", Trailing = "TRAILING" }
}

named! {
    /// Names what GET_FORMAT gives the format of; TIMESTAMP counts as DATETIME.
    GetFormatKind { Date = "DATE", DateTime = "DATETIME", Time = "TIME" }
}

named! {
    /// Names what WEIGHT_STRING first converts its argument to.
    WeightStringAs { Char = "CHAR", Binary = "BINARY" }
}
