use super::*;

#[track_caller]
fn check(arguments: &[&str], expect: Result<(), &str>) {
    match (Plan::read(arguments), expect) {
        (Ok(_), Ok(())) => {}
        (Err(error), Err(words)) => {
            assert!(error.to_string().contains(words), "{arguments:?}: {error}");
        }
        (plan, _) => panic!("{arguments:?}: {:?}", plan.err()),
    }
}

#[test]
fn a_plan_that_would_measure_nothing_is_refused() {
    check(&["--quick", "--only", "socket"], Ok(()));
    check(&["--only", "sokcet"], Err("no case is called `sokcet`"));
    check(&["--statements", "64"], Ok(()));
    check(&["--statements", "63"], Err("at least 64"));
    check(&["--entries"], Err("needs a value"));
}
