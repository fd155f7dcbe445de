//! What text is split into.

use super::*;

fn check_with(trigraphs: Trigraphs, text: &str, expected: &[&str]) {
    let tokens = tokens(text.as_bytes(), trigraphs);
    let found: Vec<&[u8]> = tokens.iter().map(|token| token.text(text.as_bytes())).collect();
    let expected: Vec<&[u8]> = expected.iter().map(|text| text.as_bytes()).collect();
    assert_eq!(found, expected, "{text:?}");
}

fn check(text: &str, expected: &[&str]) {
    check_with(Trigraphs::Kept, text, expected);
}

#[test]
fn comments_separate_tokens() {
    check("a/* x */b//c\\\nd\ne", &["a", "b", "e"]);
    check("/* open", &[]);
    check("a/*/b*/c", &["a", "c"]);
    check("a/**/b", &["a", "b"]);
}

#[test]
fn continued_lines_are_one() {
    check("a\\\nb", &["a\\\nb"]);
    check("a \\\r\n b", &["a", "b"]);
    check("in\\ \t\nt x", &["in\\ \t\nt", "x"]);
    check("/\\\n/ c\\\r\nomment\nx", &["x"]);
    check("/\\\n* comment *\\\n/x", &["x"]);
    check("\"a\\\n\\\n\"\"b", &["\"a\\\n\\\n\"", "\"b"]);
    check("1\\\n.5e\\\n+3", &["1\\\n.5e\\\n+3"]);
    check("u\\\n8\"x\"", &["u\\\n8", "\"x\""]);
    let text = b"vo\\\nid";
    let token = &tokens(text, Trigraphs::Kept)[0];
    assert!(token.is_word(text, "void"));
    assert_eq!(*token.word(text), *b"void");
}

#[test]
fn carriage_returns_end_lines() {
    check("// a\rb", &["b"]);
    check("// a\r\nb\rc", &["b", "c"]);
    check("// a\\\r\nb\nc", &["c"]);
}

#[test]
fn trigraphs_are_replaced_where_they_are_wanted() {
    check("\"??/\"", &["\"??/\""]);
    check_with(Trigraphs::Replaced, "\"??/\"\" x", &["\"??/\"\"", "x"]);
    check_with(Trigraphs::Replaced, "// ??/\nx\ny", &["y"]);
    check_with(Trigraphs::Replaced, "a??/\nb", &["a??/\nb"]);
    let kinds: Vec<TokenKind> =
        tokens(b"??(??)??<??>?", Trigraphs::Replaced).iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [b'[', b']', b'{', b'}', b'?'].map(TokenKind::Punctuation));
}

#[test]
fn other_spellings_of_brackets_are_brackets() {
    let kinds: Vec<TokenKind> =
        tokens(b"<: :> <% %> %: <", Trigraphs::Kept).iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [b'[', b']', b'{', b'}', b'#', b'<'].map(TokenKind::Punctuation));
    let text = b"f<:a:>b";
    assert_eq!(behind_closing(&tokens(text, Trigraphs::Kept), 1), Some(4));
}

#[test]
fn words_have_all_letters() {
    check("größe+\\u00e9t\\U000000e9 a$b", &["größe", "+", "\\u00e9t\\U000000e9", "a$b"]);
}

#[test]
fn line_markers_are_nothing() {
    check("f(a,\n# 12 \"x(.h\" 3 4\n b)\n #line 4\n;", &["f", "(", "a", ",", "b", ")", ";"]);
    check("# define A\na # 1", &["#", "define", "A", "a", "#", "1"]);
}

#[test]
fn literals_keep_what_is_in_them() {
    check(
        r#"f("a\"(", 'x', L"w", u8"(")"#,
        &["f", "(", r#""a\"(""#, ",", "'x'", ",", r#"L"w""#, ",", r#"u8"(""#, ")"],
    );
    check("\"open", &["\"open"]);
    check("R\"x(a)\" \\ )x\" b R \"c\"", &["R\"x(a)\" \\ )x\"", "b", "R", "\"c\""]);
}

#[test]
fn numbers_are_one_token() {
    check("1.5e+3+.5f-0x1p-3", &["1.5e+3", "+", ".5f", "-", "0x1p-3"]);
}

#[test]
fn brackets_find_their_partners() {
    let text = b"f(a[1], (b)) + c";
    let tokens = tokens(text, Trigraphs::Kept);
    assert_eq!(behind_closing(&tokens, 1), Some(tokens.len() - 2));
    assert_eq!(opening(&tokens, tokens.len() - 3), Some(1));
    assert_eq!(behind_closing(&tokens[..3], 1), None);
}
