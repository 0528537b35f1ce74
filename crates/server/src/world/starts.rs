//! Sign-ins that began here and wait for their answer. A start writes nothing (ADR 25); this is what is known all the same
//! of those whose answer never comes (ADR 32). In memory alone, of this node, and bounded: strangers can begin as many as
//! they like.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use vestibule_domain::id::{ConnectionId, LoginId, ProjectId, RequestId};
use vestibule_domain::login::ATTEMPT_LIFETIME;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::{Span, Time};

use super::client::Client;

/// Those that are remembered at once.
const MOST: usize = 4096;
/// Those of one project.
const OF_PROJECT: usize = 512;
/// Those of one connection.
const OF_CONNECTION: usize = 128;
/// Those that one client began: its colleagues may come from the same address.
const OF_CLIENT: usize = 32;
/// How much longer than its attempt lives a start is waited for: the answer may have come to another node at the last moment.
const GRACE: Span = Span::minutes(1);
/// Bytes of the client's own words that are kept.
const MOST_WORDS: usize = 128;

/// A sign-in that began.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The hash of its state, by which it is answered.
    pub state: TokenHash,
    /// The attempt.
    pub login: LoginId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Through which connection.
    pub connection: ConnectionId,
    /// To whose callback the answer comes: that one's, or the one's that it borrows.
    pub answers_at: String,
    /// Where the browser was sent.
    pub sent_to: String,
    /// The request that began it.
    pub request_id: RequestId,
    /// When.
    pub at: Time,
    /// The client's address.
    pub ip: IpAddr,
    /// The client's own words.
    pub user_agent: String,
}

/// The starts that wait.
#[derive(Default)]
pub(crate) struct Starts(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// With the steady time of each.
    starts: HashMap<TokenHash, (Start, Time)>,
    of_project: HashMap<ProjectId, usize>,
    of_connection: HashMap<ConnectionId, usize>,
    of_client: HashMap<Client, usize>,
    left_out: u64,
}

impl Starts {
    /// Remembers a start at a steady time, if there is room. When there is none, those that wait already are the sample.
    pub(crate) fn began(&self, mut start: Start, steady: Time) {
        let words = start.user_agent.char_indices().map(|(at, _)| at).find(|at| *at >= MOST_WORDS);
        start.user_agent.truncate(words.unwrap_or(start.user_agent.len()));
        self.lock().add(start, steady);
    }

    /// An answer came, whatever it is worth: it leaves a trace of its own.
    pub(crate) fn answered(&self, state: &TokenHash) {
        self.lock().take(state);
    }

    /// Takes those that are waited for no longer, and says how many others were not remembered since this was asked last.
    pub(crate) fn over(&self, steady: Time) -> (Vec<Start>, u64) {
        let mut waiting = self.lock();
        let is_over = |began: &Time| began.plus(ATTEMPT_LIFETIME).plus(GRACE) <= steady;
        let over = waiting.starts.iter().filter(|(_, (_, began))| is_over(began));
        let over: Vec<TokenHash> = over.map(|(state, _)| state.clone()).collect();
        let over = over.iter().filter_map(|state| waiting.take(state)).collect();
        (over, std::mem::take(&mut waiting.left_out))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // Counts that a panic left behind are wrong by one at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, start: Start, steady: Time) {
        let (project, connection) = (start.tenant.project_id(), start.connection);
        let client = Client::from(start.ip);
        let has = |count: Option<&usize>, most| count.copied().unwrap_or_default() < most;
        let has_room = self.starts.len() < MOST
            && has(self.of_project.get(&project), OF_PROJECT)
            && has(self.of_connection.get(&connection), OF_CONNECTION)
            && has(self.of_client.get(&client), OF_CLIENT);
        if !has_room {
            self.left_out += 1;
            return;
        }
        if self.starts.insert(start.state.clone(), (start, steady)).is_none() {
            *self.of_project.entry(project).or_default() += 1;
            *self.of_connection.entry(connection).or_default() += 1;
            *self.of_client.entry(client).or_default() += 1;
        }
    }

