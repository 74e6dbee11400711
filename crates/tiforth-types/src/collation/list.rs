// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Lists the collations. To add one is to add its line, and its table where its order is new.

use super::charset::Charset;
use super::order::Order;
use super::weights::{WeightTable, computed, one};

/// Is what is known of a collation.
pub(super) struct Entry {
    pub(super) id: u16,
    pub(super) name: &'static str,
    pub(super) charset: Charset,
    pub(super) pads: bool,
    pub(super) order: Order,
    pub(super) like: Like,
}

/// Says what LIKE takes for one unit of text, and when two units match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Like {
    /// Bytes that are the same.
    Bytes,
    /// Characters that are the same.
    Characters,
    /// Characters of the same weights.
    Weights,
}

const fn entry(
    id: u16,
    name: &'static str,
    charset: Charset,
    pads: bool,
    order: Order,
    like: Like,
) -> Entry {
    Entry { id, name, charset, pads, order, like }
}

const PAD: bool = true;
const NO_PAD: bool = false;
const NEVER: u32 = u32::MAX;

/// Is every collation, by id.
pub(super) static ALL: [Entry; 16] = {
    use Charset::{Ascii, Binary, Gb18030, Gbk, Latin1, Utf8, Utf8mb4};
    use Like::{Bytes, Characters, Weights};
    const GENERAL: Order = Order::Single(&GENERAL_CI);
    const UNICODE: Order = Order::Many(&UNICODE_CI);
    [
        entry(28, "gbk_chinese_ci", Gbk, PAD, Order::Narrow(&GBK_CI), Weights),
        entry(33, "utf8_general_ci", Utf8, PAD, GENERAL, Weights),
        entry(45, "utf8mb4_general_ci", Utf8mb4, PAD, GENERAL, Weights),
        entry(46, "utf8mb4_bin", Utf8mb4, PAD, Order::Bytes, Characters),
        entry(47, "latin1_bin", Latin1, PAD, Order::Bytes, Characters),
        entry(63, "binary", Binary, NO_PAD, Order::Bytes, Bytes),
        entry(65, "ascii_bin", Ascii, PAD, Order::Bytes, Characters),
        entry(83, "utf8_bin", Utf8, PAD, Order::Bytes, Characters),
        entry(87, "gbk_bin", Gbk, PAD, Order::Encoded(&GBK_CODES), Characters),
        entry(192, "utf8_unicode_ci", Utf8, PAD, UNICODE, Weights),
        entry(224, "utf8mb4_unicode_ci", Utf8mb4, PAD, UNICODE, Weights),
        entry(248, "gb18030_chinese_ci", Gb18030, PAD, Order::Unknown, Weights),
        entry(249, "gb18030_bin", Gb18030, PAD, Order::Unknown, Bytes),
        entry(255, "utf8mb4_0900_ai_ci", Utf8mb4, NO_PAD, Order::Many(&UCA_0900_AI_CI), Weights),
        entry(309, "utf8mb4_0900_bin", Utf8mb4, NO_PAD, Order::Bytes, Bytes),
        entry(2048, "utf8mb4_zh_pinyin_tidb_as_cs", Utf8mb4, PAD, Order::Unknown, Weights),
    ]
};

/// Is where each id stands in the list; ids of no collation lead to `binary`.
static PLACES: [u8; 2049] = {
    let mut places = [5; 2049];
    let mut at = 0;
    while at < ALL.len() {
        places[ALL[at].id as usize] = at as u8;
        at += 1;
    }
    places
};

/// Finds what is known of a collation.
#[inline]
pub(super) fn entry_of(id: u16) -> &'static Entry {
    let place = PLACES.get(usize::from(id)).copied().unwrap_or(5);
    ALL.get(usize::from(place)).unwrap_or(&ALL[5])
}

static GENERAL_CI: WeightTable =
    WeightTable::read(include_bytes!("tables/general_ci.bin"), one(0xfffd), NEVER);
// LIKE takes characters beyond 16 bits, and those of more than four weights, as themselves.
static UNICODE_CI: WeightTable =
    WeightTable::read(include_bytes!("tables/unicode_ci.bin"), one(0xfffd), 0xffff);
static UCA_0900_AI_CI: WeightTable =
    WeightTable::read(include_bytes!("tables/uca_0900_ai_ci.bin"), computed(0xfbc0), NEVER);
static GBK_CI: WeightTable =
    WeightTable::read(include_bytes!("tables/gbk_chinese_ci.bin"), one(0x3f), NEVER);
/// Is the codes of GBK, `?` for what it lacks.
pub(super) static GBK_CODES: WeightTable =
    WeightTable::read(include_bytes!("tables/gbk_bin.bin"), one(0x3f), NEVER);
