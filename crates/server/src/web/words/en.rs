//! English.

use super::Words;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

pub(super) const WORDS: Words = Words {
    set_up: "Set-up",
    overview: "Overview",
    new_tab: "Open in a new tab",
    finish_later: "Finish later",
    session_ends: "Everything is saved as you go. You can go on here until {time}.",
    copy: "Copy",
    copied: "Copied",
    go_on: "Continue",
    done_there: "I have done this",
    did_not_work: "That did not work",
    steps: "Steps",
    step_create: "Create the application",
    step_ours: "Enter our values there",
    step_theirs: "Bring its values here",
    step_attributes: "What is sent of people",
    step_assign: "Let people in",
    step_test: "Test",
    step_enable: "Switch it on",
    is_done: "done",
    is_open: "to do",
    landing_title: "Set up sign-in for {organization}",
    landing_sentence: "{product} asks you to do this. Nothing changes for your people until you switch it on.",
    landing_what: "What you are asked to do",
    intent_sso: "Connect your identity provider",
    intent_domains: "Show that your domains are yours",
    landing_needs: "What you need",
    needs_rights: "Administrator rights at your identity provider",
    needs_time: "About 20 minutes. You can stop at any time and go on in this browser.",
    needs_dns: "Access to the DNS of your domains, for a text record",
    begin: "Begin",
    go_on_here: "Go on where you stopped",
    contact_sentence: "To begin, show that one of these addresses is yours. We send a code to it.",
    send_code: "Send a code",
    code_sent: "A code is on its way to {address}. It is good for ten minutes.",
    code: "Code",
    code_wrong: "This is not the code that was sent, or its time is over.",
    used_title: "This link is already in use",
    used_sentence: "It was opened on {time}. Go on in the browser where it was opened, or ask for a new link.",
    expired_title: "This link has ended",
    expired_sentence: "Nobody opened it in time. Ask for a new one.",
    revoked_title: "This link was taken back",
    revoked_sentence: "Whoever sent it has taken it back. Ask for a new one.",
    unknown_title: "There is no such link",
    unknown_sentence: "The address is incomplete or mistyped. Open the link as it was sent to you.",
    ended_title: "Your session has ended",
    ended_sentence: "What you did is kept. Open the link again; if it is in use, ask for a new one.",
    foreign_title: "This form came from somewhere else",
    foreign_sentence: "Nothing was changed. Open the link again in a current browser, and use the forms of these pages.",
    ask_for_link: "Ask for a new link",
    asked_title: "You have asked for a new link",
    asked_sentence: "Whoever sent you the link was told. They send the new one.",
    nothing_yet: "No identity provider is connected yet.",
    choose_provider: "Choose your identity provider",
    choose_another: "Connect another identity provider",
    state_draft: "Draft",
    state_ready: "Ready to test",
    state_tested: "Tested",
    state_active: "Active",
    next_step: "Next: {step}",
    providers_title: "Which identity provider do you use?",
    providers_sentence: "The steps after this one use the words of its console.",
    provider_other: "Mine is not in this list",
    protocol_title: "How is {provider} to be connected?",
    protocol_sentence: "If you may choose, take the first.",
    recommended: "recommended",
    names_change: "Consoles are renamed from time to time. These names were seen in {year}: if one is missing, look for a similar one.",
    open_console: "Open the screen",
    console_at: "The screen is at {link}.",
    watch_out: "Watch out for this",
    ours_sentence: "Copy each value into the field of this name at {provider}.",
    ours_then: "Then, on the same screens",
    theirs_saml: "Give us the metadata of {provider}, in one of these ways. You see what is in it before anything is saved.",
    metadata_url: "Metadata address",
    metadata_file: "Metadata file",
    metadata_xml: "Metadata as text",
    by_hand: "Enter the values by hand",
    sso_url: "Sign-in address",
    entity_id: "Entity ID",
    certificate: "Signing certificate",
    called_there: "It is called {label} there.",
    stands_at: "It stands under {place}.",
    read_it: "Read it",
    preview_title: "Is this your identity provider?",
    preview_sentence: "Nothing is saved yet.",
    use_these: "Use these values",
    changed_meanwhile: "The document is another one than you have seen. Look at it once more.",
    nothing_given: "Give an address, a file, a text, or the values by hand.",
    kept_now: "Saved now",
    ends: "ends on {time}",
    has_ended: "has ended",
    theirs_oidc: "Give us what {provider} shows for the application. We look at once whether it answers.",
    issuer: "Issuer",
    client_id: "Client ID",
    client_secret: "Client secret",
    tenant_id: "Tenant ID",
    domain: "Domain",
    hosted_domain: "Domain of your people's addresses",
    secret_kept: "A secret that ends with {last} is saved. Leave the field empty to keep it.",
    save: "Save",
    answers: "The provider was found, and its settings are complete.",
    missing: "Still missing: {missing}.",
    attributes_sentence: "Have these sent. They are set under {place}.",
    column_need: "What is needed",
    column_name: "Name in the message",
    column_from: "Taken from",
    required: "required",
    also_needed: "The application also needs: {names}.",
    assign_sentence: "People can sign in only after they are let in there. Include yourself before you test.",
    test_sentence: "A new tab opens, in which you sign in at {provider}. Nobody is signed in here by it, and nothing is changed.",
    test_begin: "Begin the test",
    test_again: "Test again",
    test_show: "Show the result",
    test_never: "It was not tested yet.",
    test_running: "The test is under way in another tab.",
    test_silent: "No answer has come for two minutes. {provider} may have shown an error itself. These are the usual ones:",
    test_passed: "It works: {email} would sign in.",
    test_failed: "It does not work yet.",
    test_outdated: "The settings were changed since the last test.",
    test_expired: "Nobody came back from the last test in time.",
    would_sign_in: "A member who signed in before.",
    would_link: "A member who is known by this address.",
    would_create: "Somebody new, who would become a member.",
    person: "Who would sign in",
    roles: "Roles",
    checks: "What was checked",
    sent_attributes: "What was sent",
    what_to_do: "What to do",
    who_customer: "For you to change, at {provider}.",
    who_vendor: "For {product} to change.",
    who_either: "For you to change at {provider}, or for {product}.",
    who_nobody: "Nobody has to change anything.",
    setting_called: "The setting is called {label}.",
    has_to_be: "It has to be",
    change_here: "Change it under:",
    shown_there: "Does {provider} show an error itself?",
    address_called: "If it does not know the address to come back to: that is called {label} there.",
    other_issuer: "The provider calls itself by another issuer than was entered. It has to be the same to the letter, up to the last slash.",
    enable_sentence: "From then on your people sign in through {provider}.",
    needs_values: "The values are complete",
    needs_test: "A test has passed with these settings",
    needs_people: "People are let in, as you said",
    enable_now: "Switch it on",
    enable_ask: "Ask {product} to switch it on",
    enable_asked: "{product} was asked to switch it on.",
    enable_not_yet: "Something above is still to be done.",
    active_title: "It is switched on",
    active_sentence: "Your people sign in through {provider} from now on.",
    needs_domains: "Domains are verified",
    domains_title: "Domains",
    domains_sentence: "Whoever types an address in a verified domain is sent to your identity provider, and what it says about addresses there counts.",
    domains_none: "No domain has been added yet.",
    domain_name: "Domain",
    domain_hint: "What stands after the @ in your people’s addresses, such as acme.com",
    domain_add: "Add domain",
    domain_pending: "Waiting for your DNS record",
    domain_verified: "Verified",
    domain_at_risk: "Verified, but the record is gone",
    domain_lost: "Lost: the record was gone for too long",
    domain_claimed: "Confirmed by {product}",
    domain_lead: "Create this record where the DNS of {domain} is managed. Leave the other records as they are.",
    record_type: "Type",
    record_name: "Name, short",
    record_name_hint: "For consoles that add {zone} by themselves, as most do",
    record_full_name: "Name, in full",
    record_value: "Value",
    record_else: "If your console cannot make that name, put the same value at {domain} itself. If somebody else manages the texts, make a CNAME of that name that points to {target}.",
    check_now: "Check now",
    checked_at: "Last checked {time}",
    check_next: "We look again by ourselves, next {time}. You can close this page.",
    check_stopped: "We have stopped looking by ourselves. Use the button when the record is there.",
    found_title: "What we found",
    found_record: "The record is there.",
    found_doubled: "The value is there, but its name ends in {zone} twice. Enter the short name.",
    found_texts: "Text records at this name: {count}. None has the value above.",
    found_points: "The name points to {to}, and the value is not there. Remove that record, or use the domain itself.",
    found_no_texts: "The name is there, without a text record.",
    found_nothing: "There is nothing at this name yet. A new record can take up to an hour to be seen, in some places a day.",
    found_silence: "No name server answered in time. That says nothing about the record.",
    found_trouble: "The name servers of {domain} did not give an answer that can be used. Whoever manages them can tell why.",
    domain_held: "The record is there, and this domain still waits. Please get in touch with {product}.",
    domain_stays: "Verified {time}. Leave the record where it is: we look at it each month.",
    domain_lost_at: "Put the record back by {time}. After that the domain is no longer yours here; nobody is signed out.",
    domain_remove: "Remove this domain",
    wrong_domain: "That is no domain of a company. Enter what stands after the @, such as acme.com.",
    wrong_public_mail: "That domain is a public mail service’s. Nobody’s company owns it.",
    wrong_metadata_url: "Nothing could be read at this address.",
    wrong_metadata: "This is not the metadata of an identity provider that can be used.",
    wrong_taken: "This identity provider is connected to your organization already.",
    wrong_value: "A value cannot be used as it is.",
    wrong_too_many: "There are as many as there may be.",
    wrong_later: "Try again in a moment.",
    act,
    why,
    means,
    note,
    cause,
    cure,
};

