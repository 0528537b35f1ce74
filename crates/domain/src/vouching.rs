//! May this connection speak for this address here? One pure decision of what the provider says about the address, whose
//! its domain is, who is known by it, and what the connection is set to.
//!
//! A provider's word is one company's word. It makes an address verified only in that company's own domains, and it
//! reaches a member who came in another way only there, and only when it says that it has verified the address.
//!
//! A borrowed connection is another company's word. It counts in the domains of the organization that lends it, and says
//! nothing about those of the organization that borrows it.

use crate::identity::EmailTrust;

/// Whose a domain is, in a project: who has claimed it. Seen from the provider: a borrowed connection's is the lender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DomainOwner {
    /// The organization whose provider it is.
    Ours,
    /// The organization that borrows the connection, whose provider it is not.
    Borrowers,
    /// Another organization.
    Another,
    /// Nobody has claimed it.
    #[default]
    Nobody,
}

/// How the member who has the address is bound to providers so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// To none: they were invited or made by the API, or all they had was released.
    None,
    /// To this connection, by a subject of an issuer that it led to before.
    EarlierIssuer,
    /// To this connection, by another subject of the same issuer.
    OtherSubject,
    /// To other connections only.
    OtherConnection,
}

/// The member who has the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// How they are bound to providers.
    pub bond: Bond,
    /// Whether anybody has vouched for the address being theirs: it is verified, or their provider has said so.
    pub is_vouched_for: bool,
}

/// What a connection is set to, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Switches {
    /// In the organization's own domains, an address counts that the provider calls unverified.
    pub trusts_unverified: bool,
    /// In the organization's own domains, another subject with a known address is the same person, made anew.
    pub relinks_changed_subjects: bool,
    /// For a migration: whoever has the address is the person.
    pub links_existing_members: bool,
}

/// Everything the decision is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the provider says about the address.
    pub statement: EmailTrust,
    /// Whose the address's domain is.
    pub domain: DomainOwner,
    /// Who has the address, if anybody.
    pub holder: Option<Holder>,
    /// What the connection is set to.
    pub switches: Switches,
    /// Whether the provider is another organization's.
    pub is_borrowed: bool,
}

/// Why somebody is tied to a member whom they were not tied to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedBy {
    /// Nobody was yet.
    FirstSignIn,
    /// The connection leads to another issuer than it did when they were.
    EarlierIssuer,
    /// The domain is the organization's and the provider has verified the address.
    VerifiedAddress,
    /// [`Switches::relinks_changed_subjects`].
    ChangedSubject,
    /// [`Switches::links_existing_members`].
    MigrationSwitch,
}

impl LinkedBy {
    /// The stable name, for traces and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstSignIn => "first_sign_in",
            Self::EarlierIssuer => "earlier_issuer",
            Self::VerifiedAddress => "verified_address",
            Self::ChangedSubject => "relink_changed_subjects",
            Self::MigrationSwitch => "link_existing_members",
        }
    }

    /// Whether a switch let it through that somebody should turn off again.
    #[must_use]
    pub const fn is_loud(self) -> bool {
        matches!(self, Self::ChangedSubject | Self::MigrationSwitch)
    }
}

/// What a connection may do with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Make a member with it, where the organization lets the connection.
    Create,
    /// Sign in as the member who has it.
    Link(LinkedBy),
    /// Nothing.
    Refuse(Objection),
}

/// What is against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The provider says that it has not verified the address.
    Disowned,
    /// Another organization has claimed the domain.
    ClaimedByAnother,
    /// This issuer calls the member otherwise.
    OtherSubject,
    /// The member came in through another connection, and nobody vouches for the address enough.
    OtherConnection,
    /// The connection is borrowed, and the borrower has claimed the domain.
    ClaimedHere,
    /// The connection is borrowed, and the address is that of somebody of the borrower's whom its provider has no say about.
    NotItsPeople,
}

/// Decides it.
#[must_use]
pub fn may_speak(question: &Question) -> Answer {
    let Question { domain, holder, switches, .. } = *question;
    let statement = counted(question);
    if statement == EmailTrust::Unverified {
        return Answer::Refuse(Objection::Disowned);
    }
    let Some(holder) = holder else {
        return match domain {
            DomainOwner::Another => Answer::Refuse(Objection::ClaimedByAnother),
            DomainOwner::Borrowers => Answer::Refuse(Objection::ClaimedHere),
            DomainOwner::Ours | DomainOwner::Nobody => Answer::Create,
        };
    };
    let is_ours = domain == DomainOwner::Ours;
    match holder.bond {
        Bond::None if may_come_first(question, holder) => Answer::Link(LinkedBy::FirstSignIn),
        Bond::None => Answer::Refuse(Objection::NotItsPeople),
        Bond::EarlierIssuer => Answer::Link(LinkedBy::EarlierIssuer),
        Bond::OtherSubject if is_ours && switches.relinks_changed_subjects => {
            Answer::Link(LinkedBy::ChangedSubject)
        }
        Bond::OtherSubject => Answer::Refuse(Objection::OtherSubject),
        Bond::OtherConnection if is_ours && holder.is_vouched_for && statement == EmailTrust::Verified => {
            Answer::Link(LinkedBy::VerifiedAddress)
        }
        Bond::OtherConnection if switches.links_existing_members => Answer::Link(LinkedBy::MigrationSwitch),
        Bond::OtherConnection => Answer::Refuse(Objection::OtherConnection),
    }
}

