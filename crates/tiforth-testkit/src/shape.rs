// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reduces an expression's text to its shape, so that failures of one kind count together: columns
//! become their types, literals their kinds.

use crate::vectors::{ColumnForm, Table};

/// Returns the text's shape: `left(s_bin, 3)` is `left(text, 1)`, `a || 'x'` is `text || 's'`.
pub fn shape(text: &str, table: &Table) -> String {
    let mut out = String::with_capacity(text.len());
    for token in Tokens(text) {
        match token {
            Token::Word(word) => match table.column(word) {
                Some(column) => out.push_str(&type_word(column.form, &column.type_text)),
                None => out.push_str(&word.to_ascii_lowercase()),
            },
            Token::Number(number) => out.push_str(number_word(number)),
            Token::Quoted(quoted) => out.push_str(if quoted.len() <= 2 { "''" } else { "'s'" }),
            Token::Other(other) => out.push_str(other),
        }
    }
    out
}

/// Lists the table's columns a text names, in order of first mention.
pub fn columns_of<'t>(text: &str, table: &'t Table) -> Vec<&'t str> {
    let mut names: Vec<&str> = Vec::new();
    for token in Tokens(text) {
        if let Token::Word(word) = token
            && let Some(column) = table.column(word)
            && !names.contains(&column.name.as_str())
        {
            names.push(&column.name);
        }
    }
    names
}

/// Names a type as far as functions tell types apart.
fn type_word(form: ColumnForm, type_text: &str) -> String {
    let collation = || match type_text.split_once(" collate ") {
        Some((_, collation)) if collation != "utf8mb4_bin" => format!("text[{collation}]"),
        _ => "text".to_owned(),
    };
    match form {
        ColumnForm::Integer { unsigned: false, .. } => "int".to_owned(),
        ColumnForm::Integer { .. } => "uint".to_owned(),
        ColumnForm::Year => "year".to_owned(),
        ColumnForm::Bit => "bit".to_owned(),
        ColumnForm::Float => "float".to_owned(),
        ColumnForm::Double => "double".to_owned(),
        ColumnForm::Decimal { .. } => "decimal".to_owned(),
        ColumnForm::Date => "date".to_owned(),
        ColumnForm::DateTime { .. } => "datetime".to_owned(),
        ColumnForm::Timestamp { .. } => "timestamp".to_owned(),
        ColumnForm::Time { .. } => "time".to_owned(),
        ColumnForm::Text => collation(),
        ColumnForm::FixedBytes { .. } => "binary".to_owned(),
        ColumnForm::Bytes => "bytes".to_owned(),
        ColumnForm::Enum => "enum".to_owned(),
        ColumnForm::Set => "set".to_owned(),
        ColumnForm::Json => "json".to_owned(),
        ColumnForm::Vector => "vector".to_owned(),
    }
}

fn number_word(number: &str) -> &'static str {
    if number.starts_with("0x") || number.starts_with("0b") {
        "0x"
    } else if number.contains(['e', 'E']) {
        "1e0"
    } else if number.contains('.') {
        "1.0"
    } else {
        "1"
    }
}

enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Quoted(&'a str),
    Other(&'a str),
}

/// Cuts a text into words, numbers, quoted texts and all else.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.0.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let (length, make): (usize, fn(&'a str) -> Token<'a>) = if first == '\'' || first == '"' {
            (quoted_length(self.0, first), Token::Quoted)
        } else if first.is_ascii_digit() {
            (number_length(self.0), Token::Number)
        } else if is_word(first) {
            (self.0.find(|c| !is_word(c)).unwrap_or(self.0.len()), Token::Word)
        } else {
            (first.len_utf8(), Token::Other)
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(make(token))
    }
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Takes digits, letters of hex digits and exponents, a point, and an exponent's sign.
fn number_length(text: &str) -> usize {
    let mut before = '0';
    for (at, c) in text.char_indices() {
        let is_sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        let is_hex_prefix = at == 1 && matches!(c, 'x' | 'b');
        let is_hex = text.starts_with("0x") && c.is_ascii_hexdigit();
        if !(c.is_ascii_digit()
            || matches!(c, '.' | 'e' | 'E')
            || is_sign
            || is_hex_prefix
            || is_hex)
        {
            return at;
        }
        before = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::TableColumn;

    #[test]
    fn texts_reduce_to_their_shape() {
        let column = |name: &str, type_text: &str| TableColumn {
            name: name.to_owned(),
            type_text: type_text.to_owned(),
            form: ColumnForm::of(type_text).unwrap(),
            nullable: true,
            cells: Vec::new(),
        };
        let columns = vec![
            column("s", "varchar(64) character set utf8mb4 collate utf8mb4_general_ci"),
            column("u8", "tinyint unsigned"),
        ];
        let table = Table { name: "t".to_owned(), columns, rows: 0 };
        let check = |text: &str, expected: &str| assert_eq!(shape(text, &table), expected);
        check("LEFT(s, 3)", "left(text[utf8mb4_general_ci], 1)");
        check("u8 + 1.5e-3 - 0x41", "uint + 1e0 - 0x");
        check(r"concat('it\'s', '', s)", "concat('s', '', text[utf8mb4_general_ci])");
        assert_eq!(columns_of("s + u8 + s", &table), ["s", "u8"]);
    }
}