const fn act(act: Act) -> &'static str {
    match act {
        Act::Go => "Go to {label}.",
        Act::Press => "Press {label}.",
        Act::Choose => "Choose {label}.",
        Act::Set => "Set {label} to {value}.",
        Act::Tick => "Tick {label}.",
        Act::Untick => "Clear {label}.",
        Act::Enter => "Fill in {label}.",
        Act::Edit => "Change the file {label}.",
        Act::Run => "Run {label}.",
    }
}

const fn why(value: Ours) -> &'static str {
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => "Where sign-ins come back to.",
        Ours::AcsUrlPattern => "A regular expression that only this address fits.",
        Ours::AudienceUri => "The name by which it knows us.",
        Ours::SpMetadataUrl => "Our values as one document, for consoles that read it themselves.",
        Ours::SpMetadataXml => "Our values as one document. Open this address and copy what it shows.",
        Ours::ScimBaseUrl => "Where people and groups are sent to.",
        Ours::ScimToken => "By this we know the directory.",
    }
}

const fn means(means: Meaning) -> &'static str {
    match means {
        Meaning::Email => "E-mail address",
        Meaning::FullName => "Full name",
        Meaning::FirstName => "First name",
        Meaning::LastName => "Last name",
        Meaning::Id => "What never changes of somebody",
        Meaning::Groups => "Groups",
    }
}

