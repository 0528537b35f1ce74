//! Counts what is done, so that tests can say that it grows no faster than what came in.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

pub(crate) fn count(steps: usize) {
    STEPS.with(|cell| cell.set(cell.get() + steps));
}

/// How many steps `work` takes.
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = STEPS.with(Cell::get);
    let done = work();
    (done, STEPS.with(Cell::get) - before)
}
