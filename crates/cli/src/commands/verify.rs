//! `countersign verify`: the verifier, without an operator.

use std::ffi::OsString;

use clap::Args;

use crate::fail::Failure;

/// Arguments of `verify`: those of `countersign-verify`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Verify {
    /// Arguments of the verifier; `countersign verify --help` shows them.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENT"
    )]
    arguments: Vec<OsString>,
}

impl Verify {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        Ok(countersign_verify::main_with(
            "countersign verify",
            self.arguments,
        ))
    }
}
