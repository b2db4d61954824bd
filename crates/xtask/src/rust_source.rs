//! Rust source with its comments and literals blanked out, and where functions and tests lie in it.
//!
//! Not a parser: a scanner that knows strings, raw strings, characters, lifetimes and nested
//! comments, so that a brace or a word that remains is code. The [`mask`](Source::mask) has the
//! length and the lines of the text, so an offset means the same in both; the quotes of strings
//! stay in it, so a literal can be found there and read in the text.

use std::iter::Peekable;
use std::ops::{Range, RangeInclusive};
use std::str::CharIndices;

/// A source file and its mask.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    text: &'a str,
    mask: String,
    tests: Vec<RangeInclusive<usize>>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function<'s> {
    pub(crate) name: &'s str,
    /// Line of the `fn`, from 1.
    pub(crate) line: usize,
    /// Lines from the `fn` to the closing brace.
    pub(crate) lines: usize,
}

/// A word that declares something: `struct` and `Claim` in `struct Claim`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declaration<'s> {
    pub(crate) keyword: &'s str,
    pub(crate) name: &'s str,
    pub(crate) offset: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mask = Masker::new(text).run();
        let tests = test_ranges(&mask);
        Self { text, mask, tests }
    }

    pub(crate) fn mask(&self) -> &str {
        &self.mask
    }

    /// Line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.text
            .bytes()
            .take(offset)
            .filter(|&byte| byte == b'\n')
            .count()
            + 1
    }

    /// Whether an offset lies in an item under `#[cfg(test)]`.
    pub(crate) fn is_in_tests(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    /// Lines outside items under `#[cfg(test)]`.
    pub(crate) fn lines_without_tests(&self) -> usize {
        let of_tests = self
            .tests
            .iter()
            .map(|range| self.line(*range.end()) + 1 - self.line(*range.start()));
        self.text.lines().count().saturating_sub(of_tests.sum())
    }

    /// Functions with a body, outside tests.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let declared = self.declarations().into_iter();
        let outside =
            declared.filter(|found| found.keyword == "fn" && !self.is_in_tests(found.offset));
        outside.filter_map(|found| self.function(&found)).collect()
    }

    fn function<'s>(&self, found: &Declaration<'s>) -> Option<Function<'s>> {
        let end = item_end(&self.mask, found.offset)?;
        let has_body = self.mask.as_bytes().get(end) == Some(&b'}');
        let line = self.line(found.offset);
        has_body.then(|| Function {
            name: found.name,
            line,
            lines: self.line(end) + 1 - line,
        })
    }

    /// Every `mod`, `fn`, `struct`, `enum`, `union`, `trait` and `type` with a name.
    pub(crate) fn declarations(&self) -> Vec<Declaration<'_>> {
        const KEYWORDS: [&str; 7] = ["mod", "fn", "struct", "enum", "union", "trait", "type"];
        let words = words(&self.mask);
        let pairs = words.iter().zip(words.iter().skip(1));
        pairs
            .filter(|((start, keyword), (next, _))| {
                let between = self
                    .mask
                    .get(start + keyword.len()..*next)
                    .unwrap_or_default();
                KEYWORDS.contains(keyword) && between.trim().is_empty()
            })
            .map(|(&(offset, keyword), &(_, name))| Declaration {
                keyword,
                name,
                offset,
            })
            .collect()
    }

    /// Offsets of `word` in code, where no identifier goes on before it.
    pub(crate) fn find_word(&self, word: &str) -> Vec<usize> {
        let found = self.mask.match_indices(word).map(|(offset, _)| offset);
        found
            .filter(|&offset| !ends_with_identifier(self.mask.get(..offset).unwrap_or_default()))
            .collect()
    }

    /// Attributes as written between `[` and `]`, with the offset of the `#`.
    pub(crate) fn attributes(&self) -> Vec<(usize, &str)> {
        let starts = self.mask.match_indices('#').map(|(offset, _)| offset);
        starts
            .filter_map(|offset| Some((offset, attribute(&self.mask, offset)?.1)))
            .collect()
    }

    /// String literals in a part of the source, without quotes, escapes as written.
    pub(crate) fn strings(&self, part: Range<usize>) -> Vec<(usize, &'a str)> {
        let mask = self.mask.get(part.clone()).unwrap_or_default();
        let quotes: Vec<usize> = mask
            .match_indices('"')
            .map(|(at, _)| at + part.start)
            .collect();
        let pairs = quotes.chunks_exact(2).filter_map(|pair| match pair {
            [open, close] => Some((*open, self.text.get(open + 1..*close)?)),
            _ => None,
        });
        pairs.collect()
    }
}

