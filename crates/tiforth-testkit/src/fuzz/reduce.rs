// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes an expression smaller for as long as it shows what was found: a reader wants the three calls
//! that matter, not the thirty around them.

use tiforth_expr::Expr;
use tiforth_expr::tree::{Case, lit, null};

/// Is the most expressions one reduction tries.
const TRIES_MAX: usize = 3000;

/// Returns the smallest expression met for which `shows` still holds, going from `expr` towards
/// smaller ones: a node becomes one of its operands or a plain constant, a call loses an argument.
pub(super) fn reduced(expr: &Expr, mut shows: impl FnMut(&Expr) -> bool) -> Expr {
    let mut smallest = expr.clone();
    let mut tries = 0;
    let mut place = 0;
    while let Some(node) = at(&smallest, place) {
        let mut found = None;
        for candidate in smaller(node) {
            tries += 1;
            if tries > TRIES_MAX {
                return smallest;
            }
            let next = replaced(&smallest, place, candidate);
            if shows(&next) {
                found = Some(next);
                break;
            }
        }
        match found {
            // What stands at the same place now may become smaller yet.
            Some(next) => smallest = next,
            None => place += 1,
        }
    }
    smallest
}

/// Lists what is smaller than a node and may stand in its place.
fn smaller(node: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    if matches!(node, Expr::Field(_) | Expr::Literal(_)) {
        return found;
    }
    let is_interval = matches!(node, Expr::Interval { .. });
    if !is_interval {
        node.for_each_child(|child| match child {
            Expr::Interval { value, .. } => found.push(value.as_ref().clone()),
            child => found.push(child.clone()),
        });
        found.extend([null(), lit(1), lit("")]);
    }
    match node {
        Expr::Call(of) => {
            for left_out in 0..of.args.len() {
                let kept = of.args.iter().enumerate().filter(|(i, _)| *i != left_out);
                let args: Vec<Expr> = kept.map(|(_, arg)| arg.clone()).collect();
                let mut less = of.clone();
                less.args = args;
                found.push(Expr::Call(less));
            }
        }
        Expr::Case(case) => {
            if case.branches.len() > 1 {
                for left_out in 0..case.branches.len() {
                    let mut less = case.clone();
                    less.branches.remove(left_out);
                    found.push(Expr::Case(less));
                }
            }
            if case.otherwise.is_some() {
                found.push(Expr::Case(Case { otherwise: None, ..case.clone() }));
            }
        }
        _ => {}
    }
    found
}

/// Returns the node at a place, counted in the order of the text.
fn at(root: &Expr, place: usize) -> Option<&Expr> {
    let mut pending = vec![root];
    let mut passed = 0;
    while let Some(node) = pending.pop() {
        if passed == place {
            return Some(node);
        }
        passed += 1;
        let start = pending.len();
        node.for_each_child(|child| pending.push(child));
        pending.get_mut(start..)?.reverse();
    }
    None
}

/// Returns the tree with the node at `place` replaced.
fn replaced(root: &Expr, place: usize, with: Expr) -> Expr {
    let mut copy = root.clone();
    let mut pending = vec![&mut copy];
    let mut passed = 0;
    while let Some(node) = pending.pop() {
        if passed == place {
            *node = with;
            break;
        }
        passed += 1;
        let start = pending.len();
        node.for_each_child_mut(|child| pending.push(child));
        if let Some(children) = pending.get_mut(start..) {
            children.reverse();
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use tiforth_types::SqlMode;

    use super::reduced;

    #[test]
    fn what_does_not_matter_goes() {
        let check = |text: &str, needed: &str, expected: &str| {
            let parsed = tiforth_sql::parse_expr(text, SqlMode::tidb_default()).unwrap();
            let found = reduced(&parsed, |e| e.to_string().contains(needed));
            assert_eq!(found.to_string(), expected, "{text}");
        };
        check("concat(if(a, b + c DIV 2, lower(d)), e)", "DIV", "(`c` DIV 2)");
        check("case when a then b when c then d * e else f end", "*", "(`d` * `e`)");
        check("a in (1, 2, upper(b), 4)", "upper", "upper()");
        check("lower(upper(a + interval (b + c) day))", "INTERVAL", "date_add(INTERVAL `b` DAY)");
    }
}
