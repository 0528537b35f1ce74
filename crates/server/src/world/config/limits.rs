//! Bounds on what clients use, and how long what happened is kept: `[limits]` and `[retention]`.

use std::time::Duration;

use vestibule_domain::time::Span;
use vestibule_store::tables::cleanup::Retention;

use super::{ConfigError, LimitsSettings, Settings, at_least_one, value};
use crate::world::api_limits::ApiLimits;

/// Bounds on what one client can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections held at once.
    pub max_connections: usize,
    /// Connections of one client held at once.
    pub max_connections_per_client: usize,
    /// Sign-in requests per client address and minute; 0 for no limit.
    pub browser_per_minute: u32,
    /// API requests with wrong credentials per client address and minute; 0 for no limit.
    pub api_failures_per_minute: u32,
    /// Messages to one address an hour; 0 for no limit.
    pub messages_per_address: u32,
    /// Messages of one project a minute; 0 for no limit.
    pub messages_per_project: u32,
    /// Tries at codes that people type, per client address and minute; 0 for no limit.
    pub codes_per_minute: u32,
    /// Text messages of a project in an hour; 0 for no limit.
    pub sms_per_project_and_hour: u32,
    /// API requests and searches a minute.
    pub api: ApiLimits,
    /// The time between a signal to stop and the stop.
    pub lame_duck: Duration,
    /// The time for requests under way when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    /// 10,000 connections, 512 of one client, 600 sign-in requests, 60 wrong credentials and 600 tries at codes per
    /// minute, 100 searches of a project per minute, 1,000 text messages of a project per hour, 20 messages to an
    /// address an hour and 600 of a project a minute, 5 s to leave, 20 s to drain.
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_connections_per_client: 512,
            browser_per_minute: 600,
            api_failures_per_minute: 60,
            messages_per_address: 20,
            messages_per_project: 600,
            codes_per_minute: 600,
            sms_per_project_and_hour: 1000,
            api: ApiLimits { searches: 100, ..ApiLimits::default() },
            lame_duck: Duration::from_secs(5),
            drain: Duration::from_secs(20),
        }
    }
}

pub(super) fn limits(settings: &Settings) -> Result<Limits, ConfigError> {
    let defaults = Limits::default();
    let given = &settings.limits;
    Ok(Limits {
        max_connections: at_least_one("limits.max_connections", given.max_connections)?
            .unwrap_or(defaults.max_connections),
        max_connections_per_client: at_least_one(
            "limits.max_connections_per_client",
            given.max_connections_per_client,
        )?
        .unwrap_or(defaults.max_connections_per_client),
        browser_per_minute: given.browser_per_minute.unwrap_or(defaults.browser_per_minute),
        api_failures_per_minute: given.api_failures_per_minute.unwrap_or(defaults.api_failures_per_minute),
        messages_per_address: given.messages_per_address.unwrap_or(defaults.messages_per_address),
        messages_per_project: given.messages_per_project.unwrap_or(defaults.messages_per_project),
        codes_per_minute: given.codes_per_minute.unwrap_or(defaults.codes_per_minute),
        sms_per_project_and_hour: given.sms_per_project_and_hour.unwrap_or(defaults.sms_per_project_and_hour),
        api: api(given, defaults.api),
        lame_duck: given.lame_duck_seconds.map_or(defaults.lame_duck, Duration::from_secs),
        drain: given.drain_seconds.map_or(defaults.drain, Duration::from_secs),
    })
}

fn api(given: &LimitsSettings, defaults: ApiLimits) -> ApiLimits {
    ApiLimits {
        of_client: given.api_per_client_per_minute.unwrap_or(defaults.of_client),
        of_project: given.api_per_project_per_minute.unwrap_or(defaults.of_project),
        searches: given.searches_per_minute.unwrap_or(defaults.searches),
    }
}

pub(super) fn retention(settings: &Settings) -> Result<Retention, ConfigError> {
    let defaults = Retention::default();
    let days = |key, given: Option<u32>, otherwise| match given {
        Some(0) => Err(value(key, "0", "a number of days from 1")),
        given => Ok(given.map_or(otherwise, |days| Span::days(days.into()))),
    };
    Ok(Retention {
        audit: days("retention.audit_days", settings.retention.audit_days, defaults.audit)?,
        deleted: days("retention.deleted_days", settings.retention.deleted_days, defaults.deleted)?,
        ..defaults
    })
}