/// Whether somebody whom nobody is registered for is whoever comes with the address first. Of a borrowed connection that is
/// another company's word: it counts for that company's people, and for a place that waits for somebody and that nobody
/// else has a say about. It does not take over those who sign in by other means.
fn may_come_first(question: &Question, holder: Holder) -> bool {
    !question.is_borrowed
        || match question.domain {
            DomainOwner::Ours => true,
            DomainOwner::Nobody => !holder.is_vouched_for,
            DomainOwner::Borrowers | DomainOwner::Another => false,
        }
}

/// Whether the address of somebody who is known by subject may become what the provider says it is now.
#[must_use]
pub fn may_take_over(question: &Question) -> bool {
    counted(question) != EmailTrust::Unverified
        && !matches!(question.domain, DomainOwner::Another | DomainOwner::Borrowers)
        && question.holder.is_none()
}

/// Whether the address counts as verified then: only in the organization's own domains.
#[must_use]
pub fn verifies(question: &Question) -> bool {
    question.domain == DomainOwner::Ours && counted(question) != EmailTrust::Unverified
}

/// Whether the provider's statement about the address is worth keeping: a lender's is in its own domains alone.
#[must_use]
pub fn may_state(question: &Question) -> bool {
    !question.is_borrowed || question.domain == DomainOwner::Ours
}