const fn note(note: Note) -> &'static str {
    match note {
        Note::AccessAtATime => {
            "Access may begin only at a time that is set there, such as the first day of work."
        }
        Note::AdminHostIsNoIssuer => {
            "The address of the console, with -admin in it, is not the domain that is meant."
        }
        Note::AppMetadata => {
            "The metadata address has to contain appid=. Without it the certificate is another one."
        }
        Note::AttributesMoved => {
            "Newer consoles set attributes only after the application was made, on another tab."
        }
        Note::ClientMethod => "Both sides have to send the client secret in the same way.",
        Note::Clock => "The clock of the server has to be right.",
        Note::Encrypts => "It encrypts unless it is told not to, and fails where it has no key of ours.",
        Note::EverybodyIsLetIn => "Everybody is let in until you restrict it.",
        Note::FileOnly => "There is no metadata address: download the file.",
        Note::FreeEntityId => "You make its entity ID up yourself. It has to be the same text on both sides.",
        Note::GroupsAreIds => "Groups are sent by their ids, not by their names.",
        Note::GroupsArePicked => {
            "Only groups that you pick are sent. A group that is renamed has to be picked again."
        }
        Note::IssuerSlash => "Copy the issuer to the letter. A slash at its end counts.",
        Note::MailUnverified => "Addresses that are not marked as verified there are refused.",
        Note::ManyGroupsLeftOut => "For somebody in more than 150 groups, none is sent.",
        Note::MustBeReachable => "Our server has to be able to reach it over the internet.",
        Note::NameIsNotMail => {
            "The user name there looks like an e-mail address and often is none. Take the address itself."
        }
        Note::NestedGroupsDoNotCount => "Groups inside groups do not count.",
        Note::NoGroups => "It sends no groups in this way.",
        Note::NotInAnOidcApp => "It cannot be added to an application for OpenID Connect: make a second one.",
        Note::NothingIsSentUnlessAdded => "Nothing is sent of people unless you add it.",
        Note::OffAtFirst => "It is off at first. Turn it on with the switch at the top.",
        Note::OftenUnreachable => "Such servers often cannot be reached from outside. Then give us the file.",
        Note::OurMetadataMustBeReachable => "It reads our metadata itself, and has to be able to reach it.",
        Note::Pattern => "One of the fields takes a regular expression. Copy it as it is.",
        Note::ProvisioningHasToStart => "Nothing is sent until you start it there.",
        Note::RedirectEndpointFirst => {
            "Declare the redirect endpoint before you copy the metadata: it changes what is in it."
        }
        Note::RegionDiffers => "Addresses differ by region. Copy them from your own console.",
        Note::RenewingReplaces => {
            "A new certificate replaces the old one at once. Give it to us in the same minute."
        }
        Note::SaveEachPage => "Each page there has to be saved by itself.",
        Note::SecondRule => {
            "A second rule has to make the e-mail address the name of the person, in the format for e-mail."
        }
        Note::SecretEnds => "The secret has an end. Note when that is.",
        Note::SecretValue => "Copy the value of the secret, not its id.",
        Note::Sha1IsPreset => "SHA-1 is set at first, and is refused here. Choose SHA-256.",
        Note::ShownOnce => "The secret is shown only once.",
        Note::SourceFirst => "A source of people has to work there before.",
        Note::TakesADay => "It may take up to 24 hours until it works for everybody.",
        Note::TwoLookAlike => "The sign-in address and the entity ID look alike. Do not swap them.",
        Note::WaitsForApproval => "Changes may wait until somebody approves them.",
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NotAssigned => "The person may not use the application there. Let them in.",
        Cause::EntityIdDiffers => "It does not know our entity ID. Copy it again.",
        Cause::EntityIdTwice => "Another application there has our entity ID already.",
        Cause::AcsUrlDiffers => "It does not know our address. Copy it again.",
        Cause::RedirectUrlDiffers => "Our redirect address is not registered there. Copy it again.",
        Cause::ClientIdDiffers => "The client ID here is not the one of the application.",
        Cause::ClientSecret => "The client secret is wrong or has ended. Make another and enter it here.",
        Cause::PublicClient => {
            "The application was registered as one without a secret. Register it for the web."
        }
        Cause::NameIdFormat => {
            "It cannot send the name of the person as an e-mail address. Change its format."
        }
        Cause::AttributeEmpty => {
            "What an attribute is taken from is empty for this person. Choose another source."
        }
        Cause::RequestSignature => "It wants our requests signed, or has another certificate of ours.",
        Cause::Certificate => "Its own certificate is missing or has ended.",
        Cause::SsoUrl => "The sign-in address leads to something else. Copy it again.",
        Cause::OtherAccount => {
            "Somebody with another account is signed in. Sign out there, and choose the right one."
        }
        Cause::SwitchedOff => "The application is switched off or gone.",
        Cause::Consent => "An administrator has to agree there.",
        Cause::OtherIssuer => "The issuer here is another of the same provider.",
        Cause::RefusedByPolicy => "A policy of your organization refuses it.",
    }
}