/// Offset of the brace or semicolon that ends the item that begins at `start`.
fn item_end(mask: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in mask.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b';' if depth == 0 => return Some(at),
            b'{' if depth == 0 => return closing(mask, at),
            _ => {}
        }
    }
    None
}

/// Offset of the bracket that closes the one at `open`; all three kinds count alike.
pub(crate) fn closing(mask: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in mask.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// End offset and inside of the attribute whose `#` is at `offset`.
fn attribute(mask: &str, offset: usize) -> Option<(usize, &str)> {
    let rest = mask.get(offset..)?;
    let open = offset
        + if rest.starts_with("#![") {
            2
        } else if rest.starts_with("#[") {
            1
        } else {
            return None;
        };
    let end = closing(mask, open)?;
    Some((end, mask.get(open + 1..end)?))
}

fn test_ranges(mask: &str) -> Vec<RangeInclusive<usize>> {
    let mut ranges: Vec<RangeInclusive<usize>> = Vec::new();
    for (start, _) in mask.match_indices('#') {
        let Some((end, inside)) = attribute(mask, start) else {
            continue;
        };
        let is_test = inside.starts_with("cfg(test)") || inside.starts_with("cfg(all(test,");
        let is_nested = ranges.iter().any(|range| range.contains(&start));
        if !is_test || is_nested {
            continue;
        }
        let is_whole_file = mask.get(start..).is_some_and(|rest| rest.starts_with("#!"));
        let last = mask.len().saturating_sub(1);
        let end = if is_whole_file {
            Some(last)
        } else {
            item_end(mask, after_attributes(mask, end + 1))
        };
        ranges.push(start..=end.unwrap_or(last));
    }
    ranges
}

fn after_attributes(mask: &str, mut at: usize) -> usize {
    loop {
        let rest = mask.get(at..).unwrap_or_default();
        let next = at + rest.len() - rest.trim_start().len();
        match attribute(mask, next) {
            Some((end, _)) => at = end + 1,
            None => return next,
        }
    }
}

fn is_identifier(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn ends_with_identifier(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_identifier)
}

/// Words of code and where they start.
fn words(mask: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut rest = mask;
    while let Some(start) = rest.find(is_identifier) {
        let tail = rest.get(start..).unwrap_or_default();
        let end = tail
            .find(|character| !is_identifier(character))
            .unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        words.push((mask.len() - tail.len(), word));
        rest = after;
    }
    words
}

/// Writes the mask. Blanked characters become as many spaces as they have bytes.
struct Masker<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    out: String,
}