/// What the provider's statement counts as.
fn counted(question: &Question) -> EmailTrust {
    match question.statement {
        EmailTrust::Unverified
            if question.switches.trusts_unverified && question.domain == DomainOwner::Ours =>
        {
            EmailTrust::Unstated
        }
        statement => statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENTS: [(char, EmailTrust); 3] =
        [('v', EmailTrust::Verified), ('u', EmailTrust::Unstated), ('d', EmailTrust::Unverified)];
    const DOMAINS: [(char, DomainOwner); 3] =
        [('o', DomainOwner::Ours), ('n', DomainOwner::Nobody), ('a', DomainOwner::Another)];
    const OF_BORROWED: [(char, DomainOwner); 4] = [
        ('o', DomainOwner::Ours),
        ('n', DomainOwner::Nobody),
        ('b', DomainOwner::Borrowers),
        ('a', DomainOwner::Another),
    ];
    /// A small letter for a member for whose address nobody has vouched.
    const HOLDERS: [(char, Option<(Bond, bool)>); 9] = [
        ('-', None),
        ('n', Some((Bond::None, false))),
        ('N', Some((Bond::None, true))),
        ('e', Some((Bond::EarlierIssuer, false))),
        ('E', Some((Bond::EarlierIssuer, true))),
        ('s', Some((Bond::OtherSubject, false))),
        ('S', Some((Bond::OtherSubject, true))),
        ('c', Some((Bond::OtherConnection, false))),
        ('C', Some((Bond::OtherConnection, true))),
    ];

    fn letter(answer: Answer) -> char {
        match answer {
            Answer::Create => '+',
            Answer::Link(LinkedBy::FirstSignIn) => 'F',
            Answer::Link(LinkedBy::EarlierIssuer) => 'E',
            Answer::Link(LinkedBy::VerifiedAddress) => 'V',
            Answer::Link(LinkedBy::ChangedSubject) => 'R',
            Answer::Link(LinkedBy::MigrationSwitch) => 'M',
            Answer::Refuse(Objection::Disowned) => 'd',
            Answer::Refuse(Objection::ClaimedByAnother) => 'a',
            Answer::Refuse(Objection::OtherSubject) => 's',
            Answer::Refuse(Objection::OtherConnection) => 'c',
            Answer::Refuse(Objection::ClaimedHere) => 'b',
            Answer::Refuse(Objection::NotItsPeople) => 'p',
        }
    }

    fn questions(
        domains: &'static [(char, DomainOwner)],
        switches: Switches,
    ) -> impl Iterator<Item = Question> {
        let is_borrowed = domains.len() == OF_BORROWED.len();
        STATEMENTS.into_iter().flat_map(move |(_, statement)| {
            domains.iter().flat_map(move |(_, domain)| {
                HOLDERS.into_iter().map(move |(_, holder)| {
                    let holder = holder.map(|(bond, is_vouched_for)| Holder { bond, is_vouched_for });
                    Question { statement, domain: *domain, holder, switches, is_borrowed }
                })
            })
        })
    }

    /// A line for each statement and domain, a letter for each member.
    fn matrix(switches: Switches) -> Vec<String> {
        matrix_of(&DOMAINS, switches)
    }

    fn matrix_of(domains: &'static [(char, DomainOwner)], switches: Switches) -> Vec<String> {
        let letters: Vec<char> =
            questions(domains, switches).map(|question| letter(may_speak(&question))).collect();
        let heads = STATEMENTS.iter().flat_map(|(s, _)| domains.iter().map(move |(d, _)| format!("{s}{d} ")));
        let line = |(head, row): (String, &[char])| format!("{head}{}", row.iter().collect::<String>());
        heads.zip(letters.chunks(HOLDERS.len())).map(line).collect()
    }

    #[test]
    fn with_no_switch() {
        let expected = [
            //  -nNeEsScC
            "vo +FFEEsscV",
            "vn +FFEEsscc",
            "va aFFEEsscc",
            "uo +FFEEsscc",
            "un +FFEEsscc",
            "ua aFFEEsscc",
            "do ddddddddd",
            "dn ddddddddd",
            "da ddddddddd",
        ];
        assert_eq!(matrix(Switches::default()), expected);
    }

    #[test]
    fn a_migration_links_whom_another_connection_knows_and_nobody_else() {
        let expected = [
            "vo +FFEEssMV",
            "vn +FFEEssMM",
            "va aFFEEssMM",
            "uo +FFEEssMM",
            "un +FFEEssMM",
            "ua aFFEEssMM",
            "do ddddddddd",
            "dn ddddddddd",
            "da ddddddddd",
        ];
        assert_eq!(matrix(Switches { links_existing_members: true, ..Switches::default() }), expected);
    }

    #[test]
    fn changed_subjects_are_relinked_in_own_domains_only() {
        let expected = [
            "vo +FFEERRcV",
            "vn +FFEEsscc",
            "va aFFEEsscc",
            "uo +FFEERRcc",
            "un +FFEEsscc",
            "ua aFFEEsscc",
            "do ddddddddd",
            "dn ddddddddd",
            "da ddddddddd",
        ];
        assert_eq!(matrix(Switches { relinks_changed_subjects: true, ..Switches::default() }), expected);
    }

    #[test]
    fn unverified_addresses_count_in_own_domains_only_and_as_unstated() {
        let expected = [
            "vo +FFEEsscV",
            "vn +FFEEsscc",
            "va aFFEEsscc",
            "uo +FFEEsscc",
            "un +FFEEsscc",
            "ua aFFEEsscc",
            "do +FFEEsscc",
            "dn ddddddddd",
            "da ddddddddd",
        ];
        assert_eq!(matrix(Switches { trusts_unverified: true, ..Switches::default() }), expected);
    }

    #[test]
    fn a_lender_speaks_for_its_own_people_and_for_places_that_nobody_else_has_a_say_about() {
        let expected = [
            //  -nNeEsScC
            "vo +FFEEsscV",
            "vn +FpEEsscc",
            "vb bppEEsscc",
            "va appEEsscc",
            "uo +FFEEsscc",
            "un +FpEEsscc",
            "ub bppEEsscc",
            "ua appEEsscc",
            "do ddddddddd",
            "dn ddddddddd",
            "db ddddddddd",
            "da ddddddddd",
        ];
        assert_eq!(matrix_of(&OF_BORROWED, Switches::default()), expected);
    }

    #[test]
    fn what_a_lender_says_of_others_is_not_kept_and_changes_no_address() {
        for question in questions(&OF_BORROWED, Switches::default()) {
            let is_ours = question.domain == DomainOwner::Ours;
            assert_eq!(may_state(&question), is_ours, "{question:?}");
            assert!(is_ours || !verifies(&question), "{question:?}");
            assert!(question.domain != DomainOwner::Borrowers || !may_take_over(&question), "{question:?}");
        }
        assert!(questions(&DOMAINS, Switches::default()).all(|question| may_state(&question)));
    }

    /// What holds whatever is switched on.
    #[test]
    fn no_switch_opens_more_than_it_says() {
        let all = [false, true];
        let switches =
            all.into_iter().flat_map(|a| all.into_iter().flat_map(move |b| all.map(|c| (a, b, c))));
        for (trusts_unverified, relinks_changed_subjects, links_existing_members) in switches {
            let switches = Switches { trusts_unverified, relinks_changed_subjects, links_existing_members };
            for question in questions(&DOMAINS, switches).chain(questions(&OF_BORROWED, switches)) {
                let (answer, is_ours) = (may_speak(&question), question.domain == DomainOwner::Ours);
                if question.holder.is_none() && question.domain == DomainOwner::Another {
                    assert!(matches!(answer, Answer::Refuse(_)), "{question:?}");
                }
                if question.statement == EmailTrust::Unverified && !(is_ours && trusts_unverified) {
                    assert_eq!(answer, Answer::Refuse(Objection::Disowned), "{question:?}");
                    assert!(!may_take_over(&question) && !verifies(&question), "{question:?}");
                }
                assert!(is_ours || !verifies(&question), "{question:?}");
                assert!(question.domain != DomainOwner::Another || !may_take_over(&question), "{question:?}");
                assert!(question.holder.is_none() || !may_take_over(&question), "{question:?}");
                if matches!(answer, Answer::Link(LinkedBy::VerifiedAddress)) {
                    assert!(is_ours && question.statement == EmailTrust::Verified, "{question:?}");
                    assert!(question.holder.is_some_and(|holder| holder.is_vouched_for), "{question:?}");
                }
            }
        }
    }
}
