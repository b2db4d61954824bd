//! A function fits on a screen.

use super::{Fault, is_test_file};
use crate::rust_source::Source;
use crate::workspace::Tree;

/// Lines from the `fn` to its closing brace.
const LINES_MAX: usize = 70;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let files = tree
        .texts_ending(".rs")
        .filter(|(path, _)| !is_test_file(path));
    files
        .flat_map(|(path, text)| of_file(path, &Source::new(text)))
        .collect()
}

fn of_file(path: &str, source: &Source<'_>) -> Vec<Fault> {
    let functions = source.functions().into_iter();
    let long = functions.filter(|function| function.lines > LINES_MAX);
    let fault = long.map(|function| {
        let text = format!(
            "`{}` has {} lines, at most {LINES_MAX}",
            function.name, function.lines
        );
        Fault::at(path, function.line, text)
    });
    fault.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    #[test]
    fn long_functions_are_faults_outside_tests() {
        let body = "    step();\n".repeat(68);
        let fits = format!("fn fits() {{\n{body}}}\n");
        check(faults, &[("a.rs", &fits)], &[]);
        let long = format!("// fn\nfn long() {{\n    \"}}\";\n{body}}}\n");
        check(
            faults,
            &[("a.rs", &long)],
            &["a.rs:2: `long` has 71 lines, at most 70"],
        );
        let tested = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        check(
            faults,
            &[("a.rs", &tested), ("crates/a/tests/b.rs", &long)],
            &[],
        );
    }
}
