//! What a message may cost, before anybody looks what it says.

/// The longest body that tells of a user, and the most that is kept of one, in bytes.
pub const USER_BYTES: usize = 256 * 1024;
/// The longest body that tells of a group, in bytes: some clients send all members of a group whenever one comes or goes.
pub const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// The longest body of any other kind, in bytes.
pub const QUERY_BYTES: usize = 16 * 1024;
/// The most values, lists and objects of one body. A group of 50,000 members with four attributes each is half of it.
pub const PARTS: usize = 600_000;
/// The most members of one JSON object; no resource has a quarter of it.
pub const MEMBERS_OF_AN_OBJECT: usize = 256;
/// The most values of one multi-valued attribute of a user.
pub const VALUES: usize = 100;
/// The longest text that an attribute holds, in bytes.
pub const TEXT_BYTES: usize = 8 * 1024;
/// The most operations of one PATCH of a user. Each may look at all values of a list.
pub const USER_OPERATIONS: usize = 1_000;
/// The most operations of one PATCH of a group. Some clients name each member in one of its own.
pub const GROUP_OPERATIONS: usize = 20_000;
/// The longest filter or path, in bytes.
pub const FILTER_BYTES: usize = 8 * 1024;
/// The most comparisons of one filter.
pub const FILTER_TERMS: usize = 256;
/// How deep groups, `not` and value paths of a filter may be nested.
pub const FILTER_DEPTH: usize = 24;
/// The most attributes that one projection names.
pub const PROJECTED: usize = 100;
/// The most resources of one page.
pub const PAGE: usize = 200;
/// The resources of a page when nothing is asked for.
pub const USUAL_PAGE: usize = 100;
