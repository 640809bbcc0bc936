//! Panics of a library that become errors: caught, and without a word on the terminal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::thread;

thread_local! {
    /// Whether this thread is in [`caught`].
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Makes the hook that was there skip what is caught here; all else it is told as before.
static HOOK: Once = Once::new();

/// What `work` comes to, or what it panicked with. What `work` has changed is to be dropped then.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> thread::Result<T> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |about| {
            if !IS_CAUGHT.get() {
                before(about);
            }
        }));
    });
    let outer = IS_CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(outer);
    result
}