impl<'a> Masker<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            rest: text.char_indices().peekable(),
            out: String::with_capacity(text.len()),
        }
    }

    fn run(mut self) -> String {
        while let Some(&(at, character)) = self.rest.peek() {
            let ahead = self.text.get(at..).unwrap_or_default();
            match character {
                '/' if ahead.starts_with("//") => self.blank_while(|next| next != '\n'),
                '/' if ahead.starts_with("/*") => self.blank_comment(),
                '"' => self.blank_string(),
                '\'' => self.blank_character(ahead),
                'r' | 'b' | 'c' if !ends_with_identifier(&self.out) => {
                    self.raw_string_or_word(ahead)
                }
                _ => self.keep(),
            }
        }
        self.out
    }

    fn keep(&mut self) {
        self.out
            .extend(self.rest.next().map(|(_, character)| character));
    }

    fn blank(&mut self) -> Option<char> {
        let (_, character) = self.rest.next()?;
        if character == '\n' {
            self.out.push('\n');
        } else {
            self.out
                .extend(std::iter::repeat_n(' ', character.len_utf8()));
        }
        Some(character)
    }

    fn blank_count(&mut self, count: usize) {
        for _ in 0..count {
            self.blank();
        }
    }

    fn blank_while(&mut self, goes_on: impl Fn(char) -> bool) {
        while self.rest.peek().is_some_and(|&(_, next)| goes_on(next)) {
            self.blank();
        }
    }

    fn blank_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(character) = self.blank() {
            let next = self.rest.peek().map(|&(_, next)| next);
            match (character, next) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => continue,
            }
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn blank_string(&mut self) {
        self.keep();
        while let Some(&(_, next)) = self.rest.peek() {
            match next {
                '"' => {
                    self.keep();
                    return;
                }
                '\\' => {
                    self.blank();
                    self.blank();
                }
                _ => {
                    self.blank();
                }
            }
        }
    }

    /// `'x'` and `'\n'` are characters, `'x` alone is a lifetime.
    fn blank_character(&mut self, ahead: &str) {
        let mut following = ahead.chars().skip(1);
        match (following.next(), following.next()) {
            (Some('\\'), _) => {
                self.blank_count(3);
                self.blank_while(|next| next != '\'');
                self.blank();
            }
            (Some(_), Some('\'')) => self.blank_count(3),
            _ => self.keep(),
        }
    }

    fn raw_string_or_word(&mut self, ahead: &str) {
        let prefix: String = ahead
            .chars()
            .take_while(|&next| matches!(next, 'r' | 'b' | 'c'))
            .collect();
        let after = ahead.get(prefix.len()..).unwrap_or_default();
        let hashes = after.len() - after.trim_start_matches('#').len();
        let is_raw = matches!(prefix.as_str(), "r" | "br" | "cr")
            && after.trim_start_matches('#').starts_with('"');
        if !is_raw {
            self.keep();
            return;
        }
        self.blank_count(prefix.len() + hashes);
        self.keep();
        let end = format!("\"{}", "#".repeat(hashes));
        while let Some(&(at, _)) = self.rest.peek() {
            if self
                .text
                .get(at..)
                .is_some_and(|rest| rest.starts_with(&end))
            {
                self.keep();
                self.blank_count(hashes);
                return;
            }
            self.blank();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let source = Source::new(text);
        assert_eq!(source.mask(), expect);
        assert_eq!(source.mask().len(), text.len());
    }

    #[test]
    fn literals_and_comments_are_blanked() {
        check("a // b {\nc", "a       \nc");
        check("a /* { /* } */ { */ b", "a                   b");
        check(r#"f("{\"}", 'x')"#, "f(\"    \",    )");
        check(r##"f(r#"a"{"#, b"{")"##, "f(  \"   \" , b\" \")");
        check(
            r"('{', '\'', '\u{7b}', '\\')",
            "(   ,     ,         ,     )",
        );
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("r#type + br + b'{'", "r#type + br + b   ");
        check("\"é\" é", "\"  \" é");
        check("'é'", "    ");
        check("\"open", "\"    ");
        check("/* open", "       ");
    }

    #[test]
    fn functions_end_at_their_own_brace() {
        let text = "trait T { fn a(&self); }\nfn b(x: [u8; 2]) -> u8 {\n  if x { \"}\" } else { '}' }\n}\n#[cfg(test)]\nmod tests {\n  fn c() {}\n}\nfn d() {}\n";
        let source = Source::new(text);
        let expect = [
            Function {
                name: "b",
                line: 2,
                lines: 3,
            },
            Function {
                name: "d",
                line: 9,
                lines: 1,
            },
        ];
        assert_eq!(source.functions(), expect);
        assert_eq!(source.lines_without_tests(), 5);
    }

    #[test]
    fn function_pointers_are_no_functions() {
        let source = Source::new("struct S { run: fn(u8) -> u8 }\nfn f(g: fn()) { g() }");
        let names: Vec<_> = source
            .functions()
            .iter()
            .map(|function| function.name)
            .collect();
        assert_eq!(names, ["f"]);
    }

    #[test]
    fn tests_are_found_behind_further_attributes() {
        let source = Source::new(
            "#[cfg(test)]\n#[expect(x)]\nmod tests;\nfn a() {}\n#[cfg(all(test, unix))]\nfn b() {}",
        );
        let names: Vec<_> = source
            .functions()
            .iter()
            .map(|function| function.name)
            .collect();
        assert_eq!(names, ["a"]);
        assert_eq!(
            Source::new("#![cfg(test)]\nfn a() {}\n").lines_without_tests(),
            0
        );
    }

    #[test]
    fn strings_and_words() {
        let source = Source::new(r##"const A: &[&str] = &["x", r#"y"#]; mytodo!(); todo!();"##);
        let strings: Vec<_> = source
            .strings(0..source.mask().len())
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(strings, ["x", "y"]);
        assert_eq!(source.find_word("todo!").len(), 1);
    }

    #[test]
    fn declarations_have_a_name_beside_their_keyword() {
        let source =
            Source::new("pub struct A; impl A { type B = u8; } /* enum */ enum /* x */ C {}");
        let names: Vec<_> = source
            .declarations()
            .iter()
            .map(|found| found.name)
            .collect();
        assert_eq!(names, ["A", "B", "C"]);
    }
}
