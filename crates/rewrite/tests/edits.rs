//! Random edits of a text, in any order: either all of them are made and the rest stays, or two that
//! cannot both be made are named.
//!
//! The same edits each time; `./x fuzz` tries others, as many as wanted.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rewrite::edits::{FileEdit, FileEdits};
use rewrite::facts::Order;

const LENGTH: u32 = 24;

/// So many cases, unless told otherwise.
fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").map_or(4000, |n| n.parse().expect("a number"));
    Config { cases, ..Config::default() }
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![(-3..0).prop_map(Order::Close), Just(Order::Between), (0..3).prop_map(Order::Open),]
}

/// Insertions, replacements and deletions, with texts that no other edit has.
fn edits() -> impl Strategy<Value = Vec<FileEdit>> {
    let place = (0..LENGTH, 0u32..5, order(), 0..3);
    prop::collection::vec(place, 0..9).prop_map(|places| {
        let edit = |(number, (start, length, order, kind)): (usize, (u32, u32, Order, i32))| {
            let end = (start + length).min(LENGTH);
            let is_insertion = start == end;
            let text = match kind {
                0 if !is_insertion => String::new(),
                _ => format!("<{number}>"),
            };
            let order = if is_insertion { order } else { Order::Replace };
            FileEdit { start, order, end, text }
        };
        places.into_iter().enumerate().map(edit).collect()
    })
}

fn text() -> String {
    (0..LENGTH).map(|index| char::from(b'a' + index as u8)).collect()
}

fn all(edits: &[FileEdit]) -> FileEdits {
    let mut all = FileEdits::default();
    edits.iter().for_each(|edit| all.add(edit.clone()));
    all
}

/// Whether the edit lies in a longer deletion, and goes with it.
fn is_gone(edit: &FileEdit, edits: &[FileEdit]) -> bool {
    edits.iter().any(|other| {
        let is_deletion = other.text.is_empty() && other.end > other.start;
        let is_longer = other.end - other.start > edit.end - edit.start;
        let is_inside = if edit.start == edit.end {
            other.start < edit.start && edit.end < other.end
        } else {
            other.start <= edit.start && edit.end <= other.end
        };
        is_deletion && is_longer && is_inside
    })
}

/// What is left of a text without the texts of edits.
fn without_new(text: &str) -> String {
    let mut is_new = false;
    let kept = text.chars().filter(|&c| {
        is_new |= c == '<';
        let is_kept = !is_new;
        is_new &= c != '>';
        is_kept
    });
    kept.collect()
}

#[test]
fn all_edits_are_made_or_two_are_named() {
    let result = TestRunner::new(config()).run(&edits(), |edits| {
        let kept: Vec<&FileEdit> = edits.iter().filter(|edit| !is_gone(edit, &edits)).collect();
        match all(&edits).apply(text().as_bytes()) {
            Ok(found) => {
                let found = String::from_utf8(found).expect("letters");
                let is_replaced =
                    |index: u32| kept.iter().any(|edit| edit.start <= index && index < edit.end);
                let expected: String = text()
                    .chars()
                    .enumerate()
                    .filter_map(|(index, c)| (!is_replaced(index as u32)).then_some(c))
                    .collect();
                prop_assert_eq!(without_new(&found), expected, "{}", found);
                for edit in &edits {
                    let is_made = kept.contains(&edit);
                    prop_assert_eq!(
                        edit.text.is_empty() || found.contains(&edit.text),
                        is_made || edit.text.is_empty(),
                        "{:?} in {}",
                        edit,
                        found
                    );
                }
            }
            Err(conflict) => {
                let (first, second) = (conflict.first.0, conflict.second.0);
                prop_assert!(first.start <= second.start && second.start < first.end);
                for (range, text) in [(first, conflict.first.1), (second, conflict.second.1)] {
                    let is_one = edits.iter().any(|edit| {
                        (edit.start, edit.end) == (range.start, range.end) && edit.text == text
                    });
                    prop_assert!(is_one);
                }
            }
        }
        Ok(())
    });
    result.expect("holds");
}

#[test]
fn neither_the_order_nor_repetition_matters() {
    let mixed = edits().prop_flat_map(|edits| {
        let twice = [edits.clone(), edits.clone()].concat();
        (Just(edits), Just(twice).prop_shuffle())
    });
    let result = TestRunner::new(config()).run(&mixed, |(edits, mixed)| {
        let (first, second) = (all(&edits), all(&mixed));
        prop_assert_eq!(first.apply(text().as_bytes()), second.apply(text().as_bytes()));
        prop_assert_eq!(first.len(), second.len());
        Ok(())
    });
    result.expect("holds");
}

#[test]
fn insertions_at_one_place_nest() {
    let insertions = prop::collection::vec(order(), 0..8);
    let result = TestRunner::new(config()).run(&insertions, |orders| {
        let mut file = FileEdits::default();
        for (number, &order) in orders.iter().enumerate() {
            file.add(FileEdit { start: 1, order, end: 1, text: format!("<{number}>") });
        }
        let found =
            String::from_utf8(file.apply(b"ab").expect("nothing is replaced")).expect("text");
        let place = |number: usize| found.find(&format!("<{number}>"));
        for (number, order) in orders.iter().enumerate() {
            for (other, behind) in orders.iter().enumerate() {
                if order < behind {
                    prop_assert!(place(number) < place(other), "{}: {:?}", found, orders);
                }
            }
        }
        Ok(())
    });
    result.expect("holds");
}
