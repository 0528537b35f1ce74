//! How much of the API may be asked for, as it is configured and as it is counted.

/// How much of the API may be asked for in a minute; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApiLimits {
    /// Requests of one client address with right credentials.
    pub of_client: u32,
    /// Requests of one project.
    pub of_project: u32,
    /// Searches of one project.
    pub searches: u32,
}
