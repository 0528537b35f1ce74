//! What is under way on this node and must not be there twice. It spares others a question; that a thing happens once is for
//! the store to decide.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The things that are under way. As many as requests that brought one, so they need no bound of their own.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Arc<Mutex<HashSet<String>>>);

/// A thing is under way as long as this is held.
#[derive(Debug)]
pub(crate) struct Alone {
    things: Arc<Mutex<HashSet<String>>>,
    name: String,
}

impl UnderWay {
    /// Begins a thing; `None` while it is under way already.
    pub(crate) fn enter(&self, name: &str) -> Option<Alone> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        is_new.then(|| Alone { things: Arc::clone(&self.0), name: name.to_owned() })
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.things.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_under_way_once_and_until_it_ends() {
        let under_way = UnderWay::default();
        let first = under_way.enter("a");
        assert!(first.is_some() && under_way.enter("a").is_none() && under_way.enter("b").is_some());
        drop(first);
        assert!(under_way.enter("a").is_some());
    }
}
