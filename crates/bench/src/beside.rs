//! The goals, and another program beside the measured one: both were driven in turn in each round.

use std::fmt;

use crate::report::{Bound, aligned, number};
use crate::rounds::{Lane, Load, Round, over};
use crate::rows::{ANSWER_SIGNATURES, AUTHENTICATE_SHARE, LIST_SHARE, OIDC_SIGNATURES, SAML_SIGNATURES};

const HEADINGS: [&str; 7] = ["what", "unit", "other", "this", "this/other", "goal", "ok?"];
const SIGNATURES: &str = "RS256 signatures of server cpu";

/// One line.
struct Line {
    what: &'static str,
    unit: &'static str,
    other: f64,
    this: f64,
    ratio: f64,
    /// For the ratio, where there is one, and for the value itself.
    goals: (Option<Bound>, Bound),
}

/// The goals' table.
pub(crate) struct Beside(Vec<Line>);

impl Beside {
    pub(crate) fn of(rounds: &[Round]) -> Self {
        let signatures = |what, load, ratio, bound| {
            let unit = SIGNATURES;
            Line::new(rounds, (what, unit), (Some(ratio), bound), |r, lane| r.signatures(lane, load))
        };
        let most = Bound::AtMost;
        let (list, authenticate) =
            (("GET sessions", "of /healthz"), ("sessions/authenticate by token", "of bare RS256 signing"));
        Self(vec![
            signatures("OIDC sign-in", Load::Oidc, most(0.60), OIDC_SIGNATURES),
            signatures("SAML sign-in", Load::Saml, most(0.55), SAML_SIGNATURES),
            signatures("SAML response at the callback", Load::Answer, most(0.50), ANSWER_SIGNATURES),
            Line::new(rounds, authenticate, (None, AUTHENTICATE_SHARE), |r, lane| {
                r.share_of_signing(lane, Load::Authenticate)
            }),
            Line::new(rounds, list, (None, LIST_SHARE), |r, lane| r.share_of_floor(lane, Load::List)),
        ])
    }
}

impl Line {
    fn new(
        rounds: &[Round],
        (what, unit): (&'static str, &'static str),
        goals: (Option<Bound>, Bound),
        value: impl Fn(&Round, Lane) -> f64,
    ) -> Self {
        Self {
            what,
            unit,
            other: over(rounds, |round| value(round, Lane::Other)),
            this: over(rounds, |round| value(round, Lane::Empty)),
            ratio: over(rounds, |round| value(round, Lane::Empty) / value(round, Lane::Other)),
            goals,
        }
    }

    fn cells(&self) -> Vec<String> {
        let (ratio, value) = self.goals;
        let goal = ratio.map_or_else(|| value.to_string(), |ratio| format!("ratio {ratio}, {value}"));
        let met = ratio.is_none_or(|ratio| ratio.holds(self.ratio)) && value.holds(self.this);
        let ok = if met { "yes" } else { "NO" };
        let numbers = [self.other, self.this, self.ratio].map(number);
        let [other, this, ratio] = numbers;
        vec![self.what.to_owned(), self.unit.to_owned(), other, this, ratio, goal, ok.to_owned()]
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEADINGS.map(str::to_owned).to_vec()];
        lines.extend(self.0.iter().map(Line::cells));
        aligned(&lines, out)
    }
}
