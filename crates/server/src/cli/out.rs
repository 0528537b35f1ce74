//! The one module that writes to the terminal. Answers go to stdout, so that they can be piped; remarks and
//! refusals go to stderr.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line of the answer. A reader that went away (`| head`) is not an error.
pub(crate) fn answer(line: impl Display) {
    // Nobody is left to tell when this fails.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes a remark for the person at the terminal.
pub(crate) fn remark(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a refusal for the person at the terminal.
pub(crate) fn refusal(reason: impl Display) {
    let _ = writeln!(io::stderr().lock(), "error: {reason}");
}
