//! The steps of setting a connection up: which there are, which are done, and which comes next. No step keeps anybody from another;
//! only switching on has conditions.

use vestibule_domain::Time;
use vestibule_domain::connection::Connection;
use vestibule_domain::connection_test::ConnectionTest;
use vestibule_domain::organization::Organization;
use vestibule_domain::setup_link::{Requirement, SetupLink, Step};

use crate::web::words::Words;
use crate::world::provider_guides::{Guide, Order};

/// The page of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Make the application at the provider.
    Create,
    /// Enter our values there.
    Ours,
    /// Bring its values here.
    Theirs,
    /// Say what attributes are called.
    Attributes,
    /// Let people in.
    Assign,
    /// Test.
    Test,
    /// Switch it on.
    Enable,
}

impl Page {
    const ALL: [Self; 7] =
        [Self::Create, Self::Ours, Self::Theirs, Self::Attributes, Self::Assign, Self::Test, Self::Enable];

    /// All of them in the order of a console.
    pub(super) fn in_order(guide: &Guide) -> [Self; 7] {
        let mut all = Self::ALL;
        if guide.order == Order::TheirsFirst {
            all.swap(1, 2);
        }
        all
    }

    /// The name in the path.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Ours => "ours",
            Self::Theirs => "theirs",
            Self::Attributes => "attributes",
            Self::Assign => "assign",
            Self::Test => "test",
            Self::Enable => "enable",
        }
    }

    /// The page of a name in a path.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.name() == name)
    }

    /// What it is called.
    pub(super) const fn title(self, words: &Words) -> &'static str {
        match self {
            Self::Create => words.step_create,
            Self::Ours => words.step_ours,
            Self::Theirs => words.step_theirs,
            Self::Attributes => words.step_attributes,
            Self::Assign => words.step_assign,
            Self::Test => words.step_test,
            Self::Enable => words.step_enable,
        }
    }

    /// What is noted when it is done.
    pub(super) const fn step(self) -> Step {
        match self {
            Self::Create => Step::ApplicationMade,
            Self::Ours => Step::ValuesGiven,
            Self::Theirs => Step::ValuesReceived,
            Self::Attributes => Step::AttributesMapped,
            Self::Assign => Step::PeopleAssigned,
            Self::Test => Step::TestPassed,
            Self::Enable => Step::Enabled,
        }
    }
}

/// How far a connection is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Values are missing.
    Draft,
    /// A test is to come.
    Ready,
    /// A test has passed with these settings.
    Tested,
    /// It signs people in.
    Active,
}

/// How far a connection is.
pub(super) struct Standing<'a> {
    link: &'a SetupLink,
    connection: &'a Connection,
    /// Settings that are missing.
    pub missing: Vec<&'static str>,
    /// Whether the latest test shows that it works as it is set now.
    pub is_tested: bool,
    /// Whether the organization has the domains that are asked for.
    pub has_domains: bool,
}

impl<'a> Standing<'a> {
    /// How far it is with what the latest test says.
    pub(super) fn of(
        (link, organization): (&'a SetupLink, &Organization),
        connection: &'a Connection,
        test: Option<&ConnectionTest>,
        now: Time,
    ) -> Self {
        let is_tested = test.is_some_and(|test| test.proves(connection, now));
        let has_domains = link.terms.has_domains(organization);
        Self { link, connection, missing: connection.missing(), is_tested, has_domains }
    }

    /// In one word.
    pub(super) fn state(&self) -> State {
        if !self.missing.is_empty() {
            State::Draft
        } else if !self.connection.common.is_switched_off {
            State::Active
        } else if self.is_tested {
            State::Tested
        } else {
            State::Ready
        }
    }

    /// Whether a step is done, as far as it can be known; what is done at the provider is what somebody said.
    pub(super) fn is_done(&self, page: Page) -> bool {
        match page {
            Page::Theirs => self.missing.is_empty(),
            Page::Test => self.is_tested,
            Page::Enable => self.state() == State::Active,
            _ => self.link.has_done(page.step(), self.connection.id),
        }
    }

    /// What comes next.
    pub(super) fn next(&self) -> Option<Page> {
        if self.state() == State::Active {
            None
        } else {
            Page::ALL.into_iter().find(|page| !self.is_done(*page))
        }
    }

    /// Whether it may be switched on.
    pub(super) fn may_be_enabled(&self) -> bool {
        let is_tested = self.is_tested || self.link.terms.require_test != Requirement::Required;
        self.missing.is_empty() && is_tested && self.has_domains
    }
}