const fn cure(cure: Cure) -> &'static str {
    match cure {
        Cure::Sign => "Neither the message nor the statement in it was signed. Have the assertion signed.",
        Cure::GiveCertificate => {
            "It was signed with a certificate that we do not have. Give us the one in use, or the metadata again."
        }
        Cure::SetAudience => "It was meant for somebody else. Put our entity ID there.",
        Cure::SetAcsUrl => "It was addressed to another place. Put our address there.",
        Cure::CompareIssuer => {
            "It came from another provider than we know. Compare the metadata: it may be of another application or tenant."
        }
        Cure::SetClock => "Its time and ours do not agree. Set the clock of the provider.",
        Cure::AskProvider => "The provider itself refused. What it said stands below.",
        Cure::AllowTile => {
            "It began at the provider, which is not allowed here. Begin at the application, or have it allowed."
        }
        Cure::BeginAgain => "Begin again, and stay in one browser with cookies allowed.",
        Cure::FindGateway => "Something between the provider and us changes or drops a part of the message.",
        Cure::SendResponse => {
            "What came back is not a response that can be used. Have it posted to our address."
        }
        Cure::MapEmail => "No usable e-mail address came. Send one, or name the attribute that has it.",
        Cure::MapName => "No name came. Send one, or name the attributes that have it.",
        Cure::MapSubject => {
            "Nothing came that never changes of the person. Send it, or name the attribute that has it."
        }
        Cure::Relink => {
            "The address belongs to somebody known by another id. If the person was made anew there, have it relinked."
        }
        Cure::SendGroups => "No group came that may sign in. Send groups, or give one of them a role.",
        Cure::SetAlgorithm => "An old algorithm was used. Choose SHA-256.",
        Cure::RenewEncryption => {
            "It was encrypted to another key than ours. Give the provider our current metadata, or turn encryption off."
        }
        Cure::CompareClient => {
            "The provider does not take the application as we know it. Compare its id, secret and redirect address."
        }
        Cure::CompareSecret => "The provider does not take the client ID with this secret. Enter both again.",
        Cure::OpenFirewall => {
            "The provider could not be reached from our server. Let it through, or use SAML, which needs no such way."
        }
        Cure::CompareToken => {
            "The token is not for this application or not from this issuer. Compare the issuer to the letter, and the client ID."
        }
        Cure::VerifyEmail => "The provider says that the address is not verified. Have it verified there.",
        Cure::Assign => "The person may not use the application. Let them in there.",
        Cure::AllowJoining => {
            "The person is not a member, and may not become one in this way. Invite them, or let people join."
        }
        Cure::Complete => "The connection is not switched on, or something of it is missing.",
        Cure::TryLater => "Try again in a while.",
        Cure::AskVendor => "This is not for you to change.",
    }
}