    fn take(&mut self, state: &TokenHash) -> Option<Start> {
        let (start, _) = self.starts.remove(state)?;
        one_less(&mut self.of_project, start.tenant.project_id());
        one_less(&mut self.of_connection, start.connection);
        one_less(&mut self.of_client, Client::from(start.ip));
        Some(start)
    }
}

/// What counts nothing any more is forgotten.
fn one_less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, of: K) {
    if let std::collections::hash_map::Entry::Occupied(mut count) = counts.entry(of) {
        match count.get() {
            0 | 1 => {
                count.remove();
            }
            many => {
                let fewer = many - 1;
                count.insert(fewer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use vestibule_domain::entropy::Entropy;
    use vestibule_domain::id::{ConnectionKind, Environment, OrganizationId};

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    fn start(number: usize, project: u8, connection: u8) -> Start {
        let env = Environment::Test;
        let tenant = Tenant::stored(
            ProjectId::generate(env, &Fixed(project)),
            OrganizationId::generate(env, &Fixed(project)),
        );
        Start {
            state: TokenHash::of(&number.to_be_bytes()),
            login: LoginId::derived(env, [0; 16]),
            tenant,
            connection: ConnectionId::generate(ConnectionKind::Oidc, env, &Fixed(connection)),
            answers_at: "https://sso.test/callback".to_owned(),
            sent_to: String::new(),
            request_id: RequestId::generate(env, &Fixed(1)),
            at: Time::default(),
            ip: IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
            user_agent: "ü".repeat(300),
        }
    }

    #[test]
    fn what_is_not_answered_in_time_is_over() {
        let (starts, minute) = (Starts::default(), |number: i64| Time::from_seconds(60 * number));
        starts.began(start(1, 1, 1), minute(0));
        starts.began(start(2, 1, 1), minute(0));
        starts.began(start(3, 1, 1), minute(5));
        starts.answered(&start(2, 1, 1).state);
        assert_eq!(starts.over(minute(10)).0.len(), 0);
        let (over, _) = starts.over(minute(11));
        assert_eq!(over.iter().map(|start| start.state.clone()).collect::<Vec<_>>(), [start(1, 1, 1).state]);
        assert_eq!(over[0].user_agent.len(), MOST_WORDS);
        assert_eq!(starts.over(minute(11)).0.len(), 0);
        assert_eq!(starts.over(minute(16)).0.len(), 1);
        let waiting = starts.lock();
        assert!(
            waiting.of_project.is_empty() && waiting.of_connection.is_empty() && waiting.of_client.is_empty()
        );
    }

    #[test]
    fn nobody_takes_all_of_the_room() {
        let starts = Starts::default();
        for number in 0..OF_CONNECTION + 3 {
            starts.began(start(number, 1, 1), Time::default());
        }
        // Another connection of the project, another project.
        starts.began(start(100_000, 1, 2), Time::default());
        starts.began(start(100_001, 2, 3), Time::default());
        let (over, left_out) = starts.over(Time::from_seconds(3600));
        assert_eq!((over.len(), left_out), (OF_CONNECTION + 2, 3));
        for number in 0..2 * OF_PROJECT {
            starts.began(start(number, 1, (number % 200) as u8), Time::default());
        }
        assert_eq!(starts.over(Time::from_seconds(3600)).0.len(), OF_PROJECT);
    }

    #[test]
    fn one_client_is_a_few_of_them() {
        let starts = Starts::default();
        let from = |number: usize, ip: &str| Start { ip: ip.parse().unwrap(), ..start(number, 1, 1) };
        for number in 0..2 * OF_CLIENT {
            starts.began(from(number, &format!("2001:db8:0:1::{number:x}")), Time::default());
        }
        starts.began(from(1000, "2001:db8:0:2::1"), Time::default());
        let (over, left_out) = starts.over(Time::from_seconds(3600));
        assert_eq!((over.len(), left_out), (OF_CLIENT + 1, OF_CLIENT as u64));
    }
}
