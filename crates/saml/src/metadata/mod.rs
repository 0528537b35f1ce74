//! SAML 2.0 metadata: what a provider says about itself, and what we say about us.

mod idp;
mod keys;
mod read;
mod refusal;
mod remark;
mod write;

pub use idp::{IdpMetadata, OfferedAttribute, UnreadableHint};
pub use read::read;
pub use refusal::MetadataRefusal;
pub use remark::Remark;
pub use write::SpMetadata;
