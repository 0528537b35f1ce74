//! The store of Vestibule: what the server remembers, on embedded SQLite or on PostgreSQL, chosen by URL.
//!
//! Every statement is written once ([`sql`]); [`dialect`] is the only module that knows that there are two
//! drivers. A change is a [`Batch`] of [`Write`]s that is kept as a whole or not at all, with the state it
//! relies on in its `WHERE` clauses; there is no transaction to hold open and none that reads in between.
//! Acknowledged means on disk. Secrets are sealed ([`seal`]) under a master key that is not in the database.
//!
//! Opening never migrates: [`Store::migrate`] is somebody's decision.

pub mod dialect;
pub mod error;
pub mod hold;
mod migrate;
pub mod places;
mod postgres;
mod scans;
pub mod seal;
pub mod sql;
mod sqlite;
mod stamp;
mod store;
pub mod tables;
mod upgrade;
pub mod vault;

pub use dialect::{Row, StoreUrl};
pub use error::{Guard, RowError, StoreError};
pub use hold::{Hold, Lock, Rank};
pub use places::{Crowded, Payer, Place, Places, Shares};
pub use seal::{MasterKey, MasterKeys, SealError};
pub use sql::{Batch, Expect, Param, Read, Write};
pub use sqlite::backup;
pub use stamp::Stamped;
pub use store::{Figures, Options, Store};
pub use vault::Vault;

/// Makes a `Vec<`[`Param`]`>` of anything that converts into one.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Param::from($value)),*] };
}
pub(crate) use params;
